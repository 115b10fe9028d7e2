//! SQL statements that change a database.
//!
//! Owns the class of each statement by its first words. Never parses more: an unknown statement is
//! [`Class::Unknown`]. `split` has where a statement ends, `client` what clients do with a line.

mod client;
mod split;

use split::{Split, Token};

use crate::guard::rules::rule::Dialect;
use crate::guard::verdict::Class;

/// First words of statements that change nothing persistent.
const READS: [&str; 34] = [
    "SELECT",
    "SHOW",
    "DESCRIBE",
    "DESC",
    "VALUES",
    "TABLE",
    "USE",
    "SET",
    "RESET",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "DECLARE",
    "FETCH",
    "CLOSE",
    "MOVE",
    "PREPARE",
    "DEALLOCATE",
    "DISCARD",
    "LISTEN",
    "UNLISTEN",
    "HELP",
    "STATUS",
    "CHECKSUM",
    "CHECKPOINT",
    "LOCK",
    "UNLOCK",
    "CONNECT",
    "WITH",
];

/// First words of statements that change data, schema or server.
const CHANGES: [&str; 35] = [
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "REPLACE",
    "TRUNCATE",
    "DROP",
    "CREATE",
    "ALTER",
    "RENAME",
    "GRANT",
    "REVOKE",
    "REINDEX",
    "VACUUM",
    "ANALYZE",
    "CLUSTER",
    "REFRESH",
    "COMMENT",
    "CALL",
    "DO",
    "IMPORT",
    "LOAD",
    "SECURITY",
    "REASSIGN",
    "NOTIFY",
    "OPTIMIZE",
    "REPAIR",
    "FLUSH",
    "PURGE",
    "KILL",
    "INSTALL",
    "UNINSTALL",
    "STOP",
    "SHUTDOWN",
    "HANDLER",
];

/// Words that change something wherever they stand in a query.
const WITHIN: [&str; 5] = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"];

/// Words that change something in an `EXPLAIN ANALYZE`, which runs the statement.
const EXPLAINED: [&str; 11] = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "TRUNCATE", "DROP", "CREATE", "INTO",
    "EXECUTE", "REFRESH",
];
/// Second words that make a change of the server out of `RESET`, `START`, `SET`, `COMMIT` and the
/// like.
const OF_SERVERS: [&str; 11] = [
    "MASTER",
    "SLAVE",
    "REPLICA",
    "BINARY",
    "QUERY",
    "GROUP_REPLICATION",
    "PREPARED",
    "PASSWORD",
    "STATEMENT",
    "DEFAULT",
    "RESOURCE",
];
/// Words that do so wherever they stand.
const GLOBAL: [&str; 4] = ["GLOBAL", "PERSIST", "PERSIST_ONLY", "ATOMIC"];
/// First words of statements about a transaction or a session, which may be followed by another
/// statement.
const OF_SESSIONS: [&str; 11] = [
    "SET",
    "RESET",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "PREPARE",
];

/// Functions with side effects that a query can call.
const ACTS: [&str; 24] = [
    "PG_TERMINATE_BACKEND",
    "PG_CANCEL_BACKEND",
    "PG_RELOAD_CONF",
    "PG_PROMOTE",
    "PG_SWITCH_WAL",
    "PG_DROP_REPLICATION_SLOT",
    "PG_CREATE_RESTORE_POINT",
    "PG_ROTATE_LOGFILE",
    "SETVAL",
    "NEXTVAL",
    "LO_UNLINK",
    "LO_IMPORT",
    "DBLINK_EXEC",
    "SET_CONFIG",
    "PG_LOGICAL_EMIT_MESSAGE",
    "PG_CREATE_LOGICAL_REPLICATION_SLOT",
    "PG_CREATE_PHYSICAL_REPLICATION_SLOT",
    "PG_STAT_RESET",
    "PG_FILE_WRITE",
    "PG_FILE_UNLINK",
    "LO_CREATE",
    "LO_EXPORT",
    "LO_PUT",
    "QUERY_TO_XML",
];

