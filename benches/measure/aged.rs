//! A board that a team has used for a while, [`Aged`]: sessions that ended, with their histories,
//! beside a few that live, and lock registers that were held thousands of times.
//!
//! Owns the stream that `git fast-import` makes into such a board, of the same shape as the program
//! writes it. The tests and the benchmarks use it. Never runs Git, never reads a clock or chance:
//! two streams of one description are equal.

use std::io::{self, Write};

use git_presence::ledger::layout;
use git_presence::ledger::records::{CLAIM, LOCK, LOCKS, SESSIONS};
use git_presence::model::id::{NodeId, SessionId};
use git_presence::model::resource::Resource;
use git_presence::model::time::Timestamp;

/// The clones that the sessions are spread over.
const CLONES: usize = 4;
/// The claims of a session, each with a heartbeat and a release after it.
const CLAIMS: usize = 10;
/// The exclusive claims of a session, each with a release after it.
const EXCLUSIVE: usize = 2;
/// How long a session works, in milliseconds.
const SESSION_MILLIS: i64 = 4 * 60 * 60 * 1000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// The time to live of every claim.
const TTL_SECS: u64 = 3600;

/// The description of a board of `days` days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aged {
    /// The last instant of the board.
    pub now: Timestamp,
    /// The days before it on which sessions ended.
    pub days: usize,
    /// The sessions of each of these days, at least one.
    pub sessions_a_day: usize,
    /// The sessions that live at `now`, each with a claim of `live:<n>`.
    pub live: usize,
    /// The lock registers, `stack:s<n>`. The first live session holds the first one; the others
    /// are free.
    pub cells: usize,
}

/// Returns the node ids of the clones that write the sessions.
pub(crate) fn nodes() -> impl Iterator<Item = NodeId> {
    (0..CLONES).map(node)
}

impl Aged {
    /// Returns a board of the usual size of a team: 20 sessions a day, 40 live, 20 registers.
    pub(crate) fn of_days(now: Timestamp, days: usize) -> Self {
        Self {
            now,
            days,
            sessions_a_day: 20,
            live: 40,
            cells: 20,
        }
    }

    /// Returns the number of its refs.
    pub(crate) fn refs(&self) -> usize {
        self.days * self.sessions_a_day + self.live + self.cells
    }

    /// Writes the stream for `git fast-import --quiet`.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for n in 0..self.days * self.sessions_a_day {
            let ended = Past::of(self, n);
            ended.write_history(out)?;
        }
        for n in 0..self.live {
            self.write_live(out, n)?;
        }
        for cell in 0..self.cells {
            self.write_cell(out, cell)?;
        }
        out.write_all(b"done\n")
    }

    fn write_live(&self, out: &mut impl Write, n: usize) -> io::Result<()> {
        let author = Author::new(&format!("dev@host-{}@live-{n}", n % CLONES), n);
        let at = self.now.as_millis() - count(n) * 1000;
        let resource = format!("live:{n}");
        let commit = Commit {
            name: &author.session_ref(),
            author: &author,
            event: "claim",
            resource: &resource,
            purpose: Some("work that goes on"),
            token: None,
            at,
            serial: n,
        };
        commit.write(out)?;
        author.write_session(out, at)?;
        write_claim(out, &resource, "work that goes on", at)?;
        out.write_all(b"\n")
    }

    fn write_cell(&self, out: &mut impl Write, cell: usize) -> io::Result<()> {
        let label = format!("stack:s{cell}");
        let name = layout::cell_ref(&resource(&label));
        let users = (0..self.days * self.sessions_a_day).filter(|n| n % self.cells == cell);
        for n in users {
            let past = Past::of(self, n);
            for round in 0..EXCLUSIVE {
                let at = past.begun + (count(round) * 2 + 1) * 60_000;
                write_grant(out, &name, &past.author, &label, at)?;
                write_free(out, &name, &past.author, &label, (at, at + 60_000))?;
            }
        }
        if cell == 0 && self.live > 0 {
            let author = Author::new(&format!("dev@host-{}@live-0", 0), 0);
            write_grant(out, &name, &author, &label, self.now.as_millis())?;
        } else if self.days == 0 {
            let author = Author::new("dev@host-0@first", 0);
            let at = self.now.as_millis() - DAY_MILLIS;
            write_grant(out, &name, &author, &label, at)?;
            write_free(out, &name, &author, &label, (at, at + 60_000))?;
        }
        Ok(())
    }
}

/// A session that ended.
struct Past {
    author: Author,
    begun: i64,
    number: usize,
}

impl Past {
    fn of(aged: &Aged, number: usize) -> Self {
        let (day, of_day) = (number / aged.sessions_a_day, number % aged.sessions_a_day);
        let days_ago = count(aged.days - day);
        let spread = count(of_day) * 11 * 60_000;
        let label = format!("dev@host-{}@d{day:03}-s{of_day:02}", number % CLONES);
        Self {
            author: Author::new(&label, number),
            begun: aged.now.as_millis() - days_ago * DAY_MILLIS + spread,
            number,
        }
    }

