//! Messages in a simulated world.
//!
//! Owns what sessions say to each other and what they have read ([`Mail`], in each commit), the act
//! of sending, and the look of a reader, which reads only what changed, as hooks do. The promises:
//! what was said is not lost, and is shown to each reader that it means, once. Whom a message means
//! and what is unread is the model's.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::history::History;
use super::peer::{Found, Peer, actor};
use super::rules::Broken;
use super::world::World;
use crate::ledger::Tip;
use crate::model::id::{NodeId, SessionId};
use crate::model::message::address::{Address, Reader};
use crate::model::message::digest::{CaughtUp, MailDigest};
use crate::model::message::marks::Marks;
use crate::model::message::outbox::{self, Sending};
use crate::model::message::post::{Letter, Post, Seen, Sent};
use crate::model::message::{Draft, LASTS_SECS, Message, MessageId, Text};
use crate::model::session::{Request, step};
use crate::model::time::{Timestamp, Ttl};

/// The messages and marks beside a session.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub sent: Vec<Message>,
    pub marks: Marks,
}

impl Mail {
    /// What stands beside a session.
    pub fn beside(found: Option<&Found>) -> Self {
        found.map_or_else(Self::default, |found| found.commit.mail.clone())
    }

    /// `sessions::digest::mail_of`.
    fn digest(&self, name: &str) -> u64 {
        if self.sent.is_empty() && self.marks == Marks::default() {
            return 0;
        }
        let mut hash = DefaultHasher::new();
        name.hash(&mut hash);
        self.sent.iter().for_each(|one| one.id().hash(&mut hash));
        format!("{:?}", self.marks).hash(&mut hash);
        hash.finish() | 1
    }

    /// `Ledger::has_live_messages`.
    pub fn has_live(&self, now: Timestamp) -> bool {
        self.sent.iter().any(|message| message.is_live(now))
    }
}

/// `Ledger::mail_of`.
pub fn post_of<'t>(history: &History, tips: impl Iterator<Item = &'t Tip>) -> Post {
    let (mut sent, mut seen) = (Vec::new(), Vec::new());
    for tip in tips {
        let commit = history.get(*tip);
        let by = &commit.session.who;
        for message in &commit.mail.sent {
            sent.push(Sent {
                by: by.clone(),
                message: message.clone(),
                is_published: true,
            });
        }
        seen.push(Seen {
            by: by.clone(),
            marks: commit.mail.marks.clone(),
        });
    }
    Post::new(sent, seen, &[])
}

fn reader(id: &SessionId, node: NodeId) -> Reader {
    let who = actor(id, node);
    Reader {
        id: who.id,
        user: who.user,
        host: who.host,
        heir_of: Vec::new(),
        holds: Vec::new(),
    }
}

/// What a reader is shown.
fn unread(peer: &Peer, post: &Post, id: &SessionId, now: Timestamp, by_time: bool) -> Vec<Message> {
    let letters = post.letters(&reader(id, peer.node), Some(peer.node), now);
    let is_new = |letter: &Letter<'_>| match by_time {
        true => peer
            .upto
            .get(id)
            .is_none_or(|upto| letter.sent.message.sent_at > *upto),
        false => letter.read_at.is_none(),
    };
    let new = letters.iter().filter(|letter| is_new(letter));
    new.map(|letter| letter.sent.message.clone()).collect()
}

impl World {
    /// A session says something, or looks at what others said.
    pub fn write_or_read(&self, who: usize) {
        match self.chance.one_in(2) {
            true => self.say(who),
            false => {
                let id = self.chance.pick(&self.sessions).clone();
                let dies = self.has_fault() && self.chance.one_in(2);
                self.look(who, &id, !dies);
            }
        }
    }

    /// `tell`.
    fn say(&self, who: usize) {
        let now = self.now_of(who);
        let id = self.chance.pick(&self.sessions).clone();
        let to = match self.chance.one_in(3) {
            true => Address::All,
            false => Address::Session(self.chance.pick(&self.sessions).clone()),
        };
        let number = self.chance.below(1000);
        let draft = Draft {
            to: vec![to],
            reached: Vec::new(),
            about: None,
            text: Text::parse(&format!("{number}")).unwrap(),
            asks: false,
            urgent: false,
            reply_to: None,
            hops: 0,
            lasts_secs: LASTS_SECS,
        };
        let mut peers = self.peers.borrow_mut();
        let peer = &mut peers[who];
        let post = post_of(&self.history, peer.view(&self.history).values());
        let before = peer.own_stored(&self.history, self.rules, &id, peer.node);
        let mut mail = Mail::beside(before.as_ref());
        let is_settled = |message: &Message| post.is_settled(message);
        let sending = outbox::send(&mail.sent, &is_settled, &id, &draft, now);
        let Ok(Sending::New { kept, message }) = sending else {
            return;
        };
        let request = Request::Tell(message.clone());
        let session = before.as_ref().map(|found| &found.commit.session);
        let done = step(session, &actor(&id, peer.node), &request, now, Ttl::DEFAULT);
        let Some(done) = done.ok().flatten() else {
            return;
        };
        mail.sent = kept;
        let said = peer.said.entry(id.clone()).or_default();
        *said = mail.sent.iter().map(Message::id).collect();
        peer.told.insert(id, done.session.clone());
        let (name, tip) = peer.write(&self.history, before.as_ref(), done, Some(mail));
        self.prune_beside(peer, tip);
        self.tell(|| {
            let number = History::number(tip);
            let to = &message.draft.to[0];
            format!("{who} writes {name} #{number}: {} to {to}", message.id())
        });
    }

