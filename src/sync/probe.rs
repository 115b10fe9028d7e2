//! Capability probe of a remote: [`probe`].
//!
//! Owns the temporary refs of the probe, their removal, and what each answer means for the board.
//! Never touches another ref.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Clock;
use crate::git::porcelain::Outcome;
use crate::git::remote::{Left, Move, Remote};
use crate::ledger::{Ledger, LedgerError, Tip, layout};
use crate::model::finding::Finding;
use crate::model::text::{self, WORDS_BYTES_MAX, quote};

/// The state of a probe.
struct Probe<'p> {
    remote: &'p Remote,
    left: Left<'p>,
    findings: Vec<Finding>,
    /// The number of URLs that a push goes to.
    urls: usize,
    /// True if the remote moves refs by fast-forward only.
    forward_only: bool,
    /// The temporary refs on the remote. They are not read from its list: a push and a fetch may go
    /// to different repositories.
    there: BTreeMap<String, Tip>,
    /// The temporary refs of pushes whose outcome is not known.
    in_doubt: BTreeSet<String>,
}

/// The result of one push.
struct Tried {
    outcomes: Vec<Outcome>,
    /// Why there are no outcomes.
    failure: Option<String>,
    /// True if that happened after something was sent.
    may_have_landed: bool,
}

impl Tried {
    fn is_done(&self) -> bool {
        let done = |outcome: &Outcome| matches!(outcome, Outcome::Landed | Outcome::UpToDate);
        self.failure.is_none() && !self.outcomes.is_empty() && self.outcomes.iter().all(done)
    }

    /// Returns true if the remote answered about each ref, so that a refusal is one of its own.
    fn is_judged(&self) -> bool {
        let judged = |o: &Outcome| matches!(o, Outcome::Refused { .. } | Outcome::ForwardOnly);
        !self.outcomes.is_empty() && self.outcomes.iter().all(judged)
    }

    /// Returns true if a ref may have moved although no report says so.
    fn is_in_doubt(&self) -> bool {
        let unclear = |outcome: &Outcome| matches!(outcome, Outcome::Unknown { .. });
        self.outcomes.iter().any(unclear) || self.may_have_landed
    }

    /// Returns the reason of the remote.
    fn reason(&self) -> String {
        if let Some(message) = &self.failure {
            return quote(message, WORDS_BYTES_MAX).to_string();
        }
        let reason = self.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Lost { reason }
            | Outcome::Refused { reason }
            | Outcome::Unknown { reason } => Some(quote(reason, WORDS_BYTES_MAX).to_string()),
            Outcome::ForwardOnly => Some("not a fast-forward".to_owned()),
            Outcome::HeldBack => Some("another ref of the push failed".to_owned()),
            Outcome::Landed | Outcome::UpToDate => None,
        });
        reason.unwrap_or_else(|| "no answer".to_owned())
    }
}

