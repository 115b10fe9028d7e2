//! Any bytes as what a harness tells a hook, and as its settings.
//!
//! Owns what holds of each: a payload is read or refused, and our hooks go into settings and out
//! of them again without another byte changed. Never acts on what it reads.

#![no_main]

use git_presence::integrations::harness::settings::{Plan, install, state, uninstall};
use git_presence::integrations::harness::{Harness, read, rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(payload) = read(bytes) {
        for harness in Harness::ALL {
            let _ = harness.session(&payload);
            let _ = payload.event.as_deref().map(|event| harness.event(event));
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for harness in Harness::ALL {
        there_and_back(harness, text);
    }
    let with = rules::install(Some(text));
    assert_eq!(rules::install(Some(&with)), with);
    if !text.contains("<!-- git-presence:") {
        assert_eq!(rules::uninstall(&with).as_deref(), Some(text));
    }
});

fn there_and_back(harness: Harness, text: &str) {
    let _ = state(harness, text);
    // Entries of ours may be there already, of this version or an older one.
    let before = match uninstall(harness, text) {
        Ok(Plan::Nothing) => text.to_owned(),
        Ok(Plan::Write(before)) => before,
        Ok(Plan::Remove) | Err(_) => return,
    };
    assert_eq!(uninstall(harness, &before), Ok(Plan::Nothing), "{before:?}");
    let with = match install(harness, Some(&before)) {
        Ok(Plan::Write(with)) => with,
        Ok(plan) => panic!("{plan:?} for {before:?}"),
        Err(_) => return,
    };
    assert_eq!(
        install(harness, Some(&with)),
        Ok(Plan::Nothing),
        "{before:?}"
    );
    assert_eq!(
        uninstall(harness, &with),
        Ok(Plan::Write(before)),
        "{with:?}"
    );
}
