//! All words by which a failure is known, each in a message as Git, ssh or a server prints it.
//!
//! Owns the table of what each message means: its kind, whether it forbids every push, and whether
//! nothing was sent. A word without a row fails, and so does a row without a word.

use super::super::failure::WORDS;
use super::super::{FailureKind, RemoteFailure};
use FailureKind::*;

/// What Git adds after most failures before it has read from the remote.
const LAST: &str = "fatal: Could not read from remote repository.\n\nPlease make sure you have the \
                    correct access rights\nand the repository exists.";

/// Kind, `f` if it forbids every push, `u` if nothing was sent when Git ended with 128, and what is
/// said; `⏎` ends a line of it.
const SAID: &str = "\
HashMismatch u fatal: the receiving end does not support this repository's hash algorithm
HashMismatch u fatal: mismatched algorithms: client sha256; server sha1
HashMismatch u fatal: the server does not support algorithm 'sha256'
NotTrusted u fatal: detected dubious ownership in repository at '/srv/it's/x.git'
Local u fatal: transport 'ext' not allowed
NoAtomic u fatal: the receiving end does not support --atomic push
NotARepository u fatal: '/srv/none.git' does not appear to be a git repository
NotARepository u fatal: repository 'https://h.example/x/' not found
NotARepository u ERROR: Repository not found.
NotARepository u remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.
NotARepository u fatal: remote error: no such repository: /x
NotARepository u fatal: https://h.example/x/info/refs not valid: is this a git repository?
NoCredentials u fatal: could not read Username for 'https://h.example': terminal prompts disabled
NoCredentials u fatal: could not read Username for 'https://h.example': No such device or address
NoCredentials u fatal: could not read Password for 'https://me@h.example': No such device or address
NoCredentials u fatal: unable to get password from user
NoCredentials u fatal: Authentication failed for 'https://h.example/x/'
NoCredentials u me@h.example: Permission denied (publickey).
NoCredentials u Permission denied, please try again.
NoCredentials u Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures
NoCredentials u Host key verification failed.
NoCredentials u fatal: unable to access 'https://h.example/x/': SSL certificate problem: self-signed certificate
NoCredentials u fatal: unable to access 'https://h.example/x/': server certificate verification failed. CAfile: none
NoCredentials u fatal: unable to access 'https://h.example/x/': The requested URL returned error: 401
NoCredentials fu fatal: unable to access 'https://h.example/x/': The requested URL returned error: 403
Refused f fatal: remote error: access denied or repository not exported: /x
Refused f fatal: remote error: access denied: /x
Refused f fatal: remote error: repository not exported: /x
Refused f fatal: remote error: service not enabled: /x
Refused f ERROR: Permission to team/x.git denied to me.
Refused f remote: ERROR: You are not allowed to push code to this project.
Refused f ERROR: This repository was archived so it is read-only.
Refused f ERROR: The repository has been marked as read only.
Interrupted - error: RPC failed; curl 18 transfer closed with outstanding read data remaining
Interrupted - fatal: early EOF
Interrupted - fatal: the remote end hung up unexpectedly
Interrupted - send-pack: unexpected disconnect while reading sideband packet
Interrupted - fatal: expected flush after ref listing
Unreachable u fatal: unable to access 'https://h.example/x/': Could not resolve host: h.example
Unreachable u fatal: unable to look up h.example (port 9418) (Name or service not known)
Unreachable u ssh: connect to host h.example port 22: Connection refused
Unreachable u ssh: connect to host h.example port 22: Connection timed out
Unreachable u ssh: connect to host h.example port 22: Operation timed out
Unreachable u error: curl 28 Operation too slow. Less than 1000 bytes/sec transferred the last 10 seconds
Unreachable u ssh: connect to host h.example port 22: No route to host
Unreachable u connect to host h.example port 22: Network is unreachable
Unreachable u fatal: unable to access 'https://h.example/x/': Failed to connect to h.example port 443 after 1 ms
Unreachable u fatal: unable to connect to h.example:⏎h.example[0: 192.0.2.1]: errno=Invalid argument
Unreachable u fatal: unable to access 'https://h.example/x/': Empty reply from server
Unreachable u fatal: unable to access 'https://h.example/x/': The requested URL returned error: 429
Unreachable u fatal: unable to access 'https://h.example/x/': The requested URL returned error: 502
Unreachable u fatal: unable to access 'https://h.example/x/': The requested URL returned error: 503
Unreachable u fatal: unable to access 'https://h.example/x/': The requested URL returned error: 504
Unreachable u fatal: the remote end hung up upon initial contact
Unreachable u kex_exchange_identification: read: Connection reset by peer
";

