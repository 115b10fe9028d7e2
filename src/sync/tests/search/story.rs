//! How a search tells what it found.
//!
//! Owns the words for steps, and the names that sessions keep through a story although the search
//! sorts them anew after each step. Never searches.

use std::fmt::Write as _;

use super::explore::{ORDERLY, Order, Violation};
use super::state::{Attempt, Kind, Phase, RESOURCES, State};
use super::steps::{Step, World, name};

impl World {
    /// The steps that lead there, with the names that the sessions had in the beginning.
    pub fn tell(&mut self, way: &[State], last: Step, wrong: String) -> Violation {
        let mut names = ORDERLY;
        let mut story = String::new();
        for n in ORDERLY.into_iter().take(self.scope.sessions) {
            let ahead = way[0].sessions[n].ahead;
            if ahead > 0 {
                let _ = writeln!(story, "the clock of {} is {ahead} ticks ahead", letter(n));
            }
        }
        let mut steps = Vec::new();
        for pair in way.windows(2) {
            let leads_there = |world: &mut Self, step: Step| match world.take(&pair[0], step)? {
                Ok(next) => Some(world.in_order(&next)).filter(|(next, _)| *next == pair[1]),
                Err(_) => None,
            };
            let mut found = None;
            for step in self.steps(&pair[0]) {
                if let Some((_, order)) = leads_there(self, step) {
                    found = Some((step, order));
                    break;
                }
            }
            let (step, order) = found.unwrap();
            let told = told(&pair[0], step, names);
            let _ = writeln!(story, "{:>2}. {told}", steps.len() + 1);
            steps.push(step);
            names = order.map(|from| names[from]);
        }
        let state = way[way.len() - 1];
        let _ = writeln!(
            story,
            "{:>2}. {}",
            steps.len() + 1,
            told(&state, last, names)
        );
        steps.push(last);
        let _ = writeln!(story, "    {wrong}");
        Violation {
            wrong,
            steps,
            story,
        }
    }
}

fn letter(n: usize) -> &'static str {
    ["A", "B", "C"][n]
}

fn told(state: &State, step: Step, names: Order) -> String {
    let who = |who: u8| letter(names[usize::from(who)]);
    let sent = |who: u8, slot: u8| {
        let attempt = state.sessions[usize::from(who)].attempts[usize::from(slot)];
        worded(&attempt)
    };
    match step {
        Step::Tick => "a tick passes".to_owned(),
        Step::Look(n) => format!("{} looks", who(n)),
        Step::Ask {
            who: n,
            kind,
            about,
        } => {
            let asked = Attempt {
                kind,
                about,
                ..Attempt::default()
            };
            format!(
                "{} looks, decides, and sends its {}",
                who(n),
                worded(&asked)
            )
        }
        Step::Arrive { who: n, slot } => {
            format!("{}'s {} is accepted by the arbiter", who(n), sent(n, slot))
        }
        Step::Hear { who: n, slot } => {
            format!("{} hears that its {} is in force", who(n), sent(n, slot))
        }
        Step::GiveUp { who: n, slot } => {
            let phase = state.sessions[usize::from(n)].attempts[usize::from(slot)].phase;
            let where_it_is = match phase {
                Phase::Landed => "which has landed",
                _ => "which stays in the network",
            };
            format!("{} gives up its {}, {where_it_is}", who(n), sent(n, slot))
        }
        Step::End(n) => format!("the process of {} ends", who(n)),
        Step::GoOn(n) => format!("another process goes on as {}", who(n)),
        Step::SetClock { who: n, ahead } => {
            format!("the clock of {} is set to {ahead} ticks ahead", who(n))
        }
        Step::Cut(place) => {
            let of = name(usize::from(place));
            format!("a fold cuts the history of the register of {of}")
        }
        Step::Remove(place) => {
            let of = name(usize::from(place));
            format!("a fold removes the register of {of}")
        }
    }
}

fn worded(attempt: &Attempt) -> String {
    let kind = match attempt.kind {
        Kind::Grant => "claim",
        Kind::Renew => "renewal",
        Kind::Fenced => "fenced push",
        Kind::Release => "release",
        Kind::Pass(_) => "release with an offer",
        Kind::Override => "release by force",
        Kind::Done => "end",
        Kind::Drop => "drop",
    };
    let named = (0..RESOURCES).filter(|n| attempt.about & (1 << n) != 0);
    let about: Vec<&str> = named.map(name).collect();
    match attempt.kind {
        Kind::Renew => kind.to_owned(),
        _ => format!("{kind} of {}", about.join(" and ")),
    }
}
