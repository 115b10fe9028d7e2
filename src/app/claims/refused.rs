//! What a session can do about a refusal: the exact next commands.
//!
//! Owns the hints of a refusal because of other sessions ([`hints`]): how to wait, which of the
//! holders are kin of the caller and how they hand over, and what becomes of a holder whose program
//! has ended. Never decides what is refused.

use crate::app::claims::gone;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell;
use crate::identity::Rule;
use crate::model::actor::Process;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::{TaskDenied, place_of};
use crate::model::text::is_word;
use crate::model::turn::{self, is_turn};

/// What stands between the id of a session and that of a command that it runs.
const OF_A_COMMAND: &str = "+run-";
/// The longest path that is repeated in a command.
const PATH_BYTES_MAX: usize = 200;
/// At most this many holders are explained.
const KIN_MAX: usize = 3;

/// Returns the failure for what other sessions hold of `asked`, with what the caller can do.
pub fn held(context: &Context, mut by: Vec<Holding>, asked: &[Resource]) -> Failure {
    gone::mark(context, &mut by);
    let hints = hints(context, &by, asked);
    let failure = Failure::refused(Refusal::Held { by });
    hints.into_iter().fold(failure, Failure::hint)
}

/// Returns what the caller can do about claims of other sessions on `asked`, each beginning with a
/// verb.
pub fn hints(context: &Context, by: &[Holding], asked: &[Resource]) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    let kin = by.iter().filter_map(|held| kin(context, held));
    for hint in kin.take(KIN_MAX) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints.push(how_to_wait(asked));
    if let Some(frozen) = by.iter().find(|held| held.mode == Mode::Frozen) {
        hints.push(lift(&frozen.resource));
        return hints;
    }
    let lives = by.iter().find(|held| !held.is_gone);
    hints.extend(lives.map(|held| format!("ask its holder: {}", question(&held.resource))));
    hints.extend(by.iter().find_map(|held| past_gone(context, held)));
    let lives = by.iter().find(|held| held.token.is_some() && !held.is_gone);
    hints.push(match lives {
        Some(held) => format!("take it, if the user decides so: {}", seize(&held.resource)),
        None => "do other work meanwhile".to_owned(),
    });
    hints
}

/// Returns how what another session has is waited for: a turn is taken then, and the rest is
/// claimed.
fn how_to_wait(asked: &[Resource]) -> String {
    match asked {
        [one] if is_turn(one) => format!(
            "wait until it is yours: {}",
            turn::take(one, &word(one), "--wait")
        ),
        _ => format!(
            "wait until it is free, then claim it: git presence wait {}",
            labels(asked)
        ),
    }
}

/// Returns the failure for what no session holds exclusively, this one included.
pub fn not_held(context: &Context, resource: &Resource) -> Failure {
    if is_shared_by_me(context, resource) {
        let error = anyhow::anyhow!(
            "you claim {resource} shared: a fence, a handoff and an offer are of an exclusive claim, \
             which has a token"
        );
        return Failure::new(Kind::Refused, error).hint(format!(
            "claim it exclusively: git presence claim --exclusive {} --purpose \"<why>\"",
            shell::quote(resource.label())
        ));
    }
    Failure::refused(Refusal::NotYours {
        resource: resource.clone(),
        by: Vec::new(),
    })
    .hint("see what is yours: git presence list --mine")
}

/// Returns whether this session claims a resource, and not exclusively.
fn is_shared_by_me(context: &Context, resource: &Resource) -> bool {
    let me = context.known_actor();
    let session = me.and_then(|me| context.ledger.sessions().get(&me).ok().flatten());
    session.is_some_and(|session| {
        let (now, seen_at) = (context.now(), session.seen_at);
        let mut claims = session.claims.iter();
        claims.any(|one| {
            one.mode == Mode::Shared && one.resource == *resource && one.is_live(seen_at, now)
        })
    })
}

/// Returns what names a list, or that of a task, in a command line: nothing for the main one.
pub fn list_option(about: &Resource) -> String {
    match place_of(about).map_or("main", |(list, _)| list) {
        "main" => String::new(),
        list if is_word(list) => format!(" --list {}", shell::quote(list)),
        _ => " --list <list>".to_owned(),
    }
}

