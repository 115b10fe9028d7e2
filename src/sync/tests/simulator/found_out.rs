//! The simulator can fail.
//!
//! Owns the proof, a test for each rule: where it is not kept, some seed fails that does not
//! otherwise.

use super::rules::{Broken, Rules};
use super::{WHOLE, first_that, run_seed};

/// Within so many seeds; most take fewer than a hundred.
const SEEDS_MAX: u64 = 10_000;

#[track_caller]
fn found_out(broken: &'static [Broken]) {
    let fails = |seed, rules| run_seed(seed, rules, false).wrong.is_some();
    let tells = |seed| fails(seed, Rules(broken)) && !fails(seed, WHOLE);
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
    found_out(&[Broken::ForgetsWhatItPutOnTop]);
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
