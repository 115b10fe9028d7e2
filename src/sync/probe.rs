//! What a remote allows, tried out.
//!
//! Owns the throw-away refs on which it is tried, their removal, and what each answer means for
//! the board. Never touches another ref.

use std::collections::BTreeMap;

use crate::clock::Clock;
use crate::git::porcelain::{FailureKind, Outcome};
use crate::git::remote::{Left, Move, Remote};
use crate::ledger::{Ledger, LedgerError, Tip, layout};
use crate::model::finding::Finding;

/// The remote, and what was found out about it.
struct Probe<'p> {
    remote: &'p Remote,
    left: Left<'p>,
    findings: Vec<Finding>,
    /// How many URLs a push goes to.
    urls: usize,
    /// Whether it moves refs forward only.
    forward_only: bool,
    /// The refs that are there now. They are not listed: what is pushed may not be fetched.
    there: BTreeMap<String, Tip>,
}

/// One push and what became of its refs.
struct Tried {
    outcomes: Vec<Outcome>,
    /// Why there are none.
    failure: Option<(FailureKind, String)>,
}

impl Tried {
    fn is_done(&self) -> bool {
        let done = |outcome: &Outcome| matches!(outcome, Outcome::Landed | Outcome::UpToDate);
        self.failure.is_none() && !self.outcomes.is_empty() && self.outcomes.iter().all(done)
    }

    fn words(&self) -> String {
        if let Some((_, said)) = &self.failure {
            return said.clone();
        }
        let words = self.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Lost { reason }
            | Outcome::Refused { reason }
            | Outcome::Unknown { reason } => Some(reason.clone()),
            Outcome::ForwardOnly => Some("not a fast-forward".to_owned()),
            Outcome::HeldBack => Some("held back".to_owned()),
            Outcome::Landed | Outcome::UpToDate => None,
        });
        words.unwrap_or_else(|| "no answer".to_owned())
    }
}

/// Try out what the board needs of `remote`.
pub fn probe(
    ledger: &Ledger,
    remote: &Remote,
    clock: &dyn Clock,
    left: Left<'_>,
) -> Result<Vec<Finding>, LedgerError> {
    let [first, second, other] = ledger.tracking().probe_commits(clock)?;
    let mut probe = Probe {
        remote,
        left,
        findings: Vec::new(),
        urls: 1,
        forward_only: false,
        there: BTreeMap::new(),
    };
    let names = [clock.random(), clock.random()].map(layout::probe_ref);
    if probe.creates(&names[0], first) {
        probe.is_what_is_fetched(&names[0], first);
        probe.moves(&names[0], [first, second, other]);
        probe.moves_together(&names, first);
    }
    probe.removes();
    if probe.forward_only {
        ledger.tracking().set_forward_only()?;
    }
    Ok(probe.findings)
}

