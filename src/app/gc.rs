//! The use case of `gc`: what is over leaves the board.
//!
//! Owns what is folded, in which order, and when that is due by itself. Never decides which session
//! is over.

use std::time::Duration;

use crate::app::background::Background;
use crate::app::remote::endpoints;
use crate::app::remote::publish::BACKGROUND_SECS_MAX;
use crate::app::remote::refresh::{Effort, Refresh, Until, refresh};
use crate::clock::Clock as _;
use crate::config::Archive;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Sweep;
use crate::model::knowledge::Knowledge;
use crate::model::text::{WORDS_BYTES_MAX, quote};
use crate::sync::{Fold, Folded, Remote};

/// How long a fold may take that runs by itself.
const BACKGROUND_DEADLINE: Duration = Duration::from_secs(BACKGROUND_SECS_MAX);

/// What a caller asks of a fold.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// Whether it runs in the background.
    pub in_background: bool,
    /// How long it may take.
    pub deadline: Duration,
}

impl Request {
    /// Returns the request of a fold that runs by itself.
    pub const fn by_itself() -> Self {
        Self {
            dry_run: false,
            in_background: true,
            deadline: BACKGROUND_DEADLINE,
        }
    }
}

/// What was folded, or would be.
#[derive(Debug)]
pub struct Swept {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Whether it ran in the background.
    pub in_background: bool,
    /// How many sessions the board had.
    pub sessions: usize,
    /// How many sessions were folded.
    pub folded: usize,
    /// How many refs were removed at the remote.
    pub removed_there: usize,
    /// How many lock registers were removed.
    pub registers: usize,
    /// Of how many lock registers the history was cut.
    pub cut: usize,
    /// How many archives were removed because of their age.
    pub archives_dropped: usize,
    /// How many cursors of readers were removed that none used for a long time.
    pub cursors_dropped: usize,
    /// How many sessions are over and still on the board.
    pub left: usize,
    /// The remote; `None`: there is none, or nothing was folded.
    pub remote: Option<String>,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Folds what is over.
pub fn execute(context: &Context, request: &Request) -> Result<Swept, Failure> {
    let began = context.host.elapsed();
    let left = || (began + request.deadline).saturating_sub(context.host.elapsed());
    let mut swept = Swept::of(request);
    let remote = match request.dry_run {
        true => None,
        false => context.remote(),
    };
    let mut sweep = context.ledger.last_sweep();
    if let Some(remote) = &remote
        && !is_known(context, remote, request, &mut swept.warnings)
    {
        sweep.record(context.now(), false);
        context.ledger.save_sweep(&sweep)?;
        return Ok(swept);
    }
    let now = context.now();
    let endings = context.ledger.endings(now, !request.in_background)?;
    let free = context.ledger.locks().free(now)?;
    swept.sessions = endings.sessions;
    if request.dry_run {
        let name = context.upstream.name();
        let there = endings.ended.iter().filter(|one| one.tracked.is_some());
        swept.folded = endings.ended.len();
        swept.removed_there = there.count();
        swept.registers = free.len();
        let goes = |name: &str| free.iter().any(|register| register.name == name);
        let long = context.ledger.locks().long()?;
        swept.cut = long.iter().filter(|register| !goes(&register.name)).count();
        swept.archives_dropped = context.ledger.archives().old(now)?.len();
        swept.cursors_dropped = context.ledger.unused_cursors(now);
        swept.remote = name.map(str::to_owned);
        return Ok(swept);
    }
    sweep.record(now, false);
    context.ledger.save_sweep(&sweep)?;
    let fold = Fold {
        ledger: &context.ledger,
        remote: remote.as_ref(),
        clock: &context.host,
        left: &left,
        archives: context.config.sync.archive != Archive::None,
    };
    let mut folded = fold.sessions(endings.ended)?;
    fold.registers(&free, &mut folded)?;
    fold.cut(&context.ledger.locks().long()?, &mut folded)?;
    swept.archives_dropped = context.ledger.archives().drop_old(now)?.len();
    let pid = context.host.pid();
    swept.cursors_dropped = context.ledger.drop_unused_cursors(pid, now);
    if let (Some(remote), Archive::Remote) = (&remote, context.config.sync.archive) {
        let said = fold.push_archives(remote, &mut sweep)?;
        swept.warnings.extend(said.map(|said| {
            let said = quote(&said, WORDS_BYTES_MAX);
            format!("{} does not take an archive: {said}", remote.name())
        }));
    }
    sweep.record(now, folded.left == 0 && folded.failure.is_none());
    context.ledger.save_sweep(&sweep)?;
    swept.add(folded, remote.as_ref());
    context.ledger.copies().pack_loose();
    Ok(swept)
}

/// Whether what the remote has was just fetched. Otherwise nothing is folded: what went here and
/// not there would look like that of a copy.
fn is_known(
    context: &Context,
    remote: &Remote,
    request: &Request,
    warnings: &mut Vec<String>,
) -> bool {
    let name = remote.name();
    if endpoints::is_blind(context) {
        warnings.push(format!(
            "{name} is pushed to another place than it is fetched from: nothing is folded"
        ));
        return false;
    }
    let policy = Refresh {
        pushes: true,
        only_if_stale: request.in_background,
        effort: match request.in_background {
            true => Effort::Opportunistic,
            false => Effort::Required,
        },
    };
    let until = Until::at(context.host.elapsed() + request.deadline);
    match refresh(context, policy, until) {
        Knowledge::Unknown { why, .. } => {
            warnings.push(format!("{why}; nothing is folded"));
            false
        }
        Knowledge::Known { .. } | Knowledge::Whole => true,
    }
}

impl Swept {
    fn of(request: &Request) -> Self {
        Self {
            dry_run: request.dry_run,
            in_background: request.in_background,
            sessions: 0,
            folded: 0,
            removed_there: 0,
            registers: 0,
            cut: 0,
            archives_dropped: 0,
            cursors_dropped: 0,
            left: 0,
            remote: None,
            warnings: Vec::new(),
        }
    }