/// Returns the class of a script, and the words that decided it. `is_odd` says of a variable of
/// `psql` that the line gives it another value than a plain word.
pub(in crate::guard) fn classify(
    script: &str,
    dialect: Dialect,
    is_odd: &dyn Fn(&str) -> bool,
) -> (Class, String) {
    let dialects: &[Dialect] = match dialect {
        Dialect::Any => &[Dialect::Postgres, Dialect::Mysql],
        Dialect::Postgres => &[Dialect::Postgres],
        Dialect::Mysql => &[Dialect::Mysql],
    };
    let mut worst = (Class::Reading, "it only reads".to_owned());
    for dialect in dialects {
        let Split { tokens, doubt } = split::split(script, *dialect, is_odd);
        let classified = tokens.iter().map(|token| match token {
            Token::Statement(words) => classify_statement(words),
            Token::Command { name, rest } => client::classify(*dialect, name, rest),
        });
        let doubted = doubt.map(|why| (Class::Unknown(why.clone()), why));
        for classified in classified.chain(doubted) {
            if classified.0 > worst.0 {
                worst = classified;
            }
        }
    }
    // Databases disagree whether an escaped quote ends the text, and so where a statement ends.
    if worst.0 < Class::Mutating && (script.contains("\\'") || script.contains("\\\"")) {
        let why = "there is a quote after a backslash".to_owned();
        return (Class::Unknown(why.clone()), why);
    }
    worst
}

/// Returns the class of one statement, given as its words in upper case, with the reason.
fn classify_statement(words: &[String]) -> (Class, String) {
    let Some(first) = words.first().map(String::as_str) else {
        return (Class::Reading, "it is empty".to_owned());
    };
    let has = |list: &[&str]| words[1..].iter().find(|word| list.contains(&word.as_str()));
    let changes = |word: &str| (Class::Mutating, format!("{word} changes the database"));
    match first {
        "EXPLAIN" | "DESCRIBE" | "DESC" if has(&["ANALYZE", "ANALYSE"]).is_some() => {
            match has(&EXPLAINED).or_else(|| has(&ACTS)) {
                Some(word) => changes(word),
                None => (Class::Reading, "EXPLAIN ANALYZE of a query".to_owned()),
            }
        }
        "EXPLAIN" => (Class::Reading, "EXPLAIN runs nothing".to_owned()),
        "COPY" => match has(&["FROM", "PROGRAM"]) {
            Some(_) => changes("COPY"),
            None => (Class::Reading, "COPY … TO reads".to_owned()),
        },
        "LOCK" | "UNLOCK" => changes(first),
        "PREPARE" if has(&["TRANSACTION"]).is_some() => changes("PREPARE TRANSACTION"),
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "DECLARE" | "PREPARE" => {
            match has(&WITHIN).or_else(|| has(&ACTS)) {
                Some(word) => changes(word),
                None => (Class::Reading, format!("{first} reads")),
            }
        }
        _ if OF_SESSIONS.contains(&first) => match of_server(words) {
            Some(word) => changes(&format!("{first} {word}")),
            None => (Class::Reading, format!("{first} changes no data")),
        },
        word if READS.contains(&word) => (Class::Reading, format!("{word} changes no data")),
        word if CHANGES.contains(&word) => changes(word),
        word => {
            let word: String = word.chars().take(30).collect();
            let why = format!("unknown statement {word}");
            (Class::Unknown(why.clone()), why)
        }
    }
}

/// Returns the word by which a statement about a session changes more than that.
fn of_server(words: &[String]) -> Option<&String> {
    let second = words
        .get(1)
        .filter(|word| OF_SERVERS.contains(&word.as_str()));
    let acts = |word: &&String| {
        let lists = [&GLOBAL[..], &CHANGES[..]];
        lists.iter().any(|list| list.contains(&word.as_str()))
    };
    second.or_else(|| words[1..].iter().find(acts))
}