/// Returns the failure for what the tasks of a list do not allow. `about` is the list, or a task of
/// it.
pub fn task(why: Box<TaskDenied>, about: &Resource) -> Failure {
    let at = list_option(about);
    let hint = match &*why {
        TaskDenied::Unknown(_) => format!("see the tasks: git presence task{at}"),
        TaskDenied::Over { id, .. } => {
            format!("see what became of it: git presence task log {id}{at}")
        }
        TaskDenied::NoTasks => format!("add one: git presence task add \"<title>\"{at}"),
        why if why.is_all_over() => format!(
            "see what became of them: git presence task --done{at}; to add one: git presence task \
             add \"<title>\"{at}"
        ),
        TaskDenied::NoneReady {
            held: 0, others: 0, ..
        }
        | TaskDenied::Blocked { .. } => {
            format!("see what waits for a person: git presence task --blocked{at}")
        }
        TaskDenied::Needs { id, .. } => {
            format!("wait until it is ready: git presence task start {id} --wait{at}")
        }
        TaskDenied::NoneReady { .. } => {
            format!("wait until one is ready: git presence task next --wait{at}")
        }
        TaskDenied::Drained => {
            format!("give tasks out again, if the user decides so: git presence task undrain{at}")
        }
        TaskDenied::ForOther { id, .. } => format!(
            "give it to another session, if the user decides so: git presence task edit {id} --to \
             <who>{at}"
        ),
        TaskDenied::Circle(_) => "let one of them need nothing".to_owned(),
        TaskDenied::Full => format!("drop what is not to be done: git presence task --stale{at}"),
        TaskDenied::OtherContent(_) => "change that task, or choose another key".to_owned(),
        TaskDenied::Judged(_) => "end the command: its supervisor runs the checks".to_owned(),
        TaskDenied::Claims { id, .. } => {
            format!("take it with all of that: git presence task start {id}{at}")
        }
    };
    Failure::refused(Refusal::Task { why }).hint(hint)
}

/// Returns the command line that takes a resource by force, as far as it is known.
pub fn force(resource: &Resource, at_once: bool) -> String {
    let yes = if at_once { " --yes" } else { "" };
    format!(
        "git presence release --force {} --reason \"<why>\"{yes}",
        word(resource)
    )
}

/// Returns the command line that takes an exclusive claim, or what is offered, by force.
pub fn seize(resource: &Resource) -> String {
    match is_turn(resource) {
        true => turn::take(resource, &word(resource), "--force --reason \"<why>\""),
        false => force(resource, false),
    }
}

/// Returns how what another session has frozen is lifted.
pub fn lift(resource: &Resource) -> String {
    format!(
        "lift it, if the user decides so: git presence state {} --clear --force --reason \"<why>\"",
        word(resource)
    )
}

/// Returns the command line that asks those at a resource.
fn question(resource: &Resource) -> String {
    format!(
        "git presence tell {} --ask -m \"<question>\"",
        word(resource)
    )
}

/// Returns labels as the words of a command.
pub fn labels(resources: &[Resource]) -> String {
    let words: Vec<String> = resources.iter().map(word).collect();
    words.join(" ")
}

/// Returns a label as a word of a command. A label that could be more than one word is not
/// repeated: it may be of another session.
pub fn word(resource: &Resource) -> String {
    match is_word(resource.label()) {
        true => shell::quote(resource.label()),
        false => "<resource>".to_owned(),
    }
}

/// Returns what to do about a claim whose program has ended, beginning with a verb; `None` if that
/// is not known, or the claim cannot be cleared from here.
pub fn past_gone(context: &Context, held: &Holding) -> Option<String> {
    if !held.is_gone {
        return None;
    }
    let resource = &held.resource;
    if held.mode == Mode::Exclusive {
        let silent = context.config.heartbeat_secs.saturating_add(1);
        let from = held.seen_at.plus_secs(silent).to_rfc3339();
        return Some(format!(
            "claim it again from {from} on: the process of its holder is gone, and then it is free"
        ));
    }
    let way = force(resource, true);
    if Some(held.node) == context.ledger.node() {
        return Some(format!(
            "clear the claim, on record, as the process of its holder is gone: {way}"
        ));
    }
    let folder = held.whereabouts.folder.as_deref()?;
    let rest = way.strip_prefix("git presence ")?;
    is_plain(folder).then(|| {
        format!(
            "clear the claim from its own clone, as the process of its holder is gone: git \
             presence -C {} {rest}",
            shell::quote(folder)
        )
    })
}

