//! The remote of a run: what goes wrong at it, and what it did, transaction by transaction.
//!
//! Owns the hooks of the bare repository, and the reading of every state that a cell ever had
//! there. Git asks a `reference-transaction` hook while the refs are locked, so what it writes
//! down about one ref is in the order in which that ref moved. Never judges what it reads.

use std::collections::BTreeMap;

use git_presence::host::Host;
use git_presence::ledger::repository::{Repository, Surroundings};
use git_presence::ledger::{Durability, Ledger, PreparedWrite, Tip};
use git_presence::model::event::EventKind;
use git_presence::model::resource::Resource;
use git_presence::model::token::Token;

use super::chance::Chance;
use super::check::cell_of;
use super::history::{Change, Held, Landed, Offer, State, Transaction};
use super::workload::RESOURCES;
use crate::world::{World, open_to_all};

/// Below the bare repository.
const LOG: &str = "transactions";
/// What happens to one push after the other, once round.
const FAULTS: u64 = 64;
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// Ends the server process that called the hook.
const HANGS_UP: &str = "kill -9 $PPID";

pub struct Hub {
    repository: World,
}

impl Hub {
    /// Watching a bare repository in which nothing was decided so far.
    pub fn watch(repository: &World) -> Self {
        let hub = Self {
            repository: repository.clone(),
        };
        repository.write(LOG, "");
        hub.writes_down("");
        hub
    }

    /// Pushes are slow, or cut off before or after they took effect, as chance has it.
    pub fn breaks(&self, chance: &Chance) {
        let before = ["", "", "", "", "", "sleep 0.2", "sleep 0.5", HANGS_UP];
        let faults = self.faults("pre-receive", &before, chance);
        self.hook("pre-receive", &faults);
        // The refs have moved, and the client was not told so yet.
        let unsaid = ["", "", "", "", "", "sleep 0.4", HANGS_UP];
        self.writes_down(&self.faults("committed", &unsaid, chance));
        // It was told, and the connection ends before its time.
        let after = ["", "", "", "", "", HANGS_UP];
        let faults = self.faults("post-receive", &after, chance);
        self.hook("post-receive", &faults);
    }

    /// Write down each move of refs while they are locked; this is done after they have moved.
    fn writes_down(&self, then: &str) {
        let log = self.repository.dir().join(LOG);
        self.hook(
            "reference-transaction",
            &format!(
                "moved=$(cat)\ncase $1 in\n\
                 prepared) printf 'begin\\n%s\\n' \"$moved\" >>'{}'; exit 0 ;;\n\
                 committed) ;;\n*) exit 0 ;;\nesac\n{then}",
                log.display()
            ),
        );
    }

    /// Lines of a hook that do one of these, whichever is the next in a list that goes round.
    fn faults(&self, name: &str, all: &[&str], chance: &Chance) -> String {
        let counted = self.repository.dir().join(format!("counted-{name}"));
        let mut cases = String::new();
        for n in 0..FAULTS {
            let what = chance.pick(all);
            if !what.is_empty() {
                cases.push_str(&format!("{n}) {what};;\n"));
            }
        }
        let counted = counted.display();
        format!(
            "echo >>'{counted}'\n\
             case $(($(wc -l <'{counted}') % {FAULTS})) in\n{cases}esac\nexit 0"
        )
    }

    pub fn hook(&self, name: &str, script: &str) {
        let path = self.repository.dir().join("hooks").join(name);
        self.repository
            .write(&path, format!("#!/bin/sh\n{script}\n"));
        open_to_all(&path, 0o755);
    }

    /// What happened here, in the cells of these resources and to branches.
    pub fn landed(&self, resources: &[&str]) -> Landed {
        let reader = Reader::beside(&self.repository);
        let mut landed = Landed::default();
        let by_cell: BTreeMap<String, &str> = resources
            .iter()
            .map(|resource| (cell_of(resource), *resource))
            .collect();
        let text = self.repository.read(LOG);
        for moved in text.split("begin\n").skip(1) {
            let mut transaction = Transaction::default();
            for line in moved.lines() {
                let [from, to, name] = line.split(' ').collect::<Vec<_>>()[..] else {
                    panic!("not a move: {line}");
                };
                if let Some(resource) = by_cell.get(name) {
                    transaction.changes.push(Change {
                        cell: name.to_owned(),
                        from: if from == ZEROS { "" } else { from }.to_owned(),
                        to: to.to_owned(),
                        state: reader.state(resource, to),
                    });
                } else if let Some(branch) = name.strip_prefix("refs/heads/") {
                    transaction.branches.push(branch.to_owned());
                }
            }
            landed.transactions.push(transaction);
        }
        for (cell, resource) in by_cell {
            let tip = self.repository.try_git(&format!("rev-list {cell}"));
            let commits = tip.lines();
            let states = commits.iter().map(|commit| reader.state(resource, commit));
            landed.kept.insert(cell, states.collect());
        }
        landed
    }
}

/// Another repository with the objects of the hub, in which cells are moved to whatever state is
/// to be read: the readers of the program do the rest.
struct Reader {
    ledger: Ledger,
}

impl Reader {
    fn beside(hub: &World) -> Self {
        let place = hub.at("reader.git");
        place.sh("rm -rf ./*").done();
        place.git("init --quiet --bare");
        let objects = hub.dir().join("objects");
        place.write(
            "objects/info/alternates",
            format!("{}\n", objects.display()),
        );
        Self {
            ledger: open(&place),
        }
    }

    fn state(&self, resource: &str, commit: &str) -> State {
        let resource = Resource::parse(resource).expect("a resource");
        let before = self.ledger.locks().get(&resource).expect("a cell");
        let next = PreparedWrite {
            name: before.name.clone(),
            expected: before.tip,
            to: Tip::from_hex(commit.as_bytes()).expect("a commit"),
        };
        if before.tip != Some(next.to) {
            self.ledger.locks().swap(&Host, &next).expect("it is moved");
        }
        let read = self.ledger.locks().get(&resource).expect("a cell");
        let last = read.last_event().expect("what happened");
        let token = last.0.kind.details().token.map(Token::number);
        State {
            floor: read.cell.high_water.number(),
            locks: read
                .cell
                .locks
                .iter()
                .map(|lock| Held {
                    resource: lock.resource.label().to_owned(),
                    token: lock.token.number(),
                    session: lock.holder.id.to_string(),
                })
                .collect(),
            overridden: token.filter(|_| matches!(last.0.kind, EventKind::Overridden { .. })),
            offers: { read.cell.offers.iter() }
                .map(|offered| Offer {
                    resource: offered.resource.label().to_owned(),
                    to: offered.to.to_string(),
                    until: offered.until.as_millis(),
                })
                .collect(),
            handoffs: { RESOURCES.iter() }
                .filter_map(|label| {
                    let resource = Resource::parse(label).expect("a resource");
                    let handoff = read.cell.handoff_of(&resource)?;
                    Some((label.to_string(), handoff.said.status.as_str().to_owned()))
                })
                .collect(),
        }
    }
}

/// A ledger in this process.
pub fn open(place: &World) -> Ledger {
    let repository = Repository::open(place.dir(), &Surroundings::default());
    let durability = Durability {
        fsync: false,
        quarantined: false,
    };
    Ledger::new(&repository.expect("a repository"), durability)
}
