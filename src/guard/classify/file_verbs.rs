//! Commands for files.
//!
//! Owns which of their words, and which values of their options, name what they change. Never looks
//! at a disk.

use super::operands::{Read, into};
use super::powershell::{is_cmdlet_for_files, written_by_cmdlet};
use crate::guard::shell::Word;
use crate::guard::verdict::Reach;

/// Programs that write where `-o` says, with the long forms of that option.
const OUTPUTS: [&str; 13] = [
    "cc", "gcc", "g++", "clang", "clang++", "ld", "rustc", "pandoc", "gpg", "sort", "age",
    "xmllint", "dot",
];
/// Programs that change the files that they are given, if one of these options is there.
const IN_PLACE: [(&str, &[&str]); 8] = [
    ("gofmt", &["w"]),
    ("goimports", &["w"]),
    ("shfmt", &["w", "write"]),
    ("clang-format", &["i"]),
    ("prettier", &["w", "write"]),
    ("yq", &["i", "inplace", "in-place"]),
    ("xmlstarlet", &["L", "inplace"]),
    ("jq", &["in-place"]),
];

/// Returns what a command changes, and how much of that.
pub(super) fn written(name: &str, rest: &[Word]) -> Vec<(Word, Reach)> {
    let of = |short: &str, long: &[&str]| Read::of(rest, short, long);
    let files = |all: Vec<Word>| all.into_iter().map(|word| (word, Reach::File)).collect();
    match name {
        "tee" | "shred" | "unlink" | "rmdir" | "sponge" | "dos2unix" | "unix2dos" | "ed" | "ex" => {
            files(of("ns", &["iterations", "size"]).plain)
        }
        "truncate" => files(of("sr", &["size", "reference"]).plain),
        "touch" => files(of("dtr", &["date", "reference", "time"]).plain),
        "rm" => {
            let asked = of("", &[]);
            let is_deep = asked.has(&["r", "R", "recursive"]);
            let reach = if is_deep { Reach::Below } else { Reach::File };
            asked.plain.into_iter().map(|word| (word, reach)).collect()
        }
        "mv" | "cp" | "install" | "ln" | "scp" => placed(name, rest),
        "rsync" => synced(rest),
        "dd" => {
            let is_output = |word: &&Word| word.text.starts_with("of=");
            files(
                rest.iter()
                    .filter(is_output)
                    .map(|word| word.after(3))
                    .collect(),
            )
        }
        "curl" => downloaded(&of(
            "oDKHXdFuAebmTcrwxyYzECtQPU",
            &[
                "output",
                "output-dir",
                "dump-header",
                "header",
                "request",
                "data",
                "cookie-jar",
            ],
        )),
        "wget" => {
            let asked = of(
                "OPoaUeitTwQBARDIlX",
                &["output-document", "directory-prefix"],
            );
            files(asked.values(&["O", "output-document", "o"]))
        }
        "gzip" | "gunzip" | "bzip2" | "bunzip2" | "xz" | "unxz" | "zstd" => {
            let asked = of("S", &["suffix"]);
            let keeps = asked.has(&["c", "l", "t", "stdout", "list", "test"]);
            files(if keeps { Vec::new() } else { asked.plain })
        }
        "zip" => files(of("", &[]).plain.into_iter().take(1).collect()),
        "tar" | "bsdtar" => unpacked_by_tar(rest),
        "unzip" => unpacked(of("dxP", &[]), "d"),
        "7z" | "7za" => unpacked(of("o", &[]), "o"),
        "patch" => patched(&of(
            "dopFBDgiYzrV",
            &["directory", "output", "strip", "input"],
        )),
        "sed" | "perl" | "ruby" => edited_in_place(name, rest),
        _ if is_cmdlet_for_files(name) => written_by_cmdlet(&name.to_ascii_lowercase(), rest),
        _ if OUTPUTS.contains(&name) => files(of("o", &["output"]).values(&["o", "output"])),
        _ => files(changed_if_asked(name, &of("", &[]))),
    }
}

/// Returns the files of a program that changes them if an option says so.
fn changed_if_asked(name: &str, asked: &Read) -> Vec<Word> {
    let flags = IN_PLACE.iter().find(|(known, _)| *known == name);
    match flags {
        Some((_, flags)) if asked.has(flags) => asked.plain.clone(),
        _ => Vec::new(),
    }
}

