//! The use cases.
//!
//! Owns the order of what each verb does: a request comes in, a typed report goes out that any
//! front end can show. Never prints, never touches Git itself.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

pub mod board;
pub mod claims;
pub mod hooks;
pub mod remote;
pub mod sessions;
pub mod setup;
pub mod sync;
mod warnings;

/// A file for another program, printed as it is: a completion script, a manual page, settings.
#[derive(Debug)]
pub struct File(pub String);

/// What a verb answers.
#[derive(Debug)]
pub enum Report {
    Claimed(Box<claims::report::Claimed>),
    Beat(claims::heartbeat::Beat),
    Released(claims::release::Released),
    Listing(board::list::Listing),
    Peeked(Box<board::peek::Peeked>),
    Who(Box<sessions::whoami::Who>),
    Log(board::log::Log),
    Status(Box<board::status::Status>),
    Synced(sync::Synced),
    Ran(claims::run::Ran),
    Pushed(claims::push::Pushed),
    Fenced(Box<claims::fence::Fenced>),
    Ready(setup::init::Ready),
    Unwired(setup::init::Unwired),
    Hooked(Box<hooks::bypass::Hooked>),
    Installed(setup::git_hooks::Installed),
    Uninstalled(setup::git_hooks::Uninstalled),
    Wired(setup::agent_hooks::Wiring),
    Diagnosis(setup::doctor::Diagnosis),
    Explained(hooks::guard::Explained),
    Pages(setup::man_pages::Pages),
    Audited(Box<hooks::audit::Audit>),
    Prompt(board::prompt::Prompt),
    Kept(sessions::keepalive::Kept),
    /// What a harness is told.
    Told(hooks::agent::Told),
    /// A file for another program: a completion script, a manual page.
    File(File),
}
