//! Grammar of groups: conditions, loops, `case`, functions.
//!
//! Owns the grammar of what begins with a keyword. Never knows which branch will run.

use super::grammar::OPENING;
use super::reader::Reader;
use super::{Command, Group, GroupKind, List, Redirections, SyntaxError, Word, is_name};

impl Reader<'_> {
    /// Reads a group after its first keyword.
    pub(super) fn compound(&mut self, keyword: &str) -> Result<Command, SyntaxError> {
        let mut lists = Vec::new();
        let mut words = Vec::new();
        let mut variable = None;
        let mut kind = GroupKind::Conditional;
        match keyword {
            "{" => {
                kind = GroupKind::Braces;
                lists.push(self.list_until("}")?);
            }
            "if" => loop {
                lists.push(self.list_until("then")?);
                lists.push(self.list()?);
                match self.keyword(&["elif", "else", "fi"])? {
                    Some("elif") => {}
                    Some("else") => {
                        lists.push(self.list_until("fi")?);
                        break;
                    }
                    Some(_) => break,
                    None => return Err(SyntaxError::Missing("fi")),
                }
            },
            "while" | "until" => {
                lists.push(self.list_until("do")?);
                lists.push(self.list_until("done")?);
            }
            "for" | "select" => lists.push(self.loop_over(&mut words, &mut variable)?),
            "case" => self.case(&mut lists, &mut words)?,
            "[[" => {
                kind = GroupKind::Braces;
                words = self.condition()?;
            }
            "function" => {
                self.skip_blanks();
                let name = self.word()?.ok_or_else(|| self.misplaced())?;
                self.skip_blanks();
                if self.eat("(") && !self.eat(")") {
                    return Err(SyntaxError::Missing(")"));
                }
                return self.function(name);
            }
            _ => {
                kind = GroupKind::Reads;
                lists.push(self.coprocess()?);
            }
        }
        let command = self.group(kind, lists, words)?;
        Ok(match command {
            Command::Group(group) => Command::Group(Group { variable, ..group }),
            simple => simple,
        })
    }

    /// Reads the command of a `coproc`, without the name that a group may have there.
    fn coprocess(&mut self) -> Result<List, SyntaxError> {
        self.skip_blanks();
        let start = self.at;
        let is_named = self.word()?.is_some_and(|word| is_name(&word.text));
        self.skip_blanks();
        let group = self.at;
        let is_group = self.byte() == Some(b'(') || self.keyword(&OPENING)?.is_some();
        self.at = if is_named && is_group { group } else { start };
        let command = self.command()?.ok_or_else(|| self.misplaced())?;
        Ok(List::of(command))
    }

    /// Reads a `for` or `select` loop.
    fn loop_over(
        &mut self,
        words: &mut Vec<Word>,
        variable: &mut Option<String>,
    ) -> Result<List, SyntaxError> {
        self.skip_blanks();
        if self.rest().starts_with("((") {
            if !self.arithmetic(2)? {
                return Err(SyntaxError::Unsupported("a loop"));
            }
        } else {
            let name = self.word()?.ok_or_else(|| self.misplaced())?;
            *variable = name.known().filter(|name| is_name(name)).map(str::to_owned);
            self.skip_lines()?;
            if self.keyword(&["in"])?.is_some() {
                self.skip_blanks();
                while let Some(word) = self.word()? {
                    words.push(word);
                    self.skip_blanks();
                }
            }
        }
        self.skip_blanks();
        self.eat(";");
        self.skip_lines()?;
        match self.keyword(&["do", "{"])? {
            Some("do") => self.list_until("done"),
            Some(_) => self.list_until("}"),
            None => Err(SyntaxError::Missing("do")),
        }
    }

    /// Reads a `case`.
    fn case(&mut self, lists: &mut Vec<List>, words: &mut Vec<Word>) -> Result<(), SyntaxError> {
        self.skip_blanks();
        words.push(self.word()?.ok_or_else(|| self.misplaced())?);
        self.skip_lines()?;
        if self.keyword(&["in"])?.is_none() {
            return Err(SyntaxError::Missing("in"));
        }
        loop {
            self.skip_lines()?;
            if self.keyword(&["esac"])?.is_some() {
                return Ok(());
            }
            self.eat("(");
            loop {
                self.skip_blanks();
                words.push(self.word()?.ok_or_else(|| self.misplaced())?);
                self.skip_blanks();
                if self.eat(")") {
                    break;
                }
                if !self.eat("|") {
                    return Err(SyntaxError::Missing(")"));
                }
            }
            lists.push(self.list()?);
            let ended = self.eat(";;&") || self.eat(";;") || self.eat(";&");
            self.skip_lines()?;
            if !ended && !self.rest().starts_with("esac") {
                return Err(SyntaxError::Missing("esac"));
            }
        }
    }

    /// Reads `[[ … ]]`. Only commands in its words can run.
    fn condition(&mut self) -> Result<Vec<Word>, SyntaxError> {
        let mut words = Vec::new();
        loop {
            self.skip_lines()?;
            match self.word()? {
                Some(word) if word.is("]]") => return Ok(words),
                Some(word) => words.push(word),
                None if self.at >= self.text.len() => return Err(SyntaxError::Missing("]]")),
                None => self.at += 1,
            }
        }
    }

    /// Reads the body of the function `name`.
    pub(super) fn function(&mut self, name: Word) -> Result<Command, SyntaxError> {
        self.skip_lines()?;
        let body = self.deeper(Self::command)?;
        let body = match body.ok_or_else(|| self.misplaced())? {
            Command::Group(group) => group,
            Command::Simple(_) => return Err(SyntaxError::Unsupported("a function")),
        };
        let mut words = vec![name];
        words.extend(body.words);
        Ok(Command::Group(Group {
            kind: GroupKind::Function,
            words,
            ..body
        }))
    }

    /// Returns the group with the redirections that follow it.
    pub(super) fn group(
        &mut self,
        kind: GroupKind,
        lists: Vec<List>,
        words: Vec<Word>,
    ) -> Result<Command, SyntaxError> {
        let mut redirections = Redirections::default();
        self.skip_blanks();
        while self.redirection(&mut redirections)? {
            self.skip_blanks();
        }
        Ok(Command::Group(Group {
            kind,
            lists,
            words,
            variable: None,
            redirections,
        }))
    }
}
