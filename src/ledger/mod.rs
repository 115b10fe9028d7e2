//! The ledger: sessions and locks as refs of a Git repository.
//!
//! Owns the store behind [`Ledger`], the only code that moves a ref: reading the board, and the
//! one write path *read → decide → write → swap* with bounded, jittered retries. The caller
//! decides, as a pure function that is asked again on fresh state after every lost race. Never
//! reads a clock (a `Clock` is an argument), never prints.

mod archive;
mod beside;
mod beside_prune;
mod board;
mod commit;
mod config_lines;
pub(crate) mod departures;
mod ended;
mod error;
#[cfg(fuzzing)]
pub mod fuzzed;
mod health;
mod history;
mod impossible;
pub mod kind;
pub mod layout;
mod leaving;
mod local;
mod locks;
mod look;
mod objects;
pub mod overrides;
mod permissions;
mod plain;
mod position;
mod post;
pub mod raw_settings;
mod record_set;
pub mod records;
mod refs;
mod reidentify;
mod remote;
pub mod repository;
mod sessions;
mod store;
mod stream;
mod sweeps;
#[cfg(test)]
mod tests;
mod tree;
mod trust;
mod upstream;
pub mod urls;
pub mod worktree;

pub use archive::{Archive, Archives, Leaving};
pub use beside::Beside;
pub use ended::{Ended, Endings};
pub use error::LedgerError;
pub use leaving::RefsToLeave;
pub use local::audit_log::{AuditEntry, Disposition};
pub use local::bell::Handing;
pub use local::cursors::{Cursor, FollowLock, Followed, Stand, Taken};
pub use local::file_locks::{DecisionLock, SyncLock};
pub use local::folder::FolderError;
pub use local::keepalive::KeeperLock;
pub use local::notices::{Notices, Topic};
pub use local::policies::Policy;
pub use local::reconciled::Reconciled;
pub use local::run_mark::RunMark;
pub use locks::cut::LongRegister;
pub use locks::free::FreeRegister;
pub use locks::lease::{GrantState, LocalLease, Requested};
pub use locks::repair::Put;
pub use locks::set_back::SetBack;
pub use locks::snapshot::Snapshot;
pub use locks::{Change, History, PreparedWrite};
pub use position::{Batch, Position};
pub use post::Mail;
pub use record_set::{DecideRecords, Found, Listing, RecordSet};
pub use refs::tips::{Tip, Tips};
pub use refs::{RefError, SwapError, survive_signals};
pub use remote::blockers::{clash, removal, removal_here};
pub use remote::copies::{Copies, Scrutiny};
pub use remote::state::RemoteState;
pub use remote::tracking::Ahead;
pub use remote::unfetched::Unfetched;
pub use sessions::named::Named;
pub use sessions::{Decision, Outcome};
pub(crate) use store::Head;
pub use store::{Durability, Ledger};
pub use stream::After;
pub use sweeps::Sweep;
