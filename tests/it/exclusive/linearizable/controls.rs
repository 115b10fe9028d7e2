//! Clients that do one step wrong, which the checker has to find.
//!
//! Owns a client of a few lines over the readers, rules and writers of the program, which pushes
//! with Git itself, and each wrong step beside the right one: all else is the same, so it is the
//! step that is found. A client here asks once, and takes a push that ends well for a yes.

mod offers;

use std::thread;

use git_presence::clock::Clock;
use git_presence::host::Host;
use git_presence::ledger::layout::{self, fetch_refspec};
use git_presence::ledger::{Change, History, Ledger, PreparedWrite};
use git_presence::model::actor::Actor;
use git_presence::model::id::{RandomId, SessionId};
use git_presence::model::lock::{GrantRequest, TakeoverPolicy};
use git_presence::model::lock_request::{Decision, Request, decide};
use git_presence::model::resource::Resource;
use git_presence::model::text::Purpose;
use git_presence::model::time::{Timestamp, Ttl};
use git_presence::model::token::Token;

use super::TERMS;
use super::by_hand::name;
use super::check::{Terms, Violation, cell_of, check};
use super::history::{Kind, Operation, Outcome, Who};
use super::hub::{self, Hub};
use super::workload::{MARGIN_MILLIS, Size, TTL_MILLIS, operation, outcome, run_in, token_of};
use crate::machines::{are_sound, copied};
use crate::servers::{Server, Transport};
use crate::world::{ALICE, BOB, World, open_to_all};

const X: &str = "infra:x";
const DAWN_MILLIS: i64 = 1_800_000_000_000;
/// When a lease of the dawn is over for everybody.
const GONE: i64 = TTL_MILLIS + MARGIN_MILLIS + 1;
const BRANCH: &str = "work";
const SEEDS_MAX: u64 = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Right,
    /// Push a cell whatever stands there.
    WithoutLease,
    /// Send a cell along with code, and do not move it.
    CellAsItIs,
    /// Write the same into each commit where a random number belongs.
    WithoutNonce,
    /// Take what is offered to another session.
    IgnoresOffers,
}

/// A clock that stands still, and chance as one wants it.
struct Still {
    now: Timestamp,
    nonce: RandomId,
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self) -> RandomId {
        self.nonce
    }

    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn since_boot(&self) -> (String, u64) {
        ("test".to_owned(), 0)
    }

    fn pause(&self, _: u64) {}
}

struct Client {
    clone: World,
    who: Who,
    step: Step,
}

impl Client {
    fn new(clone: &World, number: usize, session: &str, step: Step) -> Self {
        let who = Who {
            clone: number,
            session: session.to_owned(),
        };
        let clone = clone.clone();
        Self { clone, who, step }
    }

    fn ledger(&self) -> Ledger {
        hub::open(&self.clone).following(Some("origin"))
    }

    fn actor(&self) -> Actor {
        Actor {
            id: SessionId::parse(&self.who.session).expect("a session"),
            node: self.ledger().ensure_node(&Host).expect("a name"),
            agent: None,
            user: "wizard".to_owned(),
            host: "devvm".to_owned(),
            process: None,
            worktree: None,
            branch: None,
        }
    }

    fn machine(&self, at: i64) -> Still {
        Still {
            now: Timestamp::from_millis(DAWN_MILLIS + at),
            nonce: match self.step {
                Step::WithoutNonce => RandomId::from_bytes([0; 16]),
                _ => Host.random(),
            },
        }
    }

    /// Bring the view of this clone up to what the remote has.
    fn look(&self) {
        let refspec = fetch_refspec("origin");
        self.clone.git(&format!("fetch --quiet origin {refspec}"));
    }

