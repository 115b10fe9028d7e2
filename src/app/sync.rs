//! The use case of `sync`: publishing and fetching now.
//!
//! Owns which ends of a sync are failures. Never decides what is synced.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::app::claims::handoffs::{Left, left_at};
use crate::app::claims::{waiters, waitlist};
use crate::app::gc;
use crate::app::messages::handover;
use crate::app::remote::confirmation::why;
use crate::app::remote::confirmation::{no_such_remote, none_chosen};
use crate::app::remote::endpoints;
use crate::app::remote::knowledge::partly;
use crate::app::remote::publish::{BACKGROUND_SECS_MAX, RENAMED};
use crate::app::tasks::unsent;
use crate::context::{Context, Upstream};
use crate::failure::{Failure, Kind};
use crate::model::holding::Holding;
use crate::model::text::{WORDS_BYTES_MAX, quote};
use crate::sync::{self, FailureKind, Scope};

/// How long a background sync may take.
pub const BACKGROUND_DEADLINE: Duration = Duration::from_secs(BACKGROUND_SECS_MAX);
/// How long a sync may take that a user asked for.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// How long it may take while a first look brings the board: as long as there is progress.
pub const FIRST_LOOK_DEADLINE: Duration = Duration::from_secs(60 * 60);
/// At most this many warnings of one kind.
const WARNINGS_MAX: usize = 3;

/// A queued request that was granted.
#[derive(Debug)]
pub struct Grant {
    /// What was granted, and to which session.
    pub held: Holding,
    /// What the last holder left for the next one.
    pub left: Option<Left>,
    /// The process that renews it; `None` if it ends unless the session renews it.
    pub kept_by: Option<u32>,
}

/// What was synced.
#[derive(Debug)]
pub struct Synced {
    /// The remote.
    pub remote: String,
    /// How many refs were fetched.
    pub received: usize,
    /// How many refs were pushed.
    pub sent: usize,
    /// How many refs the remote refused.
    pub refused: usize,
    /// How many refs the remote does not have.
    pub pending: usize,
    /// Queued requests that were granted now.
    pub granted: Vec<Grant>,
    /// Whether it ran in the background.
    pub in_background: bool,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// What a caller asks of a sync.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Whether it pushes.
    pub pushes: bool,
    /// Whether it fetches.
    pub fetches: bool,
    /// How long it may take.
    pub deadline: Duration,
    /// How long it may take while a first look brings the board.
    pub first_look: Duration,
    /// Whether it runs in the background: then it gives way to other syncs, and keeps to the budget
    /// of pushes.
    pub in_background: bool,
    /// Whether a remote that refused a while ago is asked again.
    pub retry: bool,
}

impl Request {
    fn plan(self, context: &Context) -> sync::Request {
        sync::Request {
            scope: Scope {
                push: self.pushes,
                fetch: self.fetches,
                first: None,
                exclude: BTreeSet::new(),
            },
            deadline: self.deadline,
            first_look: self.first_look,
            in_background: self.in_background,
            retry: self.retry,
            pushes_per_minute: context.config.sync.pushes_per_minute,
        }
    }
}

