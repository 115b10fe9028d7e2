//! The use case of `inbox`: the messages that a session got, and those that it sent.
//!
//! Owns which messages are shown, and the waiting for one. Reading changes nothing; what is marked
//! as read is what the caller asks to mark.

use std::time::Duration;

use super::reading::{self, Liveness, acting, liveness};
use super::{look, owed};
use crate::app::company;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::app::warnings::warn_unreadable;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::{Signals, Watch};
use crate::ledger::Mail;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::message::address::{Address, Means};
use crate::model::message::digest::MailDigest;
use crate::model::message::post::{Delivery, Letter, Sent};
use crate::model::message::{Message, MessageId};
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// How often what is here is looked at where changes are not reported.
const POLL_HERE: Duration = Duration::from_millis(400);
/// How soon a remote is looked at again at first, and at the latest.
const POLL_THERE_FIRST: Duration = Duration::from_secs(5);
const POLL_THERE_MAX: Duration = Duration::from_secs(60);

/// Which messages are asked for.
#[derive(Debug, Default)]
pub struct Query {
    /// Only these.
    pub ids: Vec<MessageId>,
    /// Whether what is shown is marked as read.
    pub marks: bool,
    /// Whether what was read is shown, too.
    pub all: bool,
    /// Only messages of this session, or of this `user@host`.
    pub from: Option<String>,
    /// Whether the messages that this session sent are shown instead.
    pub sent: bool,
    /// How long to wait for one.
    pub wait: Option<Duration>,
}

/// A message, as it is shown.
#[derive(Debug)]
pub struct Row {
    /// The message.
    pub sent: Sent,
    /// Why it is for this session; `None` for one that it sent.
    pub means: Option<Means>,
    /// When it was handed over to this session.
    pub read_at: Option<Timestamp>,
    /// To whom it was handed over.
    pub deliveries: Vec<Delivery>,
    /// The sessions that it names, and what is known of their life.
    pub named: Vec<(SessionId, Liveness)>,
}

