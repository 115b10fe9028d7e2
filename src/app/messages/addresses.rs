//! What a user typed as an address.
//!
//! Owns what counts as known: a session, a user and a resource that the board or its history has.
//! Anything else is refused with the nearest names, since a message to it would reach no session.

use crate::app::remote::refresh::{Refresh, Until, refresh};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::model::board::Board;
use crate::model::event::{Event, EventKind};
use crate::model::id::SessionId;
use crate::model::message::address::{ALL, Address};
use crate::model::resource::Resource;
use crate::model::text::name;

/// The most names that are suggested.
const NEAREST_MAX: usize = 3;
/// How like a name must be to be suggested, from 0 to 1.
const NEAR: f64 = 0.75;

/// Returns the addresses that `typed` stands for. Each of `typed` is a word that the user typed,
/// with the resource that it names, if it can name one.
///
/// # Errors
///
/// [`Kind::Refused`] for an address that is not known, also after a look at the remote.
pub fn read(
    context: &Context,
    typed: &[(String, Option<Resource>)],
    until: Until,
) -> Result<Vec<Address>, Failure> {
    let mut board = context.ledger.board()?;
    let mut has_looked = false;
    let mut all = Vec::new();
    for (text, resource) in typed {
        let mut found = one(context, &board, text, resource.as_ref())?;
        if found.is_none() && !has_looked {
            has_looked = true;
            let _ = refresh(context, Refresh::BEFORE_DECISION, until);
            board = context.ledger.board()?;
            found = one(context, &board, text, resource.as_ref())?;
        }
        let Some(address) = found else {
            return Err(unknown(&board, text, resource.as_ref()));
        };
        if !all.contains(&address) {
            all.push(address);
        }
    }
    Ok(all)
}

/// Returns the address that a text stands for; `None` if it is not known.
fn one(
    context: &Context,
    board: &Board,
    text: &str,
    resource: Option<&Resource>,
) -> Result<Option<Address>, Failure> {
    if text == ALL {
        return Ok(Some(Address::All));
    }
    if let Ok(id) = SessionId::from_record(text)
        && is_known(board, &id)
    {
        return Ok(Some(Address::Session(id)));
    }
    if let Some(resource) = resource {
        let is_known = is_claimed(board, resource) || was_claimed(context, resource)?;
        return Ok(is_known.then(|| Address::Resource(resource.clone())));
    }
    let person = Address::person(text);
    Ok(person.filter(|person| is_here(board, person)))
}

fn is_known(board: &Board, id: &SessionId) -> bool {
    board.session(id).is_some() || board.locks.iter().any(|lock| lock.holder.id == *id)
}

fn is_here(board: &Board, person: &Address) -> bool {
    let Address::Person { user, host } = person else {
        return false;
    };
    let mut all = board.sessions.iter();
    all.any(|session| session.who.user == *user && session.who.host == *host)
}

/// Whether a claim that is recorded overlaps the resource, also an expired one.
fn is_claimed(board: &Board, resource: &Resource) -> bool {
    let mut all = board.holdings().into_iter();
    all.any(|held| held.resource.overlaps(resource))
}

/// Whether the history has a claim of the resource.
fn was_claimed(context: &Context, resource: &Resource) -> Result<bool, Failure> {
    let wanted = |event: &Event| {
        let is_message = matches!(event.kind, EventKind::Messaged { .. });
        let mut about = event.resources.iter();
        !is_message && about.any(|claimed| claimed.overlaps(resource))
    };
    Ok(!context.ledger.events(1, None, &wanted)?.is_empty())
}

fn unknown(board: &Board, text: &str, resource: Option<&Resource>) -> Failure {
    let error = match resource {
        Some(free) => anyhow::anyhow!("no session claims {free}, or did so before"),
        None => anyhow::anyhow!("no session, user or resource {} is known here", name(text)),
    };
    let near = nearest(board, text);
    let failure = Failure::new(Kind::Refused, error);
    let failure = match near.is_empty() {
        true => failure,
        false => {
            let near: Vec<String> = near.iter().map(|one| quote(one)).collect();
            failure.hint(format!(
                "write one that is known, such as {}",
                near.join(" or ")
            ))
        }
    };
    let failure = match resource {
        Some(free) => failure.hint(format!(
            "tell every session that is here: git presence tell all --about {} -m \"<text>\"",
            quote(free.label())
        )),
        None => failure,
    };
    failure.hint("see which sessions are here: git presence sessions")
}

/// Returns the known names that are most like `text`.
fn nearest(board: &Board, text: &str) -> Vec<String> {
    let sessions = board.sessions.iter().map(|session| &session.who);
    let who = sessions.chain(board.locks.iter().map(|lock| &lock.holder));
    let mut known: Vec<String> = who
        .flat_map(|who| {
            let person = format!("{}@{}", who.user, who.host);
            [who.id.as_str().to_owned(), person]
        })
        .collect();
    let held = board.holdings().into_iter();
    known.extend(held.map(|held| held.resource.label().to_owned()));
    known.sort();
    known.dedup();
    let near = known.into_iter().map(|one| {
        let contains = one.contains(text) || text.contains(&*one);
        let likeness = strsim::jaro_winkler(&one, text);
        (if contains { 1.0 } else { likeness }, one)
    });
    let mut near: Vec<(f64, String)> = near.filter(|(likeness, _)| *likeness >= NEAR).collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    near.truncate(NEAREST_MAX);
    near.into_iter().map(|(_, one)| one).collect()
}
