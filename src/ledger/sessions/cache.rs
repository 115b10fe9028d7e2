//! Sessions that were read before.
//!
//! Owns `<git>/presence/sessions.cache`: a line for each session as it stood at one commit. What a
//! commit holds never changes, so a line is true for as long as a ref names that commit. Used
//! where there are many sessions, whose objects and records take longest to read. A file that
//! cannot be read, or written, counts for nothing. Never says which session is looked for.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _};
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
/// So much of the file is read at once.
const READ_BYTES: usize = 64 * 1024;
/// Nobody takes as long as this to write a file.
const UNFINISHED_FOR: Duration = Duration::from_secs(60 * 60);

/// What is known of sessions, by their refs and the commits that hold them. It is asked in the
/// order of the names of refs, in which the lines of the file are, so one line is held at a time.
#[derive(Default)]
pub struct SessionCache {
    /// False where there are too few sessions for a file.
    is_used: bool,
    lines: Option<Lines>,
    /// What was found here, and what was added.
    kept: Vec<Kept>,
    new: usize,
}

enum Kept {
    /// The line with this number.
    Line(usize),
    New(String),
}

/// A file of which one line is read at a time.
struct Lines {
    file: BufReader<File>,
    number: usize,
    line: String,
    /// Where the id of the commit ends, and where the name of the ref does.
    ends: (usize, usize),
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

impl SessionCache {
    /// Takes the file as it stands; `None`: there is none yet.
    pub fn of(file: Option<File>) -> Self {
        let opened = file.map(|file| Lines {
            file: BufReader::with_capacity(READ_BYTES, file),
            number: 0,
            line: String::new(),
            ends: (0, 0),
        });
        let ours = opened.and_then(|mut lines| {
            let is_ours = lines.pass().is_some() && lines.line == FIRST_LINE;
            is_ours.then_some(lines)
        });
        Self {
            is_used: true,
            lines: ours,
            ..Self::default()
        }
    }

    /// Whether it is worth while to read all that there is.
    pub fn is_used(&self) -> bool {
        self.is_used
    }

    /// The session under the ref `name`, where that has a value at which it was read before. Lines
    /// of names before this one are passed; a file in another order is of less use, and no harm.
    pub fn find(&mut self, name: &str, value: &RefValue) -> Option<Session> {
        let (lines, tip) = (self.lines.as_mut()?, value.id()?);
        while lines.name() < name {
            lines.pass()?;
        }
        if lines.name() != name || ObjectId::from_hex(lines.tip()).ok()? != tip {
            return None;
        }
        let session = read(lines.record())?;
        self.kept.push(Kept::Line(lines.number));
        Some(session)
    }

    /// What was read just now.
    pub fn add(&mut self, name: &str, value: &RefValue, session: &Session) {
        if let Some(tip) = value.id().filter(|_| self.is_used)
            && let Ok(record) = serde_json::to_string(&line(session))
        {
            let line = format!("{tip} {name} {record}");
            self.kept.push(Kept::New(line));
            self.new += 1;
        }
    }

    /// Returns the file as it is to be; the one that was read is read once more.
    fn text(&mut self) -> std::io::Result<String> {
        let mut text = FIRST_LINE.to_owned() + "\n";
        if let Some(lines) = &mut self.lines {
            lines.file.rewind()?;
            lines.number = 0;
        }
        for kept in &self.kept {
            match (kept, &mut self.lines) {
                (Kept::New(line), _) => text.push_str(line),
                (Kept::Line(number), Some(lines)) => {
                    while lines.number < *number && lines.pass().is_some() {}
                    text.push_str(&lines.line);
                }
                (Kept::Line(_), None) => continue,
            }
            text.push('\n');
        }
        Ok(text)
    }
}

impl Lines {
    /// Goes on to the next line, unless there is none or it cannot be read.
    fn pass(&mut self) -> Option<()> {
        self.line.clear();
        if self.file.read_line(&mut self.line).ok()? == 0 {
            return None;
        }
        self.line.truncate(self.line.trim_end_matches('\n').len());
        self.number += 1;
        let space = |from: usize| Some(from + self.line.get(from..)?.find(' ')?);
        let ends = space(0).and_then(|tip| Some((tip, space(tip + 1)?)));
        self.ends = ends.unwrap_or_default();
        Some(())
    }

    fn tip(&self) -> &[u8] {
        &self.line.as_bytes()[..self.ends.0]
    }

    /// The name in the line; one without a name stands before every other one.
    fn name(&self) -> &str {
        let (tip, name) = self.ends;
        self.line.get(tip + 1..name).unwrap_or_default()
    }

    fn record(&self) -> &str {
        self.line.get(self.ends.1 + 1..).unwrap_or_default()
    }
}

impl Ledger {
    /// The file, where there are so many sessions.
    pub(in crate::ledger) fn session_cache(&self, sessions: usize) -> SessionCache {
        if sessions < MANY {
            return SessionCache::default();
        }
        let file = File::open(self.folder.join(layout::SESSIONS_CACHE));
        SessionCache::of(file.ok())
    }

    /// Write down what the next reader need not read again.
    pub(in crate::ledger) fn keep_cache(&self, mut parsed: SessionCache) {
        if parsed.new >= NEW_MIN && self.caches && !self.quarantined {
            // Whoever may only read has to read it all each time.
            let _ = parsed.text().and_then(|text| {
                self.folder
                    .replace_bytes(layout::SESSIONS_CACHE, text.as_bytes())
            });
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
mod tests;
