//! Reports as JSON.
//!
//! Owns the shapes that programs rely on: names in snake_case, instants in RFC 3339 UTC, spans in
//! whole seconds. `docs/json.md` is their promise.

use serde_json::{Value, json};

use super::shapes::{at, entry, holding, holdings, labels, line, unreadable};
use super::{agent_hooks, agents, guard};
use crate::app::board::{list, log, peek, status};
use crate::app::claims::report::Claimed;
use crate::app::claims::{heartbeat, release};
use crate::app::remote::guarantee::{Guarantee, View};
use crate::app::sessions::whoami;
use crate::app::setup::{doctor, init};
use crate::app::{Report, sync};
use crate::cli::man;
use crate::failure::Failure;
use crate::ledger::finding::{Finding, Severity};
use crate::model::board::Holding;
use crate::model::refusal::Refusal;

pub fn report(report: &Report) -> String {
    let value = match report {
        Report::Claimed(r) => claimed(r),
        Report::Beat(r) => beat(r),
        Report::Released(r) => released(r),
        Report::Listing(r) => listing(r),
        Report::Peeked(r) => peeked(r),
        Report::Who(r) => who(r),
        Report::Log(r) => log(r),
        Report::Status(r) => status(r),
        Report::Synced(r) => synced(r),
        Report::Pushed(r) => json!({
            "remote": r.remote,
            "refs": r.refs,
            "fence": holding(&r.held, None),
        }),
        Report::Ran(r) => json!({ "exit_code": r.code, "lost": r.lost }),
        Report::Fenced(r) => holding(&r.held, None),
        Report::Ready(r) => ready(r),
        Report::Unwired(r) => json!({ "ledger": r.ledger, "removed": r.removed }),
        Report::Hooked(r) => super::hooks::hooked(r),
        Report::Installed(r) => super::hooks::placed(&r.placed),
        Report::Uninstalled(r) => super::hooks::placed(&r.placed),
        Report::Diagnosis(r) => diagnosis(r),
        Report::Explained(r) => guard::json(&r.verdict),
        Report::Pages(r) => pages(r),
        Report::Wired(r) => agent_hooks::wiring_json(r),
        Report::Audited(r) => agents::audit_json(r),
        Report::Prompt(r) => agents::prompt_json(r),
        Report::Kept(r) => agents::kept_json(r),
        // What a harness is told is JSON already, where it wants that.
        Report::Told(r) => return r.answer.clone(),
        Report::File(text) => json!({ "text": text }),
    };
    line(&value)
}

pub fn failure(failure: &Failure) -> String {
    let mut error = json!({
        "kind": failure.kind.as_str(),
        "message": failure.error.to_string(),
        "hints": failure.hints,
    });
    if let Some(Refusal::Held { by } | Refusal::NotYours { by, .. }) = failure.refusal.as_deref() {
        error["held_by"] = by.iter().map(|h| holding(h, None)).collect();
    }
    line(&json!({ "error": error }))
}

fn claimed(r: &Claimed) -> Value {
    json!({
        "session_id": r.me.as_str(),
        "renewed": r.renewed,
        "guarantee": guarantee(&r.guarantee),
        "remote": remote_of(&r.guarantee),
        "unconfirmed_because": because(&r.guarantee),
        "claims": holdings(&r.mine, &r.me),
        "also_claimed_by": holdings(&r.others, &r.me),
        "lapsed": labels(&r.lapsed),
        "unreadable": unreadable(&r.hidden),
    })
}

fn beat(r: &heartbeat::Beat) -> Value {
    json!({
        "session_id": r.me.as_str(),
        "written": r.written,
        "seen_at": at(r.seen_at),
        "claims": r.claims,
        "lapsed": labels(&r.lapsed),
    })
}

fn released(r: &release::Released) -> Value {
    json!({
        "session_id": r.me.as_str(),
        "released": labels(&r.released),
        "lapsed": labels(&r.lapsed),
        "guarantee": r.guarantee.as_ref().map(guarantee),
        "remote": r.guarantee.as_ref().and_then(remote_of),
        "unconfirmed_because": r.guarantee.as_ref().and_then(because),
    })
}

fn listing(r: &list::Listing) -> Value {
    let one = |h: &Holding| {
        let mut value = holding(h, Some(&r.me));
        value["is_live"] = h.is_live(r.now).into();
        value["as_of"] = as_of(r.view.as_ref());
        value
    };
    r.holdings.iter().map(one).collect()
}

