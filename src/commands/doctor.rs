//! `doctor`: is the ledger in order, and if not, what to do.
//!
//! Owns the checks that need settings; those of the records are the ledger's. Without `--repair`
//! it changes nothing.

use super::cli::Globals;
use crate::config::{KEYS, unknown_keys};
use crate::context::Context;
use crate::failure::Failure;
use crate::host::Host;
use crate::ledger::health::Finding;

/// Examine the ledger and the settings; with --repair, mend what can be mended
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Mend broken refs, drop damaged records, remove stale locks
    #[arg(long)]
    repair: bool,
}

#[derive(Debug)]
pub struct Diagnosis {
    pub ledger: String,
    pub sessions: usize,
    pub findings: Vec<Finding>,
    pub repair: bool,
}

impl Diagnosis {
    /// How many problems are left.
    pub fn open(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.is_open())
            .count()
    }
}

pub fn run(args: Args, globals: &Globals, host: Host) -> Result<Diagnosis, Failure> {
    let mut wanted = globals.wanted(None, false);
    wanted.tolerates_config = true;
    let context = globals.open(host, &wanted)?;
    execute(&context, args.repair)
}

pub fn execute(context: &Context, repair: bool) -> Result<Diagnosis, Failure> {
    let mut findings = Vec::new();
    if let Some(error) = &context.config_error {
        let advice = format!("git config {} <value>", error.key);
        findings.push(Finding::problem(error.to_string(), advice));
    }
    for setting in unknown_keys(&context.settings) {
        let known: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
        let what = format!("{} (in {}) means nothing here", setting.key, setting.origin);
        findings.push(Finding {
            advice: Some(format!("known keys: {}", known.join(", "))),
            ..Finding::note(what)
        });
    }
    if !context.config.fsync {
        let what = "presence.fsync is off: a claim may be lost in a power cut";
        findings.push(Finding::note(what));
    }
    findings.extend(context.ledger.examine(&context.host, repair));
    let sessions = context
        .ledger
        .board()
        .map_or(0, |board| board.sessions.len());
    Ok(Diagnosis {
        ledger: context.ledger_dir.display().to_string(),
        sessions,
        findings,
        repair,
    })
}
