//! A request to claim resources.
//!
//! Owns [`ClaimRequest`]: which resources, why, for how long, shared or exclusively. Never decides.

use std::time::Duration;

use crate::config::OnConflict;
use crate::model::claim::Claim;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::Ttl;

pub struct ClaimRequest {
    pub resources: Vec<Resource>,
    pub purpose: Purpose,
    pub ttl: Ttl,
    pub on_conflict: OnConflict,
    pub kind: Kind,
}

/// Whether a claim is shared or exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Shared,
    Exclusive(Terms),
}

/// On which terms a resource is to be held alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Although others share it.
    pub over_shared: bool,
    /// Whether a queued request is good enough where it cannot be decided now.
    pub allow_unconfirmed: bool,
    /// How long to wait for it.
    pub wait: Duration,
}

impl ClaimRequest {
    /// Returns the request that a waiting claim stands for.
    pub fn alone(claim: &Claim) -> Self {
        Self {
            resources: vec![claim.resource.clone()],
            purpose: claim.purpose.clone(),
            ttl: claim.ttl,
            on_conflict: OnConflict::Warn,
            kind: Kind::Exclusive(Terms::default()),
        }
    }
}