fn peeked(r: &peek::Peeked) -> Value {
    let related = |list: &[Holding], relation: &'static str| {
        let one = |h: &Holding| {
            let mut value = holding(h, Some(&r.me));
            value["relation"] = relation.into();
            value["as_of"] = as_of(r.view.as_ref());
            value
        };
        list.iter().map(one).collect::<Vec<_>>()
    };
    let hidden = r.hidden.iter().map(
        |u| json!({ "relation": "unreadable", "place": u.place, "defect": u.defect.to_string() }),
    );
    let dropped = r.dropped.iter().map(|entry| {
        json!({
            "relation": "lapsed",
            "session_id": entry.event.session.as_str(),
            "resources": labels(&entry.event.lapsed),
            "dropped_at": at(entry.at),
        })
    });
    let lapsing = r.lapsing.iter().map(|(h, from)| {
        let mut value = holding(h, Some(&r.me));
        value["relation"] = "lapsing".into();
        value["as_of"] = as_of(r.view.as_ref());
        value["takeover_from"] = at(*from);
        value
    });
    related(&r.exact, "exact")
        .into_iter()
        .chain(related(&r.overlapping, "overlap"))
        .chain(lapsing)
        .chain(hidden)
        .chain(related(&r.expired, "expired"))
        .chain(dropped)
        .collect()
}

fn who(r: &whoami::Who) -> Value {
    let me = &r.me;
    let process = me.process.as_ref().map(|process| {
        json!({
            "pid": process.pid,
            "started_at": at(process.started_at),
            "host_id": process.host_id,
            "boot_id": process.boot_id,
        })
    });
    let mut value = json!({
        "session_id": me.id.as_str(),
        "rule": me.rule.as_str(),
        "agent": me.agent,
        "user": me.user,
        "host": me.host,
        "process": process,
        "ledger": r.ledger,
        "seen_at": r.session.as_ref().map(|session| at(session.seen_at)),
    });
    if r.explain {
        value["explanation"] = me.explanation.clone().into();
    }
    value
}

fn log(r: &log::Log) -> Value {
    r.entries.iter().map(entry).collect()
}

fn status(r: &status::Status) -> Value {
    json!({
        "session_id": r.me.as_str(),
        "rule": r.rule.as_str(),
        "agent": r.agent,
        "ledger": r.ledger,
        "seen_at": r.seen_at.map(at),
        "mine": holdings(&r.mine, &r.me),
        "others": holdings(&r.others, &r.me),
        "other_sessions": r.other_sessions,
        "problems": unreadable(&r.problems),
        "remote": r.remote.as_ref().map(remote_status),
        "next": r.next,
    })
}

fn guarantee(guarantee: &Guarantee) -> &'static str {
    match guarantee {
        Guarantee::Local => "local",
        Guarantee::Confirmed { .. } => "confirmed",
        Guarantee::Unconfirmed { .. } => "unconfirmed",
    }
}

fn remote_of(guarantee: &Guarantee) -> Option<&str> {
    match guarantee {
        Guarantee::Local => None,
        Guarantee::Confirmed { remote } | Guarantee::Unconfirmed { remote, .. } => Some(remote),
    }
}

fn because(guarantee: &Guarantee) -> Option<&str> {
    match guarantee {
        Guarantee::Local | Guarantee::Confirmed { .. } => None,
        Guarantee::Unconfirmed { why, .. } => Some(why),
    }
}

fn as_of(view: Option<&View>) -> Value {
    view.and_then(|view| view.as_of).map(at).into()
}

fn remote_status(r: &status::RemoteStatus) -> Value {
    json!({
        "name": r.view.remote,
        "as_of": as_of(Some(&r.view)),
        "pending": r.pending,
        "error": r.error,
        "refused": r.refused,
        "refused_refs": r.refused_refs,
        "odd": r.odd,
    })
}

fn synced(r: &sync::Synced) -> Value {
    json!({
        "remote": r.remote,
        "received": r.received,
        "sent": r.sent,
        "refused": r.refused,
        "pending": r.pending,
        "granted": r.granted.iter().map(|h| holding(h, None)).collect::<Vec<_>>(),
    })
}

fn ready(r: &init::Ready) -> Value {
    json!({
        "session_id": r.me.as_str(),
        "node": r.node,
        "ledger": r.ledger,
        "created": r.created,
        "remote": r.remote,
        "added": r.added,
    })
}

fn diagnosis(r: &doctor::Diagnosis) -> Value {
    let one = |finding: &Finding| {
        let (repaired, repair_error) = match &finding.repaired {
            None => (None, None),
            Some(Ok(done)) => (Some(done), None),
            Some(Err(error)) => (None, Some(error)),
        };
        json!({
            "severity": match finding.severity {
                Severity::Note => "note",
                Severity::Problem => "problem",
            },
            "what": finding.what,
            "advice": finding.advice,
            "repairable": finding.repairable,
            "repaired": repaired,
            "repair_error": repair_error,
        })
    };
    json!({
        "ledger": r.ledger,
        "sessions": r.sessions,
        "open": r.open(),
        "findings": r.findings.iter().map(one).collect::<Vec<_>>(),
        "hooks": super::hooks::rows_json(&r.hooks),
    })
}

fn pages(r: &man::Pages) -> Value {
    json!({ "dir": r.dir.display().to_string(), "count": r.count })
}
