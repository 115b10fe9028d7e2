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
    /// Locks that a killed fetch left on tracking refs are never cleared.
    LeavesLocks,
    /// Where a fetch could not move a tracking ref, what it shows counts as known.
    ForgetsWhatWasLocked,
    /// A copy of another clone's session that a user fetched over counts as what the remote has.
    StraysAreKnown,
    /// Objects that Git pruned are never put back.
    PutsNothingBack,
    /// An object that Git pruned is not read under its second name.
    ReadsNoSecondNames,
    /// What is pushed to another place than is fetched counts as confirmed.
    ConfirmsBlindly,
    /// What is pushed to another place than is fetched counts as seen by others.
    ReadsBlindly,
    /// What was fetched elsewhere counts after the URL of the remote was changed.
    KnowsAnotherPlace,
    /// Where this clone has no ref, whatever the remote has under its name counts as its own.
    TakesOverWhatIsThere,
    /// Where the remote has a state that goes on from that of this clone, it goes on from it.
    GoesOnFromADescendant,
    /// Where the remote has a state that goes on from that of this clone, it is overwritten.
    DescendantsAreOurs,
    /// A fold does not look at the remote, and removes what is there, whatever it is by now.
    FoldsBlindly,
    /// What a remote once had and does not have any more is given up, also if it is in force.
    GivesUpWhatVanished,
    /// What is over and was removed at the remote is pushed again.
    BringsBackWhatIsOver,
    /// Refs go before their histories are archived.
    ArchivesLast,
    /// A session that is over is folded although the remote lacks its last states.
    FoldsWhatIsAhead,
    /// A session that is over goes here before it goes at the remote.
    DropsHereFirst,
    /// A reader remembers when the last message that it was shown was sent, and no ids.
    MarksByTime,
    /// A reader that had nothing unread reads nothing of what changed since.
    ReadsNothingNew,
}

/// What a world is like in which a broken rule shows; few worlds are so by chance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Climate {
    Any,
    /// The remote moves refs forward only, and no clone may take a new name.
    ForwardOnly,
    /// Users fetch over their own refs, and killed fetches leave locks.
    Strays,
}

/// How clones behave in one world.
#[derive(Clone, Copy)]
pub struct Rules {
    pub broken: &'static [Broken],
    pub climate: Climate,
}

impl Rules {
    pub fn broken(self, which: Broken) -> bool {
        self.broken.contains(&which)
    }
}
