//! The record in a line of the session cache: fields with a tab between them.
//!
//! Owns their order, in [`write`](write()) and [`read`]. A text that is optional has a `=` before
//! it where it is there. The states, after their number, stand before the claims; each has the
//! number of what it lifts, and three fields for each of these, before its time; a claim is five
//! fields more at the end. Never knows of which commit the record is.

use std::fmt::{Display, Write as _};

use memchr::memchr;

use crate::ledger::records::wire::{read_role, role_word};
use crate::model::actor::{Actor, Process};
use crate::model::claim::{Claim, Mode};
use crate::model::id::{HarnessId, LABEL_BYTES_MAX, NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::session::{Life, Session};
use crate::model::state::{Lifted, STATES_MAX, Saying, Statement, Version, Word};
use crate::model::text::{Purpose, harmless_name};
use crate::model::time::{Timestamp, Ttl};

const BETWEEN: u8 = b'\t';
const IS_THERE: char = '=';
const WAITS: &str = "waits";
const HOLDS: &str = "holds";

/// Returns the record of a session whose messages and marks have the digest `mail`; `None` for a
/// text that would end its field or its line.
pub(super) fn write(session: &Session, mail: u64) -> Option<String> {
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
    let mut fields = Written::default();
    fields.text(id.as_str())?;
    fields.text(&node.to_string())?;
    fields.optional(agent.as_deref())?;
    fields.text(user)?;
    fields.text(host)?;
    match process {
        Some(process) => {
            let Process {
                pid,
                started_at,
                host_id,
                boot_id,
                role,
            } = process;
            fields.number(pid);
            fields.number(started_at.as_millis());
            fields.text(host_id)?;
            fields.text(boot_id)?;
            fields.optional(role_word(*role))?;
        }
        None => fields.text("")?,
    }
    fields.optional(worktree.as_deref())?;
    fields.optional(branch.as_deref())?;
    fields.number(session.seen_at.as_millis());
    fields.number(session.ttl.as_secs());
    let Life {
        began_at,
        ended_at,
        harness_id,
    } = &session.life;
    for at in [began_at, ended_at] {
        fields.optional(at.map(|at| at.as_millis().to_string()).as_deref())?;
    }
    fields.optional(harness_id.as_ref().map(HarnessId::as_str))?;
    fields.number(mail);
    fields.number(session.states.len());
    for said in &session.states {
        fields.state(said)?;
    }
    for claim in &session.claims {
        fields.text(claim.resource.label())?;
        fields.text(claim.purpose.as_str())?;
        match (claim.mode, claim.place_until) {
            // A program that does not know places reads no such line, and then the record.
            (Mode::Waiting, Some(until)) => {
                fields.text(&format!("{WAITS}{}", until.as_millis()))?;
            }
            (Mode::Waiting, None) => fields.text(WAITS)?,
            (Mode::Shared | Mode::Exclusive | Mode::Frozen, _) => fields.text(HOLDS)?,
        }
        fields.number(claim.claimed_at.as_millis());
        fields.number(claim.ttl.as_secs());
    }
    Some(fields.0)
}

/// Returns the session of a record, and the digest of its messages and marks; `None` for what is
/// none.
pub(super) fn read(record: &str) -> Option<(Session, u64)> {
    let fields = &mut Unread(Some(record));
    let mut session = Session {
        who: Actor {
            id: SessionId::from_record(fields.text()?).ok()?,
            node: NodeId::parse(fields.text()?)?,
            agent: fields.optional()?,
            user: fields.word()?,
            host: fields.word()?,
            process: read_process(fields)?,
            worktree: fields.optional()?,
            branch: fields.optional()?,
        },
        seen_at: fields.instant()?,
        ttl: fields.ttl()?,
        claims: Vec::new(),
        states: Vec::new(),
        life: read_life(fields)?,
    };
    let mail = fields.text()?.parse().ok()?;
    let states: usize = fields.text()?.parse().ok()?;
    for _ in 0..states.min(STATES_MAX) {
        session.states.push(read_state(fields)?);
    }
    while fields.0.is_some() {
        session.claims.push(read_claim(fields)?);
    }
    Some((session, mail))
}

fn read_life(fields: &mut Unread<'_>) -> Option<Life> {
    Some(Life {
        began_at: fields.optional_instant()?,
        ended_at: fields.optional_instant()?,
        harness_id: match fields.optional()? {
            Some(id) => Some(HarnessId::parse(&id)?),
            None => None,
        },
    })
}

fn read_process(fields: &mut Unread<'_>) -> Option<Option<Process>> {
    Some(match fields.text()? {
        "" => None,
        pid => Some(Process {
            pid: pid.parse().ok()?,
            started_at: fields.instant()?,
            host_id: fields.word()?,
            boot_id: fields.word()?,
            role: read_role(fields.optional()?.as_deref()),
        }),
    })
}

fn read_state(fields: &mut Unread<'_>) -> Option<Statement> {
    Some(Statement {
        saying: Saying {
            resource: Resource::from_record(fields.text()?).ok()?,
            word: Word::parse(fields.text()?)?,
            version: match fields.optional()? {
                Some(version) => Some(Version::from_record(&version)?),
                None => None,
            },
            notes: fields
                .text()?
                .strip_prefix(IS_THERE)
                .map(Purpose::from_record),
            lasts_secs: fields.text()?.parse().ok()?,
            lifts: {
                let lifts = fields.text()?.parse::<usize>().ok()?;
                (0..lifts)
                    .map(|_| read_lifted(fields))
                    .collect::<Option<_>>()?
            },
        },
        at: fields.instant()?,
    })
}

fn read_lifted(fields: &mut Unread<'_>) -> Option<Lifted> {
    Some(Lifted {
        by: SessionId::from_record(fields.text()?).ok()?,
        at: fields.instant()?,
        until: fields.instant()?,
    })
}

fn read_claim(fields: &mut Unread<'_>) -> Option<Claim> {
    let resource = Resource::from_record(fields.text()?).ok()?;
    let purpose = Purpose::from_record(fields.text()?);
    let (mode, place_until) = match fields.text()? {
        WAITS => (Mode::Waiting, None),
        HOLDS => (Mode::Shared, None),
        place => {
            let until = place.strip_prefix(WAITS)?.parse().ok()?;
            (Mode::Waiting, Some(Timestamp::from_millis(until)))
        }
    };
    Some(Claim {
        resource,
        purpose,
        mode,
        place_until,
        claimed_at: fields.instant()?,
        ttl: fields.ttl()?,
    })
}

/// The fields that are written so far.
#[derive(Default)]
struct Written(String);

impl Written {
    fn text(&mut self, text: &str) -> Option<()> {
        self.begin();
        self.0.push_str(text);
        (!text.contains(char::is_control)).then_some(())
    }

    fn optional(&mut self, text: Option<&str>) -> Option<()> {
        match text {
            Some(text) => self.text(&format!("{IS_THERE}{text}")),
            None => self.text(""),
        }
    }

    fn state(&mut self, said: &Statement) -> Option<()> {
        let saying = &said.saying;
        self.text(saying.resource.label())?;
        self.text(saying.word.as_str())?;
        self.optional(saying.version.as_ref().map(Version::as_str))?;
        self.optional(saying.notes.as_ref().map(Purpose::as_str))?;
        self.number(saying.lasts_secs);
        self.number(saying.lifts.len());
        for lifted in &saying.lifts {
            self.text(lifted.by.as_str())?;
            self.number(lifted.at.as_millis());
            self.number(lifted.until.as_millis());
        }
        self.number(said.at.as_millis());
        Some(())
    }

    fn number(&mut self, number: impl Display) {
        self.begin();
        // Writing into a text does not fail.
        let _ = write!(self.0, "{number}");
    }

    fn begin(&mut self) {
        // The first field, the id, is never empty.
        if !self.0.is_empty() {
            self.0.push(char::from(BETWEEN));
        }
    }
}

/// The fields that are still to be read; `None` behind the last one.
struct Unread<'r>(Option<&'r str>);

impl<'r> Unread<'r> {
    fn text(&mut self) -> Option<&'r str> {
        let rest = self.0?;
        let end = memchr(BETWEEN, rest.as_bytes());
        self.0 = end.and_then(|end| rest.get(end + 1..));
        rest.get(..end.unwrap_or(rest.len()))
    }

    /// Returns a text of another session. Other users may be able to write to the file.
    fn word(&mut self) -> Option<String> {
        Some(harmless_name(self.text()?, LABEL_BYTES_MAX))
    }

    fn optional(&mut self) -> Option<Option<String>> {
        let text = self.text()?.strip_prefix(IS_THERE);
        Some(text.map(|text| harmless_name(text, LABEL_BYTES_MAX)))
    }

    fn instant(&mut self) -> Option<Timestamp> {
        Some(Timestamp::from_millis(self.text()?.parse().ok()?))
    }

    fn optional_instant(&mut self) -> Option<Option<Timestamp>> {
        Some(match self.optional()? {
            Some(millis) => Some(Timestamp::from_millis(millis.parse().ok()?)),
            None => None,
        })
    }

    fn ttl(&mut self) -> Option<Ttl> {
        Ttl::from_secs(self.text()?.parse().ok()?).ok()
    }
}
