//! Code on the line that uses a library of a cloud, a cluster or a database.
//!
//! Owns the names of libraries, and what of their calls changes something. Never reads the language
//! that the code is in.

use super::exec_context::Input;
use crate::guard::shell::Word;

/// Libraries that change what others can see.
const SDKS: [&str; 20] = [
    "boto3",
    "aws-sdk",
    "google.cloud",
    "@google-cloud",
    "azure.",
    "@azure",
    "kubernetes",
    "psycopg",
    "sqlalchemy",
    "pymysql",
    "pymongo",
    "mongodb",
    "mongoose",
    "sqlite",
    "mysql",
    "redis",
    "paramiko",
    "stripe",
    "docker",
    "cloudflare",
];
/// Parts of the names of methods, and of statements, that change something.
const ACTS: [&str; 20] = [
    "delete",
    "update",
    "create_",
    "create(",
    "put_",
    "terminate",
    "drop ",
    "insert",
    "remove",
    "restart",
    "reboot",
    "truncate",
    "flush",
    "scale",
    "stop_",
    "start_",
    ".set(",
    "patch_",
    "alter ",
    "run_",
];

/// Returns the library of a cloud, a cluster or a database that code on the line uses to change
/// something.
pub(super) fn sdk_that_changes(rest: &[Word], stdin: &Input) -> Option<&'static str> {
    let codes = rest.windows(2).filter_map(|pair| match pair {
        [option, code] if matches!(option.text.as_str(), "-c" | "-e" | "--eval") => Some(code),
        _ => None,
    });
    let read = match stdin {
        Input::Text(text) => Some(text),
        Input::Inherited | Input::Elsewhere => None,
    };
    codes.chain(read).find_map(|code| {
        let text: Vec<&str> = code.certain_parts().collect();
        let text = text.join(" ").to_lowercase();
        let changes = ACTS.iter().any(|act| text.contains(act));
        let sdk = SDKS.iter().find(|sdk| text.contains(**sdk));
        sdk.copied().filter(|_| changes)
    })
}
