//! Signals of harnesses that have no hook of ours: `ingest --hook <name>`.
//!
//! Owns that a signal is noted in the audit log and changes nothing else: no claim is renewed, no
//! session begins or ends, and nothing is answered. Processes and records stay what counts.

use super::failures::note;
use super::{INPUT_WAIT, tools};
use crate::context::{Context, OpenOptions};
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::identity::HarnessSession;
use crate::integrations::harness::{HookEvent, PayloadBytes, read_signal, signal_named};
use crate::ledger::{AuditEntry, Disposition};

/// The agent of a session that only a signal names.
const AGENT: &str = "other";

/// Notes a signal. What cannot be read or noted is left out: a harness is never stopped.
///
/// # Errors
///
/// If no harness has a hook of this name.
pub fn ingest(host: Host, word: &str, options: &OpenOptions) -> Result<(), Failure> {
    let Some((name, event)) = signal_named(word) else {
        let error = anyhow::anyhow!("no harness has a hook {word:?}");
        return Err(Failure::new(Kind::Broken, error)
            .hint("name one as harnesses spell them: session-start, post-tool-use, stop"));
    };
    let mut input = PayloadBytes::default();
    let is_complete = host.hear_stdin(INPUT_WAIT, &mut |chunk| input.push(chunk));
    let complain = |what: &str| note(host, "ingest", name, what);
    if let Err(failure) = heard(host, (name, event), (input, is_complete), options) {
        complain(&failure);
    }
    Ok(())
}

/// Notes what was heard. Fails with what is told to who looks for faults.
fn heard(
    host: Host,
    (name, event): (&'static str, HookEvent),
    (input, is_complete): (PayloadBytes, bool),
    options: &OpenOptions,
) -> Result<(), String> {
    let Some(payload) = read_signal(input, is_complete)? else {
        return Ok(());
    };
    if let Some(dir) = payload.cwd.as_deref().map(std::path::Path::new)
        && dir.is_absolute()
    {
        host.change_dir(dir).map_err(|error| error.to_string())?;
    }
    let options = OpenOptions {
        harness_session: payload.session.clone().map(|session| HarnessSession {
            agent: AGENT,
            session: Some(session),
        }),
        ..options.clone()
    };
    let words = |failure: Failure| failure.error.to_string();
    let context = Context::open(host, &options).map_err(words)?;
    if event == HookEvent::AfterTool {
        let failed = name.ends_with("Failure");
        let (_, noted) = tools::after(&context, &payload, failed).map_err(words)?;
        noted.map_or(Ok(()), |failure| Err(words(failure)))?;
    }
    let tool = payload.tool.map(|tool| tool.name).unwrap_or_default();
    let seen = AuditEntry {
        at: context.now(),
        session: context.me.id.clone(),
        agent: context.me.agent.clone().unwrap_or_default(),
        tool,
        verb: name.to_owned(),
        resources: Vec::new(),
        covered: true,
        contested: false,
        fate: Disposition::Signal,
    };
    let noted = context.ledger.audit_log().append(&[seen], None);
    noted.map_err(|error| error.to_string())
}
