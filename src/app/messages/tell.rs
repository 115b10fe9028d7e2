//! The use case of `tell`: sending a message.
//!
//! Owns the order: the address is known, the message is written, published, and announced to the
//! sessions of this clone whose hooks hand it over after their next tool. A remote that fails does
//! not fail it. Never waits for an answer.

use std::cell::OnceCell;

use super::behind::{behind_secs, warn_behind};
use super::last_there::LastThere;
use super::reach::{Recipient, everyone, heirs, meant, reaches};
use super::reading::{self, Liveness, acting};
use super::{addresses, last_there};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::remote::refresh::short_deadline;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::ledger::{Mail, Outcome};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::heirs::Heirs;
use crate::model::id::SessionId;
use crate::model::message::address::Address;
use crate::model::message::outbox::{self, NotSent, Sending};
use crate::model::message::post::{Post, Sent};
use crate::model::message::{
    Draft, LASTS_FOR_ALL_SECS, LASTS_SECS, LASTS_URGENT_SECS, Message, MessageId, Text,
};
use crate::model::resource::Resource;
use crate::model::session::{Request, Session, step};
use crate::model::time::Timestamp;

/// The most sessions that a message records as reached.
const REACHED_MAX: usize = 64;

/// What a user asks to send.
#[derive(Debug)]
pub struct Telling {
    /// To whom, each as it was typed, with the resource that it names, if it can name one.
    pub to: Vec<(String, Option<Resource>)>,
    /// What it says.
    pub text: Text,
    /// What it is about.
    pub about: Option<Resource>,
    /// Whether an answer is wanted.
    pub asks: bool,
    /// Whether it is handed over after the next tool.
    pub urgent: bool,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// How long it lasts, in seconds, if the user said so.
    pub lasts_secs: Option<u64>,
}

