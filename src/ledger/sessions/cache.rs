//! Sessions that were read before.
//!
//! Owns `<git>/presence/sessions.cache`: a line for each session as it stood at one commit. What a
//! commit holds never changes, so a line is true for as long as a ref names that commit. Used
//! where there are many sessions, whose objects and records take longest to read. A file that
//! cannot be read, or written, counts for nothing. Never says which session is looked for.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Lines;
use std::time::Duration;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::model::actor::{Actor, Process};
use crate::model::claim::{Claim, Mode};
use crate::model::id::{LABEL_BYTES_MAX, NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::text::{Purpose, harmless};
use crate::model::time::{Timestamp, Ttl};

/// The first line; another version writes another one.
const FIRST_LINE: &str = "sessions 1";
/// Fewer are read as quickly from their objects.
pub const MANY: usize = 8;
/// So many have to be new before the file is written anew.
const NEW_MIN: usize = 4;
/// Nobody takes as long as this to write a file.
const UNFINISHED_FOR: Duration = Duration::from_secs(60 * 60);

/// What is known of sessions, by their refs and the commits that hold them. It is asked in the
/// order of the names of refs, in which the lines of the file are.
#[derive(Default)]
pub struct Parsed<'t> {
    /// The lines that were not passed yet; `None`: there are too few sessions for a file.
    lines: Option<Peekable<Lines<'t>>>,
    /// What was found here, and what was added.
    kept: Vec<Cow<'t, str>>,
    new: usize,
}

#[derive(Serialize, Deserialize)]
struct SessionLine<'l> {
    #[serde(borrow)]
    id: Cow<'l, str>,
    #[serde(borrow)]
    node: Cow<'l, str>,
    agent: Option<Text<'l>>,
    #[serde(borrow)]
    user: Cow<'l, str>,
    #[serde(borrow)]
    host: Cow<'l, str>,
    process: Option<ProcessLine<'l>>,
    worktree: Option<Text<'l>>,
    branch: Option<Text<'l>>,
    seen_at: i64,
    ttl: u64,
    claims: Vec<ClaimLine<'l>>,
}

/// Borrowed also where it is optional, which serde does not do by itself.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

#[derive(Serialize, Deserialize)]
struct ProcessLine<'l>(
    u32,
    i64,
    #[serde(borrow)] Cow<'l, str>,
    #[serde(borrow)] Cow<'l, str>,
);

#[derive(Serialize, Deserialize)]
struct ClaimLine<'l> {
    #[serde(borrow)]
    resource: Cow<'l, str>,
    #[serde(borrow)]
    purpose: Cow<'l, str>,
    waits: bool,
    at: i64,
    ttl: u64,
}

impl<'t> Parsed<'t> {
    /// The lines of a file; `None`: there are too few sessions for one.
    pub fn of(text: Option<&'t str>) -> Self {
        let below = |text: &'t str| {
            let mut lines = text.lines();
            let is_ours = lines.next() == Some(FIRST_LINE);
            if is_ours { lines } else { "".lines() }
        };
        Self {
            lines: text.map(|text| below(text).peekable()),
            ..Self::default()
        }
    }

    /// Whether it is worth while to read all that there is.
    pub fn is_used(&self) -> bool {
        self.lines.is_some()
    }

    /// The session under the ref `name`, where that has a value at which it was read before. Lines
    /// of names before this one are passed; a file in another order is of less use, and no harm.
    pub fn find(&mut self, name: &str, value: &RefValue) -> Option<Session> {
        let (lines, tip) = (self.lines.as_mut()?, value.id()?);
        while lines.next_if(|line| name_of(line) < Some(name)).is_some() {}
        let line = *lines.peek()?;
        let (of, rest) = line.split_once(' ')?;
        let (found, record) = rest.split_once(' ')?;
        if found != name || ObjectId::from_hex(of.as_bytes()).ok()? != tip {
            return None;
        }
        let session = read(record)?;
        self.kept.push(line.into());
        Some(session)
    }

    /// What was read just now.
    pub fn add(&mut self, name: &str, value: &RefValue, session: &Session) {
        if let Some(tip) = value.id().filter(|_| self.is_used())
            && let Ok(record) = serde_json::to_string(&line(session))
        {
            self.kept.push(format!("{tip} {name} {record}").into());
            self.new += 1;
        }
    }

    fn text(&self) -> String {
        let lines = self.kept.iter().map(Cow::as_ref);
        let lines: Vec<&str> = std::iter::once(FIRST_LINE).chain(lines).collect();
        lines.join("\n") + "\n"
    }
}

