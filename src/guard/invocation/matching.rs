//! Matching of rules.
//!
//! Owns whether the verbs and conditions of a [`Rule`] hold, as far as the line says, and which
//! rule wins. Never sorts words.

use super::{Given, Invocation};
use crate::guard::rules::rule::{Condition, Effect, Pattern, Rule};
use crate::guard::shell::Word;

/// Whether a rule holds, as far as the line says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    /// It is not certain; the text says why.
    Perhaps(String),
}

impl<'r> Invocation<'r> {
    /// Returns the number of `verbs` if the words certainly begin with them.
    pub(super) fn begins(&self, verbs: &[Pattern]) -> Option<usize> {
        (self.verbs_hold(verbs) == Holds::Yes).then_some(verbs.len())
    }

    /// Checks the verbs of a rule against the first words.
    fn verbs_hold(&self, verbs: &[Pattern]) -> Holds {
        let mut holds = Holds::Yes;
        for (at, pattern) in verbs.iter().enumerate() {
            let Some(word) = self.words.get(at) else {
                // An expansion before it may be this word, too.
                return match self.words.last().filter(|word| word.may_be_several()) {
                    Some(word) => Holds::Perhaps(format!("{} is an expansion", word.excerpt)),
                    None => Holds::No,
                };
            };
            let unsure = self.unsure.as_ref().filter(|(from, _)| *from <= at);
            match (unsure, word.known()) {
                (Some((_, why)), _) => {
                    let why = format!("{why}, so that it is not certain which word is the verb");
                    return Holds::Perhaps(why);
                }
                (None, Some(text)) if !pattern.matches(text) => return Holds::No,
                (None, None) if !pattern.is_any() => {
                    holds = Holds::Perhaps(format!("{} is an expansion", word.excerpt));
                }
                _ => {}
            }
        }
        holds
    }

    /// Checks one condition of a rule against the options. An option that only may be there makes
    /// nothing more harmless.
    fn condition_holds(&self, condition: &Condition, effect: &Effect) -> Holds {
        let is_meant = |given: &&Given| condition.options.contains(&given.name);
        let Some(given) = self.options.iter().rev().find(is_meant) else {
            let acts = matches!(effect, Effect::Mutating | Effect::Unknown);
            return match (condition.absent, self.words.iter().find(may_be_options)) {
                (true, _) => Holds::Yes,
                (false, Some(word)) if acts => {
                    Holds::Perhaps(format!("{} may be options", word.excerpt))
                }
                (false, _) => Holds::No,
            };
        };
        let holds = match (&condition.values, given.value.as_ref()) {
            _ if self.negates(&condition.options) => false,
            (None, Some(value)) if !given.takes => match value.known() {
                Some(text) => !is_false(text),
                None => return Holds::Perhaps(format!("{} is an expansion", value.excerpt)),
            },
            (None, _) => true,
            (Some(_), None) => false,
            (Some(values), Some(value)) => match value.known() {
                Some(text) => values.matches(text),
                None if condition.absent && is_here(value) => false,
                None => return Holds::Perhaps(format!("{} is an expansion", value.excerpt)),
            },
        };
        if holds == condition.absent {
            Holds::No
        } else {
            Holds::Yes
        }
    }

    /// Returns the last rule that holds. Fails with the reason if an uncertain rule after it has
    /// another effect.
    pub(in crate::guard) fn matching_rule(&mut self) -> Result<Option<&'r Rule>, String> {
        if let Some(why) = &self.ambiguous {
            return Err(why.clone());
        }
        let mut perhaps: Option<(String, &Effect)> = None;
        for rule in self.program.rules.iter().rev() {
            let mut holds = self.verbs_hold(&rule.verbs);
            for condition in &rule.conditions {
                holds = match (holds, self.condition_holds(condition, &rule.effect)) {
                    (Holds::No, _) | (_, Holds::No) => Holds::No,
                    (Holds::Perhaps(why), _) | (_, Holds::Perhaps(why)) => Holds::Perhaps(why),
                    (Holds::Yes, Holds::Yes) => Holds::Yes,
                };
            }
            match holds {
                Holds::No => {}
                Holds::Perhaps(why) => match &perhaps {
                    Some((why, other)) if **other != rule.effect => return Err(why.clone()),
                    Some(_) => {}
                    None => perhaps = Some((why, &rule.effect)),
                },
                Holds::Yes => {
                    if let Some((why, other)) = perhaps {
                        if *other != rule.effect || !rule.effect.is_plain() {
                            return Err(why);
                        }
                        self.doubt = Some(why);
                    }
                    self.verbs = rule.verbs.len();
                    self.star = rule.verbs.iter().rposition(Pattern::is_any);
                    return Ok(Some(rule));
                }
            }
        }
        if let Some((why, _)) = perhaps {
            return Err(why);
        }
        match self.words.first() {
            Some(word) if word.dynamic => Err(format!("{} is an expansion", word.excerpt)),
            _ => Ok(None),
        }
    }
}

/// Checks whether a word begins with the working directory, or the home directory.
fn is_here(word: &Word) -> bool {
    let written = word.excerpt.trim_start_matches('"');
    let begins = ["$PWD", "${PWD", "$(pwd)", "`pwd`", "$HOME/", "${HOME}/"];
    begins.iter().any(|begin| written.starts_with(begin))
}

/// Checks whether a word may become several, which may be options.
fn may_be_options(word: &&Word) -> bool {
    word.may_be_several() && matches!(word.text.as_str(), "" | "-" | "--")
}

/// Checks whether a value says that an option is not given. Go, Python and C++ have different words
/// for it.
pub(in crate::guard) fn is_false(value: &str) -> bool {
    const WORDS: [&str; 7] = ["false", "f", "0", "no", "n", "none", "off"];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}