    /// Decide by the view of this clone, and write what is to come of it; `None`: it is a no.
    fn decided(&self, at: i64, request: &Request) -> Option<(Decision, PreparedWrite)> {
        let (ledger, machine, actor) = (self.ledger(), self.machine(at), self.actor());
        let resource = Resource::parse(X).expect("a resource");
        let read = ledger.locks().get(&resource).expect("a cell");
        let judge = TakeoverPolicy {
            offers: self.step.offers(),
            now: machine.now,
            margin_secs: u64::try_from(MARGIN_MILLIS / 1000).expect("a margin"),
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &|lock| lock.is_of(&actor),
        };
        let cell_of = |resource: &Resource| cell_of(resource.label());
        let cells = [(read.name.clone(), read.cell.clone())];
        let decided = decide(&cells, &actor, request, &judge, &cell_of).ok()?;
        let (_, cell, event) = decided.changed.first()?;
        let next = ledger.locks().prepare(
            &machine,
            &actor,
            &read,
            &Change::of(cell, event),
            History::Amend,
        );
        let next = next.expect("it is written");
        Some((decided, next))
    }

    fn claim(&self, begin: i64, end: i64) -> Operation {
        let request = GrantRequest {
            resource: Resource::parse(X).expect("a resource"),
            purpose: Purpose::parse("p").expect("a purpose"),
            ttl: Ttl::DEFAULT,
        };
        let outcome = match self.decided(begin, &Request::Grant(vec![request])) {
            None => Outcome::Refused,
            Some((decided, next)) => {
                let force = match self.step {
                    Step::WithoutLease => "--force".to_owned(),
                    _ => lease(&next),
                };
                let refspec = format!("{}:{}", next.to, next.name);
                let token = decided.locks[0].token.number();
                self.push(&format!("{force} origin {refspec}"), token)
            }
        };
        operation(&self.who, Kind::Claim, X, (begin, outcome, end))
    }

    fn push_fenced(&self, token: u64, begin: i64, end: i64) -> Operation {
        let resource = Resource::parse(X).expect("a resource");
        let held = vec![(resource, Token::new(token))];
        let outcome = match self.decided(begin, &Request::Renew(held)) {
            None => Outcome::Refused,
            Some((_, next)) => {
                let to = match self.step {
                    Step::CellAsItIs => next.expected.expect("a cell"),
                    _ => next.to,
                };
                let (lease, cell) = (lease(&next), &next.name);
                let refspecs = format!("HEAD:refs/heads/{BRANCH} {to}:{cell}");
                self.push(&format!("--atomic {lease} origin {refspecs}"), token)
            }
        };
        let branch = BRANCH.to_owned();
        operation(&self.who, Kind::Push { branch }, X, (begin, outcome, end))
    }

    fn push(&self, words: &str, token: u64) -> Outcome {
        match self.clone.try_git(&format!("push --quiet {words}")).code {
            Some(0) => Outcome::Granted(token),
            _ => Outcome::Refused,
        }
    }
}

fn lease(next: &PreparedWrite) -> String {
    let expected = next.expected.map(|tip| tip.to_string());
    let expected = expected.unwrap_or_default();
    format!("--force-with-lease={}:{expected}", next.name)
}

/// A server, what it does, and two clones of it.
fn team(server: &Server) -> (Hub, World, World) {
    let hub = Hub::watch(server.repository());
    (hub, server.clone_to("a"), server.clone_to("b"))
}

fn granted(operation: &Operation) -> u64 {
    match operation.outcome {
        Outcome::Granted(token) => token,
        other => panic!("{other:?}"),
    }
}

/// What the checker finds wrong, in a word each.
fn found(operations: &[Operation], hub: &Hub) -> Vec<&'static str> {
    let wrong = check(operations, &hub.landed(&[X]), &TERMS);
    wrong.iter().map(name).collect()
}

