//! One clone of a simulated world.
//!
//! Owns what a clone keeps (its names, its refs, its copies of the remote's) and does with it what
//! `ledger/sessions.rs`, `tracking.rs` and `renaming.rs` do, without files. Never talks to a
//! remote.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::folding::is_own_over;
use super::history::{Commit, History};
use super::knowledge::Known;
use super::mail::Mail;
use super::remote::Place;
use super::rules::{Broken, Rules};
use crate::ledger::{Ahead, Tip, Tips};
use crate::model::actor::Actor;
use crate::model::event::EventKind;
use crate::model::id::{NodeId, SessionId};
use crate::model::message::MessageId;
use crate::model::message::digest::CaughtUp;
use crate::model::session::{Session, Step};
use crate::model::time::Timestamp;

/// How far a clock may be off.
pub const SKEW_MILLIS_MAX: i64 = 10 * 60 * 1000;

#[derive(Clone)]
pub struct Peer {
    pub node: NodeId,
    pub former: Vec<NodeId>,
    pub local: Tips,
    pub tracked: Tips,
    pub keeps_every_beat: bool,
    pub skew_millis: i64,
    /// The network is gone.
    pub is_cut_off: bool,
    pub is_syncing: bool,
    /// What the people here were told that they have.
    pub told: BTreeMap<SessionId, Session>,
    /// The refs that were written since this clone is one of its own.
    pub wrote: BTreeSet<String>,
    /// The state of each ref that was last pushed, or tried to be (`Ledger::note_sent`).
    pub sent: Tips,
    /// Tracking refs with a lock that a killed fetch left behind.
    pub locked: BTreeSet<String>,
    /// States whose objects Git pruned here: only their second names are left.
    pub pruned: BTreeSet<Tip>,
    /// The last state of each session whose history is in an archive here.
    pub archived: BTreeSet<Tip>,
    pub fetches_at: Place,
    pub pushes_to: Place,
    pub known: Known,
    /// The messages that the people here were told that they sent.
    pub said: BTreeMap<SessionId, BTreeSet<MessageId>>,
    /// What each session here was shown, and what it marked.
    pub shown: BTreeSet<(SessionId, MessageId)>,
    /// The same of what this clone showed itself, with the id that it had then.
    pub shown_as: BTreeSet<(NodeId, (SessionId, MessageId))>,
    pub marked: BTreeSet<(SessionId, MessageId)>,
    /// The latest message that was shown to each: what a mark by time would be.
    pub upto: BTreeMap<SessionId, Timestamp>,
    pub caught_up: BTreeMap<SessionId, CaughtUp>,
}

pub fn ref_name(session: &SessionId, node: NodeId) -> String {
    let node = node.to_string();
    format!("{session}@{}", node.trim_start_matches('0'))
}

pub fn actor(session: &SessionId, node: NodeId) -> Actor {
    Actor {
        id: session.clone(),
        node,
        agent: None,
        user: String::new(),
        host: String::new(),
        process: None,
        worktree: None,
        branch: None,
    }
}

/// A session as a clone finds it.
pub struct Found {
    pub tip: Tip,
    pub commit: Rc<Commit>,
    /// Where it stands, if it stands here and not on the remote alone.
    pub at: Option<String>,
}

