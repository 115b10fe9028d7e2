//! Leases of the sessions of this clone, as their holders may rely on them.
//!
//! Owns `<git>/presence/held-<key>.toml`, with one [`LocalLease`] for each exclusive claim of a
//! session. Such a lease ends before that of the arbiter: it starts before the request was made, on
//! a clock that runs through suspend and cannot be set, so that a holder need not trust wall
//! clocks. The file also has the requested grants whose answer was lost. Never decides who holds a
//! resource: the lock register does.

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::lock::Lock;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::token::Token;

/// The most grants of a session that are remembered as requested.
const ASKED_MAX: usize = 512;

/// One lease, as its holder may rely on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalLease {
    /// The resource that is held exclusively.
    pub resource: Resource,
    /// The fencing token of the grant.
    pub token: Token,
    /// The id of the boot since which the clock counts.
    pub boot_id: String,
    /// The end of the lease, in milliseconds since that boot.
    pub until_millis: u64,
    /// Whether it was granted at another place than the one that decides now: the URL of the remote
    /// was changed.
    pub elsewhere: bool,
    /// The grant as it stands in the lock register, if that is known.
    pub granted: Option<GrantState>,
}

/// A grant or renewal as it stands in one state of a lock register. While the register is in that
/// state, its holder need not read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantState {
    /// The commit of that state.
    pub tip: ObjectId,
    /// When the lock was renewed last.
    pub renewed_at: Timestamp,
    /// When the lock expires.
    pub expires_at: Timestamp,
}

impl LocalLease {
    /// Whether the holder may still rely on the lease.
    pub fn is_in_force(&self, clock: &dyn Clock) -> bool {
        let (boot_id, millis) = clock.since_boot();
        !self.elsewhere && boot_id == self.boot_id && millis < self.until_millis
    }

    /// Whether the holder may still rely on the lease for that long.
    pub fn lasts_for(&self, clock: &dyn Clock, secs: u64) -> bool {
        let (boot_id, millis) = clock.since_boot();
        let then = millis.saturating_add(secs.saturating_mul(1000));
        boot_id == self.boot_id && then <= self.until_millis
    }

    /// Whether the lease has certainly expired.
    ///
    /// The clock of another boot does not count, because that may be another machine.
    pub(in crate::ledger) fn has_expired(&self, clock: &dyn Clock) -> bool {
        let (boot_id, millis) = clock.since_boot();
        boot_id == self.boot_id && millis >= self.until_millis
    }
}

/// A lease that a session of this clone relies on, or did.
pub(in crate::ledger) struct OwnedLease {
    /// The name of the file of the session.
    pub(in crate::ledger) session_file: String,
    /// The lease.
    pub(in crate::ledger) lease: LocalLease,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    /// The folder that the file was written in. A copy of the clone holds nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    held: Vec<HeldWire>,
    asked: Vec<AskedWire>,
}

#[derive(Serialize, Deserialize)]
struct HeldWire {
    resource: String,
    token: u64,
    boot_id: String,
    until_millis: u64,
    /// A digest of the place that granted it; `None` for this repository, and in older files.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// The state of the register that has the grant; `None` in older files.
    #[serde(flatten)]
    granted: Option<GrantWire>,
}

#[derive(Serialize, Deserialize)]
struct GrantWire {
    tip: String,
    renewed_millis: i64,
    expires_millis: i64,
}

impl GrantWire {
    fn of(granted: &GrantState) -> Self {
        Self {
            tip: granted.tip.to_string(),
            renewed_millis: granted.renewed_at.as_millis(),
            expires_millis: granted.expires_at.as_millis(),
        }
    }

    fn read(&self) -> Option<GrantState> {
        Some(GrantState {
            tip: ObjectId::from_hex(self.tip.as_bytes()).ok()?,
            renewed_at: Timestamp::from_millis(self.renewed_millis),
            expires_at: Timestamp::from_millis(self.expires_millis),
        })
    }
}

/// A grant that this clone requested, without an answer so far.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AskedWire {
    resource: String,
    token: u64,
    /// When it was granted by the request: a copy of this clone may have asked for the same token.
    /// `None` for a lease that was given up, and in older files.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted_millis: Option<i64>,
}

impl AskedWire {
    fn of(lock: &Lock) -> Self {
        Self {
            resource: lock.resource.label().to_owned(),
            token: lock.token.number(),
            granted_millis: Some(lock.granted_at.as_millis()),
        }
    }

    fn is_about(&self, lock: &Lock) -> bool {
        let granted = lock.granted_at.as_millis();
        self.resource == lock.resource.label()
            && self.token == lock.token.number()
            && self.granted_millis.is_none_or(|at| at == granted)
    }
}

/// Grants that were recorded as requested, and had not been before.
#[must_use]
pub struct Requested(Vec<AskedWire>);

/// The leases that one session of this clone relies on.
pub struct Leases<'l> {
    ledger: &'l Ledger,
    session: &'l SessionId,
}

impl Ledger {
    /// Returns access to the leases that `session` of this clone relies on.
    pub fn leases<'l>(&'l self, session: &'l SessionId) -> Leases<'l> {
        Leases {
            ledger: self,
            session,
        }
    }
}

