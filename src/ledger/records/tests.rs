//! Records round trip, keep what they do not know, and say what is wrong with them.

use proptest::prelude::*;

use super::claim::{decode, encode};
use super::session::{read_session, write_session};
use crate::model::unreadable::Defect;

const SESSION: &str = r#"format = 1
id = "wizard@devvm@a1b2c3d4"
node = "0123456789abcdef0123456789abcdef"
agent = "claude-code"
user = "wizard"
host = "devvm"
host_id = "9f00"
boot_id = "b00t"
pid = 4242
started_at = 2026-11-21T09:00:00.000Z
worktree = "/src/app"
branch = "main"
seen_at = 2026-11-21T10:04:10.120Z
ttl_seconds = 900
"#;

const CLAIM: &str = r#"format = 1
resource = "node:k8s-node1"
purpose = "GPU driver upgrade"
mode = "shared"
claimed_at = 2026-11-21T10:00:00.000Z
ttl_seconds = 900
"#;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn records_round_trip_to_the_same_bytes() {
    let session = read_session(SESSION.as_bytes()).unwrap();
    assert_eq!(session.who.process.as_ref().unwrap().pid, 4242);
    assert_eq!(text(write_session(&session)), SESSION);
    let claim = decode(CLAIM.as_bytes()).unwrap();
    let (claim, rest) = claim;
    assert_eq!(claim.resource.label(), "node:k8s-node1");
    assert_eq!(text(encode(&claim, &rest)), CLAIM);
}

#[test]
fn unknown_fields_of_every_type_are_kept() {
    let more = format!(
        "{CLAIM}colour = \"blue\"\nseen = [1, 2]\nwhen = 2027-01-01T00:00:00Z\n\n[deep]\nx = 1\n\n[deep.er]\nat = 2027-01-01\n"
    );
    let (read, rest) = decode(more.as_bytes()).unwrap();
    let (_, again) = decode(&encode(&read, &rest)).unwrap();
    assert_eq!(rest, again);
    assert_eq!(rest, more[CLAIM.len()..].parse::<toml::Table>().unwrap());
}

#[test]
fn a_newer_format_is_recognised_whatever_else_it_holds() {
    for newer in ["format = 2\n", "format = 9\nresource = 5\n"] {
        assert!(matches!(
            decode(newer.as_bytes()),
            Err(Defect::Newer { .. })
        ));
        assert!(matches!(
            read_session(newer.as_bytes()),
            Err(Defect::Newer { .. })
        ));
    }
}

#[test]
fn what_is_wrong_is_said() {
    let refused = |from: &str, to: &str| {
        decode(CLAIM.replace(from, to).as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(refused("node:k8s-node1", "k8s").contains("has no type"));
    assert!(refused("\"shared\"", "\"exclusive\"").contains("mode 'exclusive'"));
    assert!(refused("ttl_seconds = 900", "ttl_seconds = 9").contains("out of range"));
    assert!(refused("ttl_seconds = 900", "ttl_seconds = 999999").contains("out of range"));
    assert!(refused("T10:00:00.000Z", "").contains("not an instant"));
    assert!(refused("purpose", "porpoise").contains("missing field"));
    assert!(refused("format = 1", "format = 0").contains("format 0"));
    assert!(refused("format = 1\n", "").contains("missing field"));
    assert_eq!(decode(b"\xff\xfe").unwrap_err(), Defect::NotUtf8);
    let escapes = CLAIM.replace("GPU driver", "\\u001b[31mGPU\\n");
    assert_eq!(
        decode(escapes.as_bytes()).unwrap().0.purpose.as_str(),
        "\\u{1b}[31mGPU upgrade"
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..300, b in any::<u8>()) {
        let _ = decode(&bytes);
        let _ = read_session(&bytes);
        let mut near = SESSION.as_bytes().to_vec();
        let at = at % near.len();
        near[at] = b;
        if let Ok(record) = read_session(&near) {
            prop_assert!(read_session(&write_session(&record)).is_ok());
        }
    }
}
