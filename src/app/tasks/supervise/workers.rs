//! The sessions to which a supervisor can give a task, and for which of them each task is.
//!
//! Owns who offers itself, and whom the address of a task means. Never decides who gets one.

use std::collections::BTreeMap;

use crate::app::tasks::take;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::actor::Actor;
use crate::model::heirs::Heirs;
use crate::model::holding::Holding;
use crate::model::id::{NodeId, SessionId};
use crate::model::lock::LockRegister;
use crate::model::message::address::{Address, Reader};
use crate::model::resource::Resource;
use crate::model::supervisor::{Only, Worker};
use crate::model::task::{AttemptState, Task};

/// The claim by which a session offers itself.
const WORKER: &str = "role:worker";
/// The most sessions for which tasks are and of which the successors are looked for.
const HEIRS_MAX: usize = 32;

/// The supervisor, and the sessions that offer themselves.
pub(super) struct Workers {
    /// The sessions that offer themselves.
    pub all: Vec<Worker>,
    readers: Vec<Reader>,
}

impl Workers {
    /// Reads which sessions offer themselves, and what they and the supervisor hold of what tasks
    /// are addressed to.
    ///
    /// # Errors
    ///
    /// Those of reading the board.
    pub(super) fn seen(
        context: &Context,
        me: &Actor,
        register: &LockRegister,
    ) -> Result<Self, Failure> {
        let role = Resource::parse(WORKER).map_err(Failure::usage)?;
        let to = || {
            register
                .tasks
                .tasks
                .iter()
                .filter_map(|task| task.spec.to.as_ref())
        };
        let mut about = vec![role.clone()];
        about.extend(to().filter_map(|to| match to {
            Address::Resource(resource) => Some(resource.clone()),
            _ => None,
        }));
        let named = to().filter_map(|to| match to {
            Address::Session(id) => Some(id.clone()),
            _ => None,
        });
        let heirs = Heirs::from(named, HEIRS_MAX, &|id| {
            context.ledger.superseded_by(id, me.node)
        });
        let board = context.ledger.board_about(&about)?;
        let mine = take::reader(me, &heirs, &board, context.now());
        let mut readers: BTreeMap<(SessionId, NodeId), Reader> = BTreeMap::new();
        let held = board.held(context.now());
        let offers = |one: &Holding| one.resource == role && one.session != me.id;
        for one in held.iter().filter(|one| offers(one)) {
            let reader = readers.entry((one.session.clone(), one.node));
            reader.or_insert_with(|| Reader {
                id: one.session.clone(),
                user: one.user.clone(),
                host: one.host.clone(),
                heir_of: match one.node == me.node {
                    true => heirs.before(&one.session).cloned().collect(),
                    false => Vec::new(),
                },
                holds: Vec::new(),
            });
        }
        for one in held {
            if let Some(reader) = readers.get_mut(&(one.session, one.node)) {
                reader.holds.push(one.resource);
            }
        }
        let mut all: Vec<Worker> = Vec::new();
        for reader in readers.values() {
            if all.iter().all(|one| one.id != reader.id) {
                all.push(Worker {
                    is_idle: is_idle(register, &reader.id),
                    id: reader.id.clone(),
                });
            }
        }
        let readers = std::iter::once(mine).chain(readers.into_values());
        Ok(Self {
            all,
            readers: readers.collect(),
        })
    }

    /// Returns for whom alone a task is.
    pub(super) fn only(&self, task: &Task) -> Option<Only> {
        let to = task.spec.to.clone()?;
        let meant = self.readers.iter();
        let meant = meant.filter(|one| one.is_meant(&to, &[], true).is_some());
        Some(Only {
            sessions: meant.map(|one| one.id.clone()).collect(),
            to,
        })
    }
}

/// Returns true if a session has no task of the list, and was told to take none.
fn is_idle(register: &LockRegister, session: &SessionId) -> bool {
    let holds = register.locks.iter().any(|lock| lock.holder.id == *session);
    let is_told = register.tasks.tasks.iter().any(|task| {
        let attempt = task.attempt.as_ref();
        attempt.is_some_and(|attempt| {
            attempt.state == AttemptState::Assigned && attempt.session.as_ref() == Some(session)
        })
    });
    !holds && !is_told
}
