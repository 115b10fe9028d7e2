//! Language of `presence.guard`.
//!
//! [`parse`] owns the grammar of one entry and the texts of its errors. Never knows the other
//! entries.

use super::rule::{
    CommandStart, Condition, Dialect, Effect, Local, More, OptionKind, Options, Pattern, Rule,
    Wrapper,
};
use super::template::Template;
use crate::guard::verdict::RuleName;
use crate::model::resource::LabelGlob;

/// A longer entry is an error.
const ENTRY_BYTES_MAX: usize = 4096;

/// A parsed entry.
#[derive(Debug)]
pub(super) struct Entry {
    /// Programs that it speaks about.
    pub(super) programs: Vec<LabelGlob>,
    pub(super) fact: Fact,
}

/// What an entry states about its programs.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    Options(Options),
    Wrapper(Wrapper),
    Alias(Vec<String>),
    /// Below these verbs, a long option may be given by its beginning.
    Abbreviates(Vec<Pattern>),
    /// An option that no rule knows takes no value.
    Lenient,
    /// What these commands change is of the machine where they run.
    Local(Local),
    Rule(Rule),
}

/// Parses an entry. Fails with what is wrong with it.
pub(super) fn parse(text: &str, shipped: bool) -> Result<Entry, String> {
    if text.len() > ENTRY_BYTES_MAX {
        return Err(format!("it is longer than {ENTRY_BYTES_MAX} bytes"));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, rest) = words.split_first().ok_or("it is empty")?;
    let is_open = !first.contains(|c: char| c.is_alphanumeric());
    if first.starts_with('-') || first.contains(['/', '=']) || is_open {
        return Err(format!("{first} names no program"));
    }
    let programs = alternatives(first)?;
    let programs = programs.iter().map(|name| LabelGlob::new(name)).collect();
    let fact = match rest.iter().position(|word| *word == "=>") {
        Some(at) => {
            let name = RuleName {
                text: words.join(" "),
                shipped,
            };
            Fact::Rule(rule(&rest[..at], &rest[at + 1..], name)?)
        }
        None => statement(rest)?,
    };
    Ok(Entry { programs, fact })
}

/// Splits `a|b`.
fn alternatives(word: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = word.split('|').map(str::to_owned).collect();
    if names.iter().any(String::is_empty) {
        Err(format!("{word} has an empty alternative"))
    } else {
        Ok(names)
    }
}

fn pattern(word: &str) -> Result<Pattern, String> {
    let names = alternatives(word)?;
    Ok(Pattern {
        any: names.iter().any(|name| name == "*"),
        globs: names.iter().map(|name| LabelGlob::new(name)).collect(),
    })
}

fn patterns(words: &[&str]) -> Result<Vec<Pattern>, String> {
    let mut patterns = Vec::new();
    for word in words {
        if word.starts_with('-') {
            return Err(format!("{word} stands where a verb is expected"));
        }
        patterns.push(pattern(word)?);
    }
    Ok(patterns)
}

/// Parses an entry without `=>`: about options, wrapped commands or an alias.
fn statement(words: &[&str]) -> Result<Fact, String> {
    const KEYWORDS: [&str; 7] = ["flags", "takes", "joins", "dir", "runs", "ends", "is"];
    if let Some((&"abbreviates", verbs)) = words.split_last() {
        return patterns(verbs).map(Fact::Abbreviates);
    }
    if words == ["lenient"] {
        return Ok(Fact::Lenient);
    }
    if let Some(at) = words.iter().position(|word| *word == "local") {
        return local(&words[..at], &words[at + 1..]).map(Fact::Local);
    }
    let at = words.iter().position(|word| KEYWORDS.contains(word));
    let at = at.ok_or(
        "it has no =>, and no takes, flags, joins, dir, runs, ends, is, abbreviates, lenient or \
         local",
    )?;
    let (keyword, said) = (words[at], &words[at + 1..]);
    if said.is_empty() {
        return Err(format!("nothing follows {keyword}"));
    }
    if keyword == "is" {
        if at > 0 {
            return Err("only a program can have another name".to_owned());
        }
        return Ok(Fact::Alias(
            said.iter().map(|word| (*word).to_owned()).collect(),
        ));
    }
    let verbs = patterns(&words[..at])?;
    let kind = match keyword {
        "flags" => OptionKind::Flag,
        "takes" => OptionKind::Takes,
        "joins" => OptionKind::Joins,
        "dir" => OptionKind::Dir,
        _ => return wrapper(verbs, keyword, said).map(Fact::Wrapper),
    };
    if let Some(word) = said
        .iter()
        .find(|word| !word.starts_with('-') || word.len() < 2)
    {
        return Err(format!("{word} is not an option"));
    }
    Ok(Fact::Options(Options {
        verbs,
        kind,
        names: said.join(" "),
    }))
}

