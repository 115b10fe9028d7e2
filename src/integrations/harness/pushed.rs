//! Text for the model about what its session pushed, and still claims, and about what it has not
//! pulled yet.
//!
//! Owns the wording and the command. Never decides which claims a push may have ended.

use super::command_label::label_word;
use super::instants::near;
use crate::model::holding::Holding;
use crate::model::text::{list, quote_name};
use crate::model::time::Timestamp;
use crate::model::unpushed::Unpushed;

/// The most claims that are named.
const CLAIMS_MAX: usize = 8;
/// The most bytes of a name.
const NAME_BYTES_MAX: usize = 120;

/// Returns the text for the start of a session whose branch is `behind` commits behind its
/// upstream, as of the last fetch.
pub fn behind_briefing(branch: &str, upstream: &str, behind: usize) -> String {
    let (branch, upstream) = (
        quote_name(branch, NAME_BYTES_MAX),
        quote_name(upstream, NAME_BYTES_MAX),
    );
    let commits = if behind == 1 { "commit" } else { "commits" };
    format!(
        "Pull first (git pull): the branch {branch} here is {behind} {commits} behind {upstream}, as of \
         the last fetch.\n"
    )
}

/// Returns the text for the end of a turn after a push of `what`, files and branches as they are
/// shown, about the claims that are held still; at most `chars_max` characters.
pub fn pushed_briefing(
    now: Timestamp,
    what: &[&str],
    held: &[&Holding],
    chars_max: usize,
) -> String {
    let it = if held.len() == 1 { "it" } else { "them" };
    let mut shown = CLAIMS_MAX.min(held.len());
    loop {
        let claims = held.iter().take(shown).map(|held| {
            let until = near(held.expires_at, now);
            let label = quote_name(held.resource.label(), NAME_BYTES_MAX);
            format!("{label} until {until}")
        });
        let claims: Vec<String> = claims.collect();
        let more = match held.len() - shown {
            0 => String::new(),
            more => format!("; and {more} more: git presence list --mine"),
        };
        let text = format!(
            "git presence: you pushed {}; still claimed: {}{more}. Release {it}: {}. Or end your turn \
             again to keep {it}.\n",
            list(what.iter()),
            claims.join("; "),
            release(&held[..shown])
        );
        if shown <= 1 || text.chars().count() <= chars_max {
            return text;
        }
        shown /= 2;
    }
}

/// Returns the text for the end of a turn about what is committed and not pushed.
pub fn unpushed_briefing(unpushed: &Unpushed) -> String {
    let quoted = |name: &str| quote_name(name, NAME_BYTES_MAX).to_string();
    let sentence = unpushed.sentence(quoted, label_word);
    format!("git presence: {sentence}. Or end your turn again to leave it so.\n")
}

/// Returns the command that releases these claims.
fn release(held: &[&Holding]) -> String {
    let words = held.iter().map(|held| label_word(held.resource.label()));
    let words: Option<Vec<String>> = words.collect();
    let words = words.map_or_else(|| "<resource>".to_owned(), |words| words.join(" "));
    format!("git presence release {words}")
}
