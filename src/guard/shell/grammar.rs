//! Grammar of lists, pipelines, simple commands and redirections.
//!
//! Owns the grammar above words, as bash reads it. Never looks at what a program does.

use std::sync::OnceLock;

use super::reader::{PendingDocument, Reader};
use super::{
    COMMANDS_MAX, Chain, Command, Document, Group, GroupKind, Link, List, Pipeline, Redirections,
    Simple, Stdin, SyntaxError, Word, excerpt,
};

/// Keywords that end a list where a command could begin.
const CLOSING: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/// Keywords that begin a group.
pub(super) const OPENING: [&str; 10] = [
    "{", "if", "while", "until", "for", "select", "case", "[[", "function", "coproc",
];

/// Redirection operators, the longest first.
const REDIRECTIONS: [&str; 11] = [
    "&>>", "<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "&>", "<",
];

impl Reader<'_> {
    /// Reads the text, as far as it can be parsed.
    pub(super) fn beginning(&mut self) -> (List, Option<SyntaxError>) {
        let mut list = List::default();
        let error = match self.list_into(&mut list) {
            Err(error) => Some(error),
            Ok(()) if self.at < self.text.len() => Some(self.misplaced()),
            Ok(()) if !self.pending.is_empty() => Some(SyntaxError::Unclosed("a here-document")),
            Ok(()) => None,
        };
        (list, error)
    }

    /// Reads a list and the `end` after it.
    pub(super) fn list_until(&mut self, end: &'static str) -> Result<List, SyntaxError> {
        let list = self.list()?;
        match self.eat(end) {
            true => Ok(list),
            false if self.at >= self.text.len() => Err(SyntaxError::Missing(end)),
            false => Err(self.misplaced()),
        }
    }

    /// Returns the error for what stands here.
    pub(super) fn misplaced(&self) -> SyntaxError {
        let rest = self.rest().split_whitespace().next();
        SyntaxError::Misplaced(excerpt(rest.unwrap_or("the end")))
    }

    /// Reads a list, up to what cannot be part of one.
    pub(super) fn list(&mut self) -> Result<List, SyntaxError> {
        let mut list = List::default();
        self.list_into(&mut list).map(|()| list)
    }

    fn list_into(&mut self, list: &mut List) -> Result<(), SyntaxError> {
        loop {
            self.skip_lines()?;
            let Some(mut chain) = self.chain()? else {
                return Ok(());
            };
            self.skip_blanks();
            let is_end = self.rest().starts_with(";;") || self.rest().starts_with(";&");
            let goes_on = match self.byte() {
                Some(b';') if !is_end => {
                    self.at += 1;
                    true
                }
                Some(b'&') => {
                    self.at += 1;
                    chain.background = true;
                    true
                }
                Some(b'\n') => true,
                _ => false,
            };
            list.chains.push(chain);
            if !goes_on {
                return Ok(());
            }
        }
    }

    fn chain(&mut self) -> Result<Option<Chain>, SyntaxError> {
        let Some(first) = self.pipeline()? else {
            return Ok(None);
        };
        let mut links = vec![(Link::First, first)];
        loop {
            self.skip_blanks();
            let link = match () {
                () if self.eat("&&") => Link::And,
                () if self.eat("||") => Link::Or,
                () => break,
            };
            self.skip_lines()?;
            let next = self.pipeline()?.ok_or_else(|| self.misplaced())?;
            links.push((link, next));
        }
        let background = false;
        Ok(Some(Chain { links, background }))
    }

    fn pipeline(&mut self) -> Result<Option<Pipeline>, SyntaxError> {
        self.skip_blanks();
        while self.keyword(&["!"])?.is_some() {
            self.skip_blanks();
        }
        self.skip_time()?;
        let Some(first) = self.command()? else {
            return Ok(None);
        };
        let mut commands = vec![first];
        loop {
            self.skip_blanks();
            if self.rest().starts_with("||") || !(self.eat("|&") || self.eat("|")) {
                return Ok(Some(Pipeline { commands }));
            }
            self.skip_lines()?;
            commands.push(self.command()?.ok_or_else(|| self.misplaced())?);
        }
    }

    /// Steps over `time` before a group. Before a program it stays, as a program that rules know.
    fn skip_time(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        if self.keyword(&["time"])?.is_some() {
            self.skip_blanks();
            let group = self.at;
            let is_group = self.byte() == Some(b'(') || self.keyword(&OPENING)?.is_some();
            self.at = if is_group { group } else { start };
        }
        Ok(())
    }

    /// Steps over one of `keywords`, if the next word is one.
    pub(super) fn keyword(
        &mut self,
        keywords: &[&'static str],
    ) -> Result<Option<&'static str>, SyntaxError> {
        let is_next = |keyword: &&&str| {
            let after = self.rest().strip_prefix(**keyword);
            let next = after.map(|after| after.bytes().next());
            next.is_some_and(|next| next.is_none_or(super::words::ends_word))
        };
        let found = keywords.iter().find(is_next).copied();
        self.at += found.map_or(0, str::len);
        Ok(found)
    }

    /// Reads a command; `None` if none begins here.
    pub(super) fn command(&mut self) -> Result<Option<Command>, SyntaxError> {
        self.commands += 1;
        if self.commands > COMMANDS_MAX {
            return Err(SyntaxError::TooMany);
        }
        self.skip_blanks();
        let start = self.at;
        if self.keyword(&CLOSING)?.is_some() {
            self.at = start;
            return Ok(None);
        }
        if self.rest().starts_with("((") && self.arithmetic(2)? {
            return Ok(Some(self.group(
                GroupKind::Braces,
                Vec::new(),
                Vec::new(),
            )?));
        }
        if self.eat("(") {
            let list = self.deeper(|reader| reader.list_until(")"))?;
            let group = self.group(GroupKind::Subshell, vec![list], Vec::new())?;
            return Ok(Some(group));
        }
        match self.keyword(&OPENING)? {
            Some(keyword) => self.deeper(|reader| reader.compound(keyword)).map(Some),
            None => self.simple(),
        }
    }

    fn simple(&mut self) -> Result<Option<Command>, SyntaxError> {
        let mut simple = Simple::default();
        let mut is_empty = true;
        loop {
            self.skip_blanks();
            if self.redirection(&mut simple.redirections)? {
                is_empty = false;
                continue;
            }
            let Some(word) = self.word()? else {
                break;
            };
            is_empty = false;
            if simple.words.is_empty() {
                if self.is_function(&word) {
                    return self.function(word).map(Some);
                }
                if let Some((name, value)) = word.assignment() {
                    let commands = word.commands.clone();
                    let value = Word { commands, ..value };
                    simple.assignments.push((name.to_owned(), value));
                    continue;
                }
            }
            simple.words.push(word);
        }
        Ok((!is_empty).then_some(Command::Simple(simple)))
    }

    /// Steps over `()` after a name. Returns false if it does not follow.
    fn is_function(&mut self, word: &Word) -> bool {
        let start = self.at;
        self.skip_blanks();
        if word.is_bare && self.eat("(") {
            self.skip_blanks();
            if self.eat(")") {
                return true;
            }
        }
        self.at = start;
        false
    }

    /// Reads a redirection and what it names. Returns false if none begins here.
    pub(super) fn redirection(&mut self, into: &mut Redirections) -> Result<bool, SyntaxError> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let descriptor = &self.rest()[..digits];
        let after = &self.rest()[digits..];
        let is_process = after.starts_with("<(") || after.starts_with(">(");
        let operator = REDIRECTIONS.iter().chain(&[">"]);
        let found = operator.into_iter().find(|o| after.starts_with(**o));
        let Some(operator) = found.filter(|_| !is_process) else {
            return Ok(false);
        };
        if operator.starts_with('&') && digits > 0 {
            return Ok(false);
        }
        let is_stdin = matches!(descriptor, "" | "0");
        self.at += digits + operator.len();
        self.skip_blanks();
        let word = self.word()?;
        let word = word.ok_or(SyntaxError::Missing("the target of a redirection"))?;
        match *operator {
            "<<" | "<<-" => {
                into.take_document(self.expect_document(&word, operator)?, is_stdin);
                return Ok(true);
            }
            "<<<" => {
                let document = Document::new(OnceLock::from(word));
                into.take_document(document, is_stdin);
                return Ok(true);
            }
            "<" | "<&" | "<>" if is_stdin => into.stdin = Stdin::File,
            _ => {}
        }
        let is_descriptor = word.text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if operator.contains('>') && !(*operator == ">&" && is_descriptor) && !word.is_file {
            into.written.push(word.clone());
        }
        into.words.push(word);
        Ok(true)
    }

    /// Registers a here-document, whose body follows the line.
    fn expect_document(&mut self, end: &Word, operator: &str) -> Result<Document, SyntaxError> {
        if end.dynamic {
            return Err(SyntaxError::Unsupported("the end of a here-document"));
        }
        let document = Document::default();
        self.pending.push(PendingDocument {
            document: Document::clone(&document),
            end: end.text.clone(),
            strips_tabs: operator == "<<-",
            is_literal: !end.is_bare,
        });
        Ok(document)
    }
}

impl List {
    /// Returns a list of one command.
    pub(super) fn of(command: Command) -> Self {
        let commands = vec![command];
        let links = vec![(Link::First, Pipeline { commands })];
        let background = false;
        Self {
            chains: vec![Chain { links, background }],
        }
    }

    /// Returns this list as one that reads what others write to it.
    pub(super) fn reading(self) -> Self {
        Self::of(Command::Group(Group {
            kind: GroupKind::Reads,
            lists: vec![self],
            words: Vec::new(),
            variable: None,
            redirections: Redirections::default(),
        }))
    }
}

impl Redirections {
    fn take_document(&mut self, document: Document, is_stdin: bool) {
        if is_stdin {
            self.stdin = Stdin::Text(Document::clone(&document));
        }
        self.documents.push(document);
    }
}
