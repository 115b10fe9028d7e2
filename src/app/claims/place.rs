//! A person's other places: another terminal, another work tree.
//!
//! Owns what an exclusive claim and its release say of what the same person holds there, and the
//! way to move it here. Agents, CI jobs and chosen ids have one place. Never decides who holds
//! what.

use crate::app::claims::request::ClaimRequest;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell;
use crate::model::actor::{Actor, Elsewhere};
use crate::model::lock::Lock;
use crate::model::resource::Resource;
use crate::model::text::quote;

/// The most bytes of a path in a message.
const PATH_BYTES_MAX: usize = 200;

/// Whether what the person holds in another place is left alone, or moved here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It is left alone.
    ThisPlace,
    /// It is treated like what is held here (`--here`).
    Everywhere,
}

/// Returns where the person holds a lock of its own, if not here.
pub fn elsewhere(context: &Context, me: &Actor, lock: &Lock) -> Option<Elsewhere> {
    me.elsewhere(&lock.holder, |process| {
        context.host.is_dead(process, lock.renewed_at)
    })
}

/// Fails if the person holds one of `resources` exclusively in another place.
pub fn refuse_what_is_elsewhere(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
    way: &str,
) -> Result<(), Failure> {
    if !me.is_in_a_terminal() {
        return Ok(());
    }
    for resource in resources {
        // What cannot be read is refused, or not, by what follows.
        let Ok(read) = context.ledger.locks().get(resource) else {
            continue;
        };
        let locks = read.cell.locks;
        let is_it =
            |lock: &&Lock| lock.resource == *resource && context.ledger.locks().is_mine(me, lock);
        let Some(lock) = locks.iter().find(is_it) else {
            continue;
        };
        if let Some(place) = elsewhere(context, me, lock) {
            let error = anyhow::anyhow!("{} is yours already, {}", lock.resource, words(&place));
            return Err(Failure::new(Kind::Refused, error)
                .hint(format!("go on there; or move it here: {way} --here")));
        }
    }
    Ok(())
}

/// Fails if the person holds `resource` exclusively in another place: what acts here under it would
/// act beside what acts there.
pub fn refuse_to_act_for(
    context: &Context,
    me: &Actor,
    resource: &Resource,
) -> Result<(), Failure> {
    let label = shell::quote(resource.label());
    let way = format!("git presence claim --exclusive {label} --purpose \"<why>\"");
    refuse_what_is_elsewhere(context, me, std::slice::from_ref(resource), &way)
}

/// Returns the command line that claims what is wanted.
pub fn claim_line(wanted: &ClaimRequest) -> String {
    let labels = wanted.resources.iter().map(Resource::label);
    let words = labels.map(shell::quote).collect::<Vec<_>>().join(" ");
    let purpose = shell::quote(wanted.purpose.as_str());
    format!("git presence claim --exclusive {words} --purpose {purpose}")
}

/// Returns the words for a place.
pub fn words(place: &Elsewhere) -> String {
    match place {
        Elsewhere::Terminal(Some(folder)) => {
            let folder = quote(folder, PATH_BYTES_MAX);
            format!("claimed in another terminal, in {folder}")
        }
        Elsewhere::Terminal(None) => "claimed in another terminal".to_owned(),
        Elsewhere::WorkTree(folder) => {
            let folder = quote(folder, PATH_BYTES_MAX);
            format!("claimed in another worktree, {folder}")
        }
    }
}
