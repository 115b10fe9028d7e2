//! The use case of `complete`: what a shell offers for a word that is being typed.
//!
//! Owns which words those are ([`What`]). Reads this clone only, and never fails: a shell asks it
//! at each key. Never offers a word that a shell would not read as it stands.

use crate::context::Context;
use crate::failure::Failure;
use crate::model::holding::Holding;
use crate::model::resource::KNOWN_TYPES;
use crate::model::text::is_word;

/// At most this many words are offered.
const WORDS_MAX: usize = 500;

/// What is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Resources that are claimed, and the known types.
    Resources,
    /// What the session that asks claims.
    Mine,
    /// Sessions that claim something.
    Sessions,
    /// The known types.
    Types,
}

/// The words that are offered, each once, in order.
#[derive(Debug, Default)]
pub struct Candidates(pub Vec<String>);

/// Reads what can be offered.
pub fn execute(context: &Context, what: What) -> Result<Candidates, Failure> {
    let types = || KNOWN_TYPES.iter().map(|kind| (*kind).to_owned());
    if what == What::Types {
        return Ok(Candidates(types().collect()));
    }
    let live = context.ledger.board()?.live(context.now());
    let me = context.asker();
    let of = |held: &Holding| match what {
        What::Mine if !me.owns(held) => None,
        What::Sessions => Some(held.session.as_str().to_owned()),
        _ => Some(held.resource.label().to_owned()),
    };
    let mut words: Vec<String> = live.iter().filter_map(of).collect();
    words.retain(|word| is_word(word));
    if what == What::Resources {
        words.extend(types().map(|kind| format!("{kind}:")));
    }
    words.sort();
    words.dedup();
    words.truncate(WORDS_MAX);
    Ok(Candidates(words))
}