/// What became of a message.
#[derive(Debug)]
pub struct Told {
    /// When.
    pub now: Timestamp,
    /// The message.
    pub message: Message,
    /// Whether the same was sent a moment ago, so that nothing was written.
    pub again: bool,
    /// The sessions that it reaches, as far as this clone knows.
    pub reaches: Vec<Recipient>,
    /// Where it reaches none: the session that was last at a resource that it is sent to.
    pub last: Option<LastThere>,
    /// Who has it.
    pub confirmation: Confirmation,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Sends a message.
///
/// # Errors
///
/// [`Kind::Refused`] for an address or a message that is not known, and where agents answered each
/// other for too long; [`Kind::Contended`] for too many messages within a short time.
pub fn execute(context: &Context, telling: &Telling) -> Result<Told, Failure> {
    let me = acting(context)?;
    let _ = publish::known_after_first_look(context);
    let until = short_deadline(context);
    let parent = telling.reply_to.as_ref();
    let found = parent.map(|id| find(context, &me, id)).transpose()?;
    let (parent, heir_of) = found.unzip();
    let mut to = addresses::read(context, &telling.to, until)?;
    if let (true, Some(parent)) = (to.is_empty(), &parent) {
        to.push(Address::Session(parent.by.id.clone()));
    }
    let board = context.ledger.board()?;
    let draft = draft(context, &board, &me, telling, (to, parent.as_ref()))?;
    let (message, again) = write(context, &me, &draft)?;
    if let (Some(parent), Some(heir_of)) = (&parent, heir_of.flatten()) {
        let read = (parent.message.id(), parent.message.expires_at());
        reading::mark(context, &me, &[read], &heir_of)?;
    }
    let publication = publish::publish(context, &me, false, until);
    let now = context.now();
    let heirs = heirs(context, &board, &message);
    let everyone = everyone(context, &board, &heirs, now);
    announce(context, &board, (&everyone, &heirs), (&me, &message));
    let reaches = reaches(&everyone, &heirs, &me, &message);
    let last = match reaches.is_empty() {
        true => last_there::find(context, &message.draft.to)?,
        false => None,
    };
    Ok(Told {
        now,
        reaches,
        last,
        message,
        again,
        confirmation: publication.confirmation,
        warnings: [
            publication.warnings,
            warn_unreadable(&board.unreadable),
            warn_behind(behind_secs(&board, &me, now)),
        ]
        .concat(),
    })
}

/// Returns the message of this id; and, if it is for `me`, the sessions from which `me` goes on
/// that messages name: an answer to that of another session marks nothing.
fn find(
    context: &Context,
    me: &Actor,
    id: &MessageId,
) -> Result<(Sent, Option<Vec<SessionId>>), Failure> {
    let (mail, board) = (context.ledger.mail()?, context.ledger.board()?);
    let now = context.now();
    let heirs = reading::heirs(context, &mail.post, now);
    let reader = reading::reader(me, &board, (&mail.post, &heirs), now);
    let mine = mail.post.letters(&reader, Some(me.node), now);
    let is_mine = mine.iter().any(|one| one.sent.message.id() == *id);
    let heir_of = is_mine.then(|| heirs.before(&me.id).cloned().collect());
    let found = mail.post.find(id).into_iter().next().cloned();
    let found = found.filter(|sent| sent.by.id != me.id);
    found.map(|sent| (sent, heir_of)).ok_or_else(|| {
        let error = anyhow::anyhow!("there is no message {id} of another session here");
        Failure::new(Kind::Refused, error).hint("see what you got: git presence inbox --all")
    })
}

/// Makes the message that is asked for.
fn draft(
    context: &Context,
    board: &Board,
    me: &Actor,
    telling: &Telling,
    (to, parent): (Vec<Address>, Option<&Sent>),
) -> Result<Draft, Failure> {
    let about = telling.about.clone();
    let about = about.or_else(|| parent.and_then(|parent| parent.message.draft.about.clone()));
    let hops = match parent {
        Some(parent) => outbox::hops_of_answer(&parent.message, me.agent.is_none()),
        None => Ok(0),
    };
    let is_to_all = to.contains(&Address::All);
    let behind_secs = behind_secs(board, me, context.now());
    let usual_secs = match (telling.urgent, is_to_all) {
        (true, _) => LASTS_URGENT_SECS,
        (false, true) => LASTS_FOR_ALL_SECS,
        (false, false) => LASTS_SECS,
    };
    Ok(Draft {
        reached: those_at(context, board, me, &to),
        to,
        about,
        text: telling.text.clone(),
        asks: telling.asks,
        urgent: telling.urgent,
        reply_to: telling.reply_to.clone(),
        hops: hops.map_err(not_sent)?,
        lasts_secs: telling
            .lasts_secs
            .unwrap_or(usual_secs)
            .saturating_add(behind_secs)
            .min(LASTS_SECS),
    })
}

/// Returns the other sessions that hold, share or wait for a resource of the addresses.
fn those_at(context: &Context, board: &Board, me: &Actor, to: &[Address]) -> Vec<SessionId> {
    let is_at = |resource: &Resource| {
        let mut to = to.iter();
        to.any(|address| matches!(address, Address::Resource(named) if named.overlaps(resource)))
    };
    let mut reached: Vec<SessionId> = Vec::new();
    for held in board.live(context.now()) {
        if held.session != me.id && is_at(&held.resource) && !reached.contains(&held.session) {
            reached.push(held.session);
        }
    }
    reached.truncate(REACHED_MAX);
    reached
}

/// Records the message. Returns it, and whether it was recorded a moment ago.
fn write(context: &Context, me: &Actor, draft: &Draft) -> Result<(Message, bool), Failure> {
    let ttl = context.config.ttl;
    let mail: OnceCell<Option<Mail>> = OnceCell::new();
    let is_settled = |message: &Message| {
        let mail = mail.get_or_init(|| context.ledger.mail().ok());
        mail.as_ref()
            .is_some_and(|mail| mail.post.is_settled(message))
    };
    let mut said: Option<Result<(Message, bool), NotSent>> = None;
    let mut decide = |before: Option<&Session>, recorded: &[Message], now: Timestamp| {
        let sending = outbox::send(recorded, &is_settled, &me.id, draft, now);
        let (kept, message) = match sending {
            Ok(Sending::New { kept, message }) => (kept, message),
            Ok(Sending::Again(message)) => {
                said = Some(Ok((message, true)));
                return Ok(None);
            }
            Err(why) => {
                said = Some(Err(why));
                return Ok(None);
            }
        };
        said = Some(Ok((message.clone(), false)));
        let step = step(before, me, &Request::Tell(message), now, ttl)?;
        Ok(step.map(|step| (step, kept)))
    };
    let messages = context.ledger.messages();
    match messages.update(&context.host, me, &mut decide)? {
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
        Outcome::Written(_) | Outcome::NothingToDo => match said {
            Some(said) => said.map_err(not_sent),
            None => Err(Failure::usage("nothing to send")),
        },
    }
}

fn not_sent(why: NotSent) -> Failure {
    let (kind, hint) = match &why {
        NotSent::TooMany { .. } => (
            Kind::Refused,
            "see which were not read: git presence inbox --sent".to_owned(),
        ),
        NotSent::TooFast { retry_after_secs } => (
            Kind::Contended,
            format!("send the next one in {retry_after_secs} s; say several things in one message"),
        ),
        NotSent::AskAPerson => (
            Kind::Refused,
            "stop answering, and ask the person whose work this is".to_owned(),
        ),
    };
    let failure = Failure::new(kind, anyhow::anyhow!("{why}")).hint(hint);
    match why {
        NotSent::TooFast { retry_after_secs } => failure.retry_after(retry_after_secs),
        NotSent::TooMany { .. } | NotSent::AskAPerson => failure,
    }
}

/// Rings at the sessions of this clone to which the message is handed over after their next tool.
fn announce(
    context: &Context,
    board: &Board,
    (everyone, heirs): (&[(Actor, Liveness)], &Heirs),
    (me, message): (&Actor, &Message),
) {
    let sent = Sent {
        by: me.clone(),
        message: message.clone(),
        is_published: true,
    };
    let now = context.now();
    for (who, _) in everyone {
        if who.node != me.node || who.id == me.id || meant(message, heirs, who).is_none() {
            continue;
        }
        if sent.is_handed_over_at_once(&reading::reader(who, board, (&Post::default(), heirs), now))
        {
            // What cannot be announced is handed over at the next prompt.
            let _ = context.ledger.bell(&who.id).ring();
        }
    }
}
