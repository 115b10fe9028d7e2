//! State of a remote, as far as this clone knows.
//!
//! Owns the tracking refs ([`tracking::Tracking`]), the damaged ones among them
//! ([`copies::TrackingCopies`]), the locks that a killed fetch left on them (`abandoned`), the
//! refs that it did not bring (`unfetched`) and the results of earlier contacts
//! ([`state::RemoteState`]). Never contacts a remote.

pub(super) mod abandoned;
pub(super) mod blockers;
pub(super) mod copies;
mod lineage;
mod packing;
mod sent;
pub(super) mod state;
pub(super) mod tracking;
pub(super) mod unfetched;
