//! Copies between machines.
//!
//! Owns where `rsync`, `scp` and the clients of storage write, by the last word. Never knows their
//! options.

use crate::guard::invocation::Invocation;
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::verdict::Class;

/// Where a word of a copy is.
enum Side {
    /// On this machine.
    Local,
    /// On a machine or in storage, with the label of it, if that is certain.
    Remote(Option<String>),
    /// An expansion that may be either.
    Open,
}

/// Schemes of buckets.
const BUCKETS: [&str; 6] = ["s3://", "gs://", "gcs://", "r2://", "b2://", "oss://"];

/// Classifies a copy by where its last word is, and adds what it writes to.
pub(in crate::guard) fn classify(
    invocation: &Invocation<'_>,
    into: &mut Targets,
) -> (Class, String) {
    let words = invocation.arguments();
    let Some((target, sources)) = words.split_last() else {
        let why = "the line does not say what it copies".to_owned();
        return (Class::Unmatched, why);
    };
    if sources.is_empty() && !target.dynamic {
        return (Class::Reading, "it lists what is there".to_owned());
    }
    // What goes between two folders of this machine needs no client of storage.
    let is_local = |word: &Word| matches!(side(word), Side::Local);
    let target = match side(target) {
        Side::Open if invocation.verbs > 0 && sources.iter().all(is_local) => Side::Remote(None),
        side => side,
    };
    match target {
        // Clients of storage have a verb, and name a bucket behind the name of a remote.
        Side::Remote(Some(label)) if invocation.verbs > 0 && label.starts_with("host:") => {
            let path = words.last().and_then(Word::known).unwrap_or_default();
            let path = path.split_once(':').map_or("", |(_, path)| path);
            match path.split('/').find(|part| !part.is_empty()) {
                Some(bucket) => into.add_label(&format!("infra:bucket/{bucket}")),
                None => into.incomplete("the line does not name a bucket"),
            }
            (Class::Mutating, "it writes somewhere else".to_owned())
        }
        Side::Remote(label) => {
            match label {
                Some(label) => into.add_label(&label),
                None => into.incomplete("where it copies to is an expansion"),
            }
            (Class::Mutating, "it writes somewhere else".to_owned())
        }
        Side::Open => {
            let why = "where it copies to is an expansion".to_owned();
            (Class::Unknown(why.clone()), why)
        }
        Side::Local if sources.iter().any(|word| !is_local(word)) => {
            (Class::Reading, "it copies to this machine".to_owned())
        }
        Side::Local => (Class::Unmatched, "it copies on this machine".to_owned()),
    }
}

fn side(word: &Word) -> Side {
    if word.may_be_several() {
        return Side::Open;
    }
    let Some(text) = word.known() else {
        let is_remote = word.certain_parts().any(|part| {
            let before_path = part.split('/').next().unwrap_or_default();
            before_path.contains([':', '@'])
        });
        return match is_remote {
            true => Side::Remote(host_of(&word.text)),
            false if word.text.starts_with(['.', '/', '~']) => Side::Local,
            false if word.tail.starts_with(':') => Side::Remote(None),
            false => Side::Open,
        };
    };
    if let Some(scheme) = BUCKETS.iter().find(|scheme| text.starts_with(**scheme)) {
        let bucket = text[scheme.len()..].split('/').next().unwrap_or_default();
        return Side::Remote((!bucket.is_empty()).then(|| format!("infra:bucket/{bucket}")));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        return Side::Remote(Some(format!("host:{host}")));
    }
    match host_of(text) {
        Some(label) => Side::Remote(Some(label)),
        None => Side::Local,
    }
}

/// Returns the label of the machine in `[user@]host:path`. A letter without a user is a drive.
fn host_of(text: &str) -> Option<String> {
    let (host, _) = text.split_once(':')?;
    let has_user = host.contains('@');
    let host = host.rsplit('@').next().unwrap_or_default();
    let is_host = (host.len() > 1 || has_user) && !host.is_empty() && !host.contains('/');
    is_host.then(|| format!("host:{host}"))
}
