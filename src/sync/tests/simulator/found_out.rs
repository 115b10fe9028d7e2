//! The simulator can fail.
//!
//! Owns the proof, a test for each rule: where it is not kept, some seed fails that does not
//! otherwise.

use super::rules::{Broken, Climate, Rules};
use super::{WHOLE, first_that, run_seed};

/// Within so many seeds; most take fewer than five hundred.
const SEEDS_MAX: u64 = 10_000;

#[track_caller]
fn found_out(broken: &'static [Broken]) {
    found_out_in(Climate::Any, broken);
}

#[track_caller]
fn found_out_in(climate: Climate, broken: &'static [Broken]) {
    let fails = |seed, broken| {
        run_seed(seed, Rules { broken, climate }, false)
            .wrong
            .is_some()
    };
    let tells = |seed| fails(seed, broken) && !fails(seed, WHOLE.broken);
    let seed = first_that(tells, SEEDS_MAX);
    assert!(seed.is_some(), "{broken:?} is never found out");
    println!("{broken:?}: seed {seed:?}");
}

#[test]
fn overwriting_what_others_wrote() {
    found_out(&[Broken::AllIsOurs]);
}

#[test]
fn taking_own_values_for_foreign() {
    found_out(&[Broken::NothingIsOurs]);
}

#[test]
fn pushing_without_leases() {
    found_out(&[Broken::NoLeases]);
}

#[test]
fn taking_silence_for_consent() {
    found_out(&[Broken::SilenceIsConsent]);
}

#[test]
fn not_noticing_what_is_gone() {
    found_out(&[Broken::NoPrune]);
}

#[test]
fn taking_for_known_what_was_not_fetched() {
    found_out(&[Broken::AnyFetchIsWhole]);
}

#[test]
fn tracking_what_was_not_answered() {
    found_out(&[Broken::TracksTooEarly]);
}

#[test]
fn dropping_what_was_never_sent() {
    found_out(&[Broken::DropsUnpushed]);
}

#[test]
fn taking_a_later_heartbeat_for_an_earlier_one() {
    found_out(&[Broken::BeatsOfAnyTime]);
}

#[test]
fn leaving_a_live_session_to_the_other_copy() {
    found_out(&[Broken::DropsWhatIsThere]);
}

#[test]
fn forgetting_what_was_put_on_top() {
    found_out_in(Climate::ForwardOnly, &[Broken::ForgetsWhatItPutOnTop]);
}

#[test]
fn bringing_back_what_was_released_meanwhile() {
    found_out(&[Broken::BringsOverTwice]);
}

#[test]
fn not_seeing_what_is_not_settled_yet() {
    found_out(&[Broken::ForgetsWhatItHas]);
}

#[test]
fn writing_under_a_former_name() {
    found_out(&[Broken::WritesUnderOldName]);
}

#[test]
fn taking_for_its_own_what_a_former_name_wrote() {
    found_out(&[Broken::NeverForgetsAName]);
}

#[test]
fn confirming_by_a_former_name() {
    found_out(&[Broken::AsksForTheOldRef]);
}

#[test]
fn leaving_locks_where_they_are() {
    found_out(&[Broken::LeavesLocks]);
}

#[test]
fn reading_as_free_what_was_locked() {
    found_out(&[Broken::ForgetsWhatWasLocked]);
}

#[test]
fn reading_as_free_what_a_stray_copy_lacks() {
    found_out_in(Climate::Strays, &[Broken::StraysAreKnown]);
}

#[test]
fn not_putting_back_what_was_pruned() {
    found_out(&[Broken::PutsNothingBack]);
}

#[test]
fn not_reading_what_was_pruned() {
    found_out(&[Broken::ReadsNoSecondNames]);
}

#[test]
fn confirming_what_went_elsewhere() {
    found_out(&[Broken::ConfirmsBlindly]);
}

#[test]
fn reading_as_free_what_went_elsewhere() {
    found_out(&[Broken::ReadsBlindly]);
}

#[test]
fn knowing_one_place_by_another() {
    found_out(&[Broken::KnowsAnotherPlace]);
}

#[test]
fn taking_over_what_a_stranger_made() {
    found_out(&[Broken::TakesOverWhatIsThere]);
}

#[test]
fn going_on_from_what_a_stranger_made() {
    found_out(&[Broken::GoesOnFromADescendant]);
}

#[test]
fn folding_without_looking_at_the_remote() {
    found_out(&[Broken::FoldsBlindly]);
}

#[test]
fn giving_up_what_merely_vanished() {
    found_out(&[Broken::GivesUpWhatVanished]);
}

#[test]
fn bringing_back_what_was_folded() {
    found_out(&[Broken::BringsBackWhatIsOver]);
}

#[test]
fn archiving_after_the_refs_are_gone() {
    found_out(&[Broken::ArchivesLast]);
}

#[test]
fn folding_here_before_there() {
    found_out(&[Broken::DropsHereFirst]);
}

#[test]
fn folding_what_is_ahead() {
    found_out(&[Broken::FoldsWhatIsAhead]);
}

#[test]
fn overwriting_what_goes_on_from_its_own() {
    found_out(&[Broken::DescendantsAreOurs]);
}

#[test]
fn marking_messages_by_time() {
    found_out(&[Broken::MarksByTime]);
}

#[test]
fn reading_nothing_of_what_changed() {
    found_out(&[Broken::ReadsNothingNew]);
}