/// Returns what `cp`, `mv` and their like write: what is moved goes, too.
fn placed(name: &str, rest: &[Word]) -> Vec<(Word, Reach)> {
    let short = if name == "scp" { "cFiloPSXJD" } else { "tSmog" };
    let long = ["target-directory", "suffix", "mode", "owner", "group"];
    let asked = Read::of(rest, short, &long);
    let is_deep = name == "mv" || asked.has(&["r", "R", "a", "recursive", "archive"]);
    let reach = if is_deep { Reach::Below } else { Reach::File };
    let mut sources = asked.plain.clone();
    let named = if name == "scp" {
        &[][..]
    } else {
        &["t", "target-directory"][..]
    };
    let dest = asked.values(named).pop();
    let dest = match (dest, sources.len()) {
        (Some(dest), _) => Some(dest),
        // `ln x` makes a link here.
        (None, 1) if name == "ln" => Some(Word::literal(".")),
        (None, 0 | 1) => None,
        (None, _) => sources.pop(),
    };
    let mut all = Vec::new();
    if name == "mv" {
        all.extend(sources.iter().map(|word| (word.clone(), Reach::Below)));
    }
    if let Some(dest) = dest.filter(|dest| name != "scp" || !is_remote(dest)) {
        all.extend(into(&dest, &sources, reach));
    }
    all
}

/// Returns what `rsync` writes.
fn synced(rest: &[Word]) -> Vec<(Word, Reach)> {
    let long = [
        "rsh",
        "exclude",
        "include",
        "filter",
        "files-from",
        "exclude-from",
        "include-from",
        "rsync-path",
        "port",
        "password-file",
        "log-file",
        "backup-dir",
        "suffix",
        "temp-dir",
        "compare-dest",
        "copy-dest",
        "link-dest",
        "bwlimit",
        "max-size",
        "min-size",
        "chmod",
        "chown",
        "info",
        "timeout",
        "out-format",
    ];
    let asked = Read::of(rest, "efBTM", &long);
    let mut sources = asked.plain.clone();
    let dest = match sources.len() {
        0 | 1 => None,
        _ => sources.pop(),
    };
    let Some(dest) = dest.filter(|dest| !is_remote(dest)) else {
        return Vec::new();
    };
    if asked.has(&["n", "dry-run", "list-only"]) {
        return Vec::new();
    }
    let deletes = asked.flags.iter().any(|flag| flag.starts_with("delete"));
    let copies_inside = |source: &Word| source.text.ends_with('/') || source.tail.ends_with('/');
    let mut all = Vec::new();
    for source in &sources {
        let inside = copies_inside(source);
        all.extend(match dest.known() {
            Some(dest) if inside && deletes => vec![(Word::literal(dest), Reach::Below)],
            // Only what the source has is written, and that is not known.
            Some(dest) if inside => vec![(inside_of(dest), Reach::File)],
            _ => into(&dest, std::slice::from_ref(source), Reach::Below),
        });
    }
    all
}

/// Returns some files in a folder.
fn inside_of(folder: &str) -> Word {
    let folder = folder.trim_end_matches('/');
    let folder = if folder.is_empty() { "/" } else { folder };
    Word::beginning(format!("{folder}/"))
}

/// Returns what `curl` writes.
fn downloaded(asked: &Read) -> Vec<(Word, Reach)> {
    let mut all = asked.values(&["o", "output", "D", "dump-header", "c", "cookie-jar"]);
    if let Some(folder) = asked
        .values(&["output-dir"])
        .pop()
        .as_ref()
        .and_then(Word::known)
    {
        let inside = all.iter().map(|file| match file.known() {
            Some(file) => Word::literal(format!("{folder}/{file}")),
            None => inside_of(folder),
        });
        all = inside.collect();
    }
    all.into_iter().map(|file| (file, Reach::File)).collect()
}

