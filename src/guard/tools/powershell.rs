//! Cmdlets of PowerShell, which are named by a verb and a noun.
//!
//! Owns what the verb says of a noun, and which of their parameters names what they change. Never
//! reads the language itself.

use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::verdict::Class;

/// Verbs that change nothing, or only what the shell or this machine's files have.
const READS: [&str; 38] = [
    "get",
    "test",
    "find",
    "show",
    "select",
    "where",
    "foreach",
    "measure",
    "sort",
    "group",
    "format",
    "out",
    "write",
    "read",
    "convert",
    "convertto",
    "convertfrom",
    "import",
    "export",
    "compare",
    "resolve",
    "join",
    "split",
    "wait",
    "connect",
    "disconnect",
    "search",
    "receive",
    "debug",
    "trace",
    "watch",
    "tee",
    "push",
    "pop",
    "use",
    "save",
    "ping",
    "expand",
];
/// Verbs that change something.
const CHANGES: [&str; 40] = [
    "set",
    "new",
    "remove",
    "stop",
    "start",
    "restart",
    "suspend",
    "resume",
    "enable",
    "disable",
    "install",
    "uninstall",
    "add",
    "clear",
    "update",
    "move",
    "rename",
    "copy",
    "publish",
    "unpublish",
    "register",
    "unregister",
    "reset",
    "revoke",
    "grant",
    "approve",
    "deny",
    "mount",
    "dismount",
    "initialize",
    "invoke",
    "send",
    "sync",
    "deploy",
    "undo",
    "restore",
    "repair",
    "checkpoint",
    "complete",
    "block",
];
/// Nouns of the shell itself, and of files.
const OWN: [&str; 34] = [
    "item",
    "itemproperty",
    "content",
    "location",
    "variable",
    "object",
    "alias",
    "module",
    "psdebug",
    "strictmode",
    "culture",
    "date",
    "random",
    "guid",
    "timespan",
    "credential",
    "pssession",
    "job",
    "process",
    "sleep",
    "host",
    "history",
    "error",
    "event",
    "type",
    "member",
    "expression",
    "pester",
    "scriptanalyzer",
    "webrequest",
    "restmethod",
    "build",
    "transcript",
    "executionpolicy",
];
/// Beginnings of nouns of machines, clouds and services.
const WIDE: [&str; 44] = [
    "az",
    "ad",
    "ec2",
    "s3",
    "ecs",
    "eks",
    "rds",
    "iam",
    "gc",
    "mg",
    "vm",
    "vmware",
    "service",
    "computer",
    "website",
    "webapp",
    "iis",
    "net",
    "dns",
    "dhcp",
    "local",
    "scheduled",
    "disk",
    "partition",
    "volume",
    "smb",
    "windows",
    "cluster",
    "hyper",
    "vhd",
    "mailbox",
    "exo",
    "spo",
    "team",
    "aduser",
    "sql",
    "db",
    "kube",
    "container",
    "firewall",
    "gpo",
    "wsus",
    "certificate",
    "cfn",
];
/// Beginnings of nouns of the machine itself.
const HERE: [&str; 9] = [
    "service",
    "computer",
    "local",
    "scheduled",
    "disk",
    "partition",
    "volume",
    "windows",
    "netfirewall",
];

/// Returns the verb and the noun of a cmdlet, in small letters.
fn parts(name: &str) -> Option<(String, String)> {
    let (verb, noun) = name.split_once('-')?;
    let begins_well = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_one = [verb, noun]
        .iter()
        .all(|part| begins_well(part) && is_plain(part));
    is_one.then(|| (verb.to_ascii_lowercase(), noun.to_ascii_lowercase()))
}

/// Returns the class of a cmdlet, the reason, and what it changes. `None` if it is none.
pub(in crate::guard) fn classify(name: &str, rest: &[Word]) -> Option<(Class, String, Targets)> {
    let (verb, noun) = parts(name)?;
    let mut targets = Targets::default();
    let is_try = rest
        .iter()
        .any(|word| word.text.eq_ignore_ascii_case("-WhatIf"));
    if is_try {
        return Some((
            Class::DryRun,
            "-WhatIf shows what it would change".to_owned(),
            targets,
        ));
    }
    let is_read = READS.contains(&verb.as_str());
    if is_read {
        return Some((
            Class::Reading,
            format!("{verb} changes nothing that others can see"),
            targets,
        ));
    }
    let is_write = matches!(noun.as_str(), "webrequest" | "restmethod") && writes(rest);
    if !CHANGES.contains(&verb.as_str()) || OWN.contains(&noun.as_str()) && !is_write {
        return Some((
            Class::Unmatched,
            "it changes the shell, or files".to_owned(),
            targets,
        ));
    }
    if !is_write && !WIDE.iter().any(|begin| noun.starts_with(begin)) {
        return Some((Class::Unmatched, format!("no rule knows {name}"), targets));
    }
    let elsewhere = [
        "-computername",
        "-cn",
        "-hostname",
        "-cimsession",
        "-session",
    ];
    let is_own = HERE.iter().any(|begin| noun.starts_with(begin));
    targets.is_local = is_own && value(rest, &elsewhere).is_none();
    name_targets(&noun, rest, &mut targets);
    Some((Class::Mutating, format!("{verb} changes it"), targets))
}

/// Checks whether a request has a method that writes.
fn writes(rest: &[Word]) -> bool {
    let method = value(rest, &["-method"]);
    let method = method.map(|word| word.text.to_ascii_uppercase());
    method.is_some_and(|method| ["POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()))
}

/// Returns the value of one of these parameters.
fn value<'w>(rest: &'w [Word], names: &[&str]) -> Option<&'w Word> {
    let is_one = |word: &Word| {
        names
            .iter()
            .any(|name| word.text.eq_ignore_ascii_case(name))
    };
    let at = rest.iter().position(is_one)?;
    rest.get(at + 1)
}

/// Checks whether the block of a cmdlet is an expression about each object, and no command.
pub(in crate::guard) fn has_expression(name: &str) -> bool {
    const TAKE_ONE: [&str; 6] = ["Where", "Sort", "Select", "Group", "Measure", "Compare"];
    let verb = name.strip_suffix("-Object");
    verb.is_some_and(|verb| TAKE_ONE.contains(&verb))
}

/// Returns the label of the machine on which a cmdlet acts.
pub(in crate::guard) fn machine(rest: &[Word]) -> Option<String> {
    let names = ["-computername", "-cn", "-hostname", "-cimsession"];
    let host = value(rest, &names)?.known()?;
    Some(format!("host:{host}"))
}

fn name_targets(noun: &str, rest: &[Word], targets: &mut Targets) {
    let first = rest.first().filter(|word| !word.text.starts_with('-'));
    let named = value(
        rest,
        &[
            "-name",
            "-vmname",
            "-servicename",
            "-displayname",
            "-identity",
        ],
    );
    let prefix = match noun {
        "azresourcegroup" => "infra:group/",
        "computer" | "vm" | "azvm" => "host:",
        "service" | "azwebapp" | "azfunctionapp" | "azcontainerapp" | "website" | "webapppool" => {
            "service:"
        }
        _ if noun.contains("sql") => "db:",
        _ => "",
    };
    let named = match noun {
        "computer" => value(rest, &["-computername"]).or(first),
        _ => named.or(first),
    };
    match named.map(|word| (word.known(), word)) {
        Some((Some(name), _)) if !prefix.is_empty() => {
            targets.add_label(&format!("{prefix}{name}"));
        }
        Some((None, word)) => targets.incomplete(&format!("{} is an expansion", word.excerpt)),
        _ => {}
    }
}