/// Syncs with the remote once.
pub fn execute(context: &Context, request: &Request) -> Result<Synced, Failure> {
    let remote = match (&context.upstream, context.remote()) {
        (Upstream::Named(_), Some(remote)) => remote,
        (Upstream::Missing(name), _) => return Err(no_such_remote(name)),
        (Upstream::Several(_), _) => return Err(none_chosen()),
        _ => return Err(no_remote()),
    };
    let report = endpoints::sync(context, &remote, &request.plan(context))?;
    let synced = &report.synced;
    if let (false, Some(seen)) = (request.in_background, synced.unfetched.underway()) {
        let text = format!("{}: {}", remote.name(), partly(seen, ""));
        return Err(Failure::new(Kind::Remote, anyhow::anyhow!(text)));
    }
    if synced.fetched {
        after_a_fetch(context, request.in_background);
    }
    if !request.in_background && (report.busy || synced.failure.is_some() || synced.gave_up) {
        return Err(failed(&report, remote.name()));
    }
    let takes_nothing = report.refuses.is_some() || !report.refused.is_empty();
    if !request.in_background && request.pushes && takes_nothing && synced.sent.is_empty() {
        return Err(refused(&report, remote.name()));
    }
    let mut warnings: Vec<String> = synced
        .anomalies
        .iter()
        .take(WARNINGS_MAX)
        .cloned()
        .collect();
    if synced.anomalies.len() > WARNINGS_MAX {
        warnings.push(format!(
            "and {} more like these",
            synced.anomalies.len() - WARNINGS_MAX
        ));
    }
    if synced.elsewhere.is_some() || endpoints::is_blind(context) {
        let name = remote.name();
        warnings.push(format!(
            "{name} is pushed to another place than it is fetched from; see git presence doctor"
        ));
    }
    if synced.reidentified {
        warnings.push(RENAMED.to_owned());
    }
    let words = report.refused.iter().take(WARNINGS_MAX);
    warnings.extend(words.map(|(name, forbidden)| {
        let said = quote(&forbidden.said, WORDS_BYTES_MAX);
        format!("{name} was refused ({}): {said}", forbidden.change.cannot())
    }));
    if context.upstream.name() == Some(remote.name()) && !report.busy && request.pushes {
        warnings.extend(unsent::send_all(context));
    }
    Ok(Synced {
        remote: remote.name().to_owned(),
        received: synced.received,
        sent: synced.sent.len(),
        refused: report.refused.len(),
        pending: synced.pending.len(),
        granted: if context.upstream.name() == Some(remote.name()) && !report.busy {
            let granted = waitlist::grant_pending(context)?.into_iter();
            granted.map(|held| grant(context, held)).collect()
        } else {
            Vec::new()
        },
        in_background: request.in_background,
        warnings,
    })
}

fn grant(context: &Context, held: Holding) -> Grant {
    let about = std::slice::from_ref(&held.resource);
    let keeper = context.ledger.keepalive(&held.session).is_ready();
    Grant {
        left: left_at(context, about).pop(),
        kept_by: keeper.filter(|pid| context.host.process(*pid).is_some()),
        held,
    }
}

/// Tells the holders of this clone who waits in another one, as far as that came, rings for the
/// messages that came, and keeps what is stored small.
fn after_a_fetch(context: &Context, in_background: bool) {
    if let Ok(board) = context.ledger.board() {
        waiters::tell_holders(context, &board);
    }
    handover::announce_arrivals(context);
    match in_background {
        true => {
            gc::execute_if_due(context);
            context.ledger.copies().pack_loose();
        }
        false => gc::start_if_due(context),
    }
}

fn no_remote() -> Failure {
    Failure::usage("there is no remote to sync with").hint("add one: git remote add origin <url>")
}

fn failed(report: &sync::Report, remote: &str) -> Failure {
    let done = match (report.synced.received, report.synced.sent.len()) {
        (0, 0) => String::new(),
        (received, sent) => format!(" (received {received}, sent {sent} before)"),
    };
    let text = format!("{}{done}", why(report, remote));
    let others_won = report.synced.gave_up && report.synced.failure.is_none();
    let kind = if report.busy || others_won {
        Kind::Contended
    } else {
        Kind::Remote
    };
    let failure = Failure::new(kind, anyhow::anyhow!(text));
    let kind = report.synced.failure.as_ref().map(|failure| failure.kind);
    failure.hint(match kind {
        None => "try again in a moment".to_owned(),
        Some(FailureKind::NoCredentials) => format!(
            "configure credentials so that this runs without a prompt: git ls-remote {remote}; an ssh \
             connection that is shared lasts for a minute: presence.sshMultiplex"
        ),
        Some(FailureKind::NotTrusted) => "trust it on the machine where it is, as the user that git \
             runs as there: git config --global --add safe.directory <folder>"
            .to_owned(),
        Some(FailureKind::HashMismatch) => {
            "one side has SHA-1 ids and the other SHA-256; they cannot share a board".to_owned()
        }
        Some(FailureKind::Local) => "see which git runs here, and what it allows: git --version; git config --get-regexp '^protocol'"
                .to_owned(),
        Some(_) => "nothing is lost: what is recorded here is sent by the next sync".to_owned(),
    })
}

fn refused(report: &sync::Report, remote: &str) -> Failure {
    Failure::new(Kind::Remote, anyhow::anyhow!(why(report, remote)))
        .hint("see what it would have to allow: git presence doctor --remote")
        .hint(
            "ask it again: git presence sync --retry; or keep the board elsewhere: presence.ledger",
        )
}