/// Returns what is unpacked: the members that are named, or some of the folder.
fn unpacked(asked: Read, folder: &str) -> Vec<(Word, Reach)> {
    if asked.has(&["l", "t", "p", "Z", "v", "z"]) {
        return Vec::new();
    }
    let is_verb = |word: &Word| matches!(word.known(), Some("x" | "e"));
    let verbs = asked.plain.iter().take(1).filter(|word| is_verb(word));
    if folder == "o" && verbs.count() == 0 {
        return Vec::new();
    }
    let members = asked.plain.iter().skip(if folder == "o" { 2 } else { 1 });
    let members: Vec<Word> = members.cloned().collect();
    members_in(asked.values(&[folder]).pop(), &members)
}

fn members_in(folder: Option<Word>, members: &[Word]) -> Vec<(Word, Reach)> {
    let folder = folder.unwrap_or_else(|| Word::literal("."));
    match folder.known() {
        Some(folder) if members.is_empty() => vec![(inside_of(folder), Reach::File)],
        Some(folder) => members
            .iter()
            .map(|member| match member.known() {
                Some(member) => Word::pattern(&format!("{folder}/{member}"), member),
                None => inside_of(folder),
            })
            .map(|member| (member, Reach::Below))
            .collect(),
        None => vec![(folder, Reach::File)],
    }
}

/// Returns what `tar` writes: an archive, or what it unpacks.
fn unpacked_by_tar(rest: &[Word]) -> Vec<(Word, Reach)> {
    let long = [
        "file",
        "directory",
        "exclude",
        "strip-components",
        "transform",
        "files-from",
    ];
    // `tar xzf a.tgz` takes its words in the order of its letters.
    let is_old = rest
        .first()
        .and_then(Word::known)
        .is_some_and(|first| !first.starts_with('-') && first.contains(['x', 'c', 't', 'r', 'u']));
    let mut words = rest.to_vec();
    if let Some(first) = words.first_mut().filter(|_| is_old) {
        *first = Word::literal(format!("-{}", first.text));
    }
    let asked = Read::of(&words, "fCXTKbHILNVg", &long);
    if asked.has(&["c", "create", "r", "append", "u", "update"]) {
        let archive = asked.values(&["f", "file"]).into_iter();
        return archive.map(|file| (file, Reach::File)).collect();
    }
    if !asked.has(&["x", "extract", "get"]) || asked.has(&["O", "to-stdout"]) {
        return Vec::new();
    }
    members_in(asked.values(&["C", "directory"]).pop(), &asked.plain)
}

/// Returns what `patch` changes: the file that is named, or some of the folder.
fn patched(asked: &Read) -> Vec<(Word, Reach)> {
    if asked.has(&["dry-run", "version", "help"]) {
        return Vec::new();
    }
    let output = asked.values(&["o", "output"]).pop();
    let folder = asked.values(&["d", "directory"]).pop();
    let folder = folder.unwrap_or_else(|| Word::literal("."));
    let Some(folder) = folder.known() else {
        return vec![(folder, Reach::File)];
    };
    let file = output.or_else(|| asked.plain.first().cloned());
    let file = match file {
        Some(file) if folder == "." || !file.text.is_empty() && file.text.starts_with('/') => file,
        Some(file) => match file.known() {
            Some(file) => Word::literal(format!("{folder}/{file}")),
            None => inside_of(folder),
        },
        None => inside_of(folder),
    };
    vec![(file, Reach::File)]
}

/// Returns the files that `sed -i` and its like edit.
fn edited_in_place(name: &str, rest: &[Word]) -> Vec<(Word, Reach)> {
    let short = if name == "sed" { "efl" } else { "eEFMIm" };
    let asked = Read::of(rest, short, &["expression", "file", "line-length"]);
    let is_in_place = |flag: &String| flag == "i" || flag.starts_with("in");
    if !asked.flags.iter().any(is_in_place) {
        return Vec::new();
    }
    let scripts = asked.values(&["e", "E", "f", "expression", "file"]);
    let skipped = usize::from(scripts.is_empty());
    let files = asked.plain.into_iter().skip(skipped);
    files.map(|file| (file, Reach::File)).collect()
}

/// Checks whether a word names a place of another machine.
fn is_remote(word: &Word) -> bool {
    let before = word.text.split('/').next().unwrap_or_default();
    before.contains(':')
}
