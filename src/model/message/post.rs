//! All messages on a board, and who has read them.
//!
//! Owns [`Post`] and the questions asked of it: what is unread for a reader, what a reader got, and
//! to whom a message was handed over. Every reader gets the same answers. Never reads a ref.

use std::collections::{BTreeMap, BTreeSet};

use super::super::actor::Actor;
use super::super::id::{NodeId, SessionId};
use super::super::resource::Resource;
use super::super::time::Timestamp;
use super::address::{Address, Means, Reader};
use super::marks::{MARKS_MAX, Mark, Marks};
use super::{Message, MessageId};

/// A message with its sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The session that wrote it.
    pub by: Actor,
    /// What it wrote.
    pub message: Message,
    /// Whether the remote has it; true if there is no remote.
    pub is_published: bool,
}

impl Sent {
    /// Returns true if a person wrote it, and not an agent.
    pub fn is_of_a_person(&self) -> bool {
        self.by.agent.is_none()
    }

    /// Returns true if a hook hands it over to `reader` after a tool, and does not wait for the
    /// next prompt: it is urgent, a person wrote it, or it is about what the reader holds.
    pub fn is_handed_over_at_once(&self, reader: &Reader) -> bool {
        let draft = &self.message.draft;
        let about = draft.to.iter().filter_map(|to| match to {
            Address::Resource(resource) => Some(resource),
            Address::All | Address::Session(_) | Address::Person { .. } => None,
        });
        let mut about = about.chain(&draft.about);
        let holds = |one: &Resource| reader.holds.iter().any(|held| held.overlaps(one));
        draft.urgent || self.is_of_a_person() || about.any(holds)
    }
}

/// What one session has read.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The session.
    pub by: Actor,
    /// What it has read.
    pub marks: Marks,
}

/// All messages on a board, and what each session has read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Post {
    /// The messages, in the order in which they were sent.
    sent: Vec<Known>,
    seen: Vec<Seen>,
    /// For each message, who has marked it, as a place in `seen`, and when.
    marked: BTreeMap<MessageId, Vec<(usize, Timestamp)>>,
}

/// A message with its id, which takes longer to find than all that is asked about it.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    id: MessageId,
    sent: Sent,
}

/// A message as it is for one reader.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'p> {
    /// The message.
    pub sent: &'p Sent,
    /// Why it is for the reader.
    pub means: Means,
    /// When it was handed over to the reader.
    pub read_at: Option<Timestamp>,
}

/// That a message was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The session that got it.
    pub to: SessionId,
    /// When.
    pub at: Timestamp,
}

impl Post {
    /// Returns the post of these messages and marks; `sessions` are all sessions on the board. Two
    /// copies of one message are one. A session takes over only what was for a session of its own
    /// clone.
    pub fn new(sent: Vec<Sent>, seen: Vec<Seen>, sessions: &[(SessionId, NodeId)]) -> Self {
        let mut post = Self {
            seen,
            ..Self::default()
        };
        let mut nodes: BTreeMap<&SessionId, Vec<NodeId>> = BTreeMap::new();
        for (id, node) in sessions {
            nodes.entry(id).or_default().push(*node);
        }
        for seen in &mut post.seen {
            let node = seen.by.node;
            let is_of_its_clone =
                |id: &SessionId| nodes.get(id).is_none_or(|at| at.contains(&node));
            seen.marks.heir_of.retain(is_of_its_clone);
        }
        let mut places: BTreeMap<MessageId, usize> = BTreeMap::new();
        for sent in sent {
            let id = sent.message.id();
            match places.get(&id).and_then(|at| post.sent.get_mut(*at)) {
                Some(copy) => copy.sent.is_published |= sent.is_published,
                None => {
                    places.insert(id.clone(), post.sent.len());
                    post.sent.push(Known { id, sent });
                }
            }
        }
        for (at, seen) in post.seen.iter().enumerate() {
            for mark in seen
                .marks
                .read
                .iter()
                .filter(|mark| places.contains_key(&mark.id))
            {
                let marks = post.marked.entry(mark.id.clone()).or_default();
                marks.push((at, mark.at));
            }
        }
        post.sent.sort_by_key(|one| {
            let message = &one.sent.message;
            (message.sent_at, message.number)
        });
        post
    }

    /// Returns the sessions that `id` in the clone `node` replaced.
    pub fn heir_of(&self, id: &SessionId, node: Option<NodeId>) -> &[SessionId] {
        self.marks_of(id, node)
            .map_or(&[], |marks| marks.heir_of.as_slice())
    }

