//! Releasing an exclusive claim with something for the next holder: `release --to`, `turn pass`.
//!
//! Owns what is recorded beside the words of the session: the commit and the branch of the code,
//! and whether a remote has it. Never ends part of what was named.

use crate::app::claims::arbiter;
use crate::app::claims::place::{Scope, refuse_what_is_elsewhere};
use crate::app::claims::{unpushed, waitlist};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::knowledge::known;
use crate::app::remote::refresh::short_deadline;
use crate::app::turns::look::{TurnReport, look};
use crate::app::turns::recipient::recipient;
use crate::app::turns::{beat, passed};
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::shell;
use crate::model::actor::Actor;
use crate::model::handoff::{CodeAt, Parting, Said};
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::lock::Denied;
use crate::model::lock_request::Request;
use crate::model::offer::Offer;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::text::name;
use crate::model::time::{Timestamp, Ttl};
use crate::model::turn::{self, is_turn};

/// How many digits of a commit are shown.
const SHORT: usize = 7;

/// What is released, and how.
pub struct Pass {
    /// The resources, all or none.
    pub resources: Vec<Resource>,
    /// To whom it is offered; `None`: the queue goes on.
    pub to: Option<To>,
    /// What is left for the next holder.
    pub said: Option<Said>,
    /// Whether what the same person holds in another place counts.
    pub scope: Scope,
}

/// To whom something is offered.
pub struct To {
    /// A session id, or a `user@host`.
    pub who: String,
    /// Whether it need not have a recent heartbeat.
    pub anyway: bool,
    /// How long the offer lasts.
    pub lasts: Ttl,
}

/// What was released.
#[derive(Debug)]
pub struct Passed {
    /// When.
    pub now: Timestamp,
    /// The session.
    pub me: SessionId,
    /// The resources.
    pub released: Vec<Resource>,
    /// To which session it is offered, and until when.
    pub offer: Option<(SessionId, Timestamp)>,
    /// Whether words were left.
    pub has_words: bool,
    /// The sessions that wait for it, in their order.
    pub queue: Vec<Holding>,
    /// Who knows of the release.
    pub confirmation: Confirmation,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Releases exclusive claims of this session, all or none, and leaves what was said.
pub fn execute(context: &Context, pass: Pass) -> Result<Passed, Failure> {
    let me = may_pass(context, &pass.resources, pass.scope)?;
    let to = pass.to.map(|to| -> Result<Offer, Failure> {
        let lasts = to.lasts;
        let to = recipient(context, &me, &to.who, to.anyway)?;
        Ok(Offer { to, lasts })
    });
    let to = to.transpose()?;
    let has_words = pass.said.is_some();
    let code = code_at(context);
    let warnings = left_to_push(context, &pass.resources, &code);
    let parting = pass.said.map(|said| Box::new(Parting { said, code }));
    let now = context.now();
    let request = Request::Pass {
        resources: pass.resources.clone(),
        to: to.clone(),
        parting,
    };
    let until = short_deadline(context);
    arbiter::submit_until(context, &me, &request, until.answer)?;
    let board = context.ledger.board_about(&pass.resources)?;
    let queue = waitlist::in_line(&board, &me, &pass.resources, now);
    dismiss_keeper(context);
    passed::note(context, &pass.resources);
    beat::send(context, &me);
    Ok(Passed {
        now,
        me: me.id,
        released: pass.resources,
        offer: to.map(|offer| (offer.to, now.plus_secs(offer.lasts.as_secs()))),
        has_words,
        queue,
        confirmation: arbiter::confirmation(context),
        warnings,
    })
}

/// Returns a sentence about commits that the next holder cannot fetch, if there are any.
fn left_to_push(context: &Context, resources: &[Resource], code: &CodeAt) -> Vec<String> {
    let all: Vec<&Resource> = resources.iter().collect();
    let unpushed = unpushed::once(context, &all);
    let unsent = || {
        let commit = { code.commit.as_deref() }
            .filter(|_| code.remote_has_commit == Some(false) && context.upstream.name().is_some());
        let branch = code.branch.as_deref();
        commit.zip(branch).map(|(commit, branch)| {
            let short = commit.get(..SHORT).unwrap_or(commit);
            format!(
                "push the branch {}: no remote has {short}, at which you leave it, so another clone \
                 cannot fetch it",
                name(branch)
            )
        })
    };
    let is_told = unpushed.is_some() || context.upstream_remote().is_some();
    let unsent = if is_told { None } else { unsent() };
    unpushed.or(unsent).into_iter().collect()
}

/// Returns this session, if it may give away all of these resources.
///
/// # Errors
///
/// A refusal for what it does not hold exclusively, or holds in another place.
pub fn may_pass(context: &Context, resources: &[Resource], scope: Scope) -> Result<Actor, Failure> {
    let me = context.actor()?;
    if scope == Scope::ThisPlace {
        let labels = resources.iter().map(|one| shell::quote(one.label()));
        let way = labels.collect::<Vec<_>>().join(" ");
        let way = format!("git presence release {way}");
        refuse_what_is_elsewhere(context, &me, resources, &way)?;
    }
    refuse_what_is_not_mine(context, &me, resources)?;
    Ok(me)
}

/// Fails for the first resource that this session does not hold exclusively.
fn refuse_what_is_not_mine(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
) -> Result<(), Failure> {
    for resource in resources {
        let read = context.ledger.locks().get(resource)?;
        let denied = match read.cell.lock_on(resource) {
            Some(lock) if context.ledger.locks().is_mine(me, lock) => continue,
            Some(lock) => Denied::Held(Box::new(lock.clone())),
            None if is_turn(resource) => return Err(not_taken(resource)),
            None => Denied::Free,
        };
        let about = std::slice::from_ref(resource);
        return Err(arbiter::refusal_for(context, denied, about));
    }
    Ok(())
}

/// Returns the failure for a turn that no session has: it is taken before it is passed on.
fn not_taken(turn: &Resource) -> Failure {
    let by = Vec::new();
    let resource = turn.clone();
    Failure::refused(Refusal::NotYours { resource, by }).hint(format!(
        "take it first, then pass it on: {}",
        turn::take(turn, &shell::quote(turn.label()), "")
    ))
}

/// Passes a turn on, and returns what is known of it afterwards.
pub fn turn(context: &Context, turn: Resource, pass: Pass) -> Result<TurnReport, Failure> {
    let passed = execute(context, pass)?;
    let mut report = look(context, turn, known(context))?;
    report.passed = true;
    report.confirmation = Some(passed.confirmation);
    report.warnings = passed.warnings;
    Ok(report)
}

/// Ends the process that kept the session alive for a turn, if that was the last one, and the
/// settings ask for none.
fn dismiss_keeper(context: &Context) {
    let leases = context.ledger.leases(&context.me.id).list();
    let has_turn = leases.iter().any(|lease| is_turn(&lease.resource));
    if !has_turn && !context.config.agents.keeper {
        context.ledger.keepalive(&context.me.id).end();
    }
}

/// Returns where the code here stands.
pub fn code_at(context: &Context) -> CodeAt {
    let code = context
        .code
        .as_ref()
        .filter(|_| context.keeps_its_own_board);
    let Some(commit) = code.and_then(|code| code.git.head_commit().ok().flatten()) else {
        return CodeAt::default();
    };
    CodeAt {
        branch: context.branch().map(str::to_owned),
        remote_has_commit: code.and_then(|code| code.git.remote_has(&commit).ok()),
        commit: Some(commit),
    }
}
