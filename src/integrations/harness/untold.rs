//! Text for the model about what happened to the claims of its session.
//!
//! Owns the wording: what to do first, then what happened, when and through whom, then the command
//! that follows. What another session wrote is in quotes. Never decides what is told.

use std::fmt::Write as _;

use super::briefing::{
    CHARS_MAX, LABEL_BYTES_MAX, NAME_BYTES_MAX, PURPOSE_BYTES_MAX, command_word, instant,
};
use crate::model::departure::Moved;
use crate::model::news::News;
use crate::model::refusal::Refusal;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::{harmless, quote, quote_name};
use crate::model::time::Timestamp;

/// The most lines; what is left out is counted.
const LINES_MAX: usize = 12;

/// Returns the text about what a session was not told yet; `None` if there is nothing.
pub fn untold_briefing(now: Timestamp, news: &[News]) -> Option<String> {
    if news.is_empty() {
        return None;
    }
    let mut text = format!("git presence, as of {}:\n", instant(now));
    for (n, news) in news.iter().enumerate() {
        let line = line(news);
        if n >= LINES_MAX || text.len() + line.len() > CHARS_MAX {
            text.push_str("- more: git presence status\n");
            break;
        }
        let _ = writeln!(text, "- {line}");
    }
    Some(text)
}

fn line(news: &News) -> String {
    match news {
        News::Lost(lost) => of_loss(lost),
        News::Expired { resource, at } => format!(
            "Claim it again if you go on: the claim of this session on {} expired at {}.{}",
            label(resource),
            instant(*at),
            claim_again(resource, "")
        ),
        News::RequestExpired { resource, at } => format!(
            "Ask again if you need it: the queued request of this session for {} expired at {}.{}",
            label(resource),
            instant(*at),
            claim_again(resource, "--exclusive --wait ")
        ),
        News::Superseded { resource, by, at } => format!(
            "Claim it again if you go on: the claim of this session on {} was released at {}, \
             since session {} replaced this one.{}",
            label(resource),
            instant(*at),
            quote_name(by.as_str(), NAME_BYTES_MAX),
            claim_again(resource, "")
        ),
        News::Freed { resource, moved } => of_freed(resource, moved.as_ref()),
        News::IdShared { by, at } => format!(
            "Tell the user: another agent was started with the session id of this one at {} and is \
             {} now. What it claims is not of this session.",
            instant(*at),
            quote_name(by.as_str(), NAME_BYTES_MAX)
        ),
        News::WaitedFor { resource, by, at } => format!(
            "Release {} as soon as you are done with it: session {} waits for it since {}.{}",
            label(resource),
            quote_name(by.as_str(), NAME_BYTES_MAX),
            instant(*at),
            release(resource)
        ),
        News::Granted {
            resource,
            token,
            at,
        } => format!(
            "Go on: this session holds {} exclusively since {}, token {token}: its queued request \
             was granted.{}",
            label(resource),
            instant(*at),
            release(resource)
        ),
    }
}

fn of_freed(resource: &Resource, moved: Option<&Moved>) -> String {
    let mut text = format!(
        "Go on: {} is free now, as far as is known.",
        label(resource)
    );
    if let Some(moved) = moved {
        let by = quote_name(moved.last.session.as_str(), NAME_BYTES_MAX);
        let _ = write!(
            text,
            " But {}, where {by} was when it was done.",
            moved.advice()
        );
    }
    // What is waited for is mostly applied then, which only one session may do.
    let options = match resource.kind() {
        ResourceKind::Path => "",
        _ => "--exclusive ",
    };
    text + &claim_again(resource, options)
}

fn of_loss(lost: &Refusal) -> String {
    const OTHER: &str = " Another session may be changing it.";
    match lost {
        Refusal::Expired { resource, at } => format!(
            "Stop: the exclusive claim of this session on {} expired at {}.{OTHER}{}",
            label(resource),
            instant(*at),
            claim_again(resource, "--exclusive ")
        ),
        Refusal::LeaseUntrusted { resource } => format!(
            "Stop: the lease of this session on {} can no longer be trusted on this machine.{OTHER}{}",
            label(resource),
            claim_again(resource, "--exclusive ")
        ),
        Refusal::TakenOver {
            resource,
            by,
            reason,
        } => {
            let mut what = format!(
                "Stop: this session no longer holds {}: taken over",
                label(resource)
            );
            if let Some((by, at)) = by {
                let by = quote_name(by.as_str(), NAME_BYTES_MAX);
                let _ = write!(what, " by {by} at {}", instant(*at));
            }
            if let Some(reason) = reason {
                let reason = quote(reason.as_str(), PURPOSE_BYTES_MAX);
                let _ = write!(what, ", reason {reason}");
            }
            let peek = command_word(resource.label());
            let peek = peek.map(|word| format!(" To see who holds it: git presence peek {word}"));
            what + ". Quoted text was written by that session." + OTHER + &peek.unwrap_or_default()
        }
        other => format!("Stop: {}.", harmless(&other.to_string(), CHARS_MAX / 2)),
    }
}

fn label(resource: &Resource) -> String {
    quote_name(resource.label(), LABEL_BYTES_MAX).to_string()
}

/// Returns the command that releases a resource; nothing for a label that a shell would not read
/// as it stands.
fn release(resource: &Resource) -> String {
    let word = command_word(resource.label());
    let line =
        word.map(|word| format!(" To release it when you are done: git presence release {word}"));
    line.unwrap_or_default()
}

/// Returns the command that claims a resource again; nothing for a label that a shell would not
/// read as it stands.
fn claim_again(resource: &Resource, options: &str) -> String {
    let word = command_word(resource.label());
    let line = word.map(|word| {
        format!(" To claim it: git presence claim {options}{word} --purpose \"<why>\"")
    });
    line.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::SessionId;
    use crate::model::text::Purpose;

    #[test]
    fn what_to_do_comes_first_and_foreign_words_are_quoted() {
        let at = Timestamp::from_millis(1_763_719_200_000);
        assert_eq!(untold_briefing(at, &[]), None);
        let resource = Resource::parse("stack:dns").unwrap();
        let taken = News::Lost(Refusal::TakenOver {
            resource: resource.clone(),
            by: Some((SessionId::parse("boss").unwrap(), at)),
            reason: Some(Purpose::parse("ignore `this`").unwrap()),
        });
        let expired = News::Expired { resource, at };
        let text = untold_briefing(at, &[taken, expired]).unwrap();
        assert!(text.contains("- Stop: this session no longer holds \"stack:dns\": taken over by"));
        assert!(text.contains("reason \"ignore"), "{text}");
        assert!(text.contains("- Claim it again if you go on"), "{text}");
        assert!(
            text.contains("git presence claim \"stack:dns\" --purpose"),
            "{text}"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let at = Timestamp::from_millis(0);
        let resource = |n: u32| Resource::parse(&format!("node:{n}")).unwrap();
        let news = (0..99).map(|n| News::Expired {
            resource: resource(n),
            at,
        });
        let text = untold_briefing(at, &news.collect::<Vec<_>>()).unwrap();
        assert!(text.ends_with("- more: git presence status\n"));
        assert!(text.len() < 2 * CHARS_MAX);
    }
}
