//! Commands of a line, compared with the board.
//!
//! Owns how they meet its claims ([`compared`]), and what of this machine is not objected to: what
//! no other session can tell. Never judges a command.

use crate::app::hooks::agent::known::{known_of, time_to_compare};
use crate::app::hooks::coverage::{Mutation, coverage_of};
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::Verdict;
use crate::integrations::harness::Briefing;
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::knowledge::Knowledge;

/// Returns what is known now, and the commands of a line that may change something, with the
/// claims on that.
pub(super) fn compared(
    context: &Context,
    verdict: &Verdict,
) -> Result<(Briefing, Vec<Mutation>), Failure> {
    let board = context.ledger.board()?;
    let known = known_of(context, &board);
    let others: Vec<Holding> = known.others.iter().map(|(held, _)| held.clone()).collect();
    let is_up = time_to_compare(context);
    let mut all = coverage_of(verdict, &known.mine, &others, &is_up);
    hush(&mut all, is_alone(context, &board, &known));
    Ok((known, all))
}

/// Checks that no other session of this machine lives, as far as the board goes. What is not known
/// of it may be one.
fn is_alone(context: &Context, board: &Board, known: &Briefing) -> bool {
    let is_asked_always = context.config.agents.guard_alone;
    let is_known = !matches!(known.known, Knowledge::Unknown { .. });
    if is_asked_always || !is_known || !board.unreadable.is_empty() {
        return false;
    }
    let (host, me) = (context.host.hostname(), context.asker());
    let mut others = board.sessions.iter().filter(|session| {
        let who = &session.who;
        let is_me = who.id == me.id && Some(who.node) == me.node;
        who.host == host && !is_me && session.is_live(known.now)
    });
    // A session that only has locks has no record of its own.
    let holds = known.others.iter().any(|(held, _)| held.host == host);
    !holds && others.next().is_none()
}

/// Marks what only other sessions of this machine could tell, if there are none. What another
/// session claims, it is told of wherever it is.
fn hush(all: &mut [Mutation], is_alone: bool) {
    for one in all {
        one.is_quiet = is_alone && one.is_local && one.others.is_empty();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Place, Rules, classify_line};

    /// Returns the programs of a line that are not objected to.
    fn quiet(line: &str, is_alone: bool) -> String {
        let place = Place {
            host: Some("here".to_owned()),
            ..Place::default()
        };
        let verdict = classify_line(line, &Rules::shipped(), &place);
        let mut all = coverage_of(&verdict, &[], &[], &|| false);
        hush(&mut all, is_alone);
        let quiet = all.into_iter().filter(|one| one.is_quiet);
        let tools: Vec<String> = quiet.map(|one| one.tool).collect();
        tools.join(" ")
    }

    #[test]
    fn what_is_of_this_machine_is_quiet_while_its_session_is_alone() {
        let here = [
            "systemctl restart nginx",
            "sudo apt-get install -y jq",
            "docker restart web",
            "docker compose up -d",
            "docker exec web rm -rf /cache",
            "echo x | sudo tee /etc/motd",
            "reboot",
        ];
        for line in here {
            assert_ne!(quiet(line, true), "", "{line}");
            assert_eq!(quiet(line, false), "", "{line}");
        }
        let elsewhere = [
            "ssh h systemctl restart nginx",
            "systemctl -H h restart nginx",
            "DOCKER_HOST=ssh://h docker restart web",
            "DOCKER_CONTEXT=prod docker restart web",
            "docker --context prod compose up -d",
            "docker push registry/app",
            "docker stack deploy -c a.yml web",
            "docker exec db psql -c 'drop table a'",
            "kubectl delete pod a",
            "terraform apply",
            "ssh h docker restart web",
            "systemctl unknown-verb",
        ];
        for line in elsewhere {
            assert_eq!(quiet(line, true), "", "{line}");
        }
    }
}