/// A session takes over what had expired when it last fetched, and was renewed since.
fn a_takeover_on_an_old_view(step: Step) -> (Outcome, Vec<&'static str>) {
    let server = Server::start(&World::empty(), Transport::Path).expect("a path");
    let (hub, a, b) = team(&server);
    let a = Client::new(&a, 0, ALICE, Step::Right);
    let b = Client::new(&b, 1, BOB, step);
    let first = a.claim(0, 10);
    a.look();
    b.look();
    let renewed = a.claim(TTL_MILLIS - 1000, TTL_MILLIS - 900);
    assert_eq!(granted(&renewed), granted(&first));
    let taken = b.claim(GONE, GONE + 10);
    let outcome = taken.outcome;
    are_sound(&[server.repository()]);
    (outcome, found(&[first, renewed, taken], &hub))
}

#[test]
fn a_takeover_without_compare_and_swap_is_found() {
    let (outcome, wrong) = a_takeover_on_an_old_view(Step::WithoutLease);
    assert!(matches!(outcome, Outcome::Granted(_)), "{outcome:?}");
    assert_eq!(wrong, ["two holders"]);
    let (outcome, wrong) = a_takeover_on_an_old_view(Step::Right);
    assert_eq!((outcome, wrong), (Outcome::Refused, vec![]));
}

/// The built program, with a Git that forgets the leases of cells.
fn without_leases(clone: &World) -> World {
    let git = clone.sh("command -v git").out;
    let locks = layout::namespace(layout::LOCKS_FOLDER);
    let script = format!(
        "#!/bin/sh\nfor word; do shift\ncase $word in\n\
         --force-with-lease={locks}*) set -- \"$@\" --force ;;\n\
         *) set -- \"$@\" \"$word\" ;;\nesac; done\nexec {} \"$@\"\n",
        git.trim_end()
    );
    let place = clone.at("forgetful");
    let path = place.dir().join("git");
    place.write(&path, script);
    open_to_all(&path, 0o755);
    let search_path = clone.sh("printf %s \"$PATH\"").out;
    clone.with("PATH", format!("{}:{search_path}", place.dir().display()))
}

/// What the workload shows of the program it shows of one that is broken: where processes race is
/// up to the machine, so it gets some seeds.
#[test]
fn the_workload_finds_a_program_without_compare_and_swap() {
    // Clones that know nothing of each other yet.
    let size = Size {
        clones: 8,
        processes: 1,
        commands: 3,
    };
    let is_found = |seed| {
        let transport = Transport::Path;
        let server = Server::start(&World::empty(), transport).expect("a path");
        let (told, landed) = run_in(&server, transport, seed, size, &without_leases);
        let wrong = check(&told, &landed, &TERMS);
        let is_what_it_is = |wrong: &Violation| matches!(wrong, Violation::TwoHolders(..));
        wrong.iter().any(is_what_it_is)
    };
    assert!((1..=SEEDS_MAX).any(is_found), "nothing was found");
}

/// Code is on its way while its pusher is taken over.
fn a_push_that_is_overtaken(step: Step) -> (Outcome, Vec<&'static str>) {
    let server = Server::start(&World::empty(), Transport::Path).expect("a path");
    let (hub, a, b) = team(&server);
    let a = Client::new(&a, 0, ALICE, step);
    let b = Client::new(&b, 1, BOB, Step::Right);
    let first = a.claim(0, 10);
    a.look();
    let poll =
        |file: &str| format!("for i in $(seq 400); do test -e {file} && exit 0; sleep 0.05; done");
    // The server has told what it has, and what came of that stands still here.
    hub.hook(
        "pre-receive",
        &format!(
            "grep -q refs/heads/ || exit 0\n>waits\n{}\nexit 1",
            poll("goes-on")
        ),
    );
    let token = granted(&first);
    let (pushed, taken) = thread::scope(|scope| {
        let push = scope.spawn(|| a.push_fenced(token, TTL_MILLIS - 1000, GONE + 20));
        let there = server.repository();
        there.sh(&format!("{}; exit 1", poll("waits"))).done();
        b.look();
        let taken = b.claim(GONE, GONE + 10);
        there.write("goes-on", "");
        (push.join().expect("it ends"), taken)
    });
    assert!(granted(&taken) > token);
    let outcome = pushed.outcome;
    (outcome, found(&[first, pushed, taken], &hub))
}

