//! SQL statements that change a database.
//!
//! Owns the split into statements and the class of each by its first words. Never parses more: an
//! unknown statement is [`Class::Unknown`].

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

/// Functions with side effects that a query can call.
const ACTS: [&str; 14] = [
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
];

/// Returns the class of a script, and the words that decided it.
pub(in crate::guard) fn classify(script: &str) -> (Class, String) {
    let mut worst = (Class::Reading, "it only reads".to_owned());
    for statement in statements(script) {
        let classified = classify_statement(&statement);
        if classified.0 > worst.0 {
            worst = classified;
        }
    }
    // Databases disagree whether an escaped quote ends the text, and so where a statement ends.
    if worst.0 < Class::Mutating && (script.contains("\\'") || script.contains("\\\"")) {
        let why = "there is a quote after a backslash".to_owned();
        return (Class::Unknown(why.clone()), why);
    }
    worst
}

/// A statement: its words in upper case, without quoted text.
#[derive(Debug, Default)]
struct Statement {
    words: Vec<String>,
    /// `\d`, `\i file`: a command of the client.
    is_command: bool,
}

/// Returns the class of one statement, with the reason.
fn classify_statement(statement: &Statement) -> (Class, String) {
    let words = &statement.words;
    let Some(first) = words.first().map(String::as_str) else {
        return (Class::Reading, "it is empty".to_owned());
    };
    let has = |list: &[&str]| words.iter().find(|word| list.contains(&word.as_str()));
    let changes = |word: &str| (Class::Mutating, format!("{word} changes the database"));
    if statement.is_command {
        return classify_command(first, words);
    }
    match first {
        "EXPLAIN" if has(&["ANALYZE", "ANALYSE"]).is_none() => {
            (Class::Reading, "EXPLAIN runs nothing".to_owned())
        }
        "EXPLAIN" => match has(&CHANGES[..8]) {
            Some(word) => changes(word),
            None => (Class::Reading, "EXPLAIN ANALYZE of a query".to_owned()),
        },
        "COPY" => match has(&["FROM", "PROGRAM"]) {
            Some(word) if word == "FROM" || word == "PROGRAM" => changes("COPY"),
            _ => (Class::Reading, "COPY … TO reads".to_owned()),
        },
        "LOCK" | "UNLOCK" => changes(first),
        "SET" if has(&["GLOBAL", "PERSIST", "PASSWORD"]).is_some() => changes("SET GLOBAL"),
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "DECLARE" | "PREPARE" => {
            match has(&WITHIN).or_else(|| has(&ACTS)) {
                Some(word) => changes(word),
                None => (Class::Reading, format!("{first} reads")),
            }
        }
        word if READS.contains(&word) => (Class::Reading, format!("{word} changes no data")),
        word if CHANGES.contains(&word) => changes(word),
        word => {
            let word: String = word.chars().take(30).collect();
            let why = format!("unknown statement {word}");
            (Class::Unknown(why.clone()), why)
        }
    }
}

/// Returns the class of a client command. Some only show, others run something.
fn classify_command(first: &str, words: &[String]) -> (Class, String) {
    const SHOWS: [&str; 20] = [
        "\\D",
        "\\L",
        "\\Z",
        "\\Q",
        "\\X",
        "\\TIMING",
        "\\PSET",
        "\\C",
        "\\CONNINFO",
        "\\ENCODING",
        "\\ECHO",
        "\\QECHO",
        "\\A",
        "\\T",
        "\\F",
        "\\H",
        "\\?",
        "\\SET",
        "\\UNSET",
        "\\WARN",
    ];
    let says = |class, what: &str| (class, format!("{first} {what}"));
    let is_list = first.starts_with("\\D") || first.starts_with("\\L");
    if first == "\\COPY" {
        return if words.iter().any(|word| word == "FROM" || word == "PROGRAM") {
            says(Class::Mutating, "writes")
        } else {
            says(Class::Reading, "reads")
        };
    }
    if SHOWS.contains(&first)
        || (is_list && !first.starts_with("\\LO_"))
        || first.starts_with("\\S")
    {
        return says(Class::Reading, "only shows");
    }
    let why = format!("{first} is an unknown client command");
    (Class::Unknown(why.clone()), why)
}

/// Splits a script into statements.
fn statements(script: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut current = Statement::default();
    let mut rest = script;
    while let Some(next) = rest.chars().next() {
        let starts = current.words.is_empty();
        let bytes = match next {
            ';' => {
                statements.push(std::mem::take(&mut current));
                1
            }
            '\n' if current.is_command => {
                statements.push(std::mem::take(&mut current));
                1
            }
            '\\' if starts => {
                current.is_command = true;
                let end = rest.find([' ', '\t', '\n', ';']).unwrap_or(rest.len());
                current.words.push(rest[..end].to_uppercase());
                end
            }
            '\'' | '"' | '`' => quoted(rest, next),
            '$' => dollar_quoted(rest),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '#' if starts => rest.find('\n').unwrap_or(rest.len()),
            // MySQL runs what stands in `/*! … */`.
            '/' if rest.starts_with("/*!") => 3,
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if c.is_alphanumeric() || c == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                current.words.push(rest[..end].to_uppercase());
                end
            }
            c => c.len_utf8(),
        };
        rest = &rest[bytes..];
    }
    statements.push(current);
    statements
}

/// Returns the length of a quoted text in bytes. A doubled quote counts as the start of the next
/// one.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// Returns the length of `$tag$ … $tag$` in bytes, or that of the `$` alone.
fn dollar_quoted(text: &str) -> usize {
    let Some((tag, _)) = text[1..].split_once('$') else {
        return 1;
    };
    if !tag.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return 1;
    }
    let open = tag.len() + 2;
    let close = &text[..open];
    text[open..]
        .find(close)
        .map_or(text.len(), |end| open + end + open)
}