impl Peer {
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            former: Vec::new(),
            local: Tips::new(),
            tracked: Tips::new(),
            keeps_every_beat: false,
            skew_millis: 0,
            is_cut_off: false,
            is_syncing: false,
            told: BTreeMap::new(),
            wrote: BTreeSet::new(),
            sent: Tips::new(),
            locked: BTreeSet::new(),
            pruned: BTreeSet::new(),
            archived: BTreeSet::new(),
            fetches_at: Place::Hub,
            pushes_to: Place::Hub,
            known: Known::default(),
            said: BTreeMap::new(),
            shown: BTreeSet::new(),
            shown_as: BTreeSet::new(),
            marked: BTreeSet::new(),
            upto: BTreeMap::new(),
            caught_up: BTreeMap::new(),
        }
    }

    /// `Endpoints::shows_what_is_pushed`, the other way round.
    pub fn is_blind(&self) -> bool {
        self.fetches_at != self.pushes_to
    }

    /// Whether it has the objects of a state.
    pub fn has(&self, history: &History, tip: Tip) -> bool {
        let mut all = self.local.values().chain(self.tracked.values());
        all.any(|here| history.is_forward(tip, *here))
    }

    /// `Ledger::own_stored`.
    pub fn own_stored(
        &self,
        history: &History,
        rules: Rules,
        session: &SessionId,
        node: NodeId,
    ) -> Option<Found> {
        let name = ref_name(session, node);
        let found = |tip: Tip, at: Option<String>| Found {
            tip,
            commit: history.get(tip),
            at,
        };
        if let Some(tip) = self.local.get(&name) {
            let is_lost = self.pruned.contains(tip) && rules.broken(Broken::ReadsNoSecondNames);
            return (!is_lost).then(|| found(*tip, Some(name)));
        }
        let names = self.former.iter().map(|node| ref_name(session, *node));
        let mut here = names.filter_map(|name| Some((*self.local.get(&name)?, name)));
        if !rules.broken(Broken::ForgetsWhatItHas)
            && let Some((tip, name)) = here.next()
        {
            return Some(found(tip, Some(name)));
        }
        let there = *self.tracked.get(&name)?;
        let is_own = self.sent.get(&name) == Some(&there);
        (is_own || rules.broken(Broken::TakesOverWhatIsThere)).then(|| found(there, None))
    }

    /// `Ledger::write`.
    pub fn write(
        &mut self,
        history: &History,
        before: Option<&Found>,
        step: Step,
        mail: Option<Mail>,
    ) -> (String, Tip) {
        let is_beat = step.event.kind == EventKind::Heartbeat;
        let parents = before.map_or_else(Vec::new, |before| {
            let is_in_time = step.session.seen_at >= before.commit.session.seen_at;
            match is_beat && before.commit.is_beat && is_in_time && !self.keeps_every_beat {
                true => before.commit.parents.clone(),
                false => vec![before.tip],
            }
        });
        let name = ref_name(&step.session.who.id, step.session.who.node);
        let tip = history.add(Commit {
            parents,
            is_beat,
            session: step.session,
            made_from: before.iter().map(|before| before.tip).collect(),
            mail: mail.unwrap_or_else(|| Mail::beside(before)),
            is_forged: false,
        });
        self.local.insert(name.clone(), tip);
        self.wrote.insert(name.clone());
        (name, tip)
    }

    /// A fetch brought what the remote has, but moved no tracking ref that is `stuck` or locked.
    pub fn see(&mut self, there: &Tips, prune: bool, stuck: &BTreeSet<String>) -> Tips {
        let is_stuck = |name: &String| stuck.contains(name) || self.locked.contains(name);
        let is_gone = |name: &String| prune && !there.contains_key(name);
        let known = &mut self.known;
        self.tracked.retain(|name, _| {
            let goes = is_gone(name) && !is_stuck(name);
            if goes {
                known.shown.remove(name);
            }
            !goes
        });
        for (name, tip) in there.iter().filter(|(name, _)| !is_stuck(name)) {
            self.tracked.insert(name.clone(), *tip);
            known.shown.insert(name.clone(), *tip);
        }
        self.tracked.clone()
    }

    /// `Ledger::ahead_of`.
    pub fn ahead_of(
        &self,
        (history, rules): (&History, Rules),
        local: &Tips,
        tracked: &Tips,
        now: Timestamp,
    ) -> Vec<Ahead> {
        let mut all = Vec::new();
        let is_over = |name: &String, tip: &Tip| {
            let vanished = self.sent.contains_key(name) && !tracked.contains_key(name);
            let commit = history.get(*tip);
            let is_over = is_own_over(&commit.session, now) && !commit.mail.has_live(now);
            is_over && !rules.broken(Broken::BringsBackWhatIsOver)
                || vanished && rules.broken(Broken::GivesUpWhatVanished)
        };
        for (name, tip) in local {
            let there = tracked.get(name).copied();
            if there != Some(*tip) && history.get(*tip).session.who.node == self.node {
                all.push(Ahead {
                    name: name.clone(),
                    local: *tip,
                    tracked: there,
                    is_over: is_over(name, tip),
                });
            }
        }
        all
    }

    /// `Ledger::read_place`, for each of them: what this clone shows.
    pub fn view(&self, history: &History) -> Tips {
        let mut view = self.tracked.clone();
        for (name, local) in &self.local {
            let session = &history.get(*local).session;
            let is_older = |there: &Tip| history.get(*there).session.seen_at < session.seen_at;
            let counts = match view.get(name) {
                None => true,
                Some(there) => session.who.node == self.node || is_older(there),
            };
            if counts {
                view.insert(name.clone(), *local);
            }
        }
        view
    }

    /// `Ledger::reidentify`.
    pub fn take_new_node(&mut self, node: NodeId) {
        self.former.insert(0, self.node);
        self.node = node;
    }

    /// What stands here under a former name.
    pub fn unsettled(&self, history: &History) -> Vec<(String, Tip)> {
        let is_former = |tip: &Tip| self.former.contains(&history.get(*tip).session.who.node);
        let all = self.local.iter().filter(|(_, tip)| is_former(tip));
        all.map(|(name, tip)| (name.clone(), *tip)).collect()
    }

    /// The first half of `Ledger::migrate_old_sessions`: a session gets its ref under the present
    /// name. Returns whether the ref under the former one is done with.
    pub fn bring_over(
        &mut self,
        history: &History,
        rules: Rules,
        (old_name, old_tip): &(String, Tip),
        now: Timestamp,
    ) -> bool {
        let old = history.get(*old_tip);
        let id = &old.session.who.id;
        let name = ref_name(id, self.node);
        let has_all = |there: Option<&Tip>| {
            there.is_some_and(|there| history.descends_from(rules, *there, *old_tip))
        };
        let is_there = has_all(self.tracked.get(old_name));
        if rules.broken(Broken::DropsUnpushed) || is_there && rules.broken(Broken::DropsWhatIsThere)
        {
            return true;
        }
        if has_all(self.local.get(&name)) && !rules.broken(Broken::BringsOverTwice) {
            return true;
        }
        if is_there && !old.session.is_live(now) {
            return true;
        }
        let here = self.local.get(&name).copied();
        if here.is_some() && !rules.broken(Broken::BringsOverTwice) {
            return false;
        }
        let session = Session {
            who: actor(id, self.node),
            ..old.session.clone()
        };
        let made_from = here.into_iter().chain([*old_tip]).collect();
        let state = (session, old.mail.clone());
        self.put(history, name, here.unwrap_or(*old_tip), state, made_from);
        true
    }

    fn put(
        &mut self,
        history: &History,
        name: String,
        parent: Tip,
        (session, mail): (Session, Mail),
        made_from: Vec<Tip>,
    ) {
        let tip = history.add(Commit {
            parents: vec![parent],
            is_beat: false,
            session,
            made_from,
            mail,
            is_forged: false,
        });
        self.wrote.insert(name.clone());
        self.local.insert(name, tip);
    }

    /// The second half of `Ledger::migrate_old_sessions`: the ref under the former name goes.
    /// A session that
    /// expired was not brought over, and is told that there is nothing.
    pub fn drop_former(&mut self, history: &History, (name, tip): &(String, Tip), now: Timestamp) {
        if self.local.get(name) != Some(tip) {
            return;
        }
        self.local.remove(name);
        let old = &history.get(*tip).session;
        if !old.is_live(now) && !self.local.contains_key(&ref_name(&old.who.id, self.node)) {
            self.told.remove(&old.who.id);
            self.said.remove(&old.who.id);
        }
    }

    /// `Ledger::reparent_onto`, once it is known that every beat has to be kept.
    pub fn reparent_onto(&mut self, history: &History, rules: Rules, ahead: &Ahead, found: Tip) {
        if self.local.get(&ahead.name) != Some(&ahead.local) {
            return;
        }
        let old = history.get(ahead.local);
        let tip = history.add(Commit {
            parents: match rules.broken(Broken::ForgetsWhatItPutOnTop) {
                true => vec![found],
                false => vec![ahead.local, found],
            },
            is_beat: old.is_beat,
            session: old.session.clone(),
            made_from: vec![ahead.local],
            mail: old.mail.clone(),
            is_forged: false,
        });
        self.local.insert(ahead.name.clone(), tip);
    }
}
