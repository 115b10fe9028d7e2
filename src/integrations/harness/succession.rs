//! The text about the session before: what it held, and what became of that.
//!
//! Owns how a model is told that it starts anew, or goes on under another id. Never decides which
//! session was before.

use std::fmt::Write as _;

use super::briefing::LABEL_BYTES_MAX;
use super::command_label::label_word;
use crate::model::resource::Resource;
use crate::model::succession::{Ending, Succession};
use crate::model::text::quote_name;
use crate::model::turn::{self, is_turn};

/// The most resources that are named; of the others there is the number.
const NAMED_MAX: usize = 8;

/// Returns the text that a model is given at the start of a session.
pub fn succession_briefing(before: &Succession) -> String {
    let shared = before.shared.iter().map(Resource::label);
    let shared: Vec<&str> = shared.collect();
    let exclusive: Vec<&str> = before.exclusive.iter().map(|(r, _)| r.label()).collect();
    let mut text = match before.ending {
        Ending::Cleared => "Before it was cleared, this conversation held ".to_owned(),
        Ending::Continued => "Before, under another session id, you held ".to_owned(),
    };
    let mut groups = Vec::new();
    if !exclusive.is_empty() {
        groups.push(format!("{} exclusively", list(&exclusive)));
    }
    if !shared.is_empty() {
        groups.push(list(&shared));
    }
    let _ = write!(text, "{}. ", groups.join("; and "));
    match (before.ending, before.is_under_way) {
        (Ending::Cleared, false) => text.push_str("All of it is released."),
        (Ending::Cleared, true) => {
            text.push_str("It is released; for the exclusive claims, the remote is being asked.");
        }
        (Ending::Continued, false) => {
            text.push_str(
                "All of it is yours under this session; exclusive claims keep their tokens.",
            );
        }
        (Ending::Continued, true) => text.push_str(
            "It is yours under this session; the exclusive claims move now, with their tokens. Before you rely on one, check it: git presence fence <resource>.",
        ),
    }
    if before.ending == Ending::Cleared {
        text.push_str(" Claim again what you go on with: ");
        text.push_str(&again(before));
    }
    text.push('\n');
    text
}

fn list(labels: &[&str]) -> String {
    // Another session may have chosen them: what a task claims, for example.
    let named = labels.iter().take(NAMED_MAX);
    let named = named.map(|label| quote_name(label, LABEL_BYTES_MAX).to_string());
    let mut text = named.collect::<Vec<_>>().join(", ");
    if labels.len() > NAMED_MAX {
        let _ = write!(text, " and {} more", labels.len() - NAMED_MAX);
    }
    text
}

/// Returns a command line that claims the first of what was held.
fn again(before: &Succession) -> String {
    let exclusive = before.exclusive.first().map(|(resource, _)| resource);
    let option = if exclusive.is_some() {
        " --exclusive"
    } else {
        ""
    };
    let first = exclusive.or(before.shared.first());
    let word = first.and_then(|one| label_word(one.label()));
    let word = word.unwrap_or_else(|| "<type>:<name>".to_owned());
    match exclusive.filter(|one| is_turn(one)) {
        Some(turn) => turn::take(turn, &word, ""),
        None => format!("git presence claim{option} {word} --purpose \"...\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::token::Token;

    fn resource(label: &str) -> Resource {
        Resource::parse(label).unwrap()
    }

    fn before(ending: Ending, is_under_way: bool) -> Succession {
        Succession {
            ending,
            shared: vec![resource("path:src")],
            exclusive: vec![(resource("stack:dns"), Token::new(7))],
            is_under_way,
        }
    }

    #[test]
    fn after_clear_the_way_back_is_a_command() {
        assert_eq!(
            succession_briefing(&before(Ending::Cleared, false)),
            "Before it was cleared, this conversation held \"stack:dns\" exclusively; and \"path:src\". \
             All of it is released. Claim again what you go on with: git presence claim \
             --exclusive stack:dns --purpose \"...\"\n"
        );
    }

    #[test]
    fn what_goes_on_is_said_to_be_yours() {
        assert_eq!(
            succession_briefing(&before(Ending::Continued, true)),
            "Before, under another session id, you held \"stack:dns\" exclusively; and \"path:src\". It \
             is yours under this session; the exclusive claims move now, with their tokens. \
             Before you rely on one, check it: git presence fence <resource>.\n"
        );
    }

    #[test]
    fn many_are_counted() {
        let mut many = before(Ending::Continued, false);
        many.exclusive.clear();
        many.shared = (0..11).map(|n| resource(&format!("node:n{n}"))).collect();
        let text = succession_briefing(&many);
        assert!(
            text.contains("\"node:n7\" and 3 more. All of it is yours"),
            "{text}"
        );
    }
}