impl Probe<'_> {
    fn push(&mut self, steps: &[Step], atomic: bool) -> Tried {
        let moves: Vec<Move> = steps.iter().map(Step::to_move).collect();
        let answer = self.remote.push(&moves, atomic, self.left);
        for pushed in answer.reports.iter().flat_map(|report| &report.refs) {
            let step = steps.iter().find(|step| step.name == pushed.name);
            if let (Some(step), Outcome::Landed) = (step, &pushed.outcome) {
                match step.to {
                    Some(tip) => self.there.insert(step.name.clone(), tip),
                    None => self.there.remove(&step.name),
                };
            }
        }
        self.urls = self.urls.max(answer.reports.len());
        let reports = answer.reports.into_iter();
        Tried {
            outcomes: reports
                .flat_map(|report| report.refs)
                .map(|pushed| pushed.outcome)
                .collect(),
            failure: answer
                .failure
                .map(|failure| (failure.kind, failure.message)),
        }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.findings.push(Finding::note(what));
    }

    fn problem(&mut self, what: impl Into<String>, advice: impl Into<String>) {
        self.findings.push(Finding::problem(what, advice));
    }

    fn creates(&mut self, name: &str, to: Tip) -> bool {
        let tried = self.push(&[step(name, None, Some(to))], false);
        let remote = self.remote.name();
        if tried.is_done() {
            let what = format!("{remote} takes refs below {}", layout::ROOT);
            self.note(what);
        } else {
            let what = format!(
                "{remote} does not take refs below {}: {}",
                layout::ROOT,
                tried.words()
            );
            let advice = "see docs/operations.md for what a host must allow; or keep the board in \
                          a repository that does: presence.ledger";
            self.problem(what, advice);
        }
        if self.urls > 1 {
            let what = format!(
                "a push to {} goes to {} URLs",
                self.remote.name(),
                self.urls
            );
            let advice = "what is decided at one of them is not decided at the other: share the \
                          board through a remote with one URL";
            self.problem(what, advice);
        }
        tried.is_done()
    }

    fn is_what_is_fetched(&mut self, name: &str, tip: Tip) {
        let remote = self.remote.name().to_owned();
        match self.remote.list(self.left) {
            Err(failure) => {
                let what = format!("{remote} cannot be read: {}", failure.message);
                self.problem(what, "see what Git says: git ls-remote");
            }
            Ok(listing) => {
                let tip = tip.to_string();
                let mut refs = listing.refs.iter();
                if !refs.any(|(id, found)| found == name && id.as_str() == tip) {
                    let what = format!("what is pushed to {remote} is not what is fetched from it");
                    let advice = "its push URL and its fetch URL have to be one repository";
                    self.problem(what, advice);
                }
            }
        }
    }

    fn moves(&mut self, name: &str, [first, second, other]: [Tip; 3]) {
        let remote = self.remote.name().to_owned();
        let forward = self.push(&[step(name, Some(first), Some(second))], false);
        if !forward.is_done() {
            let what = format!("{remote} does not move a ref forward: {}", forward.words());
            self.problem(what, "claims could be made and never changed");
        }
        let stale = self.push(&[step(name, Some(first), Some(other))], false);
        match stale.is_done() {
            true => {
                let what = format!("{remote} moved a ref although it was not where it had to be");
                self.problem(what, "it cannot decide between two writers");
            }
            false => self.note("stale pushes are rejected"),
        }
        let aside = self.push(&[step(name, Some(second), Some(other))], false);
        match aside.is_done() {
            true => self.note("a heartbeat can take the place of the one before"),
            false => {
                self.forward_only = true;
                let said = aside.words();
                self.note(format!(
                    "{remote} moves refs forward only ({said}): heartbeats are kept, and add up"
                ));
            }
        }
    }

    fn moves_together(&mut self, names: &[String; 2], to: Tip) {
        let [_, second] = names;
        let one_bad = [
            step(second, None, Some(to)),
            step(&names[0], Some(to), None),
        ];
        let held_back = self.push(&one_bad, true);
        let good = self.push(&[step(second, None, Some(to))], true);
        let is_atomic = !held_back.is_done() && good.is_done();
        match is_atomic {
            true => self.note("several refs can be moved together or not at all"),
            false => self.note(format!(
                "{} does not move several refs together ({}): code cannot be pushed under a fence",
                self.remote.name(),
                good.words()
            )),
        }
    }

    /// Remove what is there, each by itself.
    fn removes(&mut self) {
        for (name, tip) in std::mem::take(&mut self.there) {
            let tried = self.push(&[step(&name, Some(tip), None)], false);
            if !tried.is_done() {
                let remote = self.remote.name();
                let what = format!("{name} cannot be removed from {remote}: {}", tried.words());
                let advice = "refs of ended sessions would add up there; this one stays as well";
                self.problem(what, advice);
            }
        }
    }
}

/// One ref to move.
struct Step {
    name: String,
    expect: Option<Tip>,
    to: Option<Tip>,
}

impl Step {
    fn to_move(&self) -> Move {
        Move {
            name: self.name.clone(),
            expect: self.expect.map(|tip| tip.to_string()),
            to: self.to.map(|tip| tip.to_string()),
        }
    }
}

fn step(name: &str, expect: Option<Tip>, to: Option<Tip>) -> Step {
    Step {
        name: name.to_owned(),
        expect,
        to,
    }
}
