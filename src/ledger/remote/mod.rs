//! State of a remote, as far as this clone knows.
//!
//! Owns the tracking refs ([`tracking::Tracking`]), the damaged ones among them
//! ([`copies::TrackingCopies`]) and the results of earlier contacts ([`state::RemoteState`]). Never
//! contacts a remote.

/// Damaged tracking refs.
pub mod copies;
mod lineage;
/// Results of earlier contacts with a remote.
pub mod state;
/// Tracking refs beside the refs of this clone.
pub mod tracking;