    fn write_history(&self, out: &mut impl Write) -> io::Result<()> {
        let name = self.author.session_ref();
        let step = SESSION_MILLIS / (3 * count(CLAIMS));
        for round in 0..CLAIMS {
            let resource = format!("node:r{}", (self.number * 7 + round) % 200);
            let purpose = format!("change {round} of session {}", self.number);
            for (n, event) in ["claim", "heartbeat", "release"].into_iter().enumerate() {
                let serial = round * 3 + n;
                let at = self.begun + step * count(serial);
                let commit = Commit {
                    name: &name,
                    author: &self.author,
                    event,
                    resource: if event == "heartbeat" { "" } else { &resource },
                    purpose: Some(purpose.as_str()).filter(|_| event == "claim"),
                    token: None,
                    at,
                    serial,
                };
                commit.write(out)?;
                self.author.write_session(out, at)?;
                match event {
                    "claim" => write_claim(out, &resource, &purpose, at)?,
                    "release" => writeln!(out, "D {}", CLAIM.file_named(&resource))?,
                    _ => {}
                }
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}

/// A session and the clone that writes it.
struct Author {
    id: String,
    node: NodeId,
    host: usize,
}

impl Author {
    fn new(id: &str, number: usize) -> Self {
        let host = number % CLONES;
        Self {
            id: id.to_owned(),
            node: node(host),
            host,
        }
    }

    fn session_ref(&self) -> String {
        let id = SessionId::parse(&self.id).expect("a session id");
        layout::session_ref(&id, self.node)
    }

    fn write_session(&self, out: &mut impl Write, at: i64) -> io::Result<()> {
        let text = format!(
            "format = 1\nid = \"{}\"\nnode = \"{}\"\nagent = \"claude-code\"\nuser = \"dev\"\n\
             host = \"host-{}\"\nworktree = \"/home/dev/infra\"\nbranch = \"main\"\nseen_at = {}\n\
             ttl_seconds = {TTL_SECS}\n",
            self.id,
            self.node,
            self.host,
            instant(at)
        );
        write_file(out, SESSIONS.head, &text)
    }
}

/// The message and the head of a commit; its files follow.
struct Commit<'c> {
    name: &'c str,
    author: &'c Author,
    event: &'c str,
    /// Empty for none.
    resource: &'c str,
    purpose: Option<&'c str>,
    token: Option<i64>,
    at: i64,
    serial: usize,
}

impl Commit<'_> {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { author, event, .. } = self;
        let mut text = format!("{event} {}", self.resource).trim_end().to_owned() + "\n";
        if let Some(purpose) = self.purpose {
            text += &format!("\n{purpose}\n");
        }
        text += &format!(
            "\nPresence-Event: {event}\nPresence-Session: {}\n",
            author.id
        );
        if !self.resource.is_empty() {
            text += &format!("Presence-Resource: {}\n", self.resource);
        }
        if let Some(token) = self.token {
            text += &format!("Presence-Token: {token}\n");
        }
        let chance = format!("{}{}{}{}", self.name, self.event, self.at, self.serial);
        let nonce = &blake3::hash(chance.as_bytes()).to_hex().as_str()[..32].to_owned();
        text += &format!(
            "Presence-At: {}\nPresence-Nonce: {nonce}\n",
            instant(self.at)
        );
        let person = format!(
            "{} <dev@host-{}> {} +0000",
            author.id,
            author.host,
            self.at / 1000
        );
        write!(
            out,
            "commit {}\nauthor {person}\ncommitter {person}\n",
            self.name
        )?;
        write!(out, "data {}\n{text}", text.len())
    }
}

fn write_claim(out: &mut impl Write, label: &str, purpose: &str, at: i64) -> io::Result<()> {
    let text = format!(
        "format = 1\nresource = \"{label}\"\npurpose = \"{purpose}\"\nmode = \"shared\"\n\
         claimed_at = {}\nttl_seconds = {TTL_SECS}\n",
        instant(at)
    );
    write_file(out, &CLAIM.file_named(label), &text)
}

fn write_grant(
    out: &mut impl Write,
    name: &str,
    author: &Author,
    label: &str,
    at: i64,
) -> io::Result<()> {
    let commit = Commit {
        name,
        author,
        event: "claim",
        resource: label,
        purpose: Some("alone for a while"),
        token: Some(at),
        at,
        serial: 0,
    };
    commit.write(out)?;
    write_file(out, LOCKS.head, &format!("format = 1\ntoken = {at}\n"))?;
    let text = format!(
        "format = 1\nresource = \"{label}\"\ntoken = {at}\nholder = \"{}\"\nnode = \"{}\"\n\
         user = \"dev\"\nhost = \"host-{}\"\npurpose = \"alone for a while\"\ngranted_at = {}\n\
         renewed_at = {}\nttl_seconds = {TTL_SECS}\n",
        author.id,
        author.node,
        author.host,
        instant(at),
        instant(at)
    );
    write_file(out, &LOCK.file_named(label), &text)?;
    out.write_all(b"\n")
}

/// Writes the release, at `at`, of the grant with the token `token`.
fn write_free(
    out: &mut impl Write,
    name: &str,
    author: &Author,
    label: &str,
    (token, at): (i64, i64),
) -> io::Result<()> {
    let commit = Commit {
        name,
        author,
        event: "release",
        resource: label,
        purpose: None,
        token: Some(token),
        at,
        serial: 1,
    };
    commit.write(out)?;
    writeln!(out, "D {}\n", LOCK.file_named(label))
}

fn write_file(out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    write!(out, "M 100644 inline {name}\ndata {}\n{text}", text.len())
}

fn node(host: usize) -> NodeId {
    NodeId::from_bytes([u8::try_from(host).unwrap_or(0) + 0x10; 16])
}

fn resource(label: &str) -> Resource {
    Resource::parse(label).expect("a resource")
}

fn count(n: usize) -> i64 {
    i64::try_from(n).expect("a small number")
}

fn instant(millis: i64) -> String {
    Timestamp::from_millis(millis).to_rfc3339()
}
