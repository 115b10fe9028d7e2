//! Claims, a file per verb.
//!
//! Owns what each of these verbs answers, writes and refuses, for shared claims.

/// What `claim` records and reports.
mod claim;
/// What `claim` accepts as a resource, a purpose and a span.
mod claim_input;
/// When claims expire.
mod expiry;
/// `push --fence` and `release --force`: the server turns a stale holder away.
mod fenced;
/// What becomes free, and what the code lacks then; real time passes here.
mod freed;
/// `heartbeat`, and what renews claims besides.
mod heartbeat;
mod in_line;
/// Refusals: who holds it, and the next command.
mod refused;
/// `release`, by name and all at once.
mod release;
/// `run`: a claim for as long as a command lasts; real time passes here.
mod run;
/// What a session is told once.
mod told;
/// Resources as they are typed, read where one stands.
mod typed_paths;
/// `claim --wait`: first in, first out; real time passes here.
mod waits;
