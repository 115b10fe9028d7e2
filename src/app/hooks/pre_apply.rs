//! The use case of `hook pre-apply`: whether resources may be changed now.
//!
//! Owns the gate before an apply: the remote is fetched, then no other session may hold the
//! resources, and with `presence.requireClaimFor=pipeline` this session must. If the remote cannot
//! be reached, local data decides, and the report says so.

use crate::app::claims::bypass::record;
use crate::app::claims::{conflicts, offers};
use crate::app::hooks::hooked::Hooked;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::integrations::git_hooks::BYPASS;
use crate::integrations::git_hooks::affected_claims::AffectedClaim;
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::text::Purpose;

const NAME: &str = "pre-apply";

/// Checks that the resources may be changed now. A `reason` lets it pass all the same, on record.
pub fn execute(
    context: &Context,
    resources: &[Resource],
    reason: Option<Purpose>,
) -> Result<Hooked, Failure> {
    let known = refresh(context, Refresh::BEFORE_CHECK, short_deadline(context));
    let board = context.ledger.board_about(resources)?;
    let now = context.now();
    let mut hooked = Hooked {
        warnings: known.clone().clear().caveat().into_iter().collect(),
        ..Hooked::quiet(NAME, now)
    };
    let is_unseen = publish::is_unseen(context, &known);
    let unseen = is_unseen.then(|| conflicts::unseen(&known, resources));
    let by = conflicts::others(&board, resources, &context.asker(), now);
    let refusal = match conflicts::judge(by.clone(), &board, resources, known) {
        Err(refusal) => Some(conflicts::refuse(context, refusal, resources)),
        Ok(clear) => {
            hooked.warnings = clear.caveat().into_iter().collect();
            hooked.warnings.extend(shared(context, &board, resources));
            let offered = offers::to_another(context, &board.offers, resources);
            let offered = offered.map(|offered| offers::refused(context, offered));
            unseen
                .or(offered)
                .or_else(|| unclaimed(context, &board, resources))
        }
    };
    let Some(mut failure) = refusal else {
        let me = context.asker();
        hooked.mine = board.live(now);
        hooked.mine.retain(|held| {
            let is_about = resources.iter().any(|one| one.overlaps(&held.resource));
            is_about && me.owns(held) && held.mode.holds()
        });
        return Ok(hooked);
    };
    let Some(reason) = reason else {
        failure.hints.extend(hooked.warnings);
        return Err(failure.hint(format!(
            "to go on anyway, and record it: {BYPASS}=\"<reason>\""
        )));
    };
    hooked
        .warnings
        .extend(record(context, resources, &by, &reason));
    hooked.bypassed = Some(reason);
    let others = by.into_iter().map(|holding| AffectedClaim {
        holding,
        files: Vec::new(),
        more: 0,
    });
    hooked.others = others.collect();
    Ok(hooked)
}

/// Returns a warning about a resource that this session claims together with others, where the
/// settings stop what is not claimed.
fn shared(context: &Context, board: &Board, resources: &[Resource]) -> Option<String> {
    if !matches!(context.config.agents.enforce, Enforce::Ask | Enforce::Deny) {
        return None;
    }
    let me = context.asker();
    let mine = board.live(context.now()).into_iter();
    let mine: Vec<Holding> = mine.filter(|h| me.owns(h) && h.mode.holds()).collect();
    let is_shared = |one: &&Resource| {
        let mut claims = mine.iter().filter(|h| h.resource.overlaps(one)).peekable();
        claims.peek().is_some() && claims.all(|h| h.token.is_none())
    };
    let one = resources.iter().find(is_shared)?;
    Some(format!(
        "you claim {one} shared: another session can claim it and change it at the same time; to \
         have it alone first: git presence claim --exclusive {} --purpose \"<why>\"",
        quote(one.label())
    ))
}

/// Returns the failure for a resource that this session has to claim and does not.
fn unclaimed(context: &Context, board: &Board, resources: &[Resource]) -> Option<Failure> {
    let required = context.config.required;
    let setting = match (required.apply, required.pipeline) {
        (true, _) => "presence.requireClaim is on",
        (false, true) => "presence.requireClaimFor has pipeline",
        (false, false) => return None,
    };
    let mine = board.live(context.now()).into_iter();
    let me = context.asker();
    let is_mine = |h: &Holding| me.owns(h) && h.mode.holds();
    let mine: Vec<Holding> = mine.filter(is_mine).collect();
    let holds = |resource: &Resource| mine.iter().any(|h| h.resource.overlaps(resource));
    let open = resources.iter().find(|resource| !holds(resource))?;
    let error = anyhow::anyhow!("{open} is not claimed by you, and {setting}");
    let word = quote(open.label());
    let claim = format!("claim it first: git presence claim {word} --purpose \"<why>\"");
    Some(Failure::new(Kind::Refused, error).hint(claim))
}
