//! A reader of Rust sources that knows just enough for `tidy`.
//!
//! Owns the split of a source into code, string contents and comments, the lines that are tests,
//! and the paths that code mentions, `use` trees spelled out. Never judges any of them.

use super::text::split;

/// One source file, taken apart.
pub struct Source {
    /// Relative to the crate: `src/model/id.rs`.
    pub path: String,
    /// The text as it stands.
    pub raw: Vec<String>,
    /// The same lines without comments, and with nothing inside strings.
    pub code: Vec<String>,
    /// The same lines with nothing but what stands inside strings.
    pub strings: Vec<String>,
    /// The same lines with nothing but comments.
    pub comments: Vec<String>,
    /// Whether a line belongs to an item under `#[cfg(test)]`.
    pub is_test: Vec<bool>,
}

/// A word, a `::` or one other character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// Counted from 0.
    pub line: usize,
}

/// A path, and the name that a `use` declaration gives to its last segment.
struct Path {
    mention: Mention,
    name: Option<String>,
}

/// A path that code mentions: `crate::model::id`, `std::fs::read`, `println!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub path: String,
    pub line: usize,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let (code, strings, comments) = split(text);
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let mut source = Self {
            path: path.to_owned(),
            raw: lines(text),
            code: lines(&code),
            strings: lines(&strings),
            comments: lines(&comments),
            is_test: Vec::new(),
        };
        source.is_test = source.mark_tests();
        source
    }

    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        for (line, text) in self.code.iter().enumerate() {
            let mut rest = text.trim_start();
            while let Some(first) = rest.chars().next() {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let bytes = match first {
                    c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
                    ':' if rest.starts_with("::") => 2,
                    c => c.len_utf8(),
                };
                let (text, after) = rest.split_at(bytes);
                tokens.push(Token {
                    text: text.to_owned(),
                    line,
                });
                rest = after.trim_start();
            }
        }
        tokens
    }

    /// The files that this one declares as `#[cfg(test)] mod …;`.
    pub fn test_modules(&self) -> Vec<String> {
        let tokens = self.tokens();
        let declares =
            |w: &[Token]| w[0].text == "mod" && w[2].text == ";" && self.is_test[w[0].line];
        let names = tokens.windows(3).filter(|w| declares(w));
        names.map(|w| w[1].text.clone()).collect()
    }

    /// All paths outside tests, resolved as far as `crate`, `self` and `super` say.
    pub fn mentions(&self) -> Vec<Mention> {
        let mut found: Vec<Mention> = self.paths().into_iter().map(|path| path.mention).collect();
        found.retain(|mention| !self.is_test[mention.line]);
        found
    }

    /// What `use` declarations outside tests bring in: the name here, and the path.
    pub fn imports(&self) -> Vec<(String, String)> {
        let mut found = self.paths();
        found.retain(|path| path.name.is_some() && !self.is_test[path.mention.line]);
        let named = found.into_iter();
        named
            .filter_map(|path| Some((path.name?, path.mention.path)))
            .collect()
    }

    fn paths(&self) -> Vec<Path> {
        let tokens = self.tokens();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let start = at;
            let is_use = token.text == "use" && tokens.get(at + 1).is_some_and(|t| t.text != "<");
            if is_use {
                at = use_tree(&tokens, at + 1, &[], &mut found);
            } else if is_word(token) {
                at = inline_path(&tokens, at, &mut found);
            }
            at = at.max(start + 1);
        }
        for path in &mut found {
            path.mention.path = self.resolve(&path.mention.path);
        }
        found
    }

    /// The segments of its module below `crate`: `src/ledger/refs/mod.rs` is `ledger`, `refs`.
    pub fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let names = inside.trim_end_matches(".rs").split('/');
        let names = names.filter(|name| !matches!(*name, "mod" | "lib" | "main"));
        names.map(str::to_owned).collect()
    }

    /// `super::super::git` in `src/ledger/refs/cli.rs` is `crate::git`.
    fn resolve(&self, path: &str) -> String {
        let mut module = [vec!["crate".to_owned()], self.module()].concat();
        let mut rest = path;
        let mut is_relative = false;
        loop {
            let (first, after) = rest.split_once("::").unwrap_or((rest, ""));
            match first {
                "self" => {}
                "super" => drop(module.pop()),
                _ => break,
            }
            is_relative = true;
            rest = after;
        }
        match (is_relative, rest) {
            (false, _) => path.to_owned(),
            (true, "") => module.join("::"),
            (true, rest) => format!("{}::{rest}", module.join("::")),
        }
    }

    fn mark_tests(&self) -> Vec<bool> {
        let mut is_test = vec![false; self.raw.len()];
        let tokens = self.tokens();
        let text: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        for at in 0..text.len() {
            if text[at..].starts_with(&["#", "[", "cfg", "(", "test", ")", "]"]) {
                let end = item_end(&text, at + 7);
                let last = tokens[end.min(tokens.len() - 1)].line;
                is_test[tokens[at].line..=last].fill(true);
            }
        }
        is_test
    }

    /// Functions outside tests: name, first line, number of lines.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let tokens = self.tokens();
        let text: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let mut found = Vec::new();
        for at in 0..text.len().saturating_sub(1) {
            let (token, name) = (&tokens[at], &tokens[at + 1]);
            if token.text != "fn" || !is_word(name) || self.is_test[token.line] {
                continue;
            }
            let last = tokens[item_end(&text, at).min(tokens.len() - 1)].line;
            found.push((name.text.clone(), token.line, last - token.line + 1));
        }
        found
    }
}

