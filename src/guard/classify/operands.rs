//! Operands of commands for files.
//!
//! Owns which words of such a command are neither options nor their values, which are the values of
//! some options, and what is written where files are put into a folder. Never knows a command.

use crate::guard::shell::Word;
use crate::guard::verdict::Reach;

/// Options of commands for files that take a value.
const TAKES: [&str; 9] = [
    "-t",
    "--target-directory",
    "-s",
    "--size",
    "-S",
    "-m",
    "-o",
    "-g",
    "--suffix",
];

/// Returns the words that are neither options nor their values.
pub(super) fn plain(rest: &[Word]) -> Vec<&Word> {
    let mut found = Vec::new();
    let mut is_value = false;
    let mut is_end = false;
    for word in rest {
        if std::mem::take(&mut is_value) {
            continue;
        }
        match word.text.as_str() {
            "--" if !is_end => is_end = true,
            text if !is_end && text.starts_with('-') && text.len() > 1 => {
                is_value = TAKES.contains(&text) || matches!(text, "-e" | "--expression");
            }
            _ => found.push(word),
        }
    }
    found
}

/// Returns the values of options that take the next word.
pub(super) fn values<'w>(rest: &'w [Word], options: &[&str]) -> Vec<&'w Word> {
    let pairs = rest.windows(2);
    let is_one = |word: &Word| options.iter().any(|option| word.text == *option);
    let values = pairs.filter_map(|pair| match pair {
        [option, value] if is_one(option) => Some(value),
        _ => None,
    });
    values.collect()
}

/// Returns what stands behind a folder, and the folder itself, since it may be a file.
pub(super) fn into(dest: &Word, sources: &[Word], reach: Reach) -> Vec<(Word, Reach)> {
    let mut all = vec![(dest.clone(), Reach::File)];
    if let Some(folder) = dest.known() {
        all.extend(
            sources
                .iter()
                .map(|source| (source.moved_into(folder), reach)),
        );
    }
    all
}

/// The words of a command, sorted.
pub(super) struct Read {
    /// Those that are neither options nor their values.
    pub(super) plain: Vec<Word>,
    /// Values of options, each with the letter or the name of its option.
    given: Vec<(String, Word)>,
    /// Other options: letters and names.
    pub(super) flags: Vec<String>,
}

impl Read {
    /// Sorts words. The letters of `short` and the names of `long` take a value.
    pub(super) fn of(rest: &[Word], short: &str, long: &[&str]) -> Self {
        let mut read = Self {
            plain: Vec::new(),
            given: Vec::new(),
            flags: Vec::new(),
        };
        let (mut words, mut is_end) = (rest.iter(), false);
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            match text {
                _ if is_end => read.plain.push(word.clone()),
                "" if !word.dynamic => {}
                "--" if !word.dynamic => is_end = true,
                "-" => {}
                _ if text.starts_with("--") => read.long(word, long, &mut words),
                _ if text.starts_with('-') => read.short(word, short, &mut words),
                _ => read.plain.push(word.clone()),
            }
        }
        read
    }

    fn long<'w>(&mut self, word: &Word, long: &[&str], words: &mut impl Iterator<Item = &'w Word>) {
        let text = &word.text[2..];
        let (name, value) = match text.split_once('=') {
            Some((name, _)) => (name, Some(word.after(name.len() + 3))),
            None => (text, None),
        };
        // The beginning of a name is enough.
        let known = long.iter().find(|known| **known == name);
        let known = known.or_else(|| {
            let mut begun = long.iter().filter(|known| known.starts_with(name));
            begun.next().filter(|_| name.len() > 2)
        });
        match (known, value) {
            (Some(known), Some(value)) => self.given.push(((*known).to_owned(), value)),
            (Some(known), None) => {
                let value = words.next().cloned();
                self.given
                    .extend(value.map(|value| ((*known).to_owned(), value)));
            }
            (None, Some(value)) => {
                self.flags.push(name.to_owned());
                self.given.push((name.to_owned(), value));
            }
            (None, None) => self.flags.push(name.to_owned()),
        }
    }

    fn short<'w>(&mut self, word: &Word, short: &str, words: &mut impl Iterator<Item = &'w Word>) {
        for (at, letter) in word.text.char_indices().skip(1) {
            let after = at + letter.len_utf8();
            if short.contains(letter) {
                let is_attached = after < word.text.len() || word.dynamic;
                let value = match is_attached {
                    true => Some(word.after(after)),
                    false => words.next().cloned(),
                };
                let value = value.map(|value| (letter.to_string(), value));
                return self.given.extend(value);
            }
            self.flags.push(letter.to_string());
            // What follows `-i` is the end of the name of a copy.
            if letter == 'i' {
                return;
            }
        }
    }

    /// Checks whether one of these options is there.
    pub(super) fn has(&self, options: &[&str]) -> bool {
        let is_one = |flag: &String| options.contains(&flag.as_str());
        self.flags.iter().any(is_one)
    }

    /// Returns the values of these options.
    pub(super) fn values(&self, options: &[&str]) -> Vec<Word> {
        let of = self.given.iter();
        let of = of.filter(|(option, _)| options.contains(&option.as_str()));
        of.map(|(_, value)| value.clone()).collect()
    }
}
