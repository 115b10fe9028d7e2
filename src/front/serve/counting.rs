//! The metrics, for those who ask for them.
//!
//! Owns when they are counted: when they are asked for, and not again until the board has changed,
//! since that reads its whole history. Never answers a request itself.

use std::sync::mpsc::Receiver;

use hyper::body::Bytes;

use super::server::{Count, Counted};
use super::shared::Shared;
use crate::app::board::metrics;
use crate::context::{Context, OpenOptions};
use crate::failure::Failure;
use crate::host::Host;

/// Counts whenever that is asked for, until no one can ask any more.
pub(super) fn run(host: Host, options: &OpenOptions, counts: &Receiver<Count>, shared: &Shared) {
    let mut known: Option<(u64, Counted)> = None;
    while let Ok(first) = counts.recv() {
        let version = shared.version();
        let counted = match known.take() {
            Some((at, Ok(text))) if at == version => Ok(text),
            _ => count(host, options).map_err(|failure| failure.error.to_string()),
        };
        // All who have asked meanwhile get the same.
        for one in std::iter::once(first).chain(counts.try_iter()) {
            let _ = one.send(counted.clone());
        }
        known = Some((version, counted));
    }
}

fn count(host: Host, options: &OpenOptions) -> Result<Bytes, Failure> {
    let context = Context::open(host, options)?;
    let metrics = metrics::execute(&context)?;
    Ok(Bytes::from(metrics.prometheus()))
}
