//! Signals that ask this process to end.
//!
//! [`Signals`] owns them while a verb has something to undo first. Never ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::SigId;
#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};

/// The signals that ask a process to end.
#[cfg(unix)]
const ENDING: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];
#[cfg(not(unix))]
const ENDING: [i32; 2] = [SIGINT, SIGTERM];

/// Records signals for as long as it lives.
#[derive(Debug, Default)]
pub struct Signals {
    noted: Arc<AtomicBool>,
    watching: Vec<SigId>,
}

impl Signals {
    /// Starts to record signals instead of ending the process; a second signal ends it. If signals
    /// cannot be recorded, they keep their usual effect.
    pub fn watch() -> Self {
        let mut signals = Self::default();
        for signal in ENDING {
            let noted = &signals.noted;
            let ends = signal_hook::flag::register_conditional_default(signal, noted.clone());
            let notes = signal_hook::flag::register(signal, noted.clone());
            signals.watching.extend(ends.into_iter().chain(notes));
        }
        signals
    }

    /// Checks whether a signal has arrived.
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
