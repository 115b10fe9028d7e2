//! State of a remote, as far as this clone knows.
//!
//! Owns the tracking refs ([`tracking::Tracking`]), the damaged ones among them
//! ([`copies::TrackingCopies`]) and the results of earlier contacts ([`state::RemoteState`]). Never
//! contacts a remote.

pub(super) mod copies;
mod lineage;
pub(super) mod state;
pub(super) mod tracking;
