//! A request to claim resources.
//!
//! Owns [`ClaimRequest`]: which resources, why, for how long, shared or exclusively. Never decides.

use std::time::Duration;

use crate::app::claims::refused;
use crate::config::OnConflict;
use crate::context::Context;
use crate::guard::shell;
use crate::identity::Rule;
use crate::model::claim::{Claim, Mode};
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::model::turn::{self, is_turn};

/// What is requested, why, and for how long.
pub struct ClaimRequest {
    /// The resources, all or none.
    pub resources: Vec<Resource>,
    /// The purpose, for other sessions to read.
    pub purpose: Purpose,
    /// How long the claim lasts without a heartbeat.
    pub ttl: Ttl,
    /// What happens if another session claims one of them shared.
    pub on_conflict: OnConflict,
    /// Whether the claim is shared or exclusive.
    pub kind: Kind,
    /// How long to wait until no other session conflicts.
    pub wait: Duration,
    /// Whether the session may ask again: a wait that ends without the resource keeps its place in
    /// the queue.
    pub may_ask_again: bool,
}

/// Whether a claim is shared or exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Other sessions may claim the same.
    Shared,
    /// Only this session holds it, on these terms.
    Exclusive(Terms),
}

/// The terms of an exclusive claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether shared claims of other sessions are ignored.
    pub over_shared: bool,
    /// Whether a queued request counts as success if the arbiter does not answer.
    pub allow_unconfirmed: bool,
    /// Whether what the same person holds in another place moves here.
    pub moves_here: bool,
    /// Whether only what is offered to this session is taken.
    pub only_offered: bool,
    /// Whether what other sessions have frozen is ignored, which is recorded then.
    pub over_frozen: bool,
}

impl Terms {
    /// Returns what is heeded besides locks.
    pub const fn heeds(self) -> Heeds {
        Heeds {
            shared: !self.over_shared,
            frozen: !self.over_frozen,
        }
    }
}

/// Which claims in the records of sessions keep a resource from another session; a lock always
/// does.
#[derive(Clone, Copy, Debug)]
pub struct Heeds {
    /// Whether shared ones do.
    pub shared: bool,
    /// Whether what is frozen does.
    pub frozen: bool,
}

impl Heeds {
    /// Each of them.
    pub const ALL: Self = Self {
        shared: true,
        frozen: true,
    };

    /// Returns true if this claim of another session is one of them.
    pub fn is_one(self, held: &Holding) -> bool {
        match held.mode {
            Mode::Shared => self.shared,
            Mode::Frozen => self.frozen,
            Mode::Exclusive | Mode::Waiting => false,
        }
    }
}

/// How long a turn lasts without a heartbeat.
const TURN_SECS: u64 = 45 * 60;

/// Returns how long a claim of these lasts that names no span: a turn longer than others.
pub fn ttl_of(resources: &[Resource], otherwise: Ttl) -> Ttl {
    let are_turns = resources.iter().all(is_turn);
    let turn = Ttl::from_secs(TURN_SECS).ok();
    turn.filter(|_| are_turns).unwrap_or(otherwise)
}

/// The setting that says how long claims last.
const TTL: &str = "presence.ttl";
/// How long the claim of a job lasts when its machine is gone: it is renewed while the job runs,
/// and the next job waits for it.
const JOB_SECS: u64 = 3 * 60;

/// Returns how long the claim of a command lasts that names no span: shorter in a CI job, unless a
/// setting says how long.
pub fn ttl_of_a_command(context: &Context) -> Ttl {
    let is_set = context.settings.iter().any(|set| set.key == TTL);
    let is_job = context.me.rule == Rule::Ci && !is_set;
    let job = Ttl::from_secs(JOB_SECS).ok().filter(|_| is_job);
    job.unwrap_or(context.config.ttl)
}

impl ClaimRequest {
    /// Returns true if only what is offered to the session is taken.
    pub const fn takes_only_offers(&self) -> bool {
        matches!(
            self.kind,
            Kind::Exclusive(Terms {
                only_offered: true,
                ..
            })
        )
    }

    /// Returns the request that a waiting claim stands for.
    pub fn exclusive(claim: &Claim) -> Self {
        Self {
            resources: vec![claim.resource.clone()],
            purpose: claim.purpose.clone(),
            ttl: claim.ttl,
            on_conflict: OnConflict::Warn,
            kind: Kind::Exclusive(Terms::default()),
            wait: Duration::ZERO,
            may_ask_again: true,
        }
    }

    /// Returns the command line that goes on with a wait for it; one that claims nothing if the
    /// claim is still to be made.
    pub fn line_that_waits(&self, claims_later: bool) -> String {
        if let ([one], false) = (self.resources.as_slice(), self.kind == Kind::Shared)
            && is_turn(one)
        {
            return turn::take(one, &refused::word(one), "--wait");
        }
        let labels = refused::labels(&self.resources);
        let purpose = shell::quote(self.purpose.as_str());
        match (claims_later, self.kind) {
            (true, _) => format!("git presence wait {labels}"),
            (false, Kind::Shared) => {
                format!("git presence claim {labels} --purpose {purpose} --wait")
            }
            (false, Kind::Exclusive(_)) => {
                format!("git presence claim --exclusive {labels} --purpose {purpose} --wait")
            }
        }
    }
}
