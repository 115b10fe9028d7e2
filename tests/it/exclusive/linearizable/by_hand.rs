//! A history written down by hand, in a few words a line.
//!
//! Owns the words: who did what, what the remote had after each step, and a short name for each
//! thing that the checker finds. Never runs the program.

use super::TERMS;
use super::check::{Violation, cell_of, check};
use super::history::{
    Change, Held, Kind, Landed, Offer, Operation, Outcome, State, Transaction, Who,
};
use super::workload::operation;

pub const X: &str = "infra:x";
pub const SRC: &str = "path:src/**";
pub const FILE: &str = "path:src/a.rs";

pub fn who(name: &str) -> Who {
    let (session, clone) = name.split_at(1);
    Who {
        clone: clone.parse().expect("a number"),
        session: session.to_owned(),
    }
}

pub fn op(
    name: &str,
    kind: Kind,
    resource: &str,
    (begin, end): (i64, i64),
    out: Outcome,
) -> Operation {
    operation(&who(name), kind, resource, (begin, out, end))
}

pub fn claim(name: &str, resource: &str, at: (i64, i64), token: u64) -> Operation {
    op(name, Kind::Claim, resource, at, Outcome::Granted(token))
}

pub fn fence(name: &str, remote: bool, at: (i64, i64), token: u64) -> Operation {
    let kind = Kind::Fence { remote };
    op(name, kind, X, at, Outcome::Granted(token))
}

pub fn push(name: &str, branch: &str, at: (i64, i64), outcome: Outcome) -> Operation {
    let branch = branch.to_owned();
    op(name, Kind::Push { branch }, X, at, outcome)
}

pub fn release(name: &str, at: (i64, i64), outcome: Outcome) -> Operation {
    op(name, Kind::Release, X, at, outcome)
}

/// A remote, told step by step.
#[derive(Default)]
pub struct Remote {
    pub landed: Landed,
    moves: usize,
}

impl Remote {
    /// These locks are in force now: session, resource, token.
    pub fn has(&mut self, cell: &str, floor: u64, locks: &[(&str, &str, u64)]) -> &mut Self {
        let locks = locks.iter().map(|(session, resource, token)| Held {
            resource: (*resource).to_owned(),
            token: *token,
            session: (*session).to_owned(),
        });
        let state = State {
            floor,
            locks: locks.collect(),
            ..State::default()
        };
        let cell = cell_of(cell);
        let from = self.tip(&cell);
        self.moves += 1;
        let change = Change {
            from,
            to: self.moves.to_string(),
            state: state.clone(),
            cell: cell.clone(),
        };
        self.landed.kept.entry(cell).or_default().push(state);
        self.landed.transactions.push(Transaction {
            changes: vec![change],
            branches: Vec::new(),
        });
        self
    }

    fn tip(&self, cell: &str) -> String {
        let changes = self.landed.transactions.iter().flat_map(|t| &t.changes);
        let mut of_it = changes.filter(|change| change.cell == cell);
        let last = of_it.next_back();
        last.map(|change| change.to.clone()).unwrap_or_default()
    }

    pub fn last(&mut self) -> &mut Transaction {
        self.landed.transactions.last_mut().expect("a transaction")
    }

    /// The last of it took this token from its holder.
    pub fn taken(&mut self, token: u64) -> &mut Self {
        self.last().changes[0].state.overridden = Some(token);
        self
    }

    /// The last of it is offered to this session.
    pub fn offered(&mut self, resource: &str, to: &str, until: i64) -> &mut Self {
        let offer = Offer {
            resource: resource.to_owned(),
            to: to.to_owned(),
            until,
        };
        self.last().changes[0].state.offers.push(offer);
        self
    }

    /// In the last of it this was left for the next holder.
    pub fn left(&mut self, resource: &str, status: &str) -> &mut Self {
        let state = &mut self.last().changes[0].state;
        state
            .handoffs
            .insert(resource.to_owned(), status.to_owned());
        self
    }

    /// Code landed along with the last of it, or by itself.
    pub fn code(&mut self, branch: &str, is_alone: bool) -> &mut Self {
        if is_alone {
            self.landed.transactions.push(Transaction::default());
        }
        self.last().branches.push(branch.to_owned());
        self
    }
}

pub fn remote() -> Remote {
    Remote::default()
}

/// The short name of what is found.
pub fn name(violation: &Violation) -> &'static str {
    match violation {
        Violation::TwoHolders(..) => "two holders",
        Violation::TokenDidNotGrow { .. } => "token did not grow",
        Violation::TokenGivenOutAgain { .. } => "token given out again",
        Violation::NotSwapped { .. } => "not swapped",
        Violation::GrantIsMissing { .. } => "grant is missing",
        Violation::StalePushLanded { .. } => "stale push landed",
        Violation::PushWasMisjudged { .. } => "push misjudged",
        Violation::FencedAfterOverride { .. } => "fenced after override",
        Violation::GrantedToAnother { .. } => "granted to another",
        Violation::HandoffIsLost { .. } => "handoff is lost",
    }
}

/// Short names of what is found.
pub fn found(operations: &[Operation], remote: &Remote) -> Vec<&'static str> {
    check(operations, &remote.landed, &TERMS)
        .iter()
        .map(name)
        .collect()
}
