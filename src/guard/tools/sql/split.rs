//! Split of a script into statements and commands of the client.
//!
//! Owns quotes, comments and ends of statements in each [`Dialect`]. Never says what a statement
//! does.

use crate::guard::rules::rule::Dialect;

/// What a script has.
#[derive(Debug, Default)]
pub(super) struct Split {
    pub(super) tokens: Vec<Token>,
    /// Why it is not certain where statements end.
    pub(super) doubt: Option<String>,
}

/// A statement, or a command of the client.
#[derive(Debug)]
pub(super) enum Token {
    /// The words of a statement in upper case, without quoted text.
    Statement(Vec<String>),
    /// `\\name rest`.
    Command { name: String, rest: String },
}

/// Commands of `psql` that take the rest of the line as it is.
const WHOLE_LINES: [&str; 11] = [
    "!", "copy", "h", "help", "ef", "ev", "sf", "sf+", "sv", "sv+", "e",
];
/// Commands of `psql` that change what a variable is.
const SETS: [&str; 4] = ["set", "gset", "getenv", "prompt"];
/// Words with which `mysql` takes a line for a command of its own, without a `;`.
const LINES: [&str; 19] = [
    "USE",
    "STATUS",
    "HELP",
    "NOTEE",
    "NOPAGER",
    "NOWARNING",
    "WARNINGS",
    "REHASH",
    "CONNECT",
    "GO",
    "EGO",
    "EXIT",
    "QUIT",
    "CLEAR",
    "PRINT",
    "RESETCONNECTION",
    "CHARSET",
    "PROMPT",
    "DELIMITER",
];

/// A script that is being split.
struct Splitter<'s> {
    script: &'s str,
    at: usize,
    is_mysql: bool,
    words: Vec<String>,
    split: Split,
    /// Names that are interpolated.
    variables: Vec<&'s str>,
    sets_variables: bool,
}

/// Splits a script. `is_odd` says of a variable that it is given, and may be more than a word.
pub(super) fn split(script: &str, dialect: Dialect, is_odd: &dyn Fn(&str) -> bool) -> Split {
    let mut splitter = Splitter {
        script,
        at: 0,
        is_mysql: dialect == Dialect::Mysql,
        words: Vec::new(),
        split: Split::default(),
        variables: Vec::new(),
        sets_variables: false,
    };
    while let Some(next) = splitter.rest().chars().next() {
        splitter.step(next);
    }
    splitter.end();
    let is_hidden = |name: &&&str| splitter.sets_variables || is_odd(name);
    if let Some(name) = splitter.variables.iter().find(is_hidden) {
        let name: String = name.chars().take(30).collect();
        splitter.split.doubt = Some(format!("the value of :{name} may be any statement"));
    }
    splitter.split
}

