//! The answer of `who`: the sessions that are here, a line each.
//!
//! Owns its words and its JSON. Never decides who is here.

use serde::Serialize;
use serde_json::Value;

use crate::app::sessions::list::{Everyone, Present as Here};
use crate::model::claim::Mode;
use crate::model::text::{is_word, list, name};
use crate::output::present::{Present, Terminal};
use crate::output::remote;
use crate::output::shapes::{self, At};
use crate::output::style::{BAD, BOLD, DIM, GOOD, WARN};
use crate::output::table::Table;

/// How wide a session and a folder are at least, unless they are shorter.
const SESSION_MIN: usize = 16;
const FOLDER_MIN: usize = 16;

/// A session in the JSON of `who`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct SessionHere<'a> {
    /// the session
    session_id: &'a str,
    /// `conflict`: a claim of it overlaps one of another session; `gone`: its program has ended;
    /// `holds`, `waits`, `froze` or `here`: what it has
    state: &'static str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the user
    user: &'a str,
    /// the machine
    host: &'a str,
    /// the path of its work tree, if known
    folder: Option<&'a str>,
    /// the branch that it had checked out, if known
    branch: Option<&'a str>,
    /// its last heartbeat
    seen_at: At,
    /// whether its program has certainly ended; known of this machine only
    gone: bool,
    /// labels of what it holds
    holds: Vec<&'a str>,
    /// labels of what it waits for
    waits: Vec<&'a str>,
    /// labels of what it has frozen
    frozen: Vec<&'a str>,
    /// whether it is the caller's session
    is_me: bool,
    /// as in `list`
    as_of: Option<At>,
}

impl Here {
    fn state(&self) -> &'static str {
        let holds = self.claims.iter().any(|claim| claim.mode.holds());
        match (self.conflicts, self.is_gone, holds) {
            (1.., ..) => "conflict",
            (0, true, _) => "gone",
            (0, false, true) => "holds",
            (0, false, false) if !self.claims.is_empty() => "waits",
            (0, false, false) if !self.frozen.is_empty() => "froze",
            (0, false, false) => "here",
        }
    }

    fn labels(&self, waits: bool) -> Vec<&str> {
        let of = self.claims.iter();
        let of = of.filter(|claim| (claim.mode == Mode::Waiting) == waits);
        of.map(|claim| claim.resource.label()).collect()
    }

    fn is_me(&self, everyone: &Everyone) -> bool {
        self.session == everyone.me.id && Some(self.node) == everyone.me.node
    }
}

/// Returns a path for a table: without quotes if it is one word.
fn path(text: &str) -> String {
    match text.strip_prefix('/').is_some_and(is_word) {
        true => text.to_owned(),
        false => name(text).to_string(),
    }
}

impl Present for Everyone {
    fn text(&self, terminal: &Terminal) -> String {
        if self.sessions.is_empty() {
            return "No session is here.\n".to_owned();
        }
        let when = terminal.when(self.now);
        let has_agents = self.sessions.iter().any(|one| one.agent.is_some());
        let mut header = vec!["", "SESSION", "STATE"];
        header.extend(has_agents.then_some("AGENT"));
        header.extend(["USER", "FOLDER", "BRANCH", "SEEN", "CLAIMS"]);
        let user = 3 + usize::from(has_agents);
        let (folder, branch, claims) = (user + 1, user + 2, user + 4);
        let middles = [(1, SESSION_MIN), (folder, FOLDER_MIN)];
        // Whose it is says less than where it is.
        let dropped = [user, folder, branch];
        let (kept, below) = ([1, 2, claims], [claims]);
        let has_styles = terminal.has_styles();
        let mut table = Table::new(&header)
            .cutting_in_the_middle(&middles)
            .keeping(&kept)
            .giving_way(&dropped, &below)
            .with_styles(has_styles);
        for one in &self.sessions {
            let optional =
                |text: Option<&str>| text.map_or_else(String::new, |text| name(text).to_string());
            let state = one.state();
            let gone = if one.is_gone && state != "gone" {
                "gone, "
            } else {
                ""
            };
            let mut cell = |style, text: &dyn std::fmt::Display| match has_styles {
                true => table.styled(style, text),
                false => table.cell(text),
            };
            cell(GOOD, &if one.is_me(self) { "*" } else { "" });
            cell(BOLD, &one.session);
            let style = match (one.is_gone, state) {
                (true, _) => BAD,
                (false, "conflict") => WARN,
                (false, _) => DIM,
            };
            cell(style, &format_args!("{gone}{state}"));
            if has_agents {
                table.cell(optional(one.agent.as_deref()));
            }
            table.cell(format_args!("{}@{}", name(&one.user), name(&one.host)));
            table.cell(one.folder.as_deref().map_or_else(String::new, path));
            table.cell(optional(one.branch.as_deref()));
            table.cell(when.since(one.seen_at));
            let claims = one.claims.iter().map(|claim| {
                let waits = if claim.mode.holds() { "" } else { " (waiting)" };
                format!("{}{waits}", claim.resource)
            });
            let frozen = one.frozen.iter();
            let frozen = frozen.map(|frozen| format!("{} (frozen)", frozen.resource));
            let all: Vec<String> = claims.chain(frozen).collect();
            table.cell(list(all.into_iter()));
        }
        table.render(terminal.width)
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let row = |one| {
            let one: &Here = one;
            SessionHere {
                session_id: one.session.as_str(),
                state: one.state(),
                agent: one.agent.as_deref(),
                user: &one.user,
                host: &one.host,
                folder: one.folder.as_deref(),
                branch: one.branch.as_deref(),
                seen_at: At(one.seen_at),
                gone: one.is_gone,
                holds: one.labels(false),
                waits: one.labels(true),
                frozen: one.frozen.iter().map(|one| one.resource.label()).collect(),
                is_me: one.is_me(self),
                as_of: remote::as_of_json(&self.known),
            }
        };
        shapes::value(&self.sessions.iter().map(row).collect::<Vec<_>>())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        remote::as_of(&self.known, &terminal.when(self.now))
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    vec![super::tests::whole::<SessionHere<'_>>("who")]
}