/// The token that ends the item which starts at `at`: its `;`, or the brace that closes it.
fn item_end(text: &[&str], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in text.iter().enumerate().skip(at) {
        match *token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && *token == "}" {
                    return index;
                }
            }
            ";" if depth == 0 => return index,
            _ => {}
        }
    }
    text.len()
}

fn is_word(token: &Token) -> bool {
    token
        .text
        .starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Read `a::b::c` or `a::b!` from `at`; the answer is where it ends.
fn inline_path(tokens: &[Token], at: usize, found: &mut Vec<Path>) -> usize {
    let line = tokens[at].line;
    let mut path = tokens[at].text.clone();
    let mut end = at + 1;
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    while is(end, "::") && tokens.get(end + 1).is_some_and(is_word) {
        path.push_str("::");
        path.push_str(&tokens[end + 1].text);
        end += 2;
    }
    if is(end, "!") && !is(end + 1, "=") {
        path.push('!');
        end += 1;
    }
    let mention = Mention { path, line };
    found.push(Path {
        mention,
        name: None,
    });
    end
}

/// Read one branch of a `use` declaration; the answer is the token behind it.
fn use_tree(tokens: &[Token], mut at: usize, above: &[String], found: &mut Vec<Path>) -> usize {
    let mut path = above.to_vec();
    let Some(line) = tokens.get(at).map(|token| token.line) else {
        return at;
    };
    let mut is_group = false;
    let mut alias = None;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "::" => at += 1,
            "{" => {
                is_group = true;
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    let before = at;
                    at = use_tree(tokens, at, &path, found);
                    let comma = tokens.get(at).is_some_and(|token| token.text == ",");
                    at = (at + usize::from(comma)).max(before + 1);
                }
                at += 1;
            }
            // Another name changes nothing about what is used.
            "as" => {
                alias = tokens.get(at + 1).map(|token| token.text.clone());
                at += 2;
            }
            "self" if !path.is_empty() => at += 1,
            "," | "}" | ";" => break,
            word => {
                path.push(word.to_owned());
                at += 1;
            }
        }
    }
    if !is_group && !path.is_empty() {
        let mention = Mention {
            path: path.join("::"),
            line,
        };
        let name = alias.or_else(|| path.last().cloned());
        found.push(Path { mention, name });
    }
    at
}

#[test]
fn a_source_is_taken_apart() {
    let source = Source::new(
        "src/a.rs",
        "use x::{self, y as z}; // std::fs\nlet c = '\"'; let s = \"fs::read\\\" {\";\n\
         fn f<'a>() { r#\"a \" b\"#; /* { /* */ { */ g::h!() }\n\
         #[cfg(test)]\nmod tests {\n    fn t() {}\n}\nfn after() {}",
    );
    assert!(
        source.code[0].trim_end().ends_with("z};"),
        "{:?}",
        source.code
    );
    assert!(source.strings[1].contains("fs::read") && !source.code[1].contains("fs::read"));
    assert!(source.strings[2].contains("a \" b"));
    let paths: Vec<String> = source.mentions().into_iter().map(|m| m.path).collect();
    for path in ["x", "x::y", "g::h!"] {
        assert!(
            paths.iter().any(|found| found == path),
            "{path} in {paths:?}"
        );
    }
    assert!(!paths.iter().any(|path| path.contains("fs")), "{paths:?}");
    assert_eq!(
        source.is_test,
        [false, false, false, true, true, true, true, false]
    );
    let functions: Vec<_> = source.functions().into_iter().map(|f| (f.0, f.2)).collect();
    assert_eq!(functions, [("f".to_owned(), 1), ("after".to_owned(), 1)]);
}

#[test]
fn paths_are_resolved() {
    let resolve = |file: &str, path: &str| Source::new(file, "").resolve(path);
    assert_eq!(
        resolve("src/ledger/refs/cli.rs", "super::RefStore"),
        "crate::ledger::refs::RefStore"
    );
    assert_eq!(
        resolve("src/ledger/refs/mod.rs", "super::Ledger"),
        "crate::ledger::Ledger"
    );
    assert_eq!(
        resolve("src/ledger/refs/cli.rs", "super::super::super::git"),
        "crate::git"
    );
    assert_eq!(resolve("src/model/id.rs", "std::fs"), "std::fs");
    assert_eq!(resolve("src/lib.rs", "self::model"), "crate::model");
}