/// Returns how a holder is related to the caller, and the command that hands over; `None` for a
/// stranger.
fn kin(context: &Context, held: &Holding) -> Option<String> {
    let me = &context.me;
    let (mine, its) = (me.id.as_str(), held.session.as_str());
    let label = word(&held.resource);
    // What another attempt of the same supervisor has is released by neither.
    let asker = context.asker();
    if asker.attempt.is_some() && asker.is_of_its_session(held) {
        return None;
    }
    if mine == its {
        let who = match me.rule {
            Rule::Ci => "this job",
            Rule::Person => "you",
            _ => "your session id",
        };
        let folder = held.whereabouts.folder.as_deref();
        // A folder that could be more than one word is not repeated.
        let dir = folder.map(|folder| match held.host == me.host && is_plain(folder) {
            true => format!("-C {} ", shell::quote(folder)),
            false => "-C <its folder> ".to_owned(),
        });
        return Some(format!(
            "release it there: it is held by {who} in another clone: git presence {}release {label}",
            dir.unwrap_or_default()
        ));
    }
    if its
        .strip_prefix(mine)
        .is_some_and(|rest| rest.starts_with(OF_A_COMMAND))
    {
        return Some(format!(
            "wait for the command that you started with `git presence run`: it holds {label}"
        ));
    }
    let (agent, id) = (held.agent.as_deref(), its_id(its));
    if me.rule == Rule::Ci && agent.is_some() && agent == me.agent.as_deref() {
        let step = step_of_this_run(agent.unwrap_or_default(), mine, its)?;
        return Some(format!(
            "hand it over, once that is over: it is held by {step}: git presence release {label} \
             --session {id}"
        ));
    }
    let process = held.whereabouts.process.as_ref()?;
    is_above(context, process).then(|| {
        format!(
            "hand it over, if it gave you this task: it is held by the agent that started you: git \
             presence release {label} --session {id}"
        )
    })
}

/// Returns true for a path that is one word of a command as it stands.
fn is_plain(path: &str) -> bool {
    path.len() <= PATH_BYTES_MAX && shell::quote(path) == path
}

fn its_id(id: &str) -> String {
    match is_word(id) {
        true => shell::quote(id),
        false => "<id>".to_owned(),
    }
}

/// Returns which part of the run of this job another id stands for; `None` for another run.
fn step_of_this_run<'i>(agent: &str, mine: &'i str, its: &'i str) -> Option<String> {
    let rest = |id: &'i str| id.strip_prefix(agent)?.strip_prefix('-')?.split_once('-');
    let ((run, _), (its_run, its_part)) = (rest(mine)?, rest(its)?);
    if run != its_run || !is_word(its_part) {
        return None;
    }
    Some(match agent {
        "ci" => format!("step {its_part} of this job"),
        _ => format!("another job of this run ({its_part})"),
    })
}

/// Returns true if `process` is one above this one.
fn is_above(context: &Context, process: &Process) -> bool {
    if !process.ends_its_session()
        || process.host_id != context.host.host_id()
        || Some(&process.boot_id) != context.host.boot_id().as_ref()
    {
        return false;
    }
    let above = context.host.ancestors(&[], |_, _| false, |_| false);
    above.into_iter().any(|one| {
        process.is_same(&Process {
            pid: one.pid,
            started_at: one.started_at,
            ..process.clone()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_run_are_told_from_other_runs() {
        let step = |agent, mine, its| step_of_this_run(agent, mine, its);
        let job = "github-actions-7-1-apply";
        assert_eq!(
            step("github-actions", job, "github-actions-7-1-plan"),
            Some("another job of this run (1-plan)".to_owned())
        );
        assert_eq!(
            step("github-actions", job, "github-actions-8-1-apply"),
            None
        );
        assert_eq!(
            step("ci", "ci-5-2", "ci-5-1"),
            Some("step 1 of this job".to_owned())
        );
        assert_eq!(step("ci", "ci-5-2", "ci-6-1"), None);
        assert_eq!(step("gitlab-ci", "gitlab-ci-5", "gitlab-ci-6"), None);
    }
}
