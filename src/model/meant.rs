//! What a text that names no resource was meant to be.
//!
//! Owns the guesses at misspelled types ([`type_meant`]) and at lists ([`listed`]). Pure. Never
//! accepts anything, and never guesses where another type may well be meant.

use super::resource::KNOWN_TYPES;

/// Words for files, which have the type `path`.
const FILES: [&str; 6] = ["file", "files", "filepath", "dir", "directory", "folder"];
/// Shorter types differ from other words by one letter too often.
const LETTERS_MIN: usize = 4;

/// Returns the known type that was meant by a misspelled one: a word for files, a plural, other
/// case, two letters swapped, one letter too many or too few. A replaced letter makes another word
/// too often (`mode`, `note`), and is none.
pub fn type_meant(kind: &str) -> Option<&'static str> {
    let lower = kind.to_lowercase();
    if KNOWN_TYPES.contains(&kind) {
        return None;
    }
    if FILES.contains(&lower.as_str()) {
        return Some("path");
    }
    let is_meant = |known: &&&str| {
        let is_plural = [*known, "es"].concat() == lower || [*known, "s"].concat() == lower;
        lower == **known || is_plural || known.len() >= LETTERS_MIN && is_slip(&lower, known)
    };
    KNOWN_TYPES.iter().find(is_meant).copied()
}

/// Checks whether a word is another one with a letter too few, too many, or two that are swapped.
pub fn is_slip(typed: &str, known: &str) -> bool {
    let (typed, known): (Vec<char>, Vec<char>) = (typed.chars().collect(), known.chars().collect());
    let is_letters = typed.iter().all(char::is_ascii_alphabetic);
    is_letters
        && match typed.len().cmp(&known.len()) {
            std::cmp::Ordering::Equal => are_swapped(&typed, &known),
            std::cmp::Ordering::Less => lacks_one(&typed, &known),
            std::cmp::Ordering::Greater => lacks_one(&known, &typed),
        }
}

/// Checks whether two words differ by two neighbours that are swapped.
fn are_swapped(one: &[char], two: &[char]) -> bool {
    let differ = |at: &usize| one[*at] != two[*at];
    let at: Vec<usize> = (0..one.len()).filter(differ).collect();
    matches!(at.as_slice(), [a, b] if b - a == 1 && one[*a] == two[*b] && one[*b] == two[*a])
}

/// Checks whether `short` is `long` without one letter that is not the first.
fn lacks_one(short: &[char], long: &[char]) -> bool {
    let without = |at: usize| {
        let (before, after) = (&long[..at], &long[at + 1..]);
        before.iter().chain(after).eq(short)
    };
    short.len() + 1 == long.len() && (1..long.len()).any(without)
}

/// Returns the labels of a list with commas; nothing if the label is none. A comma in braces or in
/// brackets is part of a pattern, one after a backslash of a name, and one beside a `=` of a longer
/// name, as directories have them.
pub fn listed(kind: &str, name: &str) -> Vec<String> {
    let (mut parts, mut depth, mut is_escaped) = (vec![String::new()], 0_u32, false);
    for c in name.chars() {
        match c {
            '{' | '[' if !is_escaped => depth += 1,
            '}' | ']' if !is_escaped => depth = depth.saturating_sub(1),
            ',' if !is_escaped && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    if parts.len() < 2 || name.contains('=') {
        return Vec::new();
    }
    let labels = parts.iter().map(|part| part.trim());
    let labels = labels.filter(|part| !part.is_empty());
    labels
        .map(|part| match part.split_once(':') {
            Some((of, _)) if of == kind || KNOWN_TYPES.contains(&of) => part.to_owned(),
            _ => format!("{kind}:{part}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_known_and_other_types_are_left_alone() {
        for (typed, meant) in [
            ("file", Some("path")),
            ("folder", Some("path")),
            ("paht", Some("path")),
            ("apth", Some("path")),
            ("paths", Some("path")),
            ("pth", Some("path")),
            ("Path", Some("path")),
            ("branches", Some("branch")),
            ("brach", Some("branch")),
            ("nodes", Some("node")),
            ("stakc", Some("stack")),
            ("dbs", Some("db")),
            ("node", None),
            ("mode", None),
            ("note", None),
            ("code", None),
            ("post", None),
            ("gpu-slot", None),
            ("node1", None),
            ("role", None),
            ("turn", None),
            ("task", None),
            ("", None),
        ] {
            assert_eq!(type_meant(typed), meant, "{typed}");
        }
    }

    #[test]
    fn lists_are_told_from_names() {
        let of = |label: &str| {
            let (kind, name) = label.split_once(':').unwrap();
            listed(kind, name).join(" ")
        };
        for (label, parts) in [
            ("node:a,b", "node:a node:b"),
            ("node:a, b", "node:a node:b"),
            ("path:a,path:b/c", "path:a path:b/c"),
            ("stack:a,db:b,c", "stack:a db:b stack:c"),
            ("node:a,", "node:a"),
            ("path:src/{a,b}.rs", ""),
            ("path:src/[,x]", ""),
            (r"path:a\,b", ""),
            ("host:cn=a,dc=b", ""),
            ("node:a", ""),
        ] {
            assert_eq!(of(label), parts, "{label}");
        }
    }
}
