//! What is wrong on purpose.
//!
//! Owns the ways in which a simulated clone can be broken, so that it can be proved that each of
//! them is found out. Never breaks anything by itself.

/// A rule that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Whatever the remote has counts as ours, and is overwritten.
    AllIsOurs,
    /// Whatever the remote has counts as another clone's.
    NothingIsOurs,
    /// Pushes carry no leases.
    NoLeases,
    /// A push without an answer counts as landed.
    SilenceIsConsent,
    /// A fetch does not notice what is gone.
    NoPrune,
    /// A fetch that did not bring all refs counts as one that did.
    AnyFetchIsWhole,
    /// A push moves the tracking refs before it is answered.
    TracksTooEarly,
    /// A session under a former name is dropped without asking the remote.
    DropsUnpushed,
    /// A heartbeat counts as the successor of a later one.
    BeatsOfAnyTime,
    /// A session under a former name is dropped where the remote has it.
    DropsWhatIsThere,
    /// A state that is put on top of what the remote has does not name what it was before.
    ForgetsWhatItPutOnTop,
    /// What was brought over to the new name once is brought over again.
    BringsOverTwice,
    /// Under its new name a clone does not see what it has under a former one.
    ForgetsWhatItHas,
    /// A process goes on writing under a former name of its clone.
    WritesUnderOldName,
    /// A former name is never done with.
    NeverForgetsAName,
    /// A claim counts as confirmed when the ref that it was written to is not pending.
    AsksForTheOldRef,
}

/// How clones behave in one world.
#[derive(Clone, Copy)]
pub struct Rules(pub &'static [Broken]);

impl Rules {
    pub fn broken(self, which: Broken) -> bool {
        self.0.contains(&which)
    }
}