/// The name in a line; a line without one stands before every other one.
fn name_of(line: &str) -> Option<&str> {
    line.split(' ').nth(1)
}

impl Ledger {
    /// The file, where there are so many sessions.
    pub(in crate::ledger) fn parsed_before(&self, sessions: usize) -> Option<String> {
        let file = || std::fs::read_to_string(self.folder.join(layout::SESSIONS_CACHE));
        (sessions >= MANY).then(|| file().unwrap_or_default())
    }

    /// Write down what the next reader need not read again.
    pub(in crate::ledger) fn keep_parsed(&self, parsed: &Parsed<'_>) {
        if parsed.new >= NEW_MIN && self.caches && !self.quarantined {
            let text = parsed.text();
            // Whoever may only read has to read it all each time.
            let _ = self
                .folder
                .replace_bytes(layout::SESSIONS_CACHE, text.as_bytes());
            let _ = self.sweep();
        }
    }

    /// Remove what was left unfinished by processes that were killed. How old it is, the file that
    /// was written just now tells: by the same clock.
    fn sweep(&self) -> std::io::Result<()> {
        let newest = self.folder.join(layout::SESSIONS_CACHE);
        let now = newest.metadata()?.modified()?;
        for entry in std::fs::read_dir(self.folder.path())? {
            let entry = entry?;
            let name = entry.file_name();
            if !name
                .to_string_lossy()
                .starts_with(layout::UNFINISHED_PREFIX)
            {
                continue;
            }
            let age = now.duration_since(entry.metadata()?.modified()?);
            if age.is_ok_and(|age| age > UNFINISHED_FOR) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn line(session: &Session) -> SessionLine<'_> {
    let Actor {
        id,
        node,
        agent,
        user,
        host,
        process,
        worktree,
        branch,
    } = &session.who;
    fn text(text: &Option<String>) -> Option<Text<'_>> {
        text.as_deref().map(|text| Text(text.into()))
    }
    let process = process.as_ref().map(|process| {
        let Process {
            pid,
            started_at,
            host_id,
            boot_id,
        } = process;
        ProcessLine(*pid, started_at.as_millis(), host_id.into(), boot_id.into())
    });
    let claims = session.claims.iter().map(|claim| ClaimLine {
        resource: claim.resource.label().into(),
        purpose: claim.purpose.as_str().into(),
        waits: claim.mode == Mode::Waiting,
        at: claim.claimed_at.as_millis(),
        ttl: claim.ttl.as_secs(),
    });
    SessionLine {
        id: id.as_str().into(),
        node: node.to_string().into(),
        agent: text(agent),
        user: user.into(),
        host: host.into(),
        process,
        worktree: text(worktree),
        branch: text(branch),
        seen_at: session.seen_at.as_millis(),
        ttl: session.ttl.as_secs(),
        claims: claims.collect(),
    }
}

fn read(record: &str) -> Option<Session> {
    let line: SessionLine<'_> = serde_json::from_str(record).ok()?;
    // Others may be able to write to the file.
    let word = |text: Cow<'_, str>| harmless(&text, LABEL_BYTES_MAX);
    let process = line.process.map(|process| Process {
        pid: process.0,
        started_at: Timestamp::from_millis(process.1),
        host_id: word(process.2),
        boot_id: word(process.3),
    });
    Some(Session {
        who: Actor {
            id: SessionId::parse(&line.id).ok()?,
            node: NodeId::parse(&line.node)?,
            agent: line.agent.map(|text| word(text.0)),
            user: word(line.user),
            host: word(line.host),
            process,
            worktree: line.worktree.map(|text| word(text.0)),
            branch: line.branch.map(|text| word(text.0)),
        },
        seen_at: Timestamp::from_millis(line.seen_at),
        ttl: Ttl::from_secs(line.ttl).ok()?,
        claims: line.claims.iter().map(read_claim).collect::<Option<_>>()?,
    })
}

fn read_claim(line: &ClaimLine<'_>) -> Option<Claim> {
    Some(Claim {
        resource: Resource::parse(&line.resource).ok()?,
        purpose: Purpose::from_record(&line.purpose),
        mode: match line.waits {
            true => Mode::Waiting,
            false => Mode::Shared,
        },
        claimed_at: Timestamp::from_millis(line.at),
        ttl: Ttl::from_secs(line.ttl).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word() -> impl Strategy<Value = String> {
        "[a-zA-Zäß\\\\\"'/ {}:,.-]{1,30}".prop_map(|text| harmless(&text, LABEL_BYTES_MAX))
    }

    fn instant() -> impl Strategy<Value = Timestamp> {
        (0..4_000_000_000_000_i64).prop_map(Timestamp::from_millis)
    }

    fn ttl() -> impl Strategy<Value = Ttl> {
        (60..86_400_u64).prop_map(|secs| Ttl::from_secs(secs).unwrap())
    }

    fn process() -> impl Strategy<Value = Process> {
        (any::<u32>(), instant(), word(), word()).prop_map(|(pid, started_at, host_id, boot_id)| {
            Process {
                pid,
                started_at,
                host_id,
                boot_id,
            }
        })
    }

    fn claim() -> impl Strategy<Value = Claim> {
        let label =
            "(node|path|db):[a-z0-9]{1,9}".prop_map(|label| Resource::parse(&label).unwrap());
        (label, word(), any::<bool>(), instant(), ttl()).prop_map(
            |(resource, purpose, waits, claimed_at, ttl)| Claim {
                resource,
                purpose: Purpose::from_record(&purpose),
                mode: if waits { Mode::Waiting } else { Mode::Shared },
                claimed_at,
                ttl,
            },
        )
    }

    fn actor() -> impl Strategy<Value = Actor> {
        let optional = || proptest::option::of(word());
        let process = proptest::option::of(process());
        (
            "[a-z@]{1,20}",
            any::<[u8; 16]>(),
            optional(),
            (word(), word()),
            process,
            optional(),
            optional(),
        )
            .prop_map(
                |(id, node, agent, (user, host), process, worktree, branch)| Actor {
                    id: SessionId::parse(&id).unwrap(),
                    node: NodeId::from_bytes(node),
                    agent,
                    user,
                    host,
                    process,
                    worktree,
                    branch,
                },
            )
    }

    fn session() -> impl Strategy<Value = Session> {
        let claims = proptest::collection::vec(claim(), 0..5);
        (actor(), instant(), ttl(), claims).prop_map(|(who, seen_at, ttl, claims)| Session {
            who,
            seen_at,
            ttl,
            claims,
        })
    }

    proptest! {
        #[test]
        fn every_session_is_read_as_it_was_written(session in session(), other in session()) {
            let at = |n: u8| RefValue::At(ObjectId::from_bytes_or_panic(&[n; 20]));
            let mut first = Parsed::of(Some(""));
            first.add("refs/a", &at(1), &session);
            first.add("refs/b", &at(2), &other);
            let text = first.text();
            let mut second = Parsed::of(Some(&text));
            prop_assert_eq!(second.find("refs/a", &at(1)), Some(session));
            prop_assert_eq!(second.find("refs/a", &at(2)), None, "another name");
            prop_assert_eq!(second.find("refs/b", &at(3)), None, "another commit");
            prop_assert_eq!(second.find("refs/b", &at(2)), Some(other));
            prop_assert_eq!(second.text(), text, "what was found is kept");
        }
    }
}