    /// The hook of a reader: what is unread is shown, then marked, unless the process `dies`.
    pub fn look(&self, who: usize, id: &SessionId, marks: bool) {
        let now = self.now_of(who);
        let by_time = self.rules.broken(Broken::MarksByTime);
        let mut peers = self.peers.borrow_mut();
        let peer = &mut peers[who];
        let view = peer.view(&self.history);
        let mut digest = MailDigest::default();
        for (name, tip) in &view {
            let commit = self.history.get(*tip);
            let who = &commit.session.who;
            digest.add(name, (&who.id, who.node), commit.mail.digest(name));
        }
        let nothing = CaughtUp::digest_of([].into_iter());
        let before = peer.caught_up.get(id).cloned();
        let parts = before
            .as_ref()
            .map(|before| before.to_read(&digest, &nothing));
        let own = super::peer::ref_name(id, peer.node);
        let is_read = |name: &String| match &parts {
            Some(_) if self.rules.broken(Broken::ReadsNothingNew) => *name == own,
            Some(parts) => parts.iter().any(|part| part.name == *name) || *name == own,
            None => true,
        };
        let tips = view.iter().filter(|(name, _)| is_read(name));
        let post = post_of(&self.history, tips.map(|(_, tip)| tip));
        let new = unread(peer, &post, id, now, by_time);
        if new.is_empty() {
            let state = (nothing.clone(), nothing);
            let none = BTreeSet::new();
            let seen = CaughtUp::after(before.as_ref(), &digest, state, (&none, &none));
            peer.caught_up.insert(id.clone(), seen);
            return;
        }
        for message in &new {
            let mark = (id.clone(), message.id());
            let is_again = peer.marked.contains(&mark) && !self.is_tampered.get();
            self.must(!is_again, || {
                format!("{who} shows {} to {id} twice", message.id())
            });
            self.tell(|| format!("{who} shows {} to {id}, marked: {marks}", message.id()));
            peer.shown_as.insert((peer.node, mark.clone()));
            peer.shown.insert(mark);
        }
        if marks {
            self.mark(who, peer, id, &new);
        }
    }

    fn mark(&self, who: usize, peer: &mut Peer, id: &SessionId, new: &[Message]) {
        let now = self.now();
        let before = peer.own_stored(&self.history, self.rules, id, peer.node);
        let mut mail = Mail::beside(before.as_ref());
        let session = before.as_ref().map(|found| &found.commit.session);
        let me = actor(id, peer.node);
        let done = step(session, &me, &Request::Heartbeat, now, Ttl::DEFAULT);
        let Some(done) = done.ok().flatten() else {
            return;
        };
        for message in new {
            mail.marks.mark(&message.id(), message.expires_at(), now);
            peer.marked.insert((id.clone(), message.id()));
            let upto = peer.upto.entry(id.clone()).or_insert(message.sent_at);
            *upto = message.sent_at.max(*upto);
        }
        peer.told.insert(id.clone(), done.session.clone());
        let (name, tip) = peer.write(&self.history, before.as_ref(), done, Some(mail));
        self.tell(|| format!("{who} marks them in {name} #{}", History::number(tip)));
    }

    /// What must hold once all boards agree: what was said and is not over is there, and every
    /// reader that it means has been shown it, whatever was dropped, copied or wiped.
    pub fn check_mail(&self) {
        let ids = self.sessions.clone();
        let count = self.peers.borrow().len();
        for who in 0..count {
            ids.iter().for_each(|id| self.look(who, id, false));
        }
        let peers = self.peers.borrow();
        let there = &self.remote.borrow().refs;
        let all: BTreeSet<MessageId> = { there.values() }
            .flat_map(|tip| self.history.get(*tip).mail.sent.clone())
            .map(|message| message.id())
            .collect();
        for (who, peer) in peers.iter().enumerate() {
            let now = self.now_of(who);
            for (id, said) in &peer.said {
                let lost = said.iter().find(|one| !all.contains(*one));
                let is_over = |one: &MessageId| self.history.is_message_over(one, now);
                let lost = lost.filter(|one| !is_over(one));
                self.must(lost.is_none(), || {
                    format!("{id} of {who} said {lost:?}, which is nowhere")
                });
            }
            let post = post_of(&self.history, peer.view(&self.history).values());
            for id in &ids {
                let letters = post.letters(&reader(id, peer.node), Some(peer.node), now);
                // A copy of the clone reads in the name of the same session, while it has its id.
                let shown = |letter: &&Letter<'_>| {
                    let mark = (id.clone(), letter.sent.message.id());
                    let by_name = (peer.node, mark.clone());
                    let mut all = peers.iter();
                    peer.shown.contains(&mark) || all.any(|one| one.shown_as.contains(&by_name))
                };
                let missed = letters.iter().find(|letter| !shown(letter));
                let missed = missed.map(|letter| letter.sent.message.id());
                self.must(missed.is_none(), || {
                    format!("{id} of {who} was never shown {missed:?}")
                });
            }
        }
    }
}

impl Peer {
    /// The refs of this clone were replaced: what stands in them is what its sessions read.
    pub fn forget_mail(&mut self, history: &History) {
        self.said.clear();
        self.caught_up.clear();
        for tip in self.local.values() {
            let commit = history.get(*tip);
            let who = &commit.session.who;
            let node = who.node;
            if node == self.node || self.former.contains(&node) {
                let marks = commit.mail.marks.read.iter();
                let shown = marks.map(|mark| (who.id.clone(), mark.id.clone()));
                self.shown.extend(shown);
            }
        }
    }
}
