//! The supervisor by tables, and by a simulator that crashes between any two effects.

mod barred;
mod simulator;
mod tables;

use super::*;
use crate::model::actor::Actor;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

fn session(name: &str) -> SessionId {
    Actor::example(name, 1).id
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn id(n: usize) -> TaskId {
    TaskId::parse(&format!("task{n:04}")).unwrap()
}

fn outcome(verdict: Verdict, failure: &str) -> Outcome {
    Outcome {
        verdict,
        said: Text::parse(failure).ok(),
        failure: (verdict == Verdict::Failed).then(|| failure.to_owned()),
    }
}
