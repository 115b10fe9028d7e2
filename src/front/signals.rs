//! The signals that end a front end, for those that wait for more than one thing.
//!
//! Owns which those are ([`Ending`]). Never ends the process itself.

use std::io::Result;

/// Signals that ask this process to end; they do not end it any more.
#[cfg(unix)]
pub(super) struct Ending([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Ending {
    /// Starts to watch. Fails if there is no runtime with signals.
    pub(super) fn watch() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::hangup())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ]))
    }

    /// Returns once one has arrived.
    pub(super) async fn asked(self) {
        let [mut hangs_up, mut interrupts, mut terminates] = self.0;
        tokio::select! {
            _ = hangs_up.recv() => {}
            _ = interrupts.recv() => {}
            _ = terminates.recv() => {}
        }
    }
}

/// Signals that ask this process to end; they do not end it any more.
#[cfg(not(unix))]
pub(super) struct Ending;

#[cfg(not(unix))]
impl Ending {
    /// Starts to watch.
    pub(super) fn watch() -> Result<Self> {
        Ok(Self)
    }

    /// Returns once one has arrived.
    pub(super) async fn asked(self) {
        // If it cannot be heard of, the end of stdin is left.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
