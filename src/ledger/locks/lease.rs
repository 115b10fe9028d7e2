//! What a session of this clone believes to hold alone, and until when.
//!
//! Owns `<git>/presence/held-<key>.toml`: a lease as its holder may count on it, which is less
//! than the arbiter grants. It is counted from before the request was made, on a clock that runs
//! through suspend and that nobody sets. Without it a holder would have to trust wall clocks. Also
//! the grants that were asked for without an answer.
//! Never says who holds anything: the cell does.

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::lock::Lock;
use crate::model::resource::Resource;
use crate::model::token::Token;

/// One lease, as its holder counts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalLease {
    pub resource: Resource,
    pub token: Token,
    /// The start of the machine after which the clock counts.
    pub boot_id: String,
    pub until_millis: u64,
}

impl LocalLease {
    /// Whether the holder may still act on it.
    pub fn is_in_force(&self, clock: &dyn Clock) -> bool {
        let (boot_id, millis) = clock.since_boot();
        boot_id == self.boot_id && millis < self.until_millis
    }

    /// Whether it is over for certain. The clock of another start of a machine tells nothing: that
    /// may be another machine.
    pub(in crate::ledger) fn has_expired(&self, clock: &dyn Clock) -> bool {
        let (boot_id, millis) = clock.since_boot();
        boot_id == self.boot_id && millis >= self.until_millis
    }
}

/// A lease that some session of this clone counts on, or did.
pub(in crate::ledger) struct OwnedLease {
    /// The file that belongs to the session.
    pub(in crate::ledger) session_file: String,
    pub(in crate::ledger) lease: LocalLease,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    held: Vec<HeldWire>,
    asked: Vec<AskedWire>,
}

#[derive(Serialize, Deserialize)]
struct HeldWire {
    resource: String,
    token: u64,
    boot_id: String,
    until_millis: u64,
}

/// A grant that this clone is asking for, or asked for without hearing an answer.
#[derive(Serialize, Deserialize)]
struct AskedWire {
    resource: String,
    token: u64,
}

/// What one session of this clone believes to hold alone.
pub struct Leases<'l> {
    ledger: &'l Ledger,
    session: &'l SessionId,
}

impl Ledger {
    /// What `session` of this clone believes to hold alone.
    pub fn leases<'l>(&'l self, session: &'l SessionId) -> Leases<'l> {
        Leases {
            ledger: self,
            session,
        }
    }
}

impl Leases<'_> {
    /// What this session counts on. A file that cannot be read counts for nothing.
    pub fn list(&self) -> Vec<LocalLease> {
        leases(self.ledger.held_in(&layout::held_file(self.session)).held)
    }

    /// From now on this session counts on `leases`, and on nothing else of `about`. Processes of
    /// one session change that one at a time.
    pub fn record(
        &self,
        clock: &dyn Clock,
        about: &[&Resource],
        leases: impl Iterator<Item = LocalLease>,
    ) -> Result<(), LedgerError> {
        let is_about = |label: &str| about.iter().any(|resource| resource.label() == label);
        self.ledger.change_held(clock, self.session, |wire| {
            wire.held.retain(|held| !is_about(&held.resource));
            wire.asked.retain(|asked| !is_about(&asked.resource));
            wire.held.extend(leases.map(|lease| HeldWire::of(&lease)));
        })
    }

    /// Count on these leases for longer, as far as they are counted on. Whoever gave one back, or
    /// was granted it anew since it was renewed, does not count on the renewal.
    pub fn extend(&self, clock: &dyn Clock, leases: &[LocalLease]) -> Result<(), LedgerError> {
        self.ledger.change_held(clock, self.session, |wire| {
            for held in &mut wire.held {
                let same = |lease: &&LocalLease| {
                    lease.resource.label() == held.resource && lease.token.number() == held.token
                };
                if let Some(lease) = leases.iter().find(same) {
                    *held = HeldWire::of(lease);
                }
            }
        })
    }

    /// Count on a lease no more. That it was asked for stays known, as the lock may still stand.
    pub fn relinquish(&self, clock: &dyn Clock, lease: &LocalLease) -> Result<(), LedgerError> {
        let same = |label: &str, token: u64| {
            label == lease.resource.label() && token == lease.token.number()
        };
        self.ledger.change_held(clock, self.session, |wire| {
            wire.held.retain(|held| !same(&held.resource, held.token));
            wire.asked
                .retain(|asked| asked.resource != lease.resource.label());
            wire.asked.push(AskedWire {
                resource: lease.resource.label().to_owned(),
                token: lease.token.number(),
            });
        })
    }

    /// Note which grants are about to be asked for, in place of those on the same resources. Only
    /// so a grant whose answer is lost can be told from that of a copy of this clone.
    pub fn record_pending(
        &self,
        clock: &dyn Clock,
        about: &[&Resource],
        grants: &[(&Resource, Token)],
    ) -> Result<(), LedgerError> {
        let labels: Vec<&str> = about.iter().map(|resource| resource.label()).collect();
        self.ledger.change_held(clock, self.session, |wire| {
            wire.asked
                .retain(|asked| !labels.contains(&asked.resource.as_str()));
            let asked = grants.iter().map(|(resource, token)| AskedWire {
                resource: resource.label().to_owned(),
                token: token.number(),
            });
            wire.asked.extend(asked);
        })
    }
}

