//! Whether somebody wants this process to end.
//!
//! Owns the signals that say so, for as long as a verb has something to undo first. Never ends
//! anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Set by a signal, as long as it is there.
#[derive(Debug, Default)]
pub struct Signals {
    noted: Arc<AtomicBool>,
    watching: Vec<SigId>,
}

impl Signals {
    /// From now on a signal is noted instead of ending the process; the second one ends it.
    /// Where signals cannot be watched, they do what they always did.
    pub fn watch() -> Self {
        let mut signals = Self::default();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let noted = &signals.noted;
            let ends = signal_hook::flag::register_conditional_default(signal, noted.clone());
            let notes = signal_hook::flag::register(signal, noted.clone());
            signals.watching.extend(ends.into_iter().chain(notes));
        }
        signals
    }

    pub fn received(&self) -> bool {
        self.noted.load(Ordering::Relaxed)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.watching.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}