impl Leases<'_> {
    /// Returns the leases of this session, none if their file cannot be read.
    pub fn list(&self) -> Vec<LocalLease> {
        let held = self.ledger.held_in(&layout::held_file(self.session)).held;
        self.ledger.leases_in(held)
    }

    /// Replaces all leases and requested grants on the resources `about` by `leases`.
    ///
    /// Processes of this clone do so one at a time. Fails if the lock for it is not released in
    /// time, or the file cannot be written.
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
            let new = leases.map(|lease| HeldWire::of(&lease, self.place()));
            wire.held.extend(new);
        })
    }

    /// Replaces the stored leases that have the resource and the token of one of `leases`.
    ///
    /// A lease that the session released since, or was granted anew, is not extended by an older
    /// renewal. Fails as [`record`](Self::record) does.
    pub fn extend(&self, clock: &dyn Clock, leases: &[LocalLease]) -> Result<(), LedgerError> {
        self.ledger.change_held(clock, self.session, |wire| {
            for held in &mut wire.held {
                let same = |lease: &&LocalLease| {
                    lease.resource.label() == held.resource && lease.token.number() == held.token
                };
                if let Some(lease) = leases.iter().find(same) {
                    *held = HeldWire::of(lease, self.place());
                }
            }
        })
    }

    /// Returns the place that decides now.
    fn place(&self) -> Option<String> {
        self.ledger.place_digest().map(str::to_owned)
    }

    /// Removes a lease, and keeps its grant as requested, as the lock may still be in the register.
    ///
    /// Fails as [`record`](Self::record) does.
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
                granted_millis: None,
            });
        })
    }

    /// Records that these grants are requested, before the request.
    ///
    /// A grant whose answer is lost can then be told from one to a copy of this clone. Those that
    /// were requested before stay: any of them may have arrived. Fails as [`record`](Self::record)
    /// does.
    pub fn record_requested(
        &self,
        clock: &dyn Clock,
        locks: &[Lock],
    ) -> Result<Requested, LedgerError> {
        let mut new = Vec::new();
        self.ledger.change_held(clock, self.session, |wire| {
            new = locks.iter().map(AskedWire::of).collect();
            new.retain(|asked| !wire.asked.contains(asked));
            wire.asked.extend(new.iter().cloned());
            let excess = wire.asked.len().saturating_sub(ASKED_MAX);
            wire.asked.drain(..excess);
        })?;
        Ok(Requested(new))
    }

    /// Removes requested grants that are known not to have arrived, and never will.
    ///
    /// Fails as [`record`](Self::record) does.
    pub fn withdraw(&self, clock: &dyn Clock, requested: &Requested) -> Result<(), LedgerError> {
        if requested.0.is_empty() {
            return Ok(());
        }
        self.ledger.change_held(clock, self.session, |wire| {
            wire.asked.retain(|asked| !requested.0.contains(asked));
        })
    }
}

impl Ledger {
    /// Returns the leases that all sessions of this clone rely on, or did.
    pub(in crate::ledger) fn all_leases(&self) -> Vec<OwnedLease> {
        let mut all = Vec::new();
        let names = self.folder.open().and_then(|folder| folder.names());
        for session_file in names.unwrap_or_default() {
            if layout::is_held_file(&session_file) {
                let held = self.leases_in(self.held_in(&session_file).held);
                all.extend(held.into_iter().map(|lease| OwnedLease {
                    session_file: session_file.clone(),
                    lease,
                }));
            }
        }
        all
    }

    /// Whether `lock` belongs to the session `who` of this clone.
    ///
    /// A copied clone has the same ids, so where a remote is the arbiter, the lock counts only if
    /// this clone has recorded its grant or its request.
    pub(in crate::ledger) fn is_my_lock(&self, who: &Actor, lock: &Lock) -> bool {
        if !lock.is_of(who) || self.remote.is_none() {
            return lock.is_of(who);
        }
        let Wire { held, asked, .. } = self.held_in(&layout::held_file(&who.id));
        let (label, token) = (lock.resource.label(), lock.token.number());
        held.iter().any(|h| h.resource == label && h.token == token)
            || asked.iter().any(|one| one.is_about(lock))
    }

    fn held_in(&self, file: &str) -> Wire {
        let wire: Wire = toml::from_str(&self.folder.text(file)).unwrap_or_default();
        match wire.folder.is_some() && wire.folder != self.folder.identity() {
            true => Wire::default(),
            false => wire,
        }
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
            wire.folder = self.folder.identity();
            return Ok(self.folder.replace(&name, &wire)?);
        }
        match self.folder.remove(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(self.folder.error("what a session holds", error).into())
            }
            _ => Ok(()),
        }
    }
}

impl HeldWire {
    fn of(lease: &LocalLease, place: Option<String>) -> Self {
        // A lease that is put back was granted where it was granted before.
        let place = match lease.elsewhere {
            true => Some(String::new()),
            false => place,
        };
        Self {
            place,
            resource: lease.resource.label().to_owned(),
            token: lease.token.number(),
            boot_id: lease.boot_id.clone(),
            until_millis: lease.until_millis,
            granted: lease.granted.as_ref().map(GrantWire::of),
        }
    }
}

impl Ledger {
    fn leases_in(&self, held: Vec<HeldWire>) -> Vec<LocalLease> {
        let lease = |held: HeldWire| {
            Some(LocalLease {
                resource: Resource::from_record(&held.resource).ok()?,
                token: Token::new(held.token),
                boot_id: held.boot_id,
                until_millis: held.until_millis,
                elsewhere: held.place.is_some() && held.place.as_deref() != self.place_digest(),
                granted: held.granted.as_ref().and_then(GrantWire::read),
            })
        };
        held.into_iter().filter_map(lease).collect()
    }
}
