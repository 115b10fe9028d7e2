//! Names with brackets: what `app/[id]/page.tsx` means besides the pattern.
//!
//! This file owns the readings of a pattern in which a component with `[…]` or `{…}` is a name of
//! that very spelling. Whether such a file exists differs from clone to clone, so a pattern stands
//! for both: for what it matches, and for that name. `*` and `?` stay what they are.

use super::charset::{CharSet, set_of};
use super::spelling::{Component, Kind, Lexeme, split};

/// Returns the readings of the canonical spelling `text`, the one as a pattern first.
pub(super) fn readings<'t>(
    text: &'t str,
    lexemes: &[Lexeme<'t>],
    sets: &mut Vec<CharSet>,
) -> Vec<Vec<Lexeme<'t>>> {
    let mut at = 0;
    let mut components: Vec<(Component<'t>, Option<Component<'t>>)> = Vec::new();
    for component in split(lexemes) {
        let length: usize = component.iter().map(|lexeme| lexeme.source.len()).sum();
        let name = is_bracketed(&component).then(|| as_name(text, at, &component, sets));
        components.push((component, name));
        at += length;
    }
    let bracketed = components.iter().filter(|(_, name)| name.is_some()).count();
    // Neighbours of all four kinds are among these, and states are shared: so all mixtures are.
    let is_name: [fn(usize) -> bool; 4] = [|_| false, |_| true, |n| n % 2 == 0, |n| n % 2 == 1];
    let readings = match bracketed {
        0 => 1,
        1 => 2,
        _ => is_name.len(),
    };
    let reading = |is_name: &fn(usize) -> bool| {
        let mut nth = 0;
        let mut all = Vec::new();
        for (pattern, name) in &components {
            let chosen = name.as_ref().filter(|_| is_name(nth));
            nth += usize::from(name.is_some());
            all.extend(chosen.unwrap_or(pattern));
        }
        all
    };
    is_name.iter().take(readings).map(reading).collect()
}

fn is_bracketed(component: &Component<'_>) -> bool {
    let opens = |lexeme: &Lexeme<'_>| lexeme.source.starts_with(['[', '{']);
    component.iter().any(opens)
}

/// Returns a component, which begins at the byte `from`, as a name. Its symbols have places of
/// their own.
fn as_name<'t>(
    text: &'t str,
    from: usize,
    component: &Component<'t>,
    sets: &mut Vec<CharSet>,
) -> Component<'t> {
    let mut name = Vec::new();
    let mut at = from;
    for lexeme in component {
        let place = |offset: usize| text.len() + offset;
        let is_group = matches!(lexeme.kind, Kind::Open | Kind::Comma | Kind::Close);
        match lexeme.source.starts_with('[') || is_group {
            false => name.push(Lexeme {
                at: place(at),
                ..*lexeme
            }),
            true => {
                let mut is_escaped = false;
                for (offset, c) in lexeme.source.char_indices() {
                    is_escaped = c == '\\' && !is_escaped;
                    if is_escaped {
                        continue;
                    }
                    name.push(Lexeme {
                        source: literal(&lexeme.source[offset..offset + c.len_utf8()]),
                        kind: Kind::One(set_of(sets, CharSet::just(c))),
                        at: place(at + offset),
                    });
                }
            }
        }
        at += lexeme.source.len();
    }
    name
}

/// Returns one character as a literal is spelled.
fn literal(c: &str) -> &str {
    match c {
        "*" => "\\*",
        "?" => "\\?",
        "[" => "\\[",
        "{" => "\\{",
        "\\" => "\\\\",
        c => c,
    }
}
