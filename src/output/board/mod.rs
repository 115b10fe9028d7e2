//! The answers of the verbs that read the board: `prompt` here, the others below.
//!
//! Owns their words and their JSON. Never decides which claims conflict, and never counts them.

mod claims;
mod columns;
mod follow;
mod groups;
pub(super) mod list;
mod log;
pub(super) mod metrics;
pub(super) mod peek;
pub(super) mod serve;
pub(super) mod status;
mod summary;
mod turns;
pub(super) mod watch;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use crate::app::board::candidates::Candidates;
use crate::app::board::prompt::{Place, Prompt};

/// The words alone: a shell reads them.
impl Present for Candidates {
    fn text(&self, _: &Terminal) -> String {
        self.0.iter().map(|word| format!("{word}\n")).collect()
    }

    fn json(&self) -> Value {
        Value::from(self.0.clone())
    }
}

/// What `prompt` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PromptAnswer {
    /// how many claims the caller has
    mine: usize,
    /// how many claims other sessions have
    others: usize,
    /// how many things other sessions have frozen
    frozen: usize,
    /// how many claims of the caller conflict with a claim or a freeze of another session
    contested: usize,
}

impl Present for Prompt {
    fn text(&self, _: &Terminal) -> String {
        let mark = if self.contested > 0 { "!" } else { "" };
        let counts = [
            (self.mine, mark, "mine"),
            (self.others, "", "others"),
            (self.frozen, "", "frozen"),
        ];
        let counts = counts.iter().filter(|(count, ..)| *count > 0);
        let counts = counts.map(|(count, mark, what)| format!("{count}{mark} {what}"));
        let text = counts.collect::<Vec<_>>().join(", ");
        if text.is_empty() {
            return text;
        }
        match self.place {
            Place::Terminal => format!("{text}\n"),
            Place::Tmux => {
                let color = match (self.contested, self.mine) {
                    (1.., _) => "red",
                    (_, 1..) => "yellow",
                    _ => "default",
                };
                format!("#[fg={color}]{text}#[default]\n")
            }
        }
    }

    fn json(&self) -> Value {
        shapes::value(&PromptAnswer {
            mine: self.mine,
            others: self.others,
            frozen: self.frozen,
            contested: self.contested,
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, relations, schema, whole};
    let claim = schema::<super::shapes::Claim<'_>>();
    let listed = schema::<list::ListedClaim<'_>>();
    vec![
        (
            "list",
            fields(&schema::<list::ListedClaim<'_>>(), &[&claim]),
        ),
        ("peek", relations(&schema::<peek::Related<'_>>(), &claim)),
        whole::<PromptAnswer>("prompt"),
        whole::<metrics::MetricsAnswer<'_>>("metrics"),
        whole::<metrics::RemoteNumbers>("metrics remote"),
        whole::<serve::ServeAnswer<'_>>("serve"),
        whole::<list::ConflictingWith<'_>>("list conflicts"),
        (
            "list watch",
            fields(&schema::<watch::ChangedClaim<'_>>(), &[&listed]),
        ),
        whole::<status::StatusAnswer<'_>>("status"),
        (
            "status claims",
            fields(&schema::<status::StatusClaim<'_>>(), &[&claim]),
        ),
        whole::<status::SessionBrief<'_>>("status sessions"),
        whole::<status::UnreadMessage<'_>>("status messages"),
        whole::<turns::TurnShape<'_>>("status turns"),
        whole::<turns::PassedShape<'_>>("status turns passed"),
        whole::<follow::StreamedNotice<'_>>("log stream notice"),
    ]
}
