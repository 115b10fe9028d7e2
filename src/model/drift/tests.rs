//! Each kind of drift, and what is none.

use super::*;
use crate::model::actor::{Actor, ProcessRole};
use crate::model::session::{Life, Session};
use crate::model::time::Ttl;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

fn process(pid: u32, started_secs: u64) -> Process {
    Process {
        pid,
        started_at: at(started_secs),
        host_id: "h".to_owned(),
        boot_id: "b".to_owned(),
        role: ProcessRole::Program,
    }
}

fn id(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

fn harness_id(text: &str) -> HarnessId {
    HarnessId::parse(text).unwrap()
}

/// A session in a process that runs, in `/w` on main, which was heard of at the start.
fn known(name: &str, pid: u32) -> Known {
    let mut who = Actor::example(name, 1);
    who.agent = Some("claude-code".to_owned());
    who.process = Some(process(pid, 0));
    who.worktree = Some("/w".to_owned());
    who.branch = Some("main".to_owned());
    Known {
        session: Session {
            who,
            seen_at: at(0),
            ttl: Ttl::DEFAULT,
            claims: Vec::new(),
            states: Vec::new(),
            life: Life::default(),
        },
        holds: true,
        alive: Alive::Runs,
        kept: Kept::Unknown,
    }
}

fn program(pid: u32) -> Program {
    Program {
        process: process(pid, 0),
        parent: 1,
        agent: "claude-code".to_owned(),
        command: "claude".to_owned(),
        owner: Owner::Ours,
        folder: Some("/w".to_owned()),
        branch: Some("main".to_owned()),
        pane: Some("%3".to_owned()),
        listed: None,
        id: id(&format!("by-{pid}")),
        id_by_process: id(&format!("by-{pid}")),
    }
}

fn listed(pid: u32, name: &str, listed: &str) -> Program {
    Program {
        listed: Some(harness_id(listed)),
        id: id(name),
        ..program(pid)
    }
}

fn transcript(name: &str, of: &str, written_secs: u64) -> Transcript {
    Transcript {
        agent: "claude-code".to_owned(),
        id: harness_id(name),
        session: id(of),
        folder: Some("/w".to_owned()),
        written_at: at(written_secs),
    }
}

/// Each drift as `class session action`.
fn seen_at(facts: &Facts, secs: u64) -> Vec<String> {
    let action = |action: &Action| match action {
        Action::End => "end".to_owned(),
        Action::Register(at) => format!("register {at}"),
        Action::Know(id) => format!("know {}", id.as_str()),
        Action::GoOn(to) => format!("go on as {}", to.as_str()),
        Action::Tell => "tell".to_owned(),
    };
    let all = drifts(facts, &|_| false, at(secs));
    let words = all.iter().map(|drift| {
        let (class, session) = (drift.class.as_str(), drift.session.as_str());
        format!("{class} {session} {}", action(&drift.action))
    });
    words.collect()
}

fn check(sessions: &[Known], programs: &[Program], transcripts: &[Transcript], wanted: &[&str]) {
    let facts = Facts {
        sessions: sessions.to_vec(),
        programs: programs.to_vec(),
        transcripts: transcripts.to_vec(),
    };
    assert_eq!(seen_at(&facts, 600), wanted);
}

#[test]
fn what_runs_as_it_is_recorded_is_no_drift() {
    check(&[known("a", 7)], &[program(7)], &[], &[]);
    check(&[], &[], &[], &[]);
}

#[test]
fn gone_is_only_what_has_certainly_ended() {
    let with = |alive, change: fn(&mut Known)| {
        let mut one = known("a", 7);
        one.alive = alive;
        change(&mut one);
        one
    };
    check(&[with(Alive::Gone, |_| {})], &[], &[], &["gone a end"]);
    // Not seen, of another machine, a wrapper, a person's terminal: not known, so not gone.
    check(&[with(Alive::Unknown, |_| {})], &[], &[], &[]);
    check(&[with(Alive::Runs, |_| {})], &[], &[], &[]);
    let ended = |one: &mut Known| one.session.life.ended_at = Some(at(0));
    check(&[with(Alive::Gone, ended)], &[], &[], &[]);
    let silent = |one: &mut Known| {
        one.holds = false;
        one.session.ttl = Ttl::MIN;
    };
    check(&[with(Alive::Gone, silent)], &[], &[], &[]);
    let unknown = |one: &mut Known| one.session.who.process = None;
    check(&[with(Alive::Gone, unknown)], &[], &[], &[]);
}

#[test]
fn what_was_done_a_moment_ago_counts() {
    let gone = || {
        let mut one = known("a", 7);
        one.alive = Alive::Gone;
        one
    };
    let few = Facts {
        sessions: vec![gone()],
        ..Facts::default()
    };
    assert_eq!(seen_at(&few, 4), [""; 0]);
    assert_eq!(seen_at(&few, 5), ["gone a end"]);
    let mut many = few;
    many.sessions
        .extend((0..4).map(|n| known(&format!("s{n}"), 20 + n)));
    assert_eq!(seen_at(&many, 59), [""; 0]);
    assert_eq!(seen_at(&many, 60), ["gone a end"]);
}

#[test]
fn unknown_is_a_harness_of_this_user_in_this_clone_without_a_session() {
    let with = |change: fn(&mut Program)| {
        let mut one = program(7);
        change(&mut one);
        one
    };
    check(&[], &[with(|_| {})], &[], &["unknown by-7 register 0"]);
    check(&[], &[with(|one| one.owner = Owner::Foreign)], &[], &[]);
    check(&[], &[with(|one| one.folder = None)], &[], &[]);
    // The number was used again: another process has it now.
    let mut before = known("a", 7);
    before.session.who.process = Some(process(7, 0));
    let again = with(|one| one.process.started_at = at(300));
    check(&[before], &[again], &[], &["unknown by-7 register 0"]);
    // One that ended in this process is known: the harness said so, and it may go on.
    let mut ended = known("a", 7);
    ended.session.life.ended_at = Some(at(0));
    check(&[ended], &[program(7)], &[], &[]);
    // Its session is known by the id that the harness lists.
    let mut elsewhere = known("a", 9);
    elsewhere.alive = Alive::Unknown;
    check(&[elsewhere], &[listed(7, "a", "5f0c")], &[], &[]);
}

#[test]
fn a_harness_that_starts_its_program_again_is_one() {
    let inner = Program {
        parent: 7,
        ..program(8)
    };
    let both = [program(7), inner.clone()];
    check(&[], &both, &[], &["unknown by-7 register 0"]);
    check(&[known("a", 8)], &both, &[], &[]);
    check(&[known("a", 7)], &both, &[], &[]);
    // Another harness inside is another session.
    let other = Program {
        agent: "codex".to_owned(),
        ..inner
    };
    let both = [program(7), other];
    check(&[known("a", 7)], &both, &[], &["unknown by-8 register 1"]);
}

#[test]
fn a_transcript_materializes_where_it_is_certain_or_the_only_one() {
    let both = [known("a", 7), known("b", 8)];
    let run = [program(7), program(8)];
    let of_a = transcript("t", "a", 10);
    check(&both, &run, &[of_a], &["materialized a know t"]);
    let other = transcript("t", "z", 10);
    // Of two sessions it may be either.
    check(&both, &run, std::slice::from_ref(&other), &[]);
    let one = std::slice::from_ref(&both[0]);
    let run = &run[..1];
    check(
        one,
        run,
        std::slice::from_ref(&other),
        &["materialized a know t"],
    );
    let two = [other, transcript("u", "z", 10)];
    check(one, run, &two, &[]);
    // The harness says which.
    let run = [listed(7, "z", "u")];
    check(one, &run, &two, &["materialized a know u"]);
    // It is older than the process, in another folder, or of another harness.
    let mut late = known("a", 7);
    late.session.who.process = Some(process(7, 120));
    let old = transcript("t", "z", 10);
    check(&[late], &[], std::slice::from_ref(&old), &[]);
    let mut there = old.clone();
    there.folder = Some("/v".to_owned());
    let mut codex = old.clone();
    codex.agent = "codex".to_owned();
    check(one, &[], &[there, codex], &[]);
    // It is recorded for another session, or for this one.
    let mut known_one = both[1].clone();
    known_one.session.life.harness_id = Some(harness_id("t"));
    check(
        &[both[0].clone(), known_one.clone()],
        &[],
        std::slice::from_ref(&old),
        &[],
    );
    check(&[known_one], &[], &[old], &[]);
}

#[test]
fn stale_is_what_is_certainly_lost() {
    let with = |kept| {
        let mut one = known("a", 7);
        one.session.life.harness_id = Some(harness_id("t"));
        one.kept = kept;
        one
    };
    check(&[with(Kept::Lost)], &[program(7)], &[], &["stale a tell"]);
    check(&[with(Kept::Unknown)], &[program(7)], &[], &[]);
    check(&[with(Kept::There)], &[program(7)], &[], &[]);
    let mut ended = with(Kept::Lost);
    ended.session.life.ended_at = Some(at(0));
    check(&[ended], &[], &[], &[]);
}

#[test]
fn moved_is_another_work_tree_or_branch() {
    let with = |folder: Option<&str>, branch: &str| Program {
        folder: folder.map(str::to_owned),
        branch: Some(branch.to_owned()),
        ..program(7)
    };
    let one = [known("a", 7)];
    check(&one, &[with(Some("/w"), "topic")], &[], &["moved a tell"]);
    check(&one, &[with(Some("/v"), "main")], &[], &["moved a tell"]);
    // It works outside of this clone for now.
    check(&one, &[with(None, "main")], &[], &[]);
    let mut foreign = with(Some("/v"), "main");
    foreign.owner = Owner::Foreign;
    check(&one, &[foreign], &[], &[]);
}

#[test]
fn twins_are_told_and_go_on_only_on_the_word_of_the_harness() {
    let newer = |name: &str| {
        let mut one = known(name, 7);
        one.session.seen_at = at(60);
        one
    };
    let both = [known("old", 7), newer("new")];
    check(&both, &[program(7)], &[], &["twin old tell"]);
    let run = [listed(7, "new", "n")];
    check(&both, &run, &[], &["twin old go on as new"]);
    let run = [listed(7, "old", "o")];
    check(&both, &run, &[], &["twin old tell"]);
    // What was registered by the process alone.
    let both = [known("by-7", 7), newer("new")];
    check(&both, &[program(7)], &[], &["twin by-7 go on as new"]);
    // What holds nothing was left, and what a person's terminal has is no twin.
    let mut left = known("old", 7);
    left.holds = false;
    check(&[left, newer("new")], &[program(7)], &[], &[]);
    let mut caller = known("old", 7);
    caller.session.who.process = Some(Process {
        role: ProcessRole::Caller,
        ..process(7, 0)
    });
    check(&[caller, newer("new")], &[program(7)], &[], &[]);
    // One session in two processes.
    let run = [listed(7, "a", "x"), listed(8, "a", "x")];
    check(&[known("a", 7)], &run, &[], &["twin a tell"]);
    let part = Program {
        parent: 7,
        ..listed(8, "a", "x")
    };
    check(&[known("a", 7)], &[run[0].clone(), part], &[], &[]);
}

#[test]
fn what_was_told_is_marked_until_it_is_another() {
    let mut one = known("a", 7);
    one.session.life.harness_id = Some(harness_id("t"));
    one.kept = Kept::Lost;
    let facts = Facts {
        sessions: vec![one],
        ..Facts::default()
    };
    let first = drifts(&facts, &|_| false, at(600));
    let key = first[0].key();
    let again = drifts(&facts, &|told| told == key, at(600));
    assert_eq!((first[0].is_told, again[0].is_told), (false, true));
}
