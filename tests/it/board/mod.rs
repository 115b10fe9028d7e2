//! Verbs that read the board.
//!
//! Owns what they print, for people and as JSON, and that they write nothing.

/// `log` that goes on: followers, cursors, and what concerns a session.
mod follow;
/// `list` and its filters.
mod list;
/// `log`.
mod log;
/// `metrics`.
mod metrics;
/// Colour, width and streams of all verbs.
mod output;
/// A board that lies in packs.
mod packed_cache;
/// `peek`.
mod peek;
/// `serve`: the board in a browser.
#[cfg(feature = "serve")]
mod serve;
/// A board of many sessions, with the cache and without.
mod sessions_cache;
/// `status`.
mod status;
mod terminal;
/// Conflicts, state and place in `list`, and what a filter hides.
mod views;
/// `list --watch`.
mod watch;
