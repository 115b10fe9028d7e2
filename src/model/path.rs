//! Path patterns: what a `path:` resource names, and whether two of them can meet.
//!
//! This file owns the grammar of a pattern (plain path, directory, glob), its canonical spelling
//! and the exact answer to "is there a file that both patterns match?". It never looks at a disk,
//! a repository or a clock, never asks which files exist, never folds case or Unicode forms, and
//! never settles an overlap by comparing prefixes of globs.
//!
//! The answer comes from automata. Each pattern becomes a small nondeterministic automaton; two
//! of them, and a third that accepts only well formed paths, are walked in step, and the patterns
//! overlap exactly when the three can finish together.

use std::collections::HashMap;
use std::fmt;
use std::str::Chars;

/// Longest pattern in bytes, as written and in canonical spelling: it bounds every search.
const MAX_BYTES: usize = 255;
/// Most alternatives that the braces of one pattern may spell.
const MAX_ALTERNATIVES: usize = 64;

/// A file, a directory or a glob, relative to the repository root, in canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    /// The path itself, without escapes, when the pattern has no glob metacharacter.
    plain: Option<String>,
    nfa: Nfa,
}

impl PathPattern {
    /// Reads a pattern; `text` is what follows `path:`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_BYTES {
            return Err(PathError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PathError::Control);
        }
        let (written, _) = lex(text)?;
        let text = spelling(&tidy(&written, is_plain(&written))?.concat());
        if text.len() > MAX_BYTES {
            return Err(PathError::TooLong);
        }
        // From here on only the canonical spelling counts, so equal spellings are equal patterns.
        let (lexemes, sets) = lex(&text)?;
        let plain = is_plain(&lexemes).then(|| lexemes.iter().map(Lexeme::literal).collect());
        let mut builder = Builder::new(sets);
        for alternative in expand(&lexemes, &mut 0)? {
            let mut steps = steps(&tidy(&alternative, false)?);
            builder.add(&steps);
            if plain.is_some() {
                steps.extend([(ADDED, Step::Read(SLASH)), (ADDED, Step::Below)]);
                builder.add(&steps);
            }
        }
        Ok(Self {
            text,
            plain,
            nfa: builder.nfa,
        })
    }

    /// The canonical spelling: no `.` components, no trailing `/`, no needless escape. Parsing it
    /// gives the same pattern back.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether some file could match both.
    pub fn overlaps(&self, other: &PathPattern) -> bool {
        match (&self.plain, &other.plain) {
            (Some(a), Some(b)) => at_or_below(a, b) || at_or_below(b, a),
            _ => meet(&self.nfa, &other.nfa),
        }
    }

    /// Whether this pattern matches `file`; a path that is not well formed matches nothing.
    pub fn matches(&self, file: &str) -> bool {
        let is_name = |name: &str| !matches!(name, "" | "." | "..");
        if file.contains('\0') || !file.split('/').all(is_name) {
            return false;
        }
        match &self.plain {
            Some(path) => at_or_below(file, path),
            None => self.nfa.accepts(file),
        }
    }
}

