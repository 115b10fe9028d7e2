//! What a tool changes, and what stands against that.
//!
//! Owns [`Found`], and whether a change is objected to and stopped. Never reads the board, never
//! answers a harness.

use crate::app::hooks::agent::unseen::Unseen;
use crate::app::hooks::coverage::Mutation;
use crate::config::Enforce;
use crate::integrations::harness::{
    ChangeKind, Subject, doubt, objection, there, unread_objection,
};
use crate::model::holding::Holding;
use crate::model::id::LABEL_BYTES_MAX;
use crate::model::knowledge::Knowledge;
use crate::model::resource::Resource;
use crate::model::text::quote_name;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// At most this many claims that a command may meet are told.
const MAY_MEET_MAX: usize = 3;

/// What a tool changes.
pub(super) struct Found {
    pub(super) what: ChangeKind,
    /// What the settings of the repository ask for.
    pub(super) enforce: Enforce,
    pub(super) now: Timestamp,
    pub(super) all: Vec<Mutation>,
    /// What is known of other clones; asked only for what changes something.
    pub(super) known: Knowledge,
    /// Records that could not be read; asked only for what changes something.
    pub(super) unreadable: Vec<Unreadable>,
    /// Whether the repository belongs to another user, and is not read.
    pub(super) is_closed: bool,
    /// What it changes in other repositories, with their folders.
    pub(super) elsewhere: Vec<(String, Found)>,
    /// Programs of which the rules cannot tell what they change, for the audit.
    pub(super) unseen: Vec<Unseen>,
}

impl Found {
    pub(super) fn nothing(enforce: Enforce, now: Timestamp) -> Self {
        Self {
            what: ChangeKind::Command,
            enforce,
            now,
            all: Vec::new(),
            known: Knowledge::Whole,
            unreadable: Vec::new(),
            is_closed: false,
            elsewhere: Vec::new(),
            unseen: Vec::new(),
        }
    }

    /// Returns true if there was no time to read all of what could stand against it.
    fn is_partly_read(&self) -> bool {
        self.unreadable.iter().any(Unreadable::is_left_out)
    }
}

/// Returns true if a claim of another session stops the tool.
pub(super) fn is_held_by_others(found: &Found) -> bool {
    found.all.iter().any(|one| !one.first.is_empty())
}

/// Returns the objection to a tool, and what becomes of it: `Ask` or `Deny` if it is serious. In
/// other repositories the stricter counts of their settings and of those of where the agent
/// stands, `at_least`.
pub(super) fn weigh(found: &Found, at_least: Enforce, is_over: bool) -> Option<(String, Enforce)> {
    let enforce = found.enforce.max(at_least);
    let mut text = String::new();
    let mut fate = Enforce::Warn;
    if enforce != Enforce::Off
        && let Some((words, is_serious)) = weigh_here(found, enforce, is_over)
    {
        text.push_str(&words);
        if is_serious {
            fate = enforce;
        }
    }
    for (dir, found) in &found.elsewhere {
        if let Some((words, its_fate)) = weigh(found, enforce, is_over) {
            text.push_str(&there(dir, &words));
            fate = fate.max(its_fate);
        }
    }
    (!text.is_empty()).then_some((text, fate))
}

/// Returns the objection to what a tool changes in one repository, and whether it is serious.
fn weigh_here(found: &Found, enforce: Enforce, is_over: bool) -> Option<(String, bool)> {
    let about = Subject {
        what: found.what,
        now: found.now,
        is_over,
    };
    let (doubted, known): (Vec<&Mutation>, Vec<&Mutation>) =
        found.all.iter().partition(|one| one.doubt.is_some());
    let (mut text, mut is_serious) = against(about, &known).unwrap_or_default();
    // With claims, a warning that names nothing would only be noise, unless another session claims
    // what may be changed.
    let is_quiet = |one: &&Mutation| {
        let is_empty = one.covered && one.may_meet.is_empty();
        enforce == Enforce::Warn && (is_empty || one.is_quiet)
    };
    let doubted = doubted.into_iter().filter(|one| !is_quiet(one));
    let doubted: Vec<&Mutation> = doubted.collect();
    if !doubted.is_empty() {
        let mut reasons: Vec<String> = doubted.iter().filter_map(|one| one.doubt.clone()).collect();
        let mut may_meet: Vec<&Resource> = Vec::new();
        for held in doubted.iter().flat_map(|one| &one.may_meet) {
            if !may_meet.contains(&&held.resource) && may_meet.len() < MAY_MEET_MAX {
                may_meet.push(&held.resource);
            }
        }
        let claimed = may_meet
            .iter()
            .map(|one| quote_name(one.label(), LABEL_BYTES_MAX))
            .map(|label| format!("another session claims {label}"));
        reasons.splice(0..0, claimed);
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        let may_go_on = doubted.iter().all(|one| one.covered);
        text.push_str(&doubt(about, &reasons, may_go_on));
        is_serious |= !may_go_on;
    }
    if !is_over && enforce != Enforce::Warn && found.is_partly_read() {
        text.push_str(&unread_objection(about));
        is_serious = true;
    }
    (!text.is_empty()).then_some((text, is_serious))
}

/// Returns what becomes free when the tool is no longer stopped: what it changes, as far as that is
/// held itself, or else what is held.
pub(super) fn stopped_by(one: &Mutation) -> Vec<Resource> {
    let is_held = |resource: &&Resource| one.first.iter().any(|h| h.resource.overlaps(resource));
    let changed: Vec<Resource> = one.resources.iter().filter(is_held).cloned().collect();
    match changed.is_empty() {
        true => one.first.iter().map(|held| held.resource.clone()).collect(),
        false => changed,
    }
}

/// Returns the objection to what is certainly changed.
fn against(about: Subject, known: &[&Mutation]) -> Option<(String, bool)> {
    let objections = known.iter().copied();
    let objections: Vec<&Mutation> = objections
        .filter(|one| !one.covered && !one.is_quiet || !one.others.is_empty())
        .collect();
    if objections.is_empty() {
        return None;
    }
    let is_serious = objections
        .iter()
        .any(|one| !one.covered || !one.first.is_empty());
    let mut others: Vec<&Holding> = Vec::new();
    for held in objections.iter().flat_map(|one| &one.others) {
        if !others.contains(&held) {
            others.push(held);
        }
    }
    let mut unclaimed: Vec<&Resource> = Vec::new();
    for resource in objections.iter().flat_map(|one| &one.unclaimed) {
        if !unclaimed.contains(&resource) {
            unclaimed.push(resource);
        }
    }
    let comes_first = objections
        .iter()
        .all(|one| one.covered && one.first.is_empty());
    let is_unnamed = objections
        .iter()
        .any(|one| !one.covered && one.unclaimed.is_empty());
    Some((
        objection(about, &others, &unclaimed, (comes_first, is_unnamed)),
        is_serious,
    ))
}
