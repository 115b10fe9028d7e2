//! Scripts in `package.json`, `composer.json` and `deno.json`.
//!
//! Owns as much of JSON as is needed to find them, with comments. Never builds a whole document.

use super::Recipe;

/// Deeper nesting is not read.
const DEPTH_MAX: usize = 32;

/// Returns what the entry `task` of the object `key` runs. With `has_hooks`, what is called `pre…`
/// and `post…` runs around it.
pub(super) fn scripts(text: &str, key: &str, task: &str, has_hooks: bool) -> Option<Recipe> {
    let entries = entries(text, key)?;
    let of = |name: &str| {
        let found = entries.iter().filter(|(known, _)| known == name);
        found.map(|(_, script)| script.clone()).collect::<Vec<_>>()
    };
    let mine = of(task);
    if mine.is_empty() {
        return None;
    }
    let mut scripts = Vec::new();
    if has_hooks {
        scripts.extend(of(&format!("pre{task}")));
    }
    scripts.extend(mine);
    if has_hooks {
        scripts.extend(of(&format!("post{task}")));
    }
    let (needs, scripts): (Vec<String>, Vec<String>) = scripts
        .into_iter()
        .partition(|script| !has_hooks && script.starts_with('@') && !script.contains(' '));
    let needs = needs.iter().map(|need| need[1..].to_owned()).collect();
    Some(Recipe { needs, scripts })
}

/// Returns the texts of an object at the top, each with its key; a list has several.
fn entries(text: &str, key: &str) -> Option<Vec<(String, String)>> {
    let mut reader = Reader { text, at: 0 };
    let mut entries = Vec::new();
    reader.object(0, &mut |reader, name| {
        if name != key {
            return reader.skip(1);
        }
        reader.object(1, &mut |reader, name| {
            let mut texts = Vec::new();
            reader.texts(2, &mut texts)?;
            entries.extend(texts.into_iter().map(|text| (name.to_owned(), text)));
            Some(())
        })
    })?;
    Some(entries)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Steps over blanks and comments, and returns the next byte.
    fn next(&mut self) -> Option<u8> {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            self.at += blanks;
            let rest = self.rest();
            let comment = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return rest.bytes().next();
            };
            self.at += comment;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Reads an object, and calls `value` before each value.
    fn object(
        &mut self,
        depth: usize,
        value: &mut dyn FnMut(&mut Self, &str) -> Option<()>,
    ) -> Option<()> {
        if depth > DEPTH_MAX || !self.eat(b'{') {
            return None;
        }
        while !self.eat(b'}') {
            let name = self.string()?;
            self.eat(b':').then_some(())?;
            value(self, &name)?;
            self.eat(b',');
        }
        Some(())
    }

    /// Reads a value, and takes the texts of a text, a list, or `command` of an object.
    fn texts(&mut self, depth: usize, into: &mut Vec<String>) -> Option<()> {
        match self.next()? {
            b'"' => into.push(self.string()?),
            b'[' => {
                self.at += 1;
                while !self.eat(b']') {
                    match self.next()? {
                        b'"' => into.push(self.string()?),
                        _ => self.skip(depth)?,
                    }
                    self.eat(b',');
                }
            }
            b'{' => self.object(depth, &mut |reader, name| match name {
                "command" => {
                    into.push(reader.string()?);
                    Some(())
                }
                _ => reader.skip(depth + 1),
            })?,
            _ => self.skip(depth)?,
        }
        Some(())
    }

    /// Steps over a value.
    fn skip(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.next()? {
            b'"' => self.string().map(drop),
            b'{' => self.object(depth, &mut |reader, _| reader.skip(depth + 1)),
            b'[' => {
                self.at += 1;
                while !self.eat(b']') {
                    self.skip(depth + 1)?;
                    self.eat(b',');
                }
                Some(())
            }
            _ => {
                let rest = self.rest();
                let end = rest.find([',', '}', ']']).filter(|end| *end > 0)?;
                self.at += end;
                Some(())
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"').then_some(())?;
        let mut text = String::new();
        let mut characters = self.rest().char_indices();
        let mut end = None;
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    end = Some(at + 1);
                    break;
                }
                '\\' => match characters.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'u' => {
                        let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                        let number = u32::from_str_radix(&digits, 16).ok()?;
                        text.push(char::from_u32(number).unwrap_or('\u{fffd}'));
                    }
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        self.at += end?;
        Some(text)
    }
}
