//! Boards of many sessions, and what else could print them.
//!
//! Owns how such a board is made, at once and with packed refs as `git gc` leaves them, and the
//! table of the same rows for `sqlite3`. Never measures.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use git_presence::ledger::layout;
use git_presence::ledger::records::{CLAIM, SESSIONS};
use git_presence::model::id::{NodeId, SessionId};
use git_presence::model::resource::Resource;

use crate::measure::{Place, run};

/// The one session that is claimed for, of which the others are copies.
const FIRST: &str = "wizard@devvm@0";
const FIRST_LABEL: &str = "infra:part-0";

/// Returns a repository with this many sessions, each with one claim, read once so that the cache
/// is there.
pub(crate) fn crowd(root: &Path, sessions: usize) -> Place {
    let place = Place::new(root, &format!("crowd-{sessions}"));
    let claim = format!("claim {FIRST_LABEL} --ttl 24h --purpose build");
    run(place.presence(0, &claim));
    let node = std::fs::read_to_string(place.dir.join(".git/presence/node")).expect("a name");
    let node = NodeId::parse(node.trim()).expect("a node id");
    let show = |entry: &str| place.git_fed(&format!("show {}:{entry}", session_ref(0, node)), b"");
    let session = show(SESSIONS.head);
    let claim = show(&CLAIM.file_named(resource(0).label()));
    let mut stream = String::new();
    for n in 1..sessions {
        let session = session.replace(FIRST, id(n).as_str());
        let claim = claim.replace(FIRST_LABEL, resource(n).label());
        let name = session_ref(n, node);
        let _ = write!(
            stream,
            "commit {name}\ncommitter wizard <wizard@devvm> 1 +0000\ndata 0\n"
        );
        let entries = [
            (SESSIONS.head.to_owned(), session),
            (CLAIM.file_named(resource(n).label()), claim),
        ];
        for (entry, text) in entries {
            let _ = write!(
                stream,
                "M 100644 inline {entry}\ndata {}\n{text}\n",
                text.len() + 1
            );
        }
    }
    place.git_fed("fast-import --quiet", stream.as_bytes());
    place.git("pack-refs --all");
    run(place.presence(1, "list"));
    place
}

fn id(n: usize) -> SessionId {
    SessionId::parse(&format!("wizard@devvm@{n}")).expect("an id")
}

fn resource(n: usize) -> Resource {
    Resource::parse(&format!("infra:part-{n}")).expect("a resource")
}

fn session_ref(n: usize, node: NodeId) -> String {
    layout::session_ref(&id(n), node)
}

/// Returns where the columns of a table begin, by its header.
fn starts(header: &str) -> Vec<usize> {
    let header: Vec<char> = header.chars().collect();
    let is_blank = |at: usize| header.get(at).is_none_or(|sign| *sign == ' ');
    let begins = |at: &usize| !is_blank(*at) && (*at < 2 || is_blank(at - 1) && is_blank(at - 2));
    (0..header.len()).filter(begins).collect()
}

/// Writes what `list` prints into a database, a row a row; `false` where there is no `sqlite3`.
pub(crate) fn into_database(place: &Place) -> bool {
    let list = place
        .presence(1, "list")
        .stdout(Stdio::piped())
        .output()
        .expect("it lists");
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    let mut rows = text.lines();
    let columns = starts(rows.next().unwrap_or_default());
    let names: Vec<String> = (0..columns.len()).map(|n| format!("c{n}")).collect();
    let mut statements = format!("create table claims({});\nbegin;\n", names.join(","));
    for row in rows {
        let row: Vec<char> = row.chars().collect();
        let ends = columns.iter().skip(1).copied().chain([row.len()]);
        let cell = |(start, end): (&usize, usize)| {
            let cell: String = row
                .get(*start..end.min(row.len()))
                .into_iter()
                .flatten()
                .collect();
            format!("'{}'", cell.trim().replace('\'', "''"))
        };
        let cells: Vec<String> = columns.iter().zip(ends).map(cell).collect();
        let _ = writeln!(
            statements,
            "insert into claims values({});",
            cells.join(",")
        );
    }
    statements.push_str("commit;\n");
    std::fs::write(place.dir.join("rows.sql"), statements).expect("a file");
    let mut sqlite = place.command("sqlite3");
    let made = sqlite.args(["rows.db", ".read rows.sql"]).status();
    made.is_ok_and(|status| status.success())
}

/// Returns the command that prints these rows in columns.
pub(crate) fn sqlite(place: &Place) -> Command {
    let mut command = place.command("sqlite3");
    command.args(["-column", "rows.db", "select * from claims order by c0"]);
    command
}
