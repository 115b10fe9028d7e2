//! A state machine of a list of tasks: random steps of several sessions, with time that passes.
//!
//! Owns what must hold after each step, kept beside the register and by other means than it: one
//! holder a task, tokens that grow, no need passed over, a task that ends once, and by its holder.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::model::task::{Addition, Recipient, Task, TaskId, TaskSpec, resource_of};
use crate::model::text::Purpose;
use crate::model::transition::TaskState;

const SESSIONS: [&str; 3] = ["ann", "bob", "cat"];
const TTL_SECS: u64 = 60;
const MARGIN_SECS: u64 = 30;

#[derive(Clone, Debug)]
enum Step {
    /// Add a task that needs those of the tasks before it that have a bit.
    Add(u8),
    /// Take one, or the next.
    Take(usize, Option<usize>),
    /// Claim a task as any other resource.
    Claim(usize, usize),
    /// End a hold.
    End(usize, usize, TaskState),
    /// Let time pass, in seconds.
    Wait(u64),
    /// Give nothing new out, or again.
    Drain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..SESSIONS.len();
    let task = 0_usize..8;
    let to = prop_oneof![
        4 => Just(TaskState::Done),
        2 => Just(TaskState::Open),
        1 => Just(TaskState::Blocked),
        1 => Just(TaskState::Dropped),
    ];
    let step = prop_oneof![
        3 => any::<u8>().prop_map(Step::Add),
        6 => (who.clone(), proptest::option::of(task.clone()))
            .prop_map(|(who, which)| Step::Take(who, which)),
        2 => (who.clone(), task.clone()).prop_map(|(who, task)| Step::Claim(who, task)),
        5 => (who, task, to).prop_map(|(who, task, to)| Step::End(who, task, to)),
        3 => (0_u64..80).prop_map(Step::Wait),
        1 => Just(Step::Drain),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A grant, as it was made.
#[derive(Clone, Debug)]
struct Hold {
    by: usize,
    until: Timestamp,
}

/// The register, and what is known of it without it.
struct Played {
    register: LockRegister,
    now: Timestamp,
    ids: Vec<TaskId>,
    needs: BTreeMap<TaskId, Vec<TaskId>>,
    done: BTreeSet<TaskId>,
    over: BTreeSet<TaskId>,
    holds: BTreeMap<TaskId, Hold>,
    highest: Token,
    /// How many grants there were.
    grants: usize,
}

fn actor(who: usize) -> Actor {
    let name = SESSIONS[who];
    Actor::example(name, name.as_bytes()[0])
}

fn list() -> Resource {
    Resource::parse("task:main").unwrap()
}

fn words() -> Purpose {
    Purpose::parse("x").unwrap()
}

impl Played {
    fn new() -> Self {
        Self {
            register: LockRegister::default(),
            now: Timestamp::from_millis(1_763_719_200_000),
            ids: Vec::new(),
            needs: BTreeMap::new(),
            done: BTreeSet::new(),
            over: BTreeSet::new(),
            holds: BTreeMap::new(),
            highest: Token::default(),
            grants: 0,
        }
    }

    fn with_policy<T>(
        &mut self,
        who: usize,
        act: impl FnOnce(&mut LockRegister, &Actor, &TakeoverPolicy<'_>) -> T,
    ) -> T {
        let me = actor(who);
        let is_mine = |lock: &Lock| lock.is_of(&me);
        let policy = TakeoverPolicy {
            now: self.now,
            margin_secs: MARGIN_SECS,
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &is_mine,
            offers: OfferPolicy::BY_NAME,
        };
        act(&mut self.register, &me, &policy)
    }

    fn add(&mut self, bits: u8) {
        let n = u8::try_from(self.ids.len()).unwrap();
        if self.ids.len() == 8 {
            return;
        }
        let id = TaskId::of_random(&[n + 1; 8]);
        let needs = self.ids.iter().enumerate();
        let needs = needs.filter(|(at, _)| bits & (1 << at) != 0);
        let needs: Vec<TaskId> = needs.map(|(_, id)| id.clone()).collect();
        let me = actor(0);
        let addition = Addition {
            tasks: vec![TaskSpec {
                needs: needs.clone(),
                ..TaskSpec::new(id.clone(), words())
            }],
            workflow: None,
            by: me.id,
            node: me.node,
            at: self.now,
        };
        let was_dropped = |id: &TaskId| self.over.contains(id) && !self.done.contains(id);
        let is_refused = self.register.tasks.add(&addition, self.now).is_err();
        assert_eq!(is_refused, needs.iter().any(was_dropped), "{needs:?}");
        if !is_refused {
            self.needs.insert(id.clone(), needs);
            self.ids.push(id);
        }
    }

    /// Checks a grant: no other session has it, its needs are done, and its token is new.
    fn granted(&mut self, who: usize, id: &TaskId, granted: &Granted, token: Token) {
        let until = self.now.plus_secs(TTL_SECS);
        let before = self.holds.insert(id.clone(), Hold { by: who, until });
        if let Some(before) = before.filter(|before| before.by != who) {
            let free_at = before.until.plus_secs(MARGIN_SECS);
            assert!(
                self.now >= free_at,
                "{id} was held by {}",
                SESSIONS[before.by]
            );
        }
        assert!(!self.over.contains(id), "{id} is over");
        if *granted == Granted::Renewed {
            return;
        }
        let open = { self.needs[id].iter() }.find(|need| !self.done.contains(*need));
        assert_eq!(open, None, "{id} was given out before what it needs");
        assert!(token > self.highest, "{token} after {}", self.highest);
        self.highest = token;
        self.grants += 1;
    }

    fn take(&mut self, who: usize, which: Option<usize>) {
        let id = which.and_then(|at| self.ids.get(at).cloned());
        let asks = Recipient::by_name(&actor(who));
        let ttl = Ttl::from_secs(TTL_SECS).unwrap();
        let taken = self.with_policy(who, |register, me, policy| {
            register.take_task(me, (&list(), id.as_ref(), &asks), (ttl, &[]), policy)
        });
        if let Ok(taken) = taken {
            let id = taken.task.spec.id.clone();
            self.granted(who, &id, &taken.granted, taken.token);
        }
    }

    fn claim(&mut self, who: usize, at: usize) {
        let Some(id) = self.ids.get(at).cloned() else {
            return;
        };
        let wanted = GrantRequest {
            resource: resource_of(&list(), &id),
            purpose: words(),
            ttl: Ttl::from_secs(TTL_SECS).unwrap(),
        };
        let granted = self.with_policy(who, |register, me, policy| {
            register.grant(me, &wanted, policy)
        });
        if let Ok((granted, token)) = granted {
            self.granted(who, &id, &granted, token);
        }
    }

    fn end(&mut self, who: usize, at: usize, to: TaskState) {
        let Some(id) = self.ids.get(at).cloned() else {
            return;
        };
        let before = self.register.clone();
        let said = words();
        let ended = self.with_policy(who, |register, me, policy| {
            register.end_task(me, (&list(), &id), (to, Some(&said), None), policy)
        });
        if ended.is_err() {
            assert_eq!(self.register, before, "what is refused changes nothing");
            return;
        }
        let needs_no_hold = matches!(to, TaskState::Dropped | TaskState::Blocked);
        let hold = self.holds.remove(&id);
        let is_mine = hold
            .as_ref()
            .is_some_and(|hold| hold.by == who && (hold.until > self.now || needs_no_hold));
        let is_free = hold.is_none_or(|hold| self.now >= hold.until.plus_secs(MARGIN_SECS));
        assert!(
            is_mine || needs_no_hold && is_free,
            "{id} was ended by another session"
        );
        if matches!(to, TaskState::Done | TaskState::Dropped) {
            assert!(self.over.insert(id.clone()), "{id} ended twice");
            if to == TaskState::Done {
                self.done.insert(id);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        let was_drained = self.register.tasks.is_drained;
        let grants = self.grants;
        match step {
            Step::Add(bits) => self.add(*bits),
            Step::Take(who, which) => {
                self.take(*who, *which);
                assert!(!was_drained || self.grants == grants, "it is drained");
            }
            Step::Claim(who, task) => {
                self.claim(*who, *task);
                assert!(!was_drained || self.grants == grants, "it is drained");
            }
            Step::End(who, task, to) => self.end(*who, *task, *to),
            Step::Wait(secs) => self.now = self.now.plus_secs(*secs),
            Step::Drain => self.register.tasks.is_drained = !was_drained,
        }
        self.holds_together();
    }

    /// Checks the register itself.
    fn holds_together(&self) {
        assert!(self.register.is_sound());
        assert!(self.register.high_water >= self.highest);
        for lock in &self.register.locks {
            let same = { self.register.locks.iter() }.filter(|one| one.resource == lock.resource);
            assert_eq!(same.count(), 1, "{} is held twice", lock.resource);
        }
        let is_left = |task: &std::sync::Arc<Task>| !self.over.contains(&task.spec.id);
        assert!(self.register.tasks.tasks.iter().all(is_left));
        assert_eq!(
            self.register.tasks.tasks.len() + self.over.len(),
            self.ids.len()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_order_of_steps_gives_a_task_to_two_or_before_its_needs(steps in steps()) {
        let mut played = Played::new();
        for step in &steps {
            played.step(step);
        }
    }
}

/// What the properties would find: a list that forgets what a task needs.
#[test]
#[should_panic(expected = "was given out before what it needs")]
fn a_list_that_passes_a_need_over_is_found() {
    let mut played = Played::new();
    played.step(&Step::Add(0));
    played.step(&Step::Add(1));
    played
        .register
        .tasks
        .tasks
        .iter_mut()
        .for_each(|task| std::sync::Arc::make_mut(task).spec.needs.clear());
    played.step(&Step::Take(0, Some(1)));
}

/// What the properties would find: a register that loses a lock.
#[test]
#[should_panic(expected = "was held by ann")]
fn a_register_that_gives_a_task_to_two_is_found() {
    let mut played = Played::new();
    played.step(&Step::Add(0));
    played.step(&Step::Take(0, None));
    played.register.locks.clear();
    played.step(&Step::Take(1, None));
}
