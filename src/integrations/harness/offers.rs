//! Text for the model about what is offered to its session, and the turn that it has.
//!
//! Owns the wording and how many offers there is room for; what is left out is counted. Never
//! decides which are told.

use super::briefing::{LABEL_BYTES_MAX, NAME_BYTES_MAX, command_word, instant};
use super::instants::near;
use crate::model::offer::Offered;
use crate::model::resource::Resource;
use crate::model::task::{MAIN_LIST, place_of};
use crate::model::text::quote_name;
use crate::model::time::Timestamp;
use crate::model::turn::{self, is_turn};

/// Room for the line that says how many are left out.
const REST_CHARS: usize = 80;

/// Returns the text about the first of `offers` that fit into `chars_max` characters, and how many
/// those are; `None` if none does.
pub fn offers_briefing(
    offers: &[&Offered],
    now: Timestamp,
    chars_max: usize,
) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut left = chars_max;
    let mut told = 0;
    for (at, one) in offers.iter().enumerate() {
        let line = offer(one, now);
        let is_last = at + 1 == offers.len();
        let needs = line.chars().count() + if is_last { 0 } else { REST_CHARS };
        if needs > left {
            break;
        }
        left -= line.chars().count();
        text.push_str(&line);
        told += 1;
    }
    let rest = offers.len() - told;
    if told > 0 && rest > 0 {
        text.push_str(&format!(
            "And {rest} more offered to you: git presence list\n"
        ));
    }
    (told > 0).then_some((text, told))
}

/// Returns what a session is told that ends its turn while it holds that of a room.
pub fn held_turn_briefing(turn: &Resource, now: Timestamp) -> String {
    let word = command_word(turn.label()).unwrap_or_else(|| "<turn>".to_owned());
    format!(
        "git presence, as of {}: you hold {}. Pass it on with what the next one has to know: {}. If you \
         go on with it, end your turn: this is said once.\n",
        instant(now),
        quote_name(turn.label(), LABEL_BYTES_MAX),
        turn::pass(turn, &word)
    )
}

fn offer(offered: &Offered, now: Timestamp) -> String {
    let label = offered.resource.label();
    let way = way(&offered.resource);
    format!(
        "git presence, as of {}: {} is offered to you until {}, by {}; no other session can have it \
         before. Take it: {way}, and read the handoff first.\n",
        instant(now),
        quote_name(label, LABEL_BYTES_MAX),
        near(offered.until, now),
        quote_name(offered.by.id.as_str(), NAME_BYTES_MAX)
    )
}

/// Returns the command that takes what is offered: a task is taken from its list.
fn way(resource: &Resource) -> String {
    let place = place_of(resource);
    if let Some((list, Some(id))) = place {
        let at = match (list, command_word(list)) {
            (MAIN_LIST, _) => String::new(),
            (_, word) => format!(" --list {}", word.as_deref().unwrap_or("<list>")),
        };
        return format!("git presence task start {id}{at}");
    }
    let word = command_word(resource.label());
    let word = word.as_deref().unwrap_or("<resource>");
    if is_turn(resource) {
        return turn::take(resource, word, "");
    }
    format!("git presence claim --exclusive {word} --purpose \"<why>\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::Actor;
    use crate::model::id::SessionId;
    use crate::model::text::Purpose;
    use crate::model::token::Token;

    fn offered(label: &str) -> Offered {
        let at = Timestamp::from_millis(1_763_719_200_000);
        Offered {
            resource: Resource::parse(label).unwrap(),
            token: Token::new(1),
            by: Actor::example("a", 1),
            purpose: Purpose::parse("x").unwrap(),
            granted_at: at,
            at,
            to: SessionId::parse("me").unwrap(),
            until: at.plus_secs(1200),
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_and_was_not_told() {
        let now = Timestamp::from_millis(1_763_719_200_000);
        let all: Vec<Offered> = (0..100).map(|n| offered(&format!("job:{n}"))).collect();
        for (count, chars_max) in [(0, 500), (1, 500), (2, 500), (3, 500), (100, 500), (3, 99)] {
            let some: Vec<&Offered> = all.iter().take(count).collect();
            let Some((text, told)) = offers_briefing(&some, now, chars_max) else {
                assert!(count == 0 || chars_max == 99);
                continue;
            };
            assert!(text.chars().count() <= chars_max, "{text}");
            assert_eq!(text.matches("is offered to you").count(), told);
            let rest = format!("And {} more offered to you", count - told);
            assert_eq!(text.contains(&rest), told < count, "{text}");
        }
    }

    #[test]
    fn what_is_offered_is_taken_by_its_own_verb() {
        for (label, line) in [
            (
                "job:7",
                "git presence claim --exclusive \"job:7\" --purpose \"<why>\"",
            ),
            ("task:main/abcd2345", "git presence task start abcd2345"),
            ("turn:main", "git presence turn take"),
            ("turn:ops", "git presence turn take \"turn:ops\""),
            (
                "task:b/abcd2345",
                "git presence task start abcd2345 --list \"b\"",
            ),
        ] {
            assert_eq!(way(&Resource::parse(label).unwrap()), line);
        }
    }

    #[test]
    fn a_name_of_any_length_fits() {
        let now = Timestamp::from_millis(1_763_719_200_000);
        let mut long = offered(&format!("node:{}", "x".repeat(200)));
        long.by.id = SessionId::from_record(&"i".repeat(120)).unwrap();
        let (text, told) = offers_briefing(&[&long], now, 700).unwrap();
        assert_eq!(told, 1, "{text}");
    }
}
