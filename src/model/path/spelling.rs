//! The text of a pattern: its symbols, its canonical spelling, and what its braces spell out.
//!
//! This file owns the grammar outside classes, and the refusal of texts that no path can match.
//! It never matches anything, and never knows what becomes of the alternatives.

use super::PathError;
use super::charset::{CharSet, NAME, SLASH, escaped, first_sets, set_of};

/// Longest pattern in bytes, as written and in canonical spelling: it bounds every search.
pub(super) const MAX_BYTES: usize = 255;
/// Most alternatives that the braces of one pattern may spell.
pub(super) const MAX_ALTERNATIVES: usize = 64;

/// One symbol of a pattern.
#[derive(Clone, Copy)]
pub(super) struct Lexeme<'t> {
    /// How it is spelled; a literal keeps its backslash only where it needs one.
    pub(super) source: &'t str,
    pub(super) kind: Kind,
    /// Its place in the canonical spelling. All the alternatives that pass through a place share
    /// automaton states there, so that braces cannot multiply the states.
    pub(super) at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One character of a set, given by its index: a literal, a slash, a class or `?`.
    One(usize),
    Star,
    Open,
    Comma,
    Close,
}

/// A component with the slash after it, if there is one.
pub(super) type Component<'t> = Vec<Lexeme<'t>>;

const ADDED_SLASH: Lexeme<'_> = added("/", Kind::One(SLASH));
const ADDED_STAR: Lexeme<'_> = added("*", Kind::Star);

/// A symbol that the text implies rather than spells; its place is none in the text.
const fn added(source: &str, kind: Kind) -> Lexeme<'_> {
    let at = usize::MAX;
    Lexeme { source, kind, at }
}

