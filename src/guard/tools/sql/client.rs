//! Commands of database clients: `\\d` of `psql`, `\\!` of `mysql`.
//!
//! Owns which of them only show something, and which run a program or a script. Never runs one.

use crate::guard::rules::rule::Dialect;
use crate::guard::verdict::Class;

/// Commands of `psql` that only show or set something in the client, besides those that begin with
/// `d`.
const PSQL_SHOWS: [&str; 53] = [
    "l",
    "l+",
    "lx",
    "list",
    "list+",
    "lo_list",
    "lo_list+",
    "z",
    "s",
    "sf",
    "sf+",
    "sv",
    "sv+",
    "q",
    "quit",
    "x",
    "timing",
    "pset",
    "c",
    "connect",
    "conninfo",
    "encoding",
    "echo",
    "qecho",
    "warn",
    "a",
    "t",
    "f",
    "H",
    "html",
    "C",
    "T",
    "?",
    "h",
    "help",
    "copyright",
    "set",
    "unset",
    "gdesc",
    "gset",
    "errverbose",
    "p",
    "print",
    "r",
    "reset",
    "if",
    "elif",
    "else",
    "endif",
    "prompt",
    "crosstabview",
    "bind",
    "watch",
];
/// Commands of `psql` that write to a file or, behind `|`, to a program.
const PSQL_WRITES: [&str; 7] = ["g", "gx", "o", "out", "w", "write", "g+"];
/// Commands of `mysql` that only show or set something in the client.
const MYSQL_SHOWS: [&str; 15] = [
    "c", "p", "s", "h", "?", "q", "t", "n", "r", "u", "w", "W", "x", "#", "C",
];

/// Returns the class of a command of a client, with the reason.
pub(super) fn classify(dialect: Dialect, name: &str, rest: &str) -> (Class, String) {
    let says = |class, what: &str| (class, format!("\\{name} {what}"));
    let unknown = |what: &str| {
        let why = format!("\\{} {what}", name.chars().take(30).collect::<String>());
        (Class::Unknown(why.clone()), why)
    };
    if dialect == Dialect::Mysql {
        return match MYSQL_SHOWS.contains(&name) {
            true => says(Class::Reading, "only shows"),
            false => unknown("is an unknown client command, or runs something"),
        };
    }
    if name == "copy" {
        let upper = rest.to_uppercase();
        let mut words = upper.split(|c: char| !c.is_alphanumeric());
        return match words.any(|word| matches!(word, "FROM" | "PROGRAM" | "DELETE" | "UPDATE")) {
            true => says(Class::Mutating, "writes"),
            false => says(Class::Reading, "reads"),
        };
    }
    if name == "password" {
        return says(Class::Mutating, "changes the password of a user");
    }
    let takes_text = matches!(name, "h" | "help" | "sf" | "sv" | "sf+" | "sv+");
    if rest.contains('`') && !takes_text {
        return unknown("runs a program");
    }
    let shows = PSQL_SHOWS.contains(&name) || name.starts_with('d') && name.is_ascii();
    match shows || PSQL_WRITES.contains(&name) && !rest.contains('|') {
        true => says(Class::Reading, "only shows"),
        false => unknown("is an unknown client command, or runs something"),
    }
}
