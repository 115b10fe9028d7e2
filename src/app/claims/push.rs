//! The use case of `push`: code that lands only while its pusher holds a resource.
//!
//! Owns where a fenced push is possible, and what its outcome means ([`Pushed`]). Never decides who
//! holds what, never pushes without the fence.

use std::time::Duration;

use crate::app::claims::{arbiter, granted, place};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::holding::Holding;
use crate::model::lock_request::Request;
use crate::model::offer::OfferPolicy;
use crate::model::resource::Resource;
use crate::model::text::{self, WORDS_BYTES_MAX, quote};
use crate::sync::{self, FencedPush, Proposal};

/// How long a push of code may take.
const PUSH_SECS_MAX: u64 = 60 * 60;

/// The refs that landed, under which claim.
#[derive(Debug)]
pub struct Pushed {
    /// The remote.
    pub remote: String,
    /// The refs that were pushed.
    pub refs: Vec<String>,
    /// The claim, renewed by the push.
    pub held: Holding,
}

/// Pushes `refspecs` together with a renewal of the claim on `resource`; the remote takes both or
/// neither.
pub fn execute(
    context: &Context,
    remote_name: &str,
    refspecs: &[String],
    resource: &Resource,
) -> Result<Pushed, Failure> {
    let me = context.actor()?;
    let remote = fenceable(context, remote_name)?;
    place::refuse_to_act_for(context, &me, resource)?;
    let read = context.ledger.locks().get(resource)?;
    let lock = read
        .cell
        .check(&me, resource, None, context.now())
        .map_err(|denied| arbiter::refusal_for(context, denied, std::slice::from_ref(resource)))?;
    let request = Request::Renew(vec![(resource.clone(), lock.token)]);
    let proposal = Proposal {
        who: &me,
        request: &request,
        liveness: arbiter::liveness_policy(context, (&|_| false, &|_| false), OfferPolicy::BY_NAME),
        beside: None,
    };
    let (boot_id, before_millis) = context.host.since_boot();
    let until = context.host.elapsed() + Duration::from_secs(PUSH_SECS_MAX);
    let left = || until.saturating_sub(context.host.elapsed());
    let ledger = &context.ledger;
    let pushed = sync::push_fenced(ledger, &remote, &context.host, &proposal, refspecs, &left)?;
    match pushed {
        FencedPush::Landed(decided, refs) => {
            let since = (&*boot_id, before_millis);
            granted::record_lease(context, &me, &request, (&decided, &[]), since)?;
            Ok(Pushed {
                remote: remote_name.to_owned(),
                refs,
                held: Holding::of_lock(decided.locks.first().unwrap_or(lock)),
            })
        }
        FencedPush::Denied(denied) => {
            Err(
                arbiter::refusal_for(context, denied, std::slice::from_ref(resource))
                    .hint("nothing was pushed; check what happened before you push anything"),
            )
        }
        FencedPush::Rejected(refs) => Err(rejected(remote_name, &refs)),
        FencedPush::NotAtomic => Err(Failure::new(
            Kind::Remote,
            anyhow::anyhow!("{remote_name} cannot move refs together: the push would be unfenced"),
        )
        .hint("nothing was pushed; git push pushes without a fence")),
        FencedPush::Contended => Err(Failure::new(
            Kind::Contended,
            anyhow::anyhow!("the lock was renewed each time meanwhile"),
        )
        .hint("nothing was pushed; try again")),
        FencedPush::Unavailable(failure) => Err(Failure::new(
            Kind::Remote,
            anyhow::anyhow!(
                "the push to {remote_name} failed: {}",
                quote(&failure.message, WORDS_BYTES_MAX)
            ),
        )
        .hint("it may have landed as a whole: git fetch, then check")),
    }
}

fn rejected(remote: &str, refs: &[(String, String)]) -> Failure {
    let one = |(name, said): &(String, String)| {
        format!("{} ({})", text::name(name), quote(said, WORDS_BYTES_MAX))
    };
    let refs = text::list(refs.iter().map(one));
    let said = format!("{remote} did not take {refs}; nothing was pushed");
    Failure::new(Kind::Remote, anyhow::anyhow!(said))
        .hint("as with git push: fetch and integrate first")
}

/// Returns the remote if it can fence a push from here: it decides about the claim, and the code is
/// in the repository that keeps the board.
fn fenceable(context: &Context, remote_name: &str) -> Result<sync::Remote, Failure> {
    let remote = arbiter::arbiter(context)?.filter(|remote| remote.name() == remote_name);
    let remote = remote.ok_or_else(|| {
        let decides = context.upstream.name().unwrap_or("no remote");
        Failure::usage(format!(
            "{remote_name} cannot fence a push: {decides} decides about claims"
        ))
        .hint("push to the remote that presence.remote names")
    })?;
    if !context.keeps_its_own_board {
        return Err(
            Failure::usage("the board is kept in another repository than the code")
                .hint("a push can be fenced only where both go in one push"),
        );
    }
    Ok(remote)
}