    /// Returns what the session `id` of the clone `node` has read.
    pub fn read_by(&self, id: &SessionId, node: Option<NodeId>) -> &[Mark] {
        self.marks_of(id, node)
            .map_or(&[], |marks| marks.read.as_slice())
    }

    /// Returns how many more messages the session can mark as read.
    pub fn spare_marks(&self, id: &SessionId, node: Option<NodeId>, now: Timestamp) -> usize {
        let marks = self.marks_of(id, node);
        marks.map_or(MARKS_MAX, |marks| marks.spare(now))
    }

    /// Returns what `reader` in the clone `node` got and has to get, the first one first, without
    /// what is over.
    pub fn letters(
        &self,
        reader: &Reader,
        node: Option<NodeId>,
        now: Timestamp,
    ) -> Vec<Letter<'_>> {
        let mine = |seen: &Seen| seen.by.id == reader.id && Some(seen.by.node) == node;
        let me = self.seen.iter().position(mine);
        let live = self.sent.iter().filter(|one| one.sent.message.is_live(now));
        live.filter_map(|known| {
            let mut marks = self.marks_on(&known.id).iter();
            let read_at = marks.find(|(by, _)| Some(*by) == me).map(|(_, at)| *at);
            Some(Letter {
                sent: &known.sent,
                means: self.means(known, reader, read_at.is_some())?,
                read_at,
            })
        })
        .collect()
    }

    /// Returns what is unread for `reader`, the first one first.
    pub fn unread(&self, reader: &Reader, node: Option<NodeId>, now: Timestamp) -> Vec<Letter<'_>> {
        let mut letters = self.letters(reader, node, now);
        letters.retain(|letter| letter.read_at.is_none());
        letters
    }

    /// Returns what asked `reader` for an answer, was handed over to it and has none yet, the first
    /// one first. What is to all is owed by none.
    pub fn owed(&self, reader: &Reader, node: Option<NodeId>, now: Timestamp) -> Vec<Letter<'_>> {
        let mut letters = self.letters(reader, node, now);
        letters.retain(|letter| {
            letter.read_at.is_some()
                && letter.means != Means::AsOneOfAll
                && letter.sent.message.draft.asks
                && !self.is_answered(letter.sent)
        });
        letters
    }

    /// Checks whether another session than the one that asked answered a message.
    fn is_answered(&self, asked: &Sent) -> bool {
        let id = asked.message.id();
        let answers = self.sent.iter().map(|known| &known.sent);
        let mut answers = answers.filter(|one| one.message.draft.reply_to.as_ref() == Some(&id));
        answers.any(|one| one.by.id != asked.by.id)
    }

    /// Returns the messages that are still there, in the order in which they were sent.
    pub fn all(&self) -> impl Iterator<Item = &Sent> {
        self.sent.iter().map(|known| &known.sent)
    }

    /// Returns the messages that a session sent and that are not over, the last one first.
    pub fn sent_by(&self, id: &SessionId, node: Option<NodeId>, now: Timestamp) -> Vec<&Sent> {
        let mine = self.sent.iter().rev().map(|known| &known.sent);
        mine.filter(|one| one.by.id == *id && Some(one.by.node) == node)
            .filter(|one| one.message.is_live(now))
            .collect()
    }

    /// Returns true if a message of the session waits for one whom it names: until then, the
    /// session is not over.
    pub fn waits_for_a_reader(&self, id: &SessionId, node: NodeId, now: Timestamp) -> bool {
        let mut mine = self.sent_by(id, Some(node), now).into_iter();
        mine.any(|sent| !self.is_settled(&sent.message))
    }

    /// Returns true if a message names the session, which has not read it, nor has an heir of it.
    pub fn is_waited_for(&self, id: &SessionId, now: Timestamp) -> bool {
        let live = self.sent.iter().map(|known| &known.sent.message);
        let mut live = live.filter(|one| one.is_live(now));
        live.any(|message| {
            let draft = &message.draft;
            let mut to = draft.to.iter();
            let is_named = to.any(|to| matches!(to, Address::Session(named) if named == id));
            (is_named || draft.reached.contains(id)) && !self.is_settled(message)
        })
    }

    /// Returns the sessions that messages name which are not over.
    pub fn addressed(&self, now: Timestamp) -> BTreeSet<&SessionId> {
        let live = self.sent.iter().map(|known| &known.sent.message);
        let drafts = live.filter(|one| one.is_live(now)).map(|one| &one.draft);
        drafts
            .flat_map(|draft| {
                let named = draft.to.iter().filter_map(|to| match to {
                    Address::Session(id) => Some(id),
                    Address::All | Address::Person { .. } | Address::Resource(_) => None,
                });
                named.chain(&draft.reached)
            })
            .collect()
    }

    /// Returns the messages with this id; more than one only if one was forged.
    pub fn find(&self, id: &MessageId) -> Vec<&Sent> {
        let all = self.sent.iter().filter(|known| known.id == *id);
        all.map(|known| &known.sent).collect()
    }

    /// Returns to whom a message was handed over, of those that it means.
    pub fn deliveries(&self, message: &Message) -> Vec<Delivery> {
        let id = message.id();
        let marked = self.marks_on(&id).iter().filter_map(|(by, at)| {
            let seen = self.seen.get(*by)?;
            self.is_for(message, seen).then(|| Delivery {
                to: seen.by.id.clone(),
                at: *at,
            })
        });
        let mut all: Vec<Delivery> = marked.collect();
        all.sort_by_key(|delivery| delivery.at);
        all
    }

    /// Returns true if all whom the message names have read it, so that its sender need not keep
    /// it. One to all is kept until it expires.
    pub fn is_settled(&self, message: &Message) -> bool {
        let deliveries = self.deliveries(message);
        let message_id = message.id();
        let has = |id: &SessionId| {
            let mut marked = self.marks_on(&message_id).iter();
            let by_heir = marked.any(|(by, _)| {
                let seen = self.seen.get(*by);
                seen.is_some_and(|seen| seen.marks.heir_of.contains(id))
            });
            by_heir || deliveries.iter().any(|one| one.to == *id)
        };
        message.draft.to.iter().all(|address| match address {
            Address::All => false,
            Address::Session(id) => has(id),
            Address::Person { .. } => !deliveries.is_empty(),
            Address::Resource(_) if message.draft.reached.is_empty() => !deliveries.is_empty(),
            Address::Resource(_) => message.draft.reached.iter().all(has),
        })
    }

    /// Returns why a message is for a reader. What it has read stays its own.
    fn means(&self, known: &Known, reader: &Reader, is_read: bool) -> Option<Means> {
        let message = &known.sent.message;
        if reader.is(&message.from) || reader.replaced(&message.from) {
            return None;
        }
        let is_unmet = is_read || !self.is_met(known);
        let draft = &message.draft;
        let mut all = draft
            .to
            .iter()
            .filter_map(|address| reader.is_meant(address, &draft.reached, is_unmet));
        all.next()
    }

    /// Returns true if a session has read it that was at its resource: then it no longer waits for
    /// the next holder. One that another address means, too, need not have been there.
    fn is_met(&self, known: &Known) -> bool {
        let message = &known.sent.message;
        let is_meant_otherwise = |reader: &Reader| {
            let to = message.draft.to.iter();
            let mut to = to.filter(|address| !matches!(address, Address::Resource(_)));
            to.any(|address| reader.is_meant(address, &[], false).is_some())
        };
        let mut marked = self.marks_on(&known.id).iter();
        marked.any(|(by, _)| {
            let reader = self.seen.get(*by).map(as_reader);
            reader.is_some_and(|one| !one.is(&message.from) && !is_meant_otherwise(&one))
        })
    }

    /// Returns true if the mark of a session counts as a delivery. Who held a resource meanwhile
    /// is not known any more.
    fn is_for(&self, message: &Message, seen: &Seen) -> bool {
        let reader = as_reader(seen);
        let is_of_sender = reader.is(&message.from);
        let mut to = message.draft.to.iter();
        !is_of_sender
            && to.any(|address| {
                matches!(address, Address::Resource(_))
                    || reader
                        .is_meant(address, &message.draft.reached, false)
                        .is_some()
            })
    }

    fn marks_on(&self, id: &MessageId) -> &[(usize, Timestamp)] {
        self.marked.get(id).map_or(&[], Vec::as_slice)
    }

    fn marks_of(&self, id: &SessionId, node: Option<NodeId>) -> Option<&Marks> {
        let mut seen = self.seen.iter();
        let mine = seen.find(|seen| seen.by.id == *id && Some(seen.by.node) == node);
        mine.map(|seen| &seen.marks)
    }
}

/// Returns a session that has read something as a reader; what it holds is not known.
fn as_reader(seen: &Seen) -> Reader {
    Reader {
        id: seen.by.id.clone(),
        user: seen.by.user.clone(),
        host: seen.by.host.clone(),
        heir_of: seen.marks.heir_of.clone(),
        holds: Vec::new(),
    }
}