impl Ledger {
    /// What all sessions of this clone count on, or did.
    pub(in crate::ledger) fn all_beliefs(&self) -> Vec<OwnedLease> {
        let mut all = Vec::new();
        let entries = std::fs::read_dir(self.folder.path()).into_iter().flatten();
        let names = entries.flatten().map(|entry| entry.file_name());
        for session_file in names.filter_map(|name| name.into_string().ok()) {
            if layout::is_held_file(&session_file) {
                let held = leases(self.held_in(&session_file).held).into_iter();
                all.extend(held.map(|lease| OwnedLease {
                    session_file: session_file.clone(),
                    lease,
                }));
            }
        }
        all
    }

    /// Whether a lock is that of this session on this clone. A copy of this clone goes by the same
    /// names; where a remote decides, it is mine only if I asked for it.
    pub(in crate::ledger) fn is_my_lock(&self, who: &Actor, lock: &Lock) -> bool {
        if !lock.is_of(who) || self.remote.is_none() {
            return lock.is_of(who);
        }
        let Wire { held, asked } = self.held_in(&layout::held_file(&who.id));
        let (label, token) = (lock.resource.label(), lock.token.number());
        held.iter().any(|h| h.resource == label && h.token == token)
            || asked
                .iter()
                .any(|a| a.resource == label && a.token == token)
    }

    fn held_in(&self, file: &str) -> Wire {
        toml::from_str(&self.folder.text(file)).unwrap_or_default()
    }

    fn change_held(
        &self,
        clock: &dyn Clock,
        session: &SessionId,
        change: impl FnOnce(&mut Wire),
    ) -> Result<(), LedgerError> {
        let _alone = self.lock_decision(clock)?;
        let name = layout::held_file(session);
        let mut wire = self.held_in(&name);
        change(&mut wire);
        if !wire.held.is_empty() || !wire.asked.is_empty() {
            return Ok(self.folder.replace(&name, &wire)?);
        }
        match std::fs::remove_file(self.folder.join(&name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(self.folder.error("what a session holds", error).into())
            }
            _ => Ok(()),
        }
    }
}

impl HeldWire {
    fn of(lease: &LocalLease) -> Self {
        Self {
            resource: lease.resource.label().to_owned(),
            token: lease.token.number(),
            boot_id: lease.boot_id.clone(),
            until_millis: lease.until_millis,
        }
    }
}

fn leases(held: Vec<HeldWire>) -> Vec<LocalLease> {
    let lease = |held: HeldWire| {
        Some(LocalLease {
            resource: Resource::parse(&held.resource).ok()?,
            token: Token::new(held.token),
            boot_id: held.boot_id,
            until_millis: held.until_millis,
        })
    };
    held.into_iter().filter_map(lease).collect()
}
