//! The use case of `complete`: what a shell offers for a word that is being typed.
//!
//! Owns which words those are ([`What`]). Reads this clone only, and never fails: a shell asks it
//! at each key, so a large board is read as far as there is time, and nothing of it is kept but the
//! first words. Never offers a word that a shell would not read as it stands.

use std::collections::BTreeSet;

use crate::app::claims::arbiter;
use crate::context::Context;
use crate::failure::Failure;
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
    let types = KNOWN_TYPES.iter().map(|kind| (*kind).to_owned());
    let mut words = Words::default();
    match what {
        What::Types => return Ok(Candidates(types.collect())),
        What::Mine => mine(context, &mut words)?,
        What::Sessions | What::Resources => all(context, what, &mut words)?,
    }
    if what == What::Resources {
        types.for_each(|kind| words.always.push(format!("{kind}:")));
    }
    Ok(Candidates(words.in_order()))
}

/// The first words in their order, of which there may be thousands.
#[derive(Default)]
struct Words {
    first: BTreeSet<String>,
    /// Words that are offered whatever else there is.
    always: Vec<String>,
}

impl Words {
    fn add(&mut self, word: &str) {
        let is_full = self.first.len() >= WORDS_MAX;
        let is_later = self.first.last().is_some_and(|last| word >= last.as_str());
        if (is_full && is_later) || self.first.contains(word) || !is_word(word) {
            return;
        }
        self.first.insert(word.to_owned());
        if self.first.len() > WORDS_MAX {
            self.first.pop_last();
        }
    }

    fn in_order(mut self) -> Vec<String> {
        self.first.extend(self.always);
        self.first.into_iter().collect()
    }
}

/// Adds what the session that asks claims.
fn mine(context: &Context, words: &mut Words) -> Result<(), Failure> {
    let Some(me) = context.known_actor() else {
        return Ok(());
    };
    let now = context.now();
    if let Some(session) = context.ledger.sessions().get(&me)? {
        let live = session.claims.iter();
        live.filter(|claim| claim.is_live(session.seen_at, now))
            .for_each(|claim| words.add(claim.resource.label()));
    }
    let locks = arbiter::locks_of(context, &me)?.into_iter();
    locks
        .filter(|lock| lock.is_live(now))
        .for_each(|lock| words.add(lock.resource.label()));
    Ok(())
}

/// Adds what any session claims, or those sessions.
fn all(context: &Context, what: What, words: &mut Words) -> Result<(), Failure> {
    let now = context.now();
    let locks = context.ledger.each_session(&mut |session| {
        for claim in &session.claims {
            if claim.is_live(session.seen_at, now) {
                words.add(match what {
                    What::Sessions => session.who.id.as_str(),
                    _ => claim.resource.label(),
                });
            }
        }
    })?;
    for lock in locks.iter().filter(|lock| lock.is_live(now)) {
        words.add(match what {
            What::Sessions => lock.holder.id.as_str(),
            _ => lock.resource.label(),
        });
    }
    Ok(())
}