/// Tries what the board needs of `remote`, with temporary refs, and returns the findings.
///
/// # Errors
///
/// Any [`LedgerError`] of this clone; what the remote refuses is a finding.
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
        in_doubt: BTreeSet::new(),
    };
    let names = [clock.random(), clock.random()].map(layout::probe_ref);
    if probe.creates(&names[0], first) {
        probe.lists_what_was_pushed(&names[0], first);
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
        let tried = Tried {
            outcomes: reports
                .flat_map(|report| report.refs)
                .map(|pushed| pushed.outcome)
                .collect(),
            may_have_landed: answer.failure.as_ref().is_some_and(|f| !f.is_untouched()),
            failure: answer.failure.map(|failure| failure.message),
        };
        if tried.is_in_doubt() {
            self.in_doubt
                .extend(steps.iter().map(|step| step.name.clone()));
        }
        tried
    }

    fn note(&mut self, what: impl Into<String>) {
        self.findings.push(Finding::note(what));
    }

    fn problem(&mut self, what: impl Into<String>, advice: impl Into<String>) {
        self.findings.push(Finding::problem(what, advice));
    }

    /// Tries to create a ref. Returns true if that succeeded.
    fn creates(&mut self, name: &str, to: Tip) -> bool {
        let tried = self.push(&[step(name, None, Some(to))], false);
        let remote = self.remote.name();
        if tried.is_done() {
            let what = format!("{remote} takes refs below {}", layout::ROOT);
            self.note(what);
        } else {
            let root = layout::ROOT;
            let what = match tried.is_judged() {
                true => format!(
                    "{remote} does not take new refs below {root} (it cannot create them): {}",
                    tried.reason()
                ),
                false => format!("nothing is known of {remote}: {}", tried.reason()),
            };
            let advice = "see docs/operations.md for what a host must allow, or set \
                          presence.ledger to a repository that allows it";
            let is_judged = tried.is_judged();
            self.problem(what, advice);
            if is_judged {
                self.note(format!(
                    "without a new ref to try it on, it is not known whether {} changes and \
                     removes refs below {root}",
                    self.remote.name()
                ));
            }
        }
        if self.urls > 1 {
            let what = format!(
                "a push to {} goes to {} URLs",
                self.remote.name(),
                self.urls
            );
            let advice = "share the board through a remote with one URL: several repositories \
                          cannot decide as one";
            self.problem(what, advice);
        }
        tried.is_done()
    }

    /// Checks that the list of the remote has the pushed ref.
    fn lists_what_was_pushed(&mut self, name: &str, tip: Tip) {
        let remote = self.remote.name().to_owned();
        match self.remote.list(self.left) {
            Err(failure) => {
                let said = quote(&failure.message, WORDS_BYTES_MAX);
                let what = format!("{remote} cannot be read: {said}");
                self.problem(what, "run git ls-remote to see the error of Git");
            }
            Ok(listing) => {
                let tip = tip.to_string();
                let mut refs = listing.refs.iter();
                if !refs.any(|(id, found)| found == name && id.as_str() == tip) {
                    let what =
                        format!("a ref that was pushed to {remote} is missing from its list");
                    let advice = "make its push URL and its fetch URL lead to one repository";
                    self.problem(what, advice);
                }
            }
        }
    }

    /// Tries a fast-forward, a stale push, and a push that is no fast-forward.
    fn moves(&mut self, name: &str, [first, second, other]: [Tip; 3]) {
        let remote = self.remote.name().to_owned();
        let forward = self.push(&[step(name, Some(first), Some(second))], false);
        if !forward.is_done() {
            let what = format!(
                "{remote} takes new refs, and does not change one that it has, by a fast-forward: {}",
                forward.reason()
            );
            self.problem(
                what,
                "allow fast-forwards of these refs: without them no claim can change",
            );
            // Each push below would be refused for the same reason, which proves nothing else.
            return;
        }
        let stale = self.push(&[step(name, Some(first), Some(other))], false);
        if stale.is_done() {
            let what = format!("{remote} accepted a push with a stale lease");
            let advice = "use another remote: this one cannot decide between two writers";
            self.problem(what, advice);
        } else if matches!(stale.outcomes.as_slice(), [Outcome::Lost { .. }]) {
            self.note("stale pushes are rejected");
        } else {
            let reason = stale.reason();
            self.note(format!(
                "it is not known whether {remote} rejects stale pushes: {reason}"
            ));
        }
        let aside = self.push(&[step(name, Some(second), Some(other))], false);
        if aside.is_done() {
            self.note("a heartbeat can replace the one before it");
        } else if !aside.is_judged() {
            let reason = aside.reason();
            self.note(format!(
                "it is not known whether a heartbeat can replace the one before it: {reason}"
            ));
        } else {
            self.forward_only = true;
            let reason = aside.reason();
            self.note(format!(
                "{remote} accepts only fast-forwards ({reason}): heartbeats are kept and add up"
            ));
        }
    }

    /// Tries an atomic push with one bad ref, which must fail, and one that must succeed.
    fn moves_together(&mut self, names: &[String; 2], to: Tip) {
        let [_, second] = names;
        let one_bad = [
            step(second, None, Some(to)),
            step(&names[0], Some(to), None),
        ];
        let held_back = self.push(&one_bad, true);
        let good = self.push(&[step(second, None, Some(to))], true);
        let is_atomic = !held_back.is_done() && good.is_done();
        if is_atomic {
            self.note("atomic pushes are supported");
        } else if good.is_judged() {
            self.note(format!(
                "{} refused a second ref ({}): whether it moves refs together is not known",
                self.remote.name(),
                good.reason()
            ));
        } else {
            self.note(format!(
                "{} does not support atomic pushes ({}): code cannot be pushed under a fence",
                self.remote.name(),
                good.reason()
            ));
        }
    }

    /// Looks for the temporary refs of pushes whose outcome is not known.
    fn finds_what_is_in_doubt(&mut self) {
        let names = std::mem::take(&mut self.in_doubt);
        if names.is_empty() {
            return;
        }
        match self.remote.list(self.left) {
            Ok(listing) => {
                for (id, name) in listing.refs {
                    let tip = Tip::from_hex(id.as_str().as_bytes());
                    if let (true, Ok(tip)) = (names.contains(&name), tip) {
                        self.there.insert(name, tip);
                    }
                }
            }
            Err(failure) => {
                let names = text::list(names.iter().map(|name| text::name(name)));
                let said = quote(&failure.message, WORDS_BYTES_MAX);
                let what = format!(
                    "it is not known whether {} has kept {names}: {said}",
                    self.remote.name()
                );
                self.problem(
                    what,
                    "run it again, and remove what is left: git push --delete",
                );
            }
        }
    }

    /// Removes the temporary refs, each by itself.
    fn removes(&mut self) {
        self.finds_what_is_in_doubt();
        for (name, tip) in std::mem::take(&mut self.there) {
            let tried = self.push(&[step(&name, Some(tip), None)], false);
            if !tried.is_done() {
                let remote = self.remote.name();
                let reason = tried.reason();
                let what = format!("{name} cannot be removed from {remote}: {reason}");
                let advice = "allow the removal of these refs: those of ended sessions would add \
                              up, and this one, which the trial made, stays there";
                self.problem(what, advice);
            }
        }
    }
}

/// One ref update of the probe.
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