fn at_or_below(file: &str, path: &str) -> bool {
    let rest = file.strip_prefix(path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Why a pattern was refused; the text reads well after `path: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    Empty,
    TooLong,
    Control,
    Absolute,
    ParentComponent,
    EmptyComponent,
    TrailingBackslash,
    EscapedSlash,
    UnclosedClass,
    ReversedRange,
    UnclosedBrace,
    TooManyAlternatives,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the pattern, or one of its `{}` alternatives, is empty",
            Self::TooLong => "the pattern is longer than 255 bytes",
            Self::Control => "control characters are not allowed",
            Self::Absolute => "write it relative to the repository root, without a leading `/`",
            Self::ParentComponent => "`..` is not allowed; write it from the repository root",
            Self::EmptyComponent => "there is nothing between two of its slashes",
            Self::TrailingBackslash => "the `\\` at the end escapes nothing",
            Self::EscapedSlash => "a `/` cannot be escaped",
            Self::UnclosedClass => {
                "a `[` has no `]` in its component; a plain `[` is written `\\[`"
            }
            Self::ReversedRange => "a range in `[]` runs backwards",
            Self::UnclosedBrace => "a `{` has no matching `}`; a plain `{` is written `\\{`",
            Self::TooManyAlternatives => "its `{}` spell more than 64 alternatives",
        })
    }
}

impl std::error::Error for PathError {}

/// One symbol of a pattern.
#[derive(Clone, Copy)]
struct Lexeme<'t> {
    /// How it is spelled; a literal keeps its backslash only where it needs one.
    source: &'t str,
    kind: Kind,
    /// Its place in the canonical spelling. All the alternatives that pass through a place share
    /// automaton states there, so that braces cannot multiply the states.
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One character of a set, given by its index: a literal, a slash, a class or `?`.
    One(usize),
    Star,
    Open,
    Comma,
    Close,
}

/// The place of a symbol that the text implies rather than spells.
const ADDED: usize = usize::MAX;
const ADDED_STAR: Lexeme<'_> = Lexeme {
    source: "*",
    kind: Kind::Star,
    at: ADDED,
};

impl Lexeme<'_> {
    fn is_literal(&self) -> bool {
        !self.source.starts_with(['*', '?', '[', '{'])
    }

    fn literal(&self) -> &str {
        self.source.strip_prefix('\\').unwrap_or(self.source)
    }
}

fn is_plain(lexemes: &[Lexeme<'_>]) -> bool {
    lexemes.iter().all(Lexeme::is_literal)
}

fn spelling(lexemes: &[Lexeme<'_>]) -> String {
    lexemes.iter().map(|lexeme| lexeme.source).collect()
}

fn lex(text: &str) -> Result<(Vec<Lexeme<'_>>, Vec<Set>), PathError> {
    let mut lexemes = Vec::new();
    let mut sets = vec![SLASH_SET.to_vec(), NAME_SET.to_vec(), ANY_SET.to_vec()];
    let mut one = |set: Set| {
        let known = sets.iter().position(|known| *known == set);
        Kind::One(known.unwrap_or_else(|| {
            sets.push(set);
            sets.len() - 1
        }))
    };
    let mut depth = 0_usize;
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        let Some(mut c) = chars.next() else { break };
        let mut skipped = 0;
        let kind = match c {
            '*' => Kind::Star,
            '?' => Kind::One(NAME),
            '[' => one(class(&mut chars)?),
            '{' => {
                depth += 1;
                Kind::Open
            }
            ',' if depth > 0 => Kind::Comma,
            '}' if depth > 0 => {
                depth -= 1;
                Kind::Close
            }
            _ => {
                if c == '\\' {
                    c = escaped(&mut chars)?;
                    let special = "*?[{\\".contains(c) || (depth > 0 && ",}".contains(c));
                    skipped = usize::from(!special);
                }
                one(vec![(u32::from(c), u32::from(c))])
            }
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

fn escaped(chars: &mut Chars<'_>) -> Result<char, PathError> {
    match chars.next() {
        None => Err(PathError::TrailingBackslash),
        Some('/') => Err(PathError::EscapedSlash),
        Some(c) => Ok(c),
    }
}

/// Reads a class from just after its `[` to just after its `]`.
fn class(chars: &mut Chars<'_>) -> Result<Set, PathError> {
    let negated = chars.as_str().starts_with(['!', '^']);
    if negated {
        chars.next();
    }
    let mut ranges = Vec::new();
    // A `]` in first place is a member; so is a `-` that does not stand between two others.
    while ranges.is_empty() || !chars.as_str().starts_with(']') {
        let low = member(chars)?;
        let mut high = low;
        let rest = chars.as_str();
        if rest.starts_with('-') && !rest.starts_with("-]") {
            chars.next();
            high = member(chars)?;
        }
        if low > high {
            return Err(PathError::ReversedRange);
        }
        ranges.push((u32::from(low), u32::from(high)));
    }
    chars.next();
    let set = union(ranges);
    let set = if negated { complement(&set) } else { set };
    Ok(intersection(NAME_SET, &set))
}

fn member(chars: &mut Chars<'_>) -> Result<char, PathError> {
    match chars.next() {
        None | Some('/') => Err(PathError::UnclosedClass),
        Some('\\') => escaped(chars),
        Some(c) => Ok(c),
    }
}

/// A component with the slash after it, if there is one.
type Component<'t> = Vec<Lexeme<'t>>;

/// Splits after the slashes outside braces, refuses components that no path can have, and drops
/// those that say nothing. A trailing slash is a `**`, unless the whole pattern is a plain path
/// (`plain`), which covers what is below it anyway.
fn tidy<'t>(lexemes: &[Lexeme<'t>], plain: bool) -> Result<Vec<Component<'t>>, PathError> {
    let mut written: Vec<Component<'t>> = vec![Vec::new()];
    let mut depth = 0_usize;
    for lexeme in lexemes {
        match lexeme.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            _ => {}
        }
        if let Some(component) = written.last_mut() {
            component.push(*lexeme);
        }
        if depth == 0 && lexeme.kind == Kind::One(SLASH) {
            written.push(Vec::new());
        }
    }
    let mut kept: Vec<Component<'t>> = Vec::new();
    for (index, mut component) in written.into_iter().enumerate() {
        match spelling(&component).as_str() {
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
        let is_globstar = |c: &Component<'_>| matches!(spelling(c).as_str(), "**/" | "**");
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

/// Spells out the braces from `at` to the end of the enclosing brace or of the pattern.
fn expand<'t>(lexemes: &[Lexeme<'t>], at: &mut usize) -> Result<Vec<Vec<Lexeme<'t>>>, PathError> {
    let (mut finished, mut current) = (Vec::new(), vec![Vec::new()]);
    while let Some(&lexeme) = lexemes.get(*at) {
        *at += 1;
        match lexeme.kind {
            Kind::Open => {
                let tails = expand(lexemes, at)?;
                let whole = |head: Vec<_>| -> Vec<_> {
                    tails
                        .iter()
                        .map(|tail| [&head[..], tail].concat())
                        .collect()
                };
                // One too many is enough to be refused below.
                let wholes = current.into_iter().flat_map(whole);
                current = wholes.take(MAX_ALTERNATIVES + 1).collect();
            }
            Kind::Comma => finished.append(&mut std::mem::replace(&mut current, vec![Vec::new()])),
            Kind::Close => break,
            _ => current
                .iter_mut()
                .for_each(|alternative| alternative.push(lexeme)),
        }
        // Alternatives only ever multiply or add up, so too many here are too many in the end.
        if finished.len() + current.len() > MAX_ALTERNATIVES {
            return Err(PathError::TooManyAlternatives);
        }
    }
    finished.append(&mut current);
    Ok(finished)
}

/// What an automaton does at one place of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    /// Reads one character of a set.
    Read(usize),
    /// Reads any run inside a component.
    Star,
    /// `**/`: reads any number of whole components, each with its slash.
    Dirs,
    /// The inside of `Dirs`, once it has begun.
    DirsBegun,
    /// A `**` at the end: reads whatever is left.
    Below,
}

fn steps(components: &[Component<'_>]) -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    for component in components {
        match spelling(component).as_str() {
            "**/" => steps.push((component[0].at, Step::Dirs)),
            "**" => steps.push((component[0].at, Step::Below)),
            _ => steps.extend(component.iter().map(|lexeme| match lexeme.kind {
                Kind::One(set) => (lexeme.at, Step::Read(set)),
                _ => (lexeme.at, Step::Star),
            })),
        }
    }
    steps
}

/// Disjoint inclusive ranges of code points, in order.
type Set = Vec<(u32, u32)>;

/// Every automaton begins its list of sets with these three.
const SLASH: usize = 0;
const SLASH_SET: &[(u32, u32)] = &[(0x2f, 0x2f)];
/// What a file name may hold: every character but NUL and `/` (surrogates are no characters).
const NAME: usize = 1;
const NAME_SET: &[(u32, u32)] = &[(1, 0x2e), (0x30, 0xd7ff), (0xe000, 0x10_ffff)];
const ANY: usize = 2;
const ANY_SET: &[(u32, u32)] = &[(1, 0xd7ff), (0xe000, 0x10_ffff)];

fn union(mut ranges: Vec<(u32, u32)>) -> Set {
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joins = next.0 <= last.1;
        if joins {
            last.1 = last.1.max(next.1);
        }
        joins
    });
    ranges
}

fn complement(set: &[(u32, u32)]) -> Set {
    let starts = [0].into_iter().chain(set.iter().map(|range| range.1 + 1));
    let ends = set.iter().map(|range| range.0).chain([0x11_0000]);
    let gaps = starts.zip(ends).filter(|(start, end)| start < end);
    gaps.map(|(start, end)| (start, end - 1)).collect()
}

fn intersection(a: &[(u32, u32)], b: &[(u32, u32)]) -> Set {
    let (mut set, mut i, mut j) = (Vec::new(), 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (low, high) = (x.0.max(y.0), x.1.min(y.1));
        if low <= high {
            set.push((low, high));
        }
        *(if x.1 < y.1 { &mut i } else { &mut j }) += 1;
    }
    set
}

/// Whether both sets hold a slash, both a dot, and both some one other character.
fn categories(a: &[(u32, u32)], b: &[(u32, u32)]) -> [bool; 3] {
    let (mut slash, mut dot, mut other) = (false, false, false);
    for (low, high) in intersection(a, b) {
        let has = |c: char| (low..=high).contains(&u32::from(c));
        slash |= has('/');
        dot |= has('.');
        other |= high - low + 1 > u32::from(has('/')) + u32::from(has('.'));
    }
    [slash, dot, other]
}

/// The automaton of well formed paths: the state after a character of each category, from the
/// state where the component so far is empty, `.`, `..`, or (`PROPER`) good as it stands.
const WELL_FORMED: [[Option<usize>; 3]; 4] = [
    [None, Some(1), Some(PROPER)],
    [None, Some(2), Some(PROPER)],
    [None, Some(PROPER), Some(PROPER)],
    [Some(0), Some(PROPER), Some(PROPER)],
];
const PROPER: usize = 3;

/// A nondeterministic automaton over characters; it takes for granted that the path is well
/// formed, which lets `**` at the end be a bare loop.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Nfa {
    sets: Vec<Set>,
    states: Vec<State>,
}

const START: usize = 0;
const END: usize = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// Where it may go without reading.
    free: Vec<usize>,
    /// What it may read, by index of the set, and where that leads.
    reads: Vec<(usize, usize)>,
}

impl Nfa {
    fn accepts(&self, file: &str) -> bool {
        let mut now = self.closure(vec![START]);
        for c in file.chars().map(u32::from) {
            let reads = now.iter().flat_map(|state| &self.states[*state].reads);
            let holds = |set: usize| self.sets[set].iter().any(|r| (r.0..=r.1).contains(&c));
            let next = reads.filter(|(set, _)| holds(*set)).map(|(_, to)| *to);
            now = self.closure(next.collect());
        }
        now.contains(&END)
    }

    fn closure(&self, mut pending: Vec<usize>) -> Vec<usize> {
        let (mut seen, mut closed) = (vec![false; self.states.len()], Vec::new());
        while let Some(state) = pending.pop() {
            if !std::mem::replace(&mut seen[state], true) {
                closed.push(state);
                pending.extend(&self.states[state].free);
            }
        }
        closed
    }
}

struct Builder {
    nfa: Nfa,
    /// The state that stands before a step. Sharing it between alternatives is exact: what may
    /// follow a place of the pattern does not depend on how the place was reached. (Joining two
    /// alternatives at a place can spell a lone `.`, which no well formed path holds, or a whole
    /// component `**` read as `*`, which the alternative that spells it covers.)
    known: HashMap<(usize, Step), usize>,
}

impl Builder {
    fn new(sets: Vec<Set>) -> Self {
        let states = vec![State::default(); 2];
        Self {
            nfa: Nfa { sets, states },
            known: HashMap::new(),
        }
    }

    fn add(&mut self, steps: &[(usize, Step)]) {
        let link = |next, step: &_| self.link(*step, next);
        let first = steps.iter().rev().fold(END, link);
        self.free(START, first);
    }

    /// Makes `step` lead to `next` and returns the state before it.
    fn link(&mut self, (at, step): (usize, Step), next: usize) -> usize {
        let fresh = self.nfa.states.len();
        let state = *self.known.entry((at, step)).or_insert(fresh);
        if state == fresh {
            self.nfa.states.push(State::default());
        }
        match step {
            Step::Read(set) => self.read(state, set, next),
            Step::Star => {
                self.read(state, NAME, state);
                self.free(state, next);
            }
            Step::Dirs => {
                let begun = self.link((at, Step::DirsBegun), next);
                self.free(state, begun);
                self.free(state, next);
            }
            Step::DirsBegun => {
                self.read(state, ANY, state);
                self.read(state, SLASH, next);
            }
            Step::Below => {
                self.read(state, ANY, state);
                self.free(state, next);
            }
        }
        state
    }

    fn free(&mut self, from: usize, to: usize) {
        let free = &mut self.nfa.states[from].free;
        if !free.contains(&to) {
            free.push(to);
        }
    }

    fn read(&mut self, from: usize, set: usize, to: usize) {
        let reads = &mut self.nfa.states[from].reads;
        if !reads.contains(&(set, to)) {
            reads.push((set, to));
        }
    }
}

/// Whether a well formed path exists that both automata accept. Visits each triple of states at
/// most once, so the cost is bounded by the product of the two sizes.
fn meet(a: &Nfa, b: &Nfa) -> bool {
    let row = |x: &Set| -> Vec<_> { b.sets.iter().map(|y| categories(x, y)).collect() };
    let common: Vec<_> = a.sets.iter().map(row).collect();
    let mut seen = vec![[false; 4]; a.states.len() * b.states.len()];
    let mut pending = vec![(START, START, 0)];
    while let Some((x, y, name)) = pending.pop() {
        if (x, y, name) == (END, END, PROPER) {
            return true;
        }
        let mut visit = |x: usize, y: usize, name: usize| {
            if !std::mem::replace(&mut seen[x * b.states.len() + y][name], true) {
                pending.push((x, y, name));
            }
        };
        a.states[x].free.iter().for_each(|to| visit(*to, y, name));
        b.states[y].free.iter().for_each(|to| visit(x, *to, name));
        for (left, to_x) in &a.states[x].reads {
            for (right, to_y) in &b.states[y].reads {
                for (shared, next) in common[*left][*right].iter().zip(WELL_FORMED[name]) {
                    if let (true, Some(next)) = (*shared, next) {
                        visit(*to_x, *to_y, next);
                    }
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::sync::LazyLock;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::parse(text).unwrap_or_else(|error| panic!("{text:?} was refused: {error}"))
    }

    fn assert_overlap(pairs: &[(&str, &str)], expected: bool) {
        for (a, b) in pairs {
            assert_eq!(pattern(a).overlaps(&pattern(b)), expected, "{a} and {b}");
            assert_eq!(pattern(b).overlaps(&pattern(a)), expected, "{b} and {a}");
        }
    }

    #[test]
    fn some_file_matches_both() {
        assert_overlap(
            &[
                ("src", "src"),
                ("src", "src/lib.rs"),
                ("src", "./src/"),
                (".", "a/b/c"),
                (".", "*"),
                ("**", "a"),
                ("a/**", "a/b"),
                ("a/**", "a"),
                ("a", "a/*"),
                ("a/b", "a/*"),
                ("a/b/c", "a/**/c"),
                ("a/c", "a/**/c"),
                ("*.rs", "lib.*"),
                ("*.rs", "?.rs"),
                ("src/*.rs", "src"),
                ("src/*.rs", "src/l[hi]b.rs"),
                ("src/**/*.rs", "src/lib.rs"),
                ("**/mod.rs", "src/model/*"),
                ("**/a/**", "**/b/**"),
                ("**/x/*", "**/x"),
                ("*a*b*", "*b*a*"),
                ("a*/b", "*a/b"),
                ("{a,b}/c", "b/*"),
                ("{a,b}/c", "b"),
                ("{a,b/c}/d", "b/?/d"),
                ("x{,y,{z,w}}", "xw"),
                ("*/", "src/*/a"),
                ("src/*/", "src/a/b/c"),
                ("docs/*/", "docs/a"),
                ("[a-z]", "[!a-y]"),
                ("[!a]", "[!b]"),
                ("[]]", "]"),
                ("[^]]", "?"),
                ("[a-]", "-"),
                ("[a-cb-z]", "x"),
                ("[a-zb-c]", "x"),
                ("[\\]a]", "\\]"),
                ("\\*", "?"),
                ("\\*", "[*]"),
                ("a**b", "axyb"),
                ("[.]a", ".a"),
                ("[.]*", "..?"),
                ("**/*.lock", "Cargo.lock"),
                ("é*", "*è"),
                ("**{/**,}/x", "x"),
                ("{*,a}*/b", "p/q/b"),
                ("{a/,b}", "a/x/y"),
                ("{.,a/*}", "q"),
                // File names may hold control characters, though patterns cannot spell them.
                ("[! -\u{10ffff}]", "**"),
            ],
            true,
        );
    }

    #[test]
    fn no_file_matches_both() {
        assert_overlap(
            &[
                ("src", "src2"),
                ("src", "sr"),
                ("src/a", "src/b"),
                ("a/**", "[a]"),
                ("a/*", "[a]"),
                ("docs/*", "docs/a/b"),
                ("docs/*", "docs/a/?"),
                ("*.rs", "*.toml"),
                ("*.rs", "src/*.rs"),
                ("a?", "a"),
                ("a/**/c", "a/b/[d]"),
                ("src/*/", "src/?"),
                ("src/*/", "{src/a,src/b}"),
                ("{a,b}", "a/c"),
                ("{a,b}/c", "c/*"),
                ("{a/,b}", "b/x"),
                ("[.]", "**"),
                ("[.]", "[.]"),
                ("[.][.]", "?*"),
                ("[.]/a", "**"),
                ("a/[.]/b", "a"),
                ("[!a]", "a/b"),
                ("[a-c]", "[d-f]"),
                ("[!b]", "a/b"),
                ("[+-9]x", "**/?/x"),
                ("[ -~]b", "a/b"),
                ("\\*", "a"),
                ("\\*.rs", "lib.rs"),
                ("a**b", "a/b"),
                ("a**b", "[a]/**/b"),
                ("***", "a/?"),
                ("*a", "*b"),
                ("*ab*", "ba"),
                ("A", "a"),
                ("é*", "*è/x"),
                ("**/x", "**/y"),
                ("?/*/x", "**/xy/z"),
                ("a{b,c}d", "a{bc,cb}d"),
            ],
            false,
        );
    }

    #[test]
    fn spellings_become_canonical() {
        let cases = [
            ("src", "src"),
            ("src/", "src"),
            ("./src", "src"),
            ("././src/./a/.", "src/a"),
            (".", "**"),
            ("./", "**"),
            ("./.", "**"),
            ("**", "**"),
            ("**/", "**"),
            ("*/", "*/**"),
            ("src/*/", "src/*/**"),
            ("./src/*/.", "src/*/**"),
            ("src/*/./", "src/*/**"),
            ("src/**/", "src/**"),
            ("**/**/a/**/**", "**/a/**"),
            ("a**b", "a**b"),
            ("{a,b}/", "{a,b}/**"),
            ("./{./a,b/}", "{./a,b/}"),
            ("\\a\\.\\*\\]", "a.\\*]"),
            ("\\./a", "a"),
            ("a\\,b\\}", "a,b}"),
            ("{a\\,b\\},\\c}", "{a\\,b\\},c}"),
            ("[\\]a-c]", "[\\]a-c]"),
            ("...", "..."),
            (" a b ", " a b "),
        ];
        for (text, canonical) in cases {
            assert_eq!(pattern(text).as_str(), canonical, "{text}");
            assert_eq!(pattern(text), pattern(canonical), "{text}");
        }
    }

    #[test]
    fn bad_patterns_are_refused() {
        let long = "a".repeat(256);
        // 255 bytes as written, two more once the trailing slash is spelled out.
        let long_once_canonical = format!("{}*/", "a".repeat(253));
        let cases = [
            ("", PathError::Empty),
            ("{,a}", PathError::Empty),
            ("{}", PathError::Empty),
            ("./{,a}", PathError::Empty),
            ("/", PathError::Absolute),
            ("/a", PathError::Absolute),
            ("//", PathError::Absolute),
            ("{/a,b}", PathError::Absolute),
            ("..", PathError::ParentComponent),
            ("a/../b", PathError::ParentComponent),
            ("a/..", PathError::ParentComponent),
            ("\\.\\./a", PathError::ParentComponent),
            ("a/{b,..}/c", PathError::ParentComponent),
            (".{.,a}", PathError::ParentComponent),
            ("a//b", PathError::EmptyComponent),
            ("a//", PathError::EmptyComponent),
            (".//a", PathError::EmptyComponent),
            ("a/{,b}/c", PathError::EmptyComponent),
            ("{a/,b}/c", PathError::EmptyComponent),
            ("a\tb", PathError::Control),
            ("a\0", PathError::Control),
            ("a\u{85}", PathError::Control),
            ("a\\", PathError::TrailingBackslash),
            ("a\\/b", PathError::EscapedSlash),
            ("[a\\/]", PathError::EscapedSlash),
            ("[a", PathError::UnclosedClass),
            ("[]", PathError::UnclosedClass),
            ("[!]", PathError::UnclosedClass),
            ("[a/b]", PathError::UnclosedClass),
            ("[a-", PathError::UnclosedClass),
            ("[z-a]", PathError::ReversedRange),
            ("{a", PathError::UnclosedBrace),
            ("{a,{b}", PathError::UnclosedBrace),
            ("{a,b\\}", PathError::UnclosedBrace),
            (
                "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
                PathError::TooManyAlternatives,
            ),
            (&long, PathError::TooLong),
            (&long_once_canonical, PathError::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(PathPattern::parse(text), Err(error), "{text}");
        }
        pattern("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}");
        pattern(&long[1..]);
    }

    #[test]
    fn files_are_matched() {
        let cases = [
            ("src", "src", true),
            ("src", "src/a/b", true),
            ("src", "srca", false),
            (".", "a/b", true),
            (".", "a//b", false),
            (".", "a/../b", false),
            (".", "", false),
            (".", "/a", false),
            ("?", "\0", false),
            ("src", "src/\0", false),
            ("?", "\n", true),
            ("docs/*", "docs/a", true),
            ("docs/*", "docs/a/b", false),
            ("docs/*/", "docs/a/b", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("\\[a\\]", "[a]", true),
            ("[!a-c]x", "dx", true),
            ("[!a-c]x", "bx", false),
            ("{a,b/*}.rs", "b/c.rs", true),
        ];
        for (text, file, expected) in cases {
            assert_eq!(pattern(text).matches(file), expected, "{text} and {file}");
        }
    }

    /// Braces share states, so the automaton stays of the size of the text and the walk of two of
    /// them stays short; were the alternatives spelled out, this would take minutes.
    #[test]
    fn nasty_patterns_stay_small() {
        let braces = "{a,b}{a,}{,b}{a,*}{*,b}{?,*}";
        let stars = "*a?".repeat(74);
        let texts = [
            format!("{braces}{stars}a"),
            format!("{stars}{braces}b"),
            format!("{}{braces}c", "**/*a/".repeat(37)),
        ];
        for a in &texts {
            assert!(pattern(a).nfa.states.len() <= 2 * MAX_BYTES + 2);
            for b in &texts {
                assert_eq!(pattern(a).overlaps(&pattern(b)), a == b, "{a} and {b}");
            }
        }
    }

    /// The reference: a backtracking matcher over the text, sharing nothing with the automata. It
    /// knows no escapes, and no classes but `[ab]` and `[!a]`.
    fn reference_matches(text: &str, file: &[&str]) -> bool {
        if !text.contains(['*', '?', '[', '{']) {
            let path: Vec<_> = text
                .split('/')
                .filter(|c| !matches!(*c, "" | "."))
                .collect();
            return file.starts_with(&path);
        }
        spelled_out(text).iter().any(|alternative| {
            let (dirs, name) = alternative.rsplit_once('/').unwrap_or(("", alternative));
            let mut parts: Vec<_> = dirs
                .split('/')
                .filter(|c| !matches!(*c, "" | "."))
                .collect();
            parts.push(if matches!(name, "" | ".") { "**" } else { name });
            reference_components(&parts, file)
        })
    }

    fn spelled_out(text: &str) -> Vec<String> {
        let Some(open) = text.find('{') else {
            return vec![text.to_owned()];
        };
        let (mut depth, mut options, mut start) = (0, Vec::new(), open + 1);
        for (at, c) in text.char_indices().skip(open) {
            match c {
                '{' => depth += 1,
                ',' if depth == 1 => {
                    options.push(&text[start..at]);
                    start = at + 1;
                }
                '}' if depth == 1 => {
                    options.push(&text[start..at]);
                    let whole = |option: &&str| [&text[..open], option, &text[at + 1..]].concat();
                    return options
                        .iter()
                        .flat_map(|o| spelled_out(&whole(o)))
                        .collect();
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        unreachable!("a parsed pattern closes its braces")
    }

    fn reference_components(parts: &[&str], file: &[&str]) -> bool {
        match parts {
            [] => file.is_empty(),
            ["**"] => !file.is_empty(),
            ["**", rest @ ..] => (0..=file.len()).any(|n| reference_components(rest, &file[n..])),
            [part, rest @ ..] => file.split_first().is_some_and(|(name, below)| {
                reference_name(part.as_bytes(), name.as_bytes())
                    && reference_components(rest, below)
            }),
        }
    }

    fn reference_name(part: &[u8], name: &[u8]) -> bool {
        let first = name.first();
        match part {
            [] => name.is_empty(),
            [b'*', rest @ ..] => (0..=name.len()).any(|n| reference_name(rest, &name[n..])),
            [b'?', rest @ ..] => first.is_some() && reference_name(rest, &name[1..]),
            [b'[', b'a', b'b', b']', rest @ ..] => {
                matches!(first, Some(b'a' | b'b')) && reference_name(rest, &name[1..])
            }
            [b'[', b'!', b'a', b']', rest @ ..] => {
                first.is_some_and(|c| *c != b'a') && reference_name(rest, &name[1..])
            }
            [c, rest @ ..] => first == Some(c) && reference_name(rest, &name[1..]),
        }
    }

    /// Symbols of the patterns that are compared with brute force.
    const SYMBOLS: [&str; 9] = ["a", "b", ".", "/", "*", "?", "**", "[ab]", "[!a]"];

    /// All well formed paths of at most 6 characters over `a`, `b`, `.` and `/`, by component.
    ///
    /// They decide every overlap of two patterns of at most three `SYMBOLS`. Characters: any other
    /// one is read only by `*`, `?`, `**` and `[!a]`, and all of these read `b`. Length: in a
    /// shortest common file, a character that neither pattern reads at a fixed place only pads a
    /// component into a proper name, one per component. Two patterns with a loop fix two
    /// characters each and need two components: 2 + 2 + 2. A plain path fixes three, and then only
    /// the component below it can need padding: 3 + 2 + 1.
    static SHORT_FILES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let (mut files, mut grown) = (Vec::new(), vec![String::new()]);
        for _ in 0..6 {
            let longer = |file: &String| ["a", "b", ".", "/"].map(|c| file.clone() + c);
            grown = grown.iter().flat_map(longer).collect();
            let is_name = |name| !matches!(name, "" | "." | "..");
            files.extend(grown.iter().filter(|f| f.split('/').all(is_name)).cloned());
        }
        files
    });

    /// The short files that match according to the reference, one bit each.
    fn reference_row(text: &str) -> Vec<u64> {
        row(|file| reference_matches(text, &file.split('/').collect::<Vec<_>>()))
    }

    fn row(matches: impl Fn(&str) -> bool) -> Vec<u64> {
        let bits = |files: &[String]| files.iter().fold(0, |b, f| b << 1 | u64::from(matches(f)));
        SHORT_FILES.chunks(64).map(bits).collect()
    }

    fn share_a_file(a: &[u64], b: &[u64]) -> bool {
        a.iter().zip(b).any(|(a, b)| a & b != 0)
    }

    #[test]
    fn all_short_patterns_agree_with_brute_force() {
        let mut texts = vec![String::new()];
        for start in [0, 1, 1 + SYMBOLS.len()] {
            let longer = |text: &String| SYMBOLS.map(|symbol| text.clone() + symbol);
            texts.extend(texts[start..].iter().flat_map(longer).collect::<Vec<_>>());
        }
        let accepted = texts
            .iter()
            .filter_map(|t| Some((PathPattern::parse(t).ok()?, t)));
        let rows: Vec<_> = accepted
            .map(|(p, text)| (p, text, reference_row(text)))
            .collect();
        assert!(rows.len() > 600);
        for (index, (a, a_text, a_row)) in rows.iter().enumerate() {
            for (b, b_text, b_row) in &rows[index..] {
                let expected = share_a_file(a_row, b_row);
                assert_eq!(a.overlaps(b), expected, "{a_text} and {b_text}");
            }
        }
    }

    /// Patterns with braces and at most three `SYMBOLS` in each alternative.
    fn braces() -> impl Strategy<Value = (String, PathPattern)> {
        let maybe = || prop_oneof![Just(""), select(&SYMBOLS[..])];
        let inner = prop_oneof![
            4 => maybe().prop_map(str::to_owned),
            1 => (maybe(), maybe()).prop_map(|(a, b)| format!("{{{a},{b}}}")),
        ];
        let options = prop::collection::vec(inner, 1..4);
        (maybe(), options, maybe()).prop_filter_map("refused", |(before, options, after)| {
            let text = format!("{before}{{{}}}{after}", options.join(","));
            Some((text.clone(), PathPattern::parse(&text).ok()?))
        })
    }

    /// Any text that has a fair chance to be a pattern.
    fn any_text() -> impl Strategy<Value = String> {
        let pieces = "a b é . .. / / * ** ? [ ] ! ^ - [a-c] [!b] { , } {a,b} {.,} \\ \\.";
        let pieces: Vec<_> = pieces.split(' ').collect();
        let text = prop::collection::vec(select(pieces), 0..20);
        prop_oneof![4 => text.prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
    }

    fn file() -> impl Strategy<Value = String> {
        let characters: Vec<_> = "ab é./*?[]{},-!^\\".chars().collect();
        let text = prop::collection::vec(select(characters), 1..=8);
        text.prop_map(String::from_iter)
            .prop_filter("not well formed", |f| pattern(".").matches(f))
    }

    /// A pattern that matches `file`: each character stays or gives way to something wider.
    fn widened(file: &str, choices: &[usize]) -> String {
        let widen = |(c, choice): (char, &usize)| match (c, choice % 8) {
            ('/', 0) => "/**/".to_owned(),
            ('/', 1) => "{/,/x/}".to_owned(),
            ('/', _) => "/".to_owned(),
            (_, 0) => "?".to_owned(),
            (_, 1) => "*".to_owned(),
            (_, 2) => "[!x]".to_owned(),
            (c, 3) => format!("[\\{c}x]"),
            (c, 4) => format!("{{x,\\{c}}}"),
            (c, 5) => format!("{{\\{c},}}*"),
            (c, _) => format!("\\{c}"),
        };
        file.chars().zip(choices).map(widen).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn braces_agree_with_brute_force((a_text, a) in braces(), (b_text, b) in braces()) {
            let (a_row, b_row) = (reference_row(&a_text), reference_row(&b_text));
            prop_assert_eq!(a.overlaps(&b), share_a_file(&a_row, &b_row));
            prop_assert_eq!(row(|file| a.matches(file)), a_row);
        }

        #[test]
        fn any_texts_keep_the_laws(a in any_text(), b in any_text()) {
            let Ok(a) = PathPattern::parse(&a) else { return Ok(()) };
            prop_assert_eq!(&pattern(a.as_str()), &a);
            let satisfiable = a.overlaps(&pattern("**"));
            prop_assert_eq!(a.overlaps(&a), satisfiable);
            let Ok(b) = PathPattern::parse(&b) else { return Ok(()) };
            prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
            // A pattern read as a file name is a plain file as good as any.
            if a.matches(b.as_str()) && b.matches(b.as_str()) {
                prop_assert!(a.overlaps(&b));
            }
        }

        #[test]
        fn patterns_of_one_file_overlap(
            file in file(),
            a_choices in prop::collection::vec(any::<usize>(), 8),
            b_choices in prop::collection::vec(any::<usize>(), 8),
        ) {
            let (a, b) = (widened(&file, &a_choices), widened(&file, &b_choices));
            let (Ok(a), Ok(b)) = (PathPattern::parse(&a), PathPattern::parse(&b)) else {
                return Ok(()) // more than 64 alternatives
            };
            prop_assert!(a.matches(&file) && b.matches(&file));
            prop_assert!(a.overlaps(&b));
        }
    }
}