impl<'s> Splitter<'s> {
    fn rest(&self) -> &'s str {
        self.script.get(self.at..).unwrap_or_default()
    }

    /// Ends a statement.
    fn end(&mut self) {
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.split.tokens.push(Token::Statement(words));
        }
    }

    /// Returns true if a letter, a digit or `_` stands before this place.
    fn is_in_word(&self) -> bool {
        let before = self.script[..self.at].chars().next_back();
        before.is_some_and(is_part)
    }

    fn step(&mut self, next: char) {
        let rest = self.rest();
        let line = || rest.find('\n').unwrap_or(rest.len());
        let bytes = match next {
            ';' => {
                self.end();
                1
            }
            '\n' => {
                let first = self.words.first().map(String::as_str);
                if self.is_mysql && first.is_some_and(|first| LINES.contains(&first)) {
                    self.end();
                }
                1
            }
            '\\' => self.command(rest),
            '\'' => {
                let is_escaped = self.is_mysql || self.is_behind_an_e();
                quoted(rest, '\'', is_escaped)
            }
            '"' => quoted(rest, '"', self.is_mysql),
            '`' if self.is_mysql => quoted(rest, '`', false),
            '$' if !self.is_mysql => self.dollar(rest),
            '#' if self.is_mysql => line(),
            '-' if rest.starts_with("--") && self.is_comment(rest) => line(),
            '/' if rest.starts_with("/*") => self.comment(rest),
            ':' if !self.is_mysql => self.colon(rest),
            c if is_part(c) => {
                // `$` is a letter of a name, everywhere in MySQL.
                let is_part = |c: char| is_part(c) || c == '$';
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let word = &rest[..end];
                if word.contains('$') && c.is_ascii_digit() {
                    let why = "a $ stands behind a number".to_owned();
                    self.split.doubt.get_or_insert(why);
                }
                self.words.push(word.to_uppercase());
                end
            }
            '$' => {
                let end = rest
                    .find(|c| !(is_part(c) || c == '$'))
                    .unwrap_or(rest.len());
                self.words.push(rest[..end].to_uppercase());
                end
            }
            c => c.len_utf8(),
        };
        self.at += bytes.max(1);
    }

    /// Returns true if the quote here is that of `E'…'`.
    fn is_behind_an_e(&self) -> bool {
        let mut before = self.script[..self.at].chars().rev();
        let is_e = matches!(before.next(), Some('e' | 'E'));
        is_e && !before.next().is_some_and(is_part)
    }

    /// Returns true if `--` begins a comment here.
    fn is_comment(&self, rest: &str) -> bool {
        let after = rest[2..].chars().next();
        let is_line = self.words.is_empty() && self.script[..self.at].ends_with('\n');
        !self.is_mysql || is_line || after.is_none_or(|c| c.is_whitespace() || c.is_control())
    }

    /// Returns the length of a comment. What MySQL and MariaDB run is none.
    fn comment(&self, rest: &str) -> usize {
        let runs = rest.starts_with("/*!") || rest.starts_with("/*M!");
        match self.is_mysql {
            true if runs => rest.find('!').map_or(2, |at| {
                let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit);
                at + 1 + digits.count()
            }),
            true => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            false => nested_comment(rest),
        }
    }

    /// Steps over what `$` begins.
    fn dollar(&self, rest: &str) -> usize {
        match self.is_in_word() {
            true => 1,
            false => dollar_quoted(rest),
        }
    }

    /// Steps over what `:` begins: a cast, or the name of a variable.
    fn colon(&mut self, rest: &'s str) -> usize {
        if rest.starts_with("::") {
            return 2;
        }
        let name = &rest[1..];
        let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
        if end > 0 {
            self.variables.push(&name[..end]);
        }
        1 + end
    }

    /// Takes a command of the client, and returns its length.
    fn command(&mut self, rest: &'s str) -> usize {
        let after = &rest[1..];
        if self.is_mysql {
            return self.mysql_command(after);
        }
        let ends = |c: char| c.is_whitespace() || c == '\\';
        let length = after.find(ends).unwrap_or(after.len());
        let name = &after[..length];
        match name {
            // Between commands.
            "" => return 2.min(rest.len()),
            _ if name.starts_with(';') => {
                self.end();
                return 2;
            }
            _ if name.starts_with(':') => return 2,
            _ => {}
        }
        let text = &after[length..];
        let end = match WHOLE_LINES.contains(&name) {
            true => text.find('\n').unwrap_or(text.len()),
            false => end_of_words(text),
        };
        self.sets_variables |= SETS.contains(&name);
        self.split.tokens.push(Token::Command {
            name: name.to_owned(),
            rest: text[..end].to_owned(),
        });
        if name.starts_with('g') || name == "watch" {
            self.end();
        }
        if name == "gexec" {
            self.split.doubt = Some("\\gexec runs what a query returns".to_owned());
        }
        1 + length + end
    }

    /// Takes a command of `mysql`, and returns its length with the backslash.
    fn mysql_command(&mut self, after: &str) -> usize {
        let Some(letter) = after.chars().next() else {
            return 1;
        };
        let bytes = 1 + letter.len_utf8();
        if matches!(letter, 'g' | 'G') {
            self.end();
            return bytes;
        }
        self.split.tokens.push(Token::Command {
            name: letter.to_string(),
            rest: String::new(),
        });
        bytes
    }
}

/// Checks whether a character is a part of a word.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the length of a quoted text in bytes. A doubled quote counts as the start of the next
/// one.
fn quoted(text: &str, quote: char, is_escaped: bool) -> usize {
    let mut escape = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escape => escape = false,
            '\\' if is_escaped => escape = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of `/* … */`, in which others may stand.
fn nested_comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// Returns the length of `$tag$ … $tag$` in bytes, or that of the `$` alone.
fn dollar_quoted(text: &str) -> usize {
    let Some((tag, _)) = text[1..].split_once('$') else {
        return 1;
    };
    if !tag.chars().all(is_part) || tag.starts_with(|c: char| c.is_ascii_digit()) {
        return 1;
    }
    let open = tag.len() + 2;
    let close = &text[..open];
    text[open..]
        .find(close)
        .map_or(text.len(), |end| open + end + open)
}

/// Returns where the words of a command of `psql` end: at a line end, or at another backslash
/// outside of quotes.
fn end_of_words(text: &str) -> usize {
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('\n', _) => return at,
            ('\\', None) => return at,
            ('\'' | '"' | '`', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    text.len()
}