    fn add(&mut self, folded: Folded, remote: Option<&Remote>) {
        self.folded = folded.sessions;
        self.removed_there = folded.removed_there;
        self.registers = folded.registers;
        self.cut = folded.cut;
        self.left = folded.left;
        self.remote = remote.map(|remote| remote.name().to_owned());
        let unreadable = folded.unreadable.iter();
        self.warnings.extend(unreadable.map(|what| {
            format!("{what}; what it is for stays on the board: git presence doctor --repair")
        }));
        let name = self.remote.clone().unwrap_or_default();
        if let Some(said) = folded.refused {
            let said = quote(&said, WORDS_BYTES_MAX);
            self.warnings.push(format!(
                "{name} does not let refs be removed, so what is over stays there: {said}"
            ));
        }
        if let Some(failure) = folded.failure {
            let said = quote(&failure.message, WORDS_BYTES_MAX);
            self.warnings.push(format!("{name} stopped it: {said}"));
        }
    }
}

/// Folds what is over, in a process that runs in the background, if that is due.
pub fn execute_if_due(context: &Context) {
    if is_due(context) {
        let _ = execute(context, &Request::by_itself());
    }
}

/// Starts a fold in the background, if that is due.
pub fn start_if_due(context: &Context) {
    if context.config.sync.auto && is_due(context) {
        Background::Gc.start(context);
    }
}

/// A clone that never folded begins to count the days: a clone of a CI job has nothing to fold,
/// and no time for what others left.
fn is_due(context: &Context) -> bool {
    let mut sweep = context.ledger.last_sweep();
    if sweep == Sweep::default() {
        sweep.record(context.now(), true);
        let _ = context.ledger.save_sweep(&sweep);
        return false;
    }
    sweep.is_due(context.now())
}
