//! The claims that a command runs under.
//!
//! Owns which of them `run` makes, and which it releases: what the session held before stays as
//! it was, and of several commands under one claim the last one releases it. Never starts a
//! command.

use crate::app::claims::arbiter;
use crate::app::claims::handoffs::left_at;
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{ClaimRequest, Kind};
use crate::app::claims::{lease, refused, shared};
use crate::app::remote::publish;
use crate::app::remote::refresh::short_deadline;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::shell;
use crate::ledger::{Outcome, RunMark};
use crate::model::actor::Actor;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::lock_request;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::time::Ttl;

/// What stands between the session that starts a command and the one of the command.
const OWN_SESSION: &str = "+run-";

/// The claims that one command runs under.
pub(super) struct RunClaims<'c> {
    context: &'c Context,
    me: Actor,
    kind: Kind,
    /// Marks of claims that other commands of the session may share.
    marks: Vec<(Resource, RunMark)>,
    /// What is released at the end.
    made: Vec<Resource>,
    /// What the command holds.
    pub(super) held: Vec<Holding>,
    /// The shortest time to live of it.
    pub(super) ttl: Ttl,
}

/// Claims what `wanted` names and the session does not hold yet. Returns the claims, and the report
/// of those that were made.
pub(super) fn claim<'c>(
    context: &'c Context,
    wanted: &ClaimRequest,
    is_own_session: bool,
    notify: fn(&str),
) -> Result<(RunClaims<'c>, Option<Claimed>), Failure> {
    let me = context.actor()?;
    let mut marks = Vec::new();
    if !is_own_session {
        // A command that releases a claim now has done so when this one enters.
        for resource in &wanted.resources {
            let mark = context.ledger.run_marks(&me.id);
            let mark = mark
                .enter(&context.host, resource)
                .map_err(crate::ledger::LedgerError::from)?;
            marks.push((resource.clone(), mark));
        }
    }
    let before = held(context, &me, wanted)?;
    let is_new = |resource: &&Resource| before.iter().all(|one| one.resource != **resource);
    let new: Vec<Resource> = wanted.resources.iter().filter(is_new).cloned().collect();
    let mut claims = RunClaims {
        context,
        me,
        kind: wanted.kind,
        marks,
        made: new.clone(),
        ttl: wanted.ttl,
        held: Vec::new(),
    };
    let claimed = match new.is_empty() {
        true => None,
        false => {
            let wanted = ClaimRequest {
                resources: new,
                purpose: wanted.purpose.clone(),
                ..*wanted
            };
            let claimed = shared::for_a_command(context, &wanted, notify);
            let claimed = claimed.map_err(|failure| own_claim_is_told(context, &wanted, failure));
            let mut claimed = claimed.inspect_err(|_| claims.leave_marks())?;
            if !claimed.renewed && claims.kind != Kind::Shared {
                let held = claimed.mine.iter().filter(|one| one.token.is_some());
                let held: Vec<Resource> = held.map(|one| one.resource.clone()).collect();
                claimed.left = left_at(context, &held);
            }
            Some(claimed)
        }
    };
    let made = claimed.iter().flat_map(|claimed| claimed.mine.iter());
    claims.held = before.iter().chain(made).cloned().collect();
    claims.record_marks(&before);
    Ok((claims, claimed))
}

/// Returns the claims of the session in the wanted way: they stay when the command ends.
fn held(context: &Context, me: &Actor, wanted: &ClaimRequest) -> Result<Vec<Holding>, Failure> {
    let now = context.now();
    let leases = context.ledger.leases(&me.id).list();
    let mut held: Vec<Holding> = Vec::new();
    for lock in arbiter::locks_of(context, me)? {
        let counts = |lease: &&crate::ledger::LocalLease| {
            lease.token == lock.token && lease.resource == lock.resource
        };
        let lease = leases.iter().find(counts);
        if lock.is_live(now) && lease.is_some_and(|lease| lease.is_in_force(&context.host)) {
            held.push(Holding::of_lock(&lock));
        }
    }
    if wanted.kind == Kind::Shared
        && let Some(session) = context.ledger.sessions().get(me)?
    {
        let board = context.ledger.board_about(&wanted.resources)?;
        let mut mine = board.live(now);
        mine.retain(|one| {
            one.mode == Mode::Shared && one.session == me.id && one.node == session.who.node
        });
        held.extend(mine);
    }
    held.retain(|one| wanted.resources.contains(&one.resource));
    let mut each: Vec<Holding> = Vec::new();
    for one in held {
        if each.iter().all(|other| other.resource != one.resource) {
            each.push(one);
        }
    }
    Ok(each)
}

