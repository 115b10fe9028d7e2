//! Shipped rules.
//!
//! Owns the texts of the rules that come with the program, line by line. Never reads them.

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

const SHIPPED: [&str; 4] = [
    include_str!("infrastructure.txt"),
    include_str!("containers.txt"),
    include_str!("cloud.txt"),
    include_str!("wrappers.txt"),
];

/// Variables in the holes of shipped templates. Reading them off the rules takes longer than
/// classifying a line; a test compares them.
const IN_TEMPLATES: [&str; 9] = [
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "CLOUDSDK_CORE_PROJECT",
    "DOCKER_HOST",
    "HELM_KUBECONTEXT",
    "HELM_NAMESPACE",
    "PGDATABASE",
    "PGHOST",
];

/// Variables that carry arguments, as far as they can change what a command does.
const ARGUMENTS: [&str; 9] = [
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_apply",
    "TF_CLI_ARGS_destroy",
    "TF_CLI_ARGS_import",
    "TF_CLI_ARGS_init",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_refresh",
    "TF_CLI_ARGS_state",
    "TF_CLI_ARGS_workspace",
];

/// Marks of the names of all programs that a shipped line is about. Most commands that agents run
/// are of programs without a rule, for which the texts need not be searched.
const KNOWN: [u64; MARKS / 64] = marks();

/// How many marks there are: a name without a rule has that of another one in one case of ten.
const MARKS: usize = 4096;

/// Returns the mark of a name.
const fn mark(name: &[u8], start: usize, end: usize) -> usize {
    let (mut hash, mut at) = (0x811c_9dc5_u32, start);
    while at < end {
        hash = (hash ^ name[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash >> 16 ^ hash) as usize % MARKS
}

/// Returns the marks of the first words of all lines.
const fn marks() -> [u64; MARKS / 64] {
    let (mut known, mut n) = ([0; MARKS / 64], 0);
    while n < SHIPPED.len() {
        let text = SHIPPED[n].as_bytes();
        let (mut at, mut start, mut is_first) = (0, 0, true);
        while at < text.len() {
            let byte = text[at];
            let is_end = byte == b'|' || byte.is_ascii_whitespace();
            if is_first && is_end {
                let mark = mark(text, start, at);
                known[mark / 64] |= 1 << (mark % 64);
                start = at + 1;
                is_first = byte == b'|';
            }
            if byte == b'\n' {
                (start, is_first) = (at + 1, true);
            }
            at += 1;
        }
        n += 1;
    }
    known
}

/// Returns the lines of the shipped rules, comments and empty lines included.
#[cfg(test)]
pub(super) fn shipped_lines() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().flat_map(|text| text.lines()).map(str::trim)
}

/// Removes a comment.
pub(super) fn without_comment(line: &str) -> &str {
    match line {
        "#" => "",
        line => line.split("# ").next().unwrap_or_default().trim(),
    }
}

/// Returns the shipped lines that state something about the program `name`.
pub(super) fn lines_about(name: &str) -> impl Iterator<Item = &'static str> {
    let mark = mark(name.as_bytes(), 0, name.len());
    let may_be_known = KNOWN[mark / 64] & 1 << (mark % 64) != 0;
    let finder = may_be_known.then(|| Finder::new(name));
    let lines = finder.into_iter().flat_map(|finder| {
        let texts = SHIPPED.iter();
        texts.flat_map(move |text| lines_with(text, &finder))
    });
    lines.filter(move |line| is_about(line, name))
}

/// Returns the lines of a text with a first word that may contain what `finder` finds.
fn lines_with(text: &'static str, finder: &Finder<'_>) -> Vec<&'static str> {
    let is_edge = |byte: u8| byte == b'|' || byte.is_ascii_whitespace();
    let bytes = text.as_bytes();
    let found = finder.find_iter(bytes).filter(|at| {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(at + finder.needle().len());
        before.is_none_or(is_edge) && after.is_none_or(|byte| is_edge(*byte))
    });
    let line = |at: usize| {
        let begin = memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
        (begin, end)
    };
    let mut lines: Vec<(usize, usize)> = found.map(line).collect();
    lines.dedup();
    lines
        .into_iter()
        .map(|(begin, end)| text[begin..end].trim())
        .collect()
}

/// Checks whether a line states something about the program `name`.
fn is_about(line: &str, name: &str) -> bool {
    let programs = line.split_whitespace().next().unwrap_or("#");
    programs != "#" && programs.split('|').any(|program| program == name)
}

/// Returns the names of variables in the holes of templates, and of those that carry arguments.
pub(super) fn variables<'t>() -> impl Iterator<Item = &'t str> {
    IN_TEMPLATES.into_iter().chain(ARGUMENTS)
}