/// The messages of a session.
#[derive(Debug)]
pub struct Inbox {
    /// When they were read.
    pub now: Timestamp,
    /// The messages, the first one first.
    pub rows: Vec<Row>,
    /// Questions to the session that it has read and that have no answer yet, the first one first.
    pub owed: Vec<Sent>,
    /// How many are unread, with those that are not shown.
    pub unread: usize,
    /// Whether the messages that the session sent are shown.
    pub of_sender: bool,
    /// Whether all that a message says is shown, also of one that the session sent.
    pub whole: bool,
    /// Whether what is shown was marked as read.
    pub marked: bool,
    /// Whether it was shown before: then it is counted only.
    pub was_shown: bool,
    /// What is known of other clones.
    pub known: Knowledge,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Reads the messages, and waits for one if that is asked for.
///
/// # Errors
///
/// [`Kind::Contended`] if none came in time; [`Kind::Refused`] for an id that is not known.
pub fn execute(context: &Context, query: &Query) -> Result<Inbox, Failure> {
    let me = acting(context)?;
    let known = publish::known_after_first_look(context);
    let mut mail = context.ledger.mail()?;
    if let Some(wait) = query.wait
        && rows(context, &me, &mail, query)?.is_empty()
    {
        mail = wait_for_one(context, &me, query, wait)?;
    }
    let rows = rows(context, &me, &mail, query)?;
    for id in &query.ids {
        if !rows.iter().any(|row| row.sent.message.id() == *id) {
            let error = anyhow::anyhow!("there is no message {id} to or of this session");
            return Err(Failure::new(Kind::Refused, error)
                .hint("see what there is: git presence inbox --all, git presence inbox --sent"));
        }
    }
    let now = context.now();
    let board = context.ledger.board()?;
    let heirs = reading::heirs(context, &mail.post, now);
    let reader = reading::reader(&me, &board, (&mail.post, &heirs), now);
    let unread = mail.post.unread(&reader, Some(me.node), now).len();
    if query.marks {
        let read = rows.iter().filter(|row| row.means.is_some());
        let read = read.map(|row| (row.sent.message.id(), row.sent.message.expires_at()));
        reading::mark(context, &me, &read.collect::<Vec<_>>(), &reader.heir_of)?;
        let asked = rows.iter().map(|row| &row.sent.message);
        let asked = asked.filter(|message| message.draft.asks);
        owed::note(context, &me, &asked.map(Message::id).collect::<Vec<_>>());
        mail = context.ledger.mail()?;
    }
    let is_about_all = !query.sent && query.ids.is_empty() && query.from.is_none();
    let owed = is_about_all.then(|| owed::owed(context, &me, &mail, &board));
    Ok(Inbox {
        now,
        rows,
        owed: owed.unwrap_or_default(),
        unread,
        was_shown: query.marks && !query.all && query.ids.is_empty() && query.wait.is_none(),
        of_sender: query.sent,
        whole: !query.ids.is_empty(),
        marked: query.marks,
        known,
        warnings: warn_unreadable(&mail.unreadable),
    })
}

/// Returns how many messages are unread; `digest` is that of the board.
pub fn unread(context: &Context, digest: &MailDigest) -> Result<usize, Failure> {
    let Some(me) = context.known_actor().filter(|_| !digest.is_empty()) else {
        return Ok(0);
    };
    let board = context.ledger.board()?;
    let look = look::since_caught_up(context, &me, &board)?;
    Ok(look.unread(&me, context.now()).len())
}

/// Returns how many messages are unread as of `board`, and the newest of them, at most `rows_max`.
pub fn newest_unread(
    context: &Context,
    board: &Board,
    rows_max: usize,
) -> Result<(usize, Vec<Row>), Failure> {
    let Some(me) = context.known_actor().filter(|_| !board.mail.is_empty()) else {
        return Ok((0, Vec::new()));
    };
    let look = look::since_caught_up(context, &me, board)?;
    let mut unread = look.unread(&me, context.now());
    let count = unread.len();
    unread.reverse();
    unread.truncate(rows_max);
    Ok((count, unread.into_iter().map(received_row).collect()))
}

/// Returns the messages that match the query.
fn rows(context: &Context, me: &Actor, mail: &Mail, query: &Query) -> Result<Vec<Row>, Failure> {
    let now = context.now();
    let is_asked = |id: MessageId| query.ids.is_empty() || query.ids.contains(&id);
    let mut rows = Vec::new();
    if query.sent || !query.ids.is_empty() {
        let mut mine = mail.post.sent_by(&me.id, Some(me.node), now);
        mine.reverse();
        mine.retain(|sent| is_asked(sent.message.id()));
        rows.extend(mine.iter().map(|sent| sent_row(context, mail, sent, now)));
    }
    if !query.sent {
        let board = context.ledger.board()?;
        let heirs = reading::heirs(context, &mail.post, now);
        let reader = reading::reader(me, &board, (&mail.post, &heirs), now);
        let shows_read = query.all || !query.ids.is_empty();
        let letters = mail.post.letters(&reader, Some(me.node), now).into_iter();
        let wanted = letters.filter(|letter| {
            (shows_read || letter.read_at.is_none())
                && is_asked(letter.sent.message.id())
                && is_from(letter.sent, query.from.as_deref())
        });
        rows.extend(wanted.map(received_row));
    }
    Ok(rows)
}

fn received_row(letter: Letter<'_>) -> Row {
    Row {
        sent: letter.sent.clone(),
        means: Some(letter.means),
        read_at: letter.read_at,
        deliveries: Vec::new(),
        named: Vec::new(),
    }
}

fn sent_row(context: &Context, mail: &Mail, sent: &Sent, now: Timestamp) -> Row {
    let draft = &sent.message.draft;
    let mut ids: Vec<SessionId> = draft.reached.clone();
    for to in &draft.to {
        if let Address::Session(id) = to
            && !ids.contains(id)
        {
            ids.push(id.clone());
        }
    }
    let session = |id: &SessionId| {
        let of_id = mail.sessions.iter().filter(|session| session.who.id == *id);
        of_id.max_by_key(|session: &&Session| session.seen_at)
    };
    let named = ids.into_iter().map(|id| {
        let liveness = liveness(context, session(&id), now);
        (id, liveness)
    });
    Row {
        sent: sent.clone(),
        means: None,
        read_at: None,
        deliveries: mail.post.deliveries(&sent.message),
        named: named.collect(),
    }
}

/// Whether a message is of the session or the `user@host` that was asked for.
fn is_from(sent: &Sent, from: Option<&str>) -> bool {
    let by = &sent.by;
    from.is_none_or(|from| by.id.as_str() == from || format!("{}@{}", by.user, by.host) == from)
}

/// Waits until a message matches the query.
fn wait_for_one(
    context: &Context,
    me: &Actor,
    query: &Query,
    wait: Duration,
) -> Result<Mail, Failure> {
    let host = context.host;
    let until = host.elapsed() + wait;
    let signals = Signals::watch();
    let mut watch = Watch::on(&context.ledger.tracking().watched());
    let (mut fetch_at, mut fetch_every) = (host.elapsed() + POLL_THERE_FIRST, POLL_THERE_FIRST);
    let mut seen = context.ledger.board()?.mail.all();
    loop {
        if signals.received() || host.elapsed() >= until {
            let error = anyhow::anyhow!("no message came");
            let failure = Failure::new(Kind::Contended, error);
            let failure = match company::is_alone(context) {
                true => failure.hint("do other work meanwhile: no other session is here"),
                false => failure,
            };
            return Err(
                failure.hint("wait again, nothing is lost meanwhile: git presence inbox --wait")
            );
        }
        watch.wait(POLL_HERE.min(until.saturating_sub(host.elapsed())));
        let digest = context.ledger.board()?.mail.all();
        if digest != seen {
            seen = digest;
            let mail = context.ledger.mail()?;
            if !rows(context, me, &mail, query)?.is_empty() {
                return Ok(mail);
            }
        }
        if context.upstream.name().is_some() && host.elapsed() >= fetch_at {
            // What cannot be fetched now is fetched next time.
            let _ = refresh(context, Refresh::NOW, short_deadline(context));
            fetch_every = POLL_THERE_MAX.min(fetch_every * 3 / 2);
            fetch_at = host.elapsed() + fetch_every;
        }
    }
}
