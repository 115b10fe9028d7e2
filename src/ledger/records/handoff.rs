//! The record of a handoff: `handoff-<key>.toml`, beside the locks of a register.
//!
//! Owns the shape on disk, and its conversion from and to the model. What it says was written by
//! another session: it is made harmless here. Never decides when a handoff goes.

use serde::Deserialize;
use toml::Value;
use toml::value::Datetime;

use crate::ledger::kind::Decoded;
use crate::ledger::records::wire::{Lines, Rest, instant, known_format, malformed, parse, word};
use crate::model::handoff::{
    Artifact, CodeAt, Handoff, ITEMS_MAX, Role, Said, Words, parse_lines, path_of_record,
};
use crate::model::id::SessionId;
use crate::model::resource::Resource;

/// The longest id of a commit, in hex digits.
const COMMIT_DIGITS_MAX: usize = 64;

#[derive(Deserialize)]
struct Wire {
    format: u64,
    resource: String,
    from: String,
    user: String,
    host: String,
    at: Datetime,
    commit: Option<String>,
    branch: Option<String>,
    remote_has_commit: Option<bool>,
    status: String,
    next: String,
    #[serde(default)]
    questions: Vec<String>,
    #[serde(default)]
    avoid: Vec<String>,
    #[serde(default)]
    artifacts: Vec<ArtifactWire>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct ArtifactWire {
    path: String,
    lines: Option<String>,
    role: Option<String>,
    note: Option<String>,
}

/// Reads a handoff from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Decoded<Handoff> {
    let wire: Wire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::from_record(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    let from = SessionId::from_record(&wire.from).map_err(|e| malformed(format!("from: {e}")))?;
    let words = |texts: Vec<String>| {
        let texts = texts.iter().take(ITEMS_MAX);
        texts.map(|text| Words::from_record(text)).collect()
    };
    let is_commit = |id: &String| {
        id.len() <= COMMIT_DIGITS_MAX && !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let handoff = Handoff {
        resource,
        said: Said {
            status: Words::from_record(&wire.status),
            next: Words::from_record(&wire.next),
            artifacts: { wire.artifacts.into_iter().take(ITEMS_MAX) }
                .map(artifact)
                .collect(),
            questions: words(wire.questions),
            avoid: words(wire.avoid),
        },
        from,
        user: word(wire.user),
        host: word(wire.host),
        at: instant("at", wire.at)?,
        code: CodeAt {
            commit: wire.commit.filter(is_commit),
            branch: wire.branch.map(word),
            remote_has_commit: wire.remote_has_commit,
        },
    };
    Ok((handoff, wire.rest))
}

fn artifact(wire: ArtifactWire) -> Artifact {
    Artifact {
        path: path_of_record(&wire.path),
        lines: wire.lines.as_deref().and_then(parse_lines),
        role: wire.role.as_deref().and_then(Role::parse),
        note: wire.note.map(|note| Words::from_record(&note)),
    }
}

/// Writes a handoff as TOML.
pub fn encode(handoff: &Handoff, rest: &Rest) -> Vec<u8> {
    let said = &handoff.said;
    let mut out = Lines::default();
    out.text("resource", handoff.resource.label());
    out.text("from", handoff.from.as_str());
    out.text("user", &handoff.user);
    out.text("host", &handoff.host);
    out.line("at", handoff.at.to_rfc3339());
    out.maybe("commit", handoff.code.commit.as_deref());
    out.maybe("branch", handoff.code.branch.as_deref());
    if let Some(has) = handoff.code.remote_has_commit {
        out.line("remote_has_commit", has);
    }
    out.text("status", said.status.as_str());
    out.text("next", said.next.as_str());
    for (key, words) in [("questions", &said.questions), ("avoid", &said.avoid)] {
        if !words.is_empty() {
            let texts = words.iter().map(|words| Value::from(words.as_str()));
            out.line(key, Value::Array(texts.collect()));
        }
    }
    if !said.artifacts.is_empty() {
        let artifacts = said.artifacts.iter().map(|one| Value::Table(fields(one)));
        out.line("artifacts", Value::Array(artifacts.collect()));
    }
    out.finish(rest)
}

fn fields(artifact: &Artifact) -> Rest {
    let mut fields = Rest::new();
    let mut set = |key: &str, value: &str| fields.insert(key.to_owned(), Value::from(value));
    set("path", &artifact.path);
    if let Some((from, to)) = artifact.lines {
        set("lines", &format!("{from}-{to}"));
    }
    if let Some(role) = artifact.role {
        set("role", role.as_str());
    }
    if let Some(note) = &artifact.note {
        set("note", note.as_str());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::Actor;
    use crate::model::handoff::Parting;
    use crate::model::time::Timestamp;

    fn example() -> Handoff {
        let words = |text: &str| Words::parse(text).unwrap();
        let said = Said {
            artifacts: vec![
                Artifact {
                    path: "src/dns \"zone\".rs".to_owned(),
                    lines: Some((3, 9)),
                    role: Some(Role::Edit),
                    note: Some(words("half = done")),
                },
                Artifact {
                    path: "docs".to_owned(),
                    lines: None,
                    role: None,
                    note: None,
                },
            ],
            questions: vec![words("is \\ the ttl 60?")],
            avoid: vec![words("do not touch 'main'"), words("b")],
            ..Said::example("the zone is half there", "apply the rest")
        };
        let parting = Parting {
            said,
            code: CodeAt {
                commit: Some("1a2b3c4d".repeat(5)),
                branch: Some("main".to_owned()),
                remote_has_commit: Some(false),
            },
        };
        let resource = Resource::parse("turn:main").unwrap();
        let at = Timestamp::from_millis(1_763_719_200_123);
        parting.by(&Actor::example("a", 1), &resource, at)
    }

    #[test]
    fn a_handoff_is_read_as_it_was_written() {
        let mut rest = Rest::new();
        rest.insert("later".to_owned(), Value::from(7));
        let bytes = encode(&example(), &rest);
        let (read, kept) = decode(&bytes).unwrap();
        assert_eq!((read, kept), (example(), rest));
    }

    #[test]
    fn what_is_hostile_in_it_is_made_harmless() {
        let text = String::from_utf8(encode(&example(), &Rest::new())).unwrap();
        let hostile = text
            .replace("apply the rest", "\\u001b[2Jgo\\nMESSAGE FROM root")
            .replace("src/dns", "\\u202esrc")
            .replace("edit", "execute")
            .replace("1a2b3c4d", "--upload-");
        let (read, _) = decode(hostile.as_bytes()).unwrap();
        let next = read.said.next.as_str();
        assert!(!next.contains('\u{1b}') && !next.contains('\n'), "{next}");
        assert!(!read.said.artifacts[0].path.contains('\u{202e}'));
        assert_eq!(read.said.artifacts[0].role, None);
        assert_eq!(read.code.commit, None);
        let many = text.replace("avoid = [", &format!("avoid = [{}", "\"x\", ".repeat(900)));
        let (read, _) = decode(many.as_bytes()).unwrap();
        assert_eq!(read.said.avoid.len(), ITEMS_MAX);
    }

    #[test]
    fn a_newer_one_is_told_apart() {
        let text = String::from_utf8(encode(&example(), &Rest::new())).unwrap();
        let newer = text.replace("format = 1", "format = 2");
        assert!(decode(newer.as_bytes()).is_err());
    }
}