/// Parses `local`, or `local unless --host $HOST`.
fn local(verbs: &[&str], said: &[&str]) -> Result<Local, String> {
    let unless = match said.split_first() {
        None => &[],
        Some((&"unless", unless)) if !unless.is_empty() => unless,
        Some(_) => return Err("local is followed by nothing, or by unless and options".to_owned()),
    };
    if let Some(word) = unless.iter().find(|word| !word.starts_with(['-', '$'])) {
        return Err(format!("{word} is neither an option nor a variable"));
    }
    Ok(Local {
        verbs: patterns(verbs)?,
        unless: unless.iter().map(|word| (*word).to_owned()).collect(),
    })
}

/// Parses `runs 2 as shell within host:{1}`, `runs --`, `runs -c as shell` or `ends 1`.
fn wrapper(verbs: Vec<Pattern>, keyword: &str, said: &[&str]) -> Result<Wrapper, String> {
    let (first, mut rest) = said.split_first().ok_or("it is empty")?;
    let number = first.parse().ok().filter(|number| (1..=9).contains(number));
    let from = match (keyword, number) {
        ("ends", Some(number)) => CommandStart::Nothing(number),
        ("runs", Some(number)) => CommandStart::Word(number),
        ("runs", None) if *first == "--" => CommandStart::Dashes,
        ("runs", None) if first.starts_with('-') => CommandStart::Option(alternatives(first)?),
        _ => return Err(format!("{first} does not say where the command begins")),
    };
    let as_shell = rest.starts_with(&["as", "shell"]);
    rest = &rest[if as_shell { 2 } else { 0 }..];
    let within = match rest.split_first() {
        None => Vec::new(),
        Some((&"within", templates)) => joined(templates)
            .iter()
            .map(|word| Template::parse(word))
            .collect::<Result<_, _>>()?,
        Some((word, _)) => return Err(format!("unexpected {word}")),
    };
    Ok(Wrapper {
        verbs,
        from,
        as_shell,
        within,
    })
}

/// Parses the words before and after `=>`.
fn rule(before: &[&str], after: &[&str], name: RuleName) -> Result<Rule, String> {
    let is_condition = |word: &&&str| word.starts_with('-') || word.starts_with("!-");
    let verbs: Vec<&str> = before
        .iter()
        .filter(|w| !is_condition(w))
        .copied()
        .collect();
    let conditions = before.iter().filter(is_condition);
    let conditions = conditions
        .map(|word| condition(word))
        .collect::<Result<_, _>>()?;
    let (class, said) = after.split_first().ok_or("nothing follows =>")?;
    let mut rule = Rule {
        verbs: patterns(&verbs)?,
        conditions,
        effect: effect(class, name.shipped)?,
        resources: Vec::new(),
        within: Vec::new(),
        more: More::Nothing,
        name,
    };
    let mut is_within = false;
    for word in joined(said) {
        match word.as_str() {
            "within" => is_within = true,
            "?" => rule.more = More::There,
            "??" => rule.more = More::Anywhere,
            template if is_within => rule.within.push(Template::parse(template)?),
            template => rule.resources.push(Template::parse(template)?),
        }
    }
    Ok(rule)
}

/// Joins the words of each `{…}` into one.
fn joined(words: &[&str]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut open = false;
    for word in words {
        match joined.last_mut() {
            Some(last) if open => {
                last.push(' ');
                last.push_str(word);
            }
            _ => joined.push((*word).to_owned()),
        }
        open = joined
            .last()
            .is_some_and(|w| w.contains('{') && !w.contains('}'));
    }
    joined
}

/// Parses `-option`, `!-option` or `-option=value|value`.
fn condition(word: &str) -> Result<Condition, String> {
    let absent = word.starts_with('!');
    let word = word.trim_start_matches('!');
    let (options, values) = match word.split_once('=') {
        Some((options, values)) => (options, Some(pattern(values)?)),
        None => (word, None),
    };
    let options = alternatives(options)?;
    match options.iter().find(|option| !option.starts_with('-')) {
        Some(option) => Err(format!("{option} is not an option")),
        None => Ok(Condition {
            options,
            values,
            absent,
        }),
    }
}

/// Parses the word after `=>`.
fn effect(word: &str, shipped: bool) -> Result<Effect, String> {
    if let Some((name, options)) = word.strip_suffix(')').and_then(|w| w.split_once('(')) {
        let dialect = match name {
            "sql" => Some(Dialect::Any),
            "psql" => Some(Dialect::Postgres),
            "mysql" => Some(Dialect::Mysql),
            _ => None,
        };
        if let Some(dialect) = dialect {
            return Ok(Effect::Sql(dialect, alternatives(options)?));
        }
    }
    Ok(match word {
        "mutating" => Effect::Mutating,
        "reading" => Effect::Reading,
        "dry-run" => Effect::DryRun,
        "unknown" => Effect::Unknown,
        "ignore" => Effect::Ignore,
        "inside" => Effect::Inside,
        "remote-copy" if shipped => Effect::RemoteCopy,
        "covered" if shipped => Effect::Covered,
        "push" if shipped => Effect::Push,
        _ => {
            return Err(format!(
                "{word} is not a class; use mutating, reading, dry-run, unknown, ignore, \
                 inside or sql(<option>)"
            ));
        }
    })
}