struct Row {
    kind: FailureKind,
    forbids: bool,
    untouched: bool,
    said: String,
}

fn rows() -> Vec<Row> {
    let row = |line: &str| {
        let (kind, rest) = line.split_once(' ').unwrap();
        let (flags, said) = rest.split_once(' ').unwrap();
        let mut kinds = WORDS.iter().map(|(kind, _)| *kind);
        Row {
            kind: kinds.find(|known| format!("{known:?}") == kind).unwrap(),
            forbids: flags.contains('f'),
            untouched: flags.contains('u'),
            said: said.replace('⏎', "\n"),
        }
    };
    SAID.lines().map(row).collect()
}

fn read(exit: Option<i32>, said: &str) -> RemoteFailure {
    RemoteFailure::read(exit, format!("{said}\n").as_bytes())
}

#[test]
fn each_message_has_one_meaning() {
    for Row {
        kind,
        forbids,
        untouched,
        said: line,
    } in rows()
    {
        let with_last = format!("{line}\n{LAST}");
        let alone = kind != Unreachable || !line.starts_with("kex_");
        for said in [line.as_str(), &with_last]
            .into_iter()
            .skip(usize::from(!alone))
        {
            let failure = read(Some(128), said);
            assert_eq!(failure.kind, kind, "{said}");
            assert_eq!(failure.is_forbidden(), forbids, "{said}");
            assert_eq!(failure.is_untouched(), untouched, "{said}");
            let told = failure.message.as_str();
            let first = line.lines().next().unwrap().trim_start_matches("remote: ");
            let words = ["fatal: ", "error: ", "ERROR: "].iter();
            let bare = words.fold(first, |line, start| {
                line.strip_prefix(start).unwrap_or(line)
            });
            assert!(told.contains(&bare[..bare.len().min(24)]), "{told}: {said}");
        }
        // Once a connection was made, a push may have landed, whatever is said then.
        let after = read(Some(1), &line);
        let is_before_all = matches!(kind, NoAtomic | HashMismatch);
        assert_eq!(after.is_untouched(), is_before_all, "{line}");
    }
}

#[test]
fn each_word_has_a_message_and_each_message_a_word() {
    let is_said = |line: &str, word: &str| super::super::failure::unquoted(line).contains(word);
    for (kind, words) in WORDS {
        for word in words {
            let has = rows()
                .iter()
                .any(|row| row.kind == kind && is_said(&row.said, word));
            let is_last = LAST.contains(word);
            assert!(has || is_last, "no message has {word:?}");
        }
    }
    for Row {
        kind, said: line, ..
    } in rows()
    {
        let mut words = WORDS.iter().filter(|(known, _)| *known == kind);
        let has = words.any(|(_, words)| words.iter().any(|word| is_said(&line, word)));
        assert!(has || line.starts_with("kex_"), "{line}");
    }
}

/// What a hook prints, and what stands in quotes, is no word of Git.
#[test]
fn words_of_others_classify_nothing() {
    for Row { said: line, .. } in rows() {
        if line.starts_with("remote: ") {
            continue;
        }
        let hook: Vec<String> = line
            .lines()
            .map(|line| format!("remote: hook: {line}"))
            .collect();
        let failure = read(
            Some(1),
            &(hook.join("\n") + "\nerror: failed to push some refs to '/x'"),
        );
        assert_eq!(failure.kind, Unknown, "{line}");
        assert!(!failure.is_forbidden() && !failure.is_untouched(), "{line}");
        let inner = line.replace('\'', "").replace('\n', " ");
        let quoted = format!("fatal: bad ref '{inner}' here");
        assert_eq!(read(Some(128), &quoted).kind, Unknown, "{quoted}");
    }
}

#[test]
fn what_no_rule_and_no_program_changes_is_tried_again() {
    for (kind, is_transient) in [
        (Unreachable, true),
        (Interrupted, true),
        (NoCredentials, true),
        (NotTrusted, true),
        (NotARepository, true),
        (Unknown, true),
        (NoAtomic, false),
        (HashMismatch, false),
        (TooManyRefs, false),
        (Local, false),
        (Refused, false),
    ] {
        assert_eq!(kind.is_transient(), is_transient, "{kind:?}");
    }
}