/// Adds to a refusal by a claim of the session that starts the command how to use that claim.
fn own_claim_is_told(context: &Context, wanted: &ClaimRequest, failure: Failure) -> Failure {
    let Some((above, _)) = context.me.id.as_str().rsplit_once(OWN_SESSION) else {
        return failure;
    };
    let is_above = match failure.refusal.as_deref() {
        Some(Refusal::Held { by }) => by.iter().any(|held| held.session.as_str() == above),
        _ => false,
    };
    if !is_above {
        return failure;
    }
    failure
        .without_hints()
        .hint("it is your own claim that conflicts, of the session that runs this command")
        .hint(format!(
            "run the command under that claim: git presence run{} --session {} {} --purpose {} \
             -- <command>",
            if matches!(wanted.kind, Kind::Exclusive(_)) {
                " --exclusive"
            } else {
                ""
            },
            shell::quote(above),
            refused::labels(&wanted.resources),
            shell::quote(wanted.purpose.as_str())
        ))
}

impl RunClaims<'_> {
    /// Returns why a claim of the command was lost, if one was; that counts as told, and what is
    /// lost is not released.
    pub(super) fn take_loss(&mut self) -> Result<Option<Refusal>, Failure> {
        for held in self.held.iter().filter(|held| held.token.is_some()) {
            let lost = lease::take_lost_lease_on(self.context, &self.me, &held.resource)?;
            if lost.is_some() {
                let resource = held.resource.clone();
                self.made.retain(|made| *made != resource);
                self.held.retain(|held| held.resource != resource);
                return Ok(lost);
            }
        }
        Ok(None)
    }

    /// Releases what this command made, unless another command runs under it; returns that.
    pub(super) fn end(mut self) -> Result<Vec<Resource>, Failure> {
        // Of several claims one may be lost, and the others are released all the same.
        while let Ok(Some(_)) = self.take_loss() {}
        let marks = std::mem::take(&mut self.marks);
        let mut last = Vec::new();
        for (resource, mark) in marks {
            let Some(mark) = self.context.ledger.run_marks(&self.me.id).leave(mark) else {
                self.made.retain(|made| *made != resource);
                continue;
            };
            // The session claimed it itself meanwhile.
            if !self.context.ledger.run_marks(&self.me.id).is_owned(&mark) {
                self.made.retain(|made| *made != resource);
            }
            last.push((resource, mark));
        }
        let done = self.release();
        let marks = self.context.ledger.run_marks(&self.me.id);
        last.into_iter().for_each(|(_, mark)| marks.remove(mark));
        done.map(|()| self.made)
    }

    fn release(&self) -> Result<(), Failure> {
        if self.made.is_empty() {
            return Ok(());
        }
        if matches!(self.kind, Kind::Exclusive(_)) {
            let request = lock_request::Request::Release(self.made.clone());
            arbiter::submit(self.context, &self.me, &request)?;
            return Ok(());
        }
        let request = Request::Release(self.made.clone());
        let (host, ttl) = (&self.context.host, self.context.config.ttl);
        let sessions = self.context.ledger.sessions();
        match sessions.apply(host, &self.me, &request, ttl)? {
            Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
            Outcome::NothingToDo => Ok(()),
            Outcome::Written(_) => {
                publish::publish(self.context, &self.me, false, short_deadline(self.context));
                Ok(())
            }
        }
    }

    /// Notes which claims a command made, so that the last one knows that it is to release them.
    /// A claim that the session made itself has no mark.
    fn record_marks(&mut self, before: &[Holding]) {
        let marks = self.context.ledger.run_marks(&self.me.id);
        for (resource, mark) in &mut self.marks {
            let mut held = self.held.iter();
            let Some(held) = held.find(|held| held.resource == *resource) else {
                continue;
            };
            let grant = grant_of(held);
            let was_held = before.iter().any(|one| one.resource == *resource);
            if !was_held {
                marks.record(mark, &grant);
            } else if marks.has(resource, &grant) {
                self.made.push(resource.clone());
            }
            self.ttl = self.ttl.min(shortest(held, self.ttl));
        }
    }

    /// Leaves the marks of claims that were not made.
    fn leave_marks(&mut self) {
        let marks = self.context.ledger.run_marks(&self.me.id);
        for (_, mark) in std::mem::take(&mut self.marks) {
            if let Some(mark) = marks.leave(mark) {
                marks.remove(mark);
            }
        }
    }
}

/// Returns what tells one grant of a resource to a session from the next.
fn grant_of(held: &Holding) -> String {
    match held.token {
        Some(token) => token.to_string(),
        None => held.claimed_at.as_millis().to_string(),
    }
}

/// Returns the time to live of what is held, as far as it can be told.
fn shortest(held: &Holding, otherwise: Ttl) -> Ttl {
    let secs = held.expires_at.secs_since(held.seen_at);
    Ttl::from_secs(secs).unwrap_or(otherwise)
}