/// The one spelling under which a pattern is known.
pub(super) fn canonical(text: &str) -> Result<String, PathError> {
    if text.len() > MAX_BYTES {
        return Err(PathError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    let (lexemes, _) = lex(text)?;
    let text = source(&tidy(&lexemes, is_plain(&lexemes))?.concat());
    if text.len() > MAX_BYTES {
        return Err(PathError::TooLong);
    }
    Ok(text)
}

/// The path without escapes, when there is nothing but literals.
pub(super) fn plain(lexemes: &[Lexeme<'_>]) -> Option<String> {
    let literal = |l: &Lexeme<'_>| l.source.strip_prefix('\\').unwrap_or(l.source).to_owned();
    is_plain(lexemes).then(|| lexemes.iter().map(literal).collect())
}

/// The characters before the first that is none of the path itself, without escapes. A component
/// of dots that begins there may come to say nothing, as in `.{}`.
pub(super) fn beginning(lexemes: &[Lexeme<'_>]) -> String {
    let is_literal = |l: &&Lexeme<'_>| !l.source.starts_with(['*', '?', '[', '{']);
    let literal = |l: &Lexeme<'_>| l.source.strip_prefix('\\').unwrap_or(l.source).to_owned();
    let mut all: String = lexemes.iter().take_while(is_literal).map(literal).collect();
    let name = all.rfind('/').map_or(0, |slash| slash + 1);
    if all[name..].bytes().all(|byte| byte == b'.') {
        all.truncate(name);
    }
    all
}

fn is_plain(lexemes: &[Lexeme<'_>]) -> bool {
    let is_meta = |lexeme: &Lexeme<'_>| lexeme.source.starts_with(['*', '?', '[', '{']);
    !lexemes.iter().any(is_meta)
}

fn source(lexemes: &[Lexeme<'_>]) -> String {
    lexemes.iter().map(|lexeme| lexeme.source).collect()
}

/// The symbols of a pattern, and the sets that they refer to.
pub(super) fn lex(text: &str) -> Result<(Vec<Lexeme<'_>>, Vec<CharSet>), PathError> {
    let mut lexemes = Vec::new();
    let mut sets = first_sets();
    let mut one = |set: CharSet| Kind::One(set_of(&mut sets, set));
    let mut depth = 0_usize;
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        let Some(c) = chars.next() else { break };
        let mut skipped = 0;
        let kind = match c {
            '*' => Kind::Star,
            '?' => Kind::One(NAME),
            '[' => one(CharSet::class(&mut chars)?),
            '{' => {
                depth += 1;
                Kind::Open
            }
            ',' if depth > 0 => Kind::Comma,
            '}' if depth > 0 => {
                depth -= 1;
                Kind::Close
            }
            '\\' => {
                let c = escaped(&mut chars)?;
                let special = "*?[{\\".contains(c) || (depth > 0 && ",}".contains(c));
                skipped = usize::from(!special);
                one(CharSet::just(c))
            }
            _ => one(CharSet::just(c)),
        };
        let source = &rest[skipped..rest.len() - chars.as_str().len()];
        let at = lexemes.len();
        lexemes.push(Lexeme { source, kind, at });
    }
    if depth > 0 {
        return Err(PathError::UnclosedBrace);
    }
    Ok((lexemes, sets))
}

/// Splits after the slashes outside braces, refuses components that no path can have, and drops
/// those that say nothing. A trailing slash is a `**`, unless the whole pattern is a plain path
/// (`plain`), which covers what is below it anyway.
fn tidy<'t>(lexemes: &[Lexeme<'t>], plain: bool) -> Result<Vec<Component<'t>>, PathError> {
    let mut kept: Vec<Component<'t>> = Vec::new();
    for (index, mut component) in split(lexemes).into_iter().enumerate() {
        match source(&component).as_str() {
            "" if index == 0 => return Err(PathError::Empty),
            "/" if index == 0 => return Err(PathError::Absolute),
            "/" => return Err(PathError::EmptyComponent),
            "../" | ".." => return Err(PathError::ParentComponent),
            "./" => continue,
            "" | "." if plain => {
                kept.last_mut().and_then(Vec::pop);
                continue;
            }
            "" | "." => component = vec![ADDED_STAR; 2],
            _ => {}
        }
        // `**/**` says no more than `**`, before another component and at the end alike.
        let is_globstar = |c: &Component<'_>| matches!(source(c).as_str(), "**/" | "**");
        if is_globstar(&component) && kept.last().is_some_and(is_globstar) {
            kept.pop();
        }
        kept.push(component);
    }
    if kept.is_empty() {
        kept.push(vec![ADDED_STAR; 2]);
    }
    Ok(kept)
}

/// The components; after a trailing slash the last one is empty.
pub(super) fn split<'t>(lexemes: &[Lexeme<'t>]) -> Vec<Component<'t>> {
    let (mut components, mut current, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for lexeme in lexemes {
        current.push(*lexeme);
        match lexeme.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            Kind::One(SLASH) if depth == 0 => components.push(std::mem::take(&mut current)),
            _ => {}
        }
    }
    components.push(current);
    components
}

/// What a pattern in canonical spelling stands for: some file is matched when all the components
/// of one alternative match.
pub(super) fn alternatives<'t>(
    lexemes: &[Lexeme<'t>],
) -> Result<Vec<Vec<Component<'t>>>, PathError> {
    let mut alternatives = expand(lexemes, &mut 0)?;
    if is_plain(lexemes) {
        // A plain path is also the directory of that name, with all that is below.
        alternatives.push([lexemes, &[ADDED_SLASH]].concat());
    }
    alternatives.iter().map(|a| tidy(a, false)).collect()
}

/// Spells out the braces from `at` to the end of the enclosing brace or of the pattern.
fn expand<'t>(lexemes: &[Lexeme<'t>], at: &mut usize) -> Result<Vec<Vec<Lexeme<'t>>>, PathError> {
    let (mut finished, mut current) = (Vec::new(), vec![Vec::new()]);
    while let Some(&lexeme) = lexemes.get(*at) {
        *at += 1;
        match lexeme.kind {
            Kind::Open => {
                let tails = expand(lexemes, at)?;
                let whole = |head: Vec<_>| -> Vec<_> {
                    let join = |tail: &Vec<_>| [&head[..], tail].concat();
                    tails.iter().map(join).collect()
                };
                // One too many is enough to be refused below.
                let wholes = current.into_iter().flat_map(whole);
                current = wholes.take(MAX_ALTERNATIVES + 1).collect();
            }
            Kind::Comma => finished.append(&mut std::mem::replace(&mut current, vec![Vec::new()])),
            Kind::Close => break,
            Kind::One(_) | Kind::Star => current.iter_mut().for_each(|a| a.push(lexeme)),
        }
        // Alternatives only ever multiply or add up, so too many here are too many in the end.
        if finished.len() + current.len() > MAX_ALTERNATIVES {
            return Err(PathError::TooManyAlternatives);
        }
    }
    finished.append(&mut current);
    Ok(finished)
}
