//! What failed in a hook, for the file that `GIT_PRESENCE_DEBUG` names.
//!
//! Owns the line. A harness is never told of a failure of ours.

use std::path::Path;

use crate::clock::Clock as _;
use crate::host::Host;
use crate::integrations::harness::Harness;

/// The variable that names a file for failures in hooks.
const DEBUG_VAR: &str = "GIT_PRESENCE_DEBUG";

/// Appends what failed to the file of `GIT_PRESENCE_DEBUG`. Foreign text is made harmless first.
pub(super) fn log(host: Host, harness: Harness, event: &str, what: &str) {
    note(host, &format!("hook {}", harness.word()), event, what);
}

/// Appends what failed while `verb` ran, as [`log`] does.
pub(super) fn note(host: Host, verb: &str, event: &str, what: &str) {
    if let Some(file) = host.env(DEBUG_VAR) {
        let event = crate::model::text::harmless(event, 64);
        let what = crate::model::text::harmless(what, 500);
        let now = host.now().to_rfc3339();
        let line = format!("{now} {verb} {event}: {what}\n");
        let _ = host.append(Path::new(&file), &line);
    }
}