#[test]
fn a_fence_that_does_not_move_is_found() {
    let (outcome, wrong) = a_push_that_is_overtaken(Step::CellAsItIs);
    assert!(matches!(outcome, Outcome::Granted(_)), "{outcome:?}");
    // Its pusher also takes it for a renewal.
    assert_eq!(wrong, ["two holders", "stale push landed"]);
    let (outcome, wrong) = a_push_that_is_overtaken(Step::Right);
    assert_eq!((outcome, wrong), (Outcome::Refused, vec![]));
}

/// Two copies of one clone ask in the name of one session at the same instant.
fn two_that_write_the_same(step: Step) -> (Outcome, Vec<&'static str>) {
    let server = Server::start(&World::empty(), Transport::Path).expect("a path");
    let (hub, a, _) = team(&server);
    let one = Client::new(&a, 0, ALICE, step);
    one.actor();
    let other = Client::new(&copied(&a, "copy"), 1, ALICE, step);
    assert_eq!(one.actor(), other.actor());
    let told = [one.claim(0, 10), other.claim(0, 20)];
    granted(&told[0]);
    (told[1].outcome, found(&told, &hub))
}

#[test]
fn an_empty_nonce_is_found() {
    let (outcome, wrong) = two_that_write_the_same(Step::WithoutNonce);
    assert!(matches!(outcome, Outcome::Granted(_)), "{outcome:?}");
    assert_eq!(wrong, ["two holders"]);
    let (outcome, wrong) = two_that_write_the_same(Step::Right);
    assert_eq!((outcome, wrong), (Outcome::Refused, vec![]));
}

/// The program itself, on a machine whose clock is ahead of the holder's by so much.
fn a_clock_that_is_ahead(off_by: i64) -> (Outcome, Hub, Vec<Operation>) {
    let server = Server::start(&World::empty(), Transport::Path).expect("a path");
    let (hub, a, b) = team(&server);
    for clone in [&a, &b] {
        clone.git("config presence.clockSkew 5m");
    }
    let claim = |clone: &World, number: usize, session: &str, begin: i64, off_by: i64| {
        let now = Timestamp::from_millis(DAWN_MILLIS + begin + off_by);
        let clone = clone.with("GIT_PRESENCE_TEST_NOW", now.to_rfc3339());
        let said = clone.session(session, &format!("claim -x {X} -p p --json"));
        let outcome = outcome(&said, || token_of(&said, X));
        let who = Client::new(&clone, number, session, Step::Right).who;
        operation(&who, Kind::Claim, X, (begin, outcome, begin + 10))
    };
    let first = claim(&a, 0, ALICE, 0, 0);
    granted(&first);
    // A moment before its lease is over.
    let second = claim(&b, 1, BOB, TTL_MILLIS - 1000, off_by);
    (second.outcome, hub, vec![first, second])
}

#[test]
fn a_clock_beyond_the_margin_is_found() {
    let (outcome, hub, told) = a_clock_that_is_ahead(MARGIN_MILLIS + 1001);
    assert!(matches!(outcome, Outcome::Granted(_)), "{outcome:?}");
    assert_eq!(found(&told, &hub), ["two holders"]);
    // By no more than it is beyond the margin.
    let terms = Terms {
        overlap_max_millis: 1001,
        ..TERMS
    };
    assert_eq!(check(&told, &hub.landed(&[X]), &terms), []);
    let (outcome, hub, told) = a_clock_that_is_ahead(MARGIN_MILLIS);
    assert_eq!(outcome, Outcome::Refused);
    assert_eq!(found(&told, &hub), [""; 0]);
}
