//! The addresses of messages, and whom each means.
//!
//! Owns [`Address`], and [`Reader`]: the session that reads. An address is judged when it is read,
//! from the records and the clock. Never knows what was read before.

use std::fmt;

use super::super::id::SessionId;
use super::super::resource::Resource;

/// The address of every session.
pub const ALL: &str = "all";

/// To whom a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Every session that is here, or begins before the message expires.
    All,
    /// One session, by its id; what it left behind goes to the session that replaced it.
    Session(SessionId),
    /// A user on a machine, and every agent that runs there under that name.
    Person {
        /// The name of the user.
        user: String,
        /// The name of the machine.
        host: String,
    },
    /// The sessions at a resource: those that were when it was sent, or the next holder.
    Resource(Resource),
}

/// An address as it is stored and typed.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str(ALL),
            Self::Session(id) => write!(f, "session:{}", id.as_str()),
            Self::Person { user, host } => write!(f, "person:{user}@{host}"),
            Self::Resource(resource) => write!(f, "resource:{}", resource.label()),
        }
    }
}

impl Address {
    /// Takes a stored address; `None` for what is none.
    pub fn from_record(text: &str) -> Option<Self> {
        if text == ALL {
            return Some(Self::All);
        }
        let (kind, name) = text.split_once(':')?;
        Some(match kind {
            "session" => Self::Session(SessionId::from_record(name).ok()?),
            "person" => Self::person(name)?,
            "resource" => Self::Resource(Resource::from_record(name).ok()?),
            _ => return None,
        })
    }

    /// Takes `user@host`; `None` for anything else.
    pub fn person(text: &str) -> Option<Self> {
        let (user, host) = text.split_once('@')?;
        let is_name = |name: &str| !name.is_empty() && SessionId::from_record(name).is_ok();
        (is_name(user) && is_name(host)).then(|| Self::Person {
            user: user.to_owned(),
            host: host.to_owned(),
        })
    }

    /// Returns the address as a user types it.
    pub fn typed(&self) -> String {
        let stored = self.to_string();
        match self {
            Self::All => stored,
            _ => stored
                .split_once(':')
                .map_or_else(String::new, |(_, name)| name.to_owned()),
        }
    }
}

/// A session that reads, as far as addresses ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The session.
    pub id: SessionId,
    /// The user that it runs under.
    pub user: String,
    /// The machine that it runs on.
    pub host: String,
    /// The sessions of the same clone that it replaced.
    pub heir_of: Vec<SessionId>,
    /// What it holds now, shared or exclusively.
    pub holds: Vec<Resource>,
}

/// Why a message is for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// It names the session.
    ByName,
    /// It names a session that this one replaced.
    AsHeir,
    /// It names its user and machine.
    AsPerson,
    /// The session was at the resource when it was sent, or holds it now.
    AtResource,
    /// It is to all.
    AsOneOfAll,
}

impl Reader {
    /// Returns true if `id` is this session.
    pub fn is(&self, id: &SessionId) -> bool {
        self.id == *id
    }

    /// Returns true if `id` is a session that this one replaced.
    pub fn replaced(&self, id: &SessionId) -> bool {
        self.heir_of.contains(id)
    }

    /// Returns why `address` means this session; `None` if it does not. `reached` are the sessions
    /// that were at its resource when it was sent; `is_unmet` says that no session has taken it
    /// yet, so that it still waits for the next holder.
    pub fn is_meant(
        &self,
        address: &Address,
        reached: &[SessionId],
        is_unmet: bool,
    ) -> Option<Means> {
        match address {
            Address::All => Some(Means::AsOneOfAll),
            Address::Session(id) if self.is(id) => Some(Means::ByName),
            Address::Session(id) if self.replaced(id) => Some(Means::AsHeir),
            Address::Session(_) => None,
            Address::Person { user, host } => {
                (*user == self.user && *host == self.host).then_some(Means::AsPerson)
            }
            Address::Resource(resource) => {
                let was_there = reached.iter().any(|id| self.is(id) || self.replaced(id));
                let holds = || self.holds.iter().any(|held| held.overlaps(resource));
                (was_there || is_unmet && holds()).then_some(Means::AtResource)
            }
        }
    }
}
