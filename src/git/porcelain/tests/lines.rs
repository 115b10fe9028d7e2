//! Table tests of single lines, good and bad.
//!
//! Owns the cases that were not recorded: messages of other vendors, hostile servers, damaged
//! output.

use super::super::failure::unquoted;
use super::super::words::MESSAGE_BYTES_MAX;
use super::super::*;

const A: &str = "8ab686eafeb1f44702738c8b0f24f2567c36da6d";
const B: &str = "f32a379f12e292f17a5873207f8afc81402538c3";
const NULL: &str = "0000000000000000000000000000000000000000";

#[test]
fn object_ids() {
    let sha256 = A.to_owned() + &A[..24];
    for good in [A, NULL, &sha256] {
        assert_eq!(Oid::parse(good).unwrap().to_string(), good);
    }
    for bad in [
        "",
        "8ab686e",
        &A.to_uppercase(),
        &A[1..],
        &format!("{A}0"),
        &"g".repeat(40),
    ] {
        assert_eq!(Oid::parse(bad), None, "{bad:?}");
    }
    assert!(Oid::parse(NULL).unwrap().is_null());
    assert!(Oid::parse(&"0".repeat(64)).unwrap().is_null());
    assert!(!Oid::parse(A).unwrap().is_null());
}

#[test]
fn versions() {
    for (text, expected) in [
        ("git version 2.47.3\n", (2, 47, 3)),
        ("git version 2.47.3", (2, 47, 3)),
        ("git version 2.39.5 (Apple Git-154)\n", (2, 39, 5)),
        ("git version 2.47.3.windows.1\n", (2, 47, 3)),
        ("git version 2.50.0.rc1\n", (2, 50, 0)),
        ("git version 2.50.1-rc1\n", (2, 50, 1)),
        ("git version 2.47.0.149.g3e3c6ba\n", (2, 47, 0)),
        ("git version 2.55.GIT\n", (2, 55, 0)),
        ("git version 3.0\n", (3, 0, 0)),
        ("git version 2.47.3\nand more\n", (2, 47, 3)),
    ] {
        let version = parse_version(text.as_bytes()).unwrap();
        assert_eq!(
            (version.major, version.minor, version.patch),
            expected,
            "{text:?}"
        );
    }
    for bad in [
        "",
        "\n",
        "git version",
        "git version \n",
        "git version two.one\n",
        "git version 2\n",
        "git version 2.\n",
        "git version 2..3\n",
        "git version +2.47.3\n",
        "git version 2.99999999999.1\n",
        "Git version 2.47.3\n",
        "hub version 2.14.2\n",
    ] {
        assert!(parse_version(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(parse_version(b"git version 2.\xff\n").is_err());
    let version = |minor, patch| GitVersion {
        major: 2,
        minor,
        patch,
    };
    assert!(version(9, 5) < version(41, 0) && version(41, 0) < version(41, 1));
}

#[test]
fn listings() {
    let good = format!("{A}\trefs/presence/sessions/a\n{B}\trefs/presence/sessions/b\n");
    let listing = parse_ls_remote(good.as_bytes()).unwrap();
    assert_eq!(listing.refs.len(), 2);
    assert_eq!(
        listing.refs[1],
        (
            Oid::parse(B).unwrap(),
            "refs/presence/sessions/b".to_owned()
        )
    );
    assert_eq!(parse_ls_remote(b"").unwrap(), Listing::default());
    for bad in [
        "\n",
        "nonsense\n",
        &format!("{A} refs/x\n"),
        &format!("{}\trefs/x\n", A.to_uppercase()),
        &format!("{NULL}\trefs/x\n"),
        &format!("\t{A}\trefs/x\n"),
        &format!("{A}\trefs/x"),
        &format!("{A}\trefs/x\n\n"),
        &format!("From /srv/r.git\n{A}\trefs/x\n"),
    ] {
        assert!(parse_ls_remote(bad.as_bytes()).is_err(), "{bad:?}");
    }
}

#[test]
fn one_odd_name_hides_no_other() {
    for odd in [
        &b"refs/presence/\xff"[..],
        b"HEAD",
        b"refs/",
        b"refs/a b",
        b"refs/a\tb",
        b"refs/a\r",
        b"refs/a//b",
        b"refs/a/",
        b"refs/.a",
        b"refs/a.",
        b"refs/a..b",
        b"refs/a.lock",
        b"refs/a@{b",
        b"refs/a^{}",
        b"refs/a:b",
        b"refs/a\\b",
        b"refs/\x1b[31m",
    ] {
        let mut text = format!("{A}\t").into_bytes();
        text.extend_from_slice(odd);
        text.extend_from_slice(format!("\n{B}\trefs/b\n").as_bytes());
        let listing = parse_ls_remote(&text).unwrap();
        assert_eq!(
            listing.refs,
            [(Oid::parse(B).unwrap(), "refs/b".to_owned())],
            "{odd:?}"
        );
        assert_eq!(listing.unreadable.len(), 1, "{odd:?}");
        assert!(!listing.unreadable[0].contains(char::is_control), "{odd:?}");
    }
}

#[test]
fn words_of_other_servers() {
    let read = |stderr: &str| RemoteFailure::read(Some(128), stderr.as_bytes());
    let could_not = "fatal: Could not read from remote repository.\n\nPlease make sure you have the \
                     correct access rights\nand the repository exists.\n";
    for (kind, stderr) in [
        (
            FailureKind::NotARepository,
            format!("ERROR: Repository not found.\n{could_not}"),
        ),
        (
            FailureKind::NotARepository,
            format!(
                "remote: \nremote: ======\nremote: \nremote: ERROR: The project you were looking \
                 for could not be found or you don't have permission to view it.\n{could_not}"
            ),
        ),
        (
            FailureKind::Refused,
            format!(
                "remote: ERROR: You are not allowed to push code to this project.\n{could_not}"
            ),
        ),
        (
            FailureKind::Refused,
            format!("ERROR: Permission to a/b.git denied to c.\n{could_not}"),
        ),
        (
            FailureKind::Unreachable,
            format!("Connection closed by 192.0.2.1 port 22\n{could_not}"),
        ),
        (FailureKind::Unreachable, could_not.to_owned()),
        // The output of a hook is ignored.
        (FailureKind::Interrupted, {
            "remote: Authentication failed, Connection refused\n\
             fatal: the remote end hung up unexpectedly\n"
                .to_owned()
        }),
        // So is a path.
        (
            FailureKind::Unknown,
            "fatal: bad config in '/srv/Connection refused/x'\n".to_owned(),
        ),
        (
            FailureKind::Unknown,
            "hint: Connection refused\n".to_owned(),
        ),
        (FailureKind::Unknown, String::new()),
    ] {
        assert_eq!(read(&stderr).kind, kind, "{stderr}");
    }
    let failure = read(&format!(
        "Connection closed by 192.0.2.1 port 22\r\n{could_not}"
    ));
    assert_eq!(failure.message, "Connection closed by 192.0.2.1 port 22");
    for nothing in ["", "\n", " \r\n", "remote: \n", "hint: so\n"] {
        assert_eq!(
            read(nothing).message,
            "git exited with 128 and printed no message"
        );
    }
    // A stale socket of ssh says nothing about the remote; a remote that answered is not untouched.
    let socket = "Control socket connect(/x): Connection refused\r\n";
    assert_eq!(read(socket).kind, FailureKind::Unknown);
    let ended = |code| RemoteFailure::read(Some(code), b"x: Connection refused\n");
    assert!(ended(128).is_untouched() && !ended(1).is_untouched());
    // A server that broke off may have moved the ref, whatever else it printed.
    let odd = "someone@host: Permission denied (x).\nfatal: the remote end hung up unexpectedly\n";
    assert_eq!(read(odd).kind, FailureKind::NoCredentials);
    assert!(!read(odd).is_untouched());
}

#[test]
fn quotes() {
    for (text, bare) in [
        (
            "repository 'http://x/' not found",
            "repository '' not found",
        ),
        ("this repository's hash", "this repository's hash"),
        ("the server doesn't say 'so'", "the server doesn't say ''"),
        ("'it's here' exists", "'' exists"),
        ("'a' 'b'", "'' ''"),
        ("''", "''"),
        ("'open", "'open"),
        ("'", "'"),
        ("", ""),
    ] {
        assert_eq!(unquoted(text), bare, "{text}");
    }
}

#[test]
fn what_may_be_shown() {
    for (text, shown) in [
        ("  a \t b\u{7}\r\n", "a b"),
        ("\u{1b}[31mred\u{1b}[0m \u{202e}x", "[31mred [0m x"),
        ("für 日本", "für 日本"),
        ("https://u:p@host/x https://t@h", "https://host/x https://h"),
        ("'https://u:p@ss@host': no", "'https://host': no"),
        ("http://host/a@b me@host:x", "http://host/a@b me@host:x"),
        ("://", "://"),
        ("", ""),
    ] {
        assert_eq!(harmless(text), shown, "{text:?}");
    }
    assert_eq!(harmless(&"ü".repeat(1000)).len(), MESSAGE_BYTES_MAX);
}
