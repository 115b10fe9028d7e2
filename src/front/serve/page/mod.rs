//! The board as a page.
//!
//! Owns what stands where ([`Parts`]); its children own the parts. All text comes out escaped, and
//! what other sessions wrote stands by itself, so that it cannot turn around what is beside it.
//! Never reads the board.

mod attention;
mod happened;
mod in_flight;
mod messages;
mod remote;
mod sessions;
mod table;
mod turns;
mod work;

use hyper::body::Bytes;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::shared::Shown;
use crate::app::board::log::Log;
use crate::app::board::status::Status;
use crate::app::sessions::list::Everyone;
use crate::output::{Present as _, Terminal};

/// How often a browser without script asks again, in seconds.
const REFRESH_SECS: u32 = 15;

/// What is shown on the page.
pub(super) struct Seen {
    /// What the session sees that serves it.
    pub(super) status: Status,
    /// Who is here.
    pub(super) everyone: Everyone,
    /// What happened last.
    pub(super) log: Log,
}

/// The parts of the page that change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    title: String,
    place: String,
    inner: String,
    status: String,
}

impl Parts {
    /// Writes down what is on the board.
    pub(super) fn of(seen: &Seen, terminal: &Terminal) -> Self {
        let Seen {
            status,
            everyone,
            log,
        } = seen;
        let when = terminal.when(status.now);
        let conflicts = in_flight::conflicts(status);
        let inner = html! {
            (attention::part(status, conflicts, &when))
            (in_flight::part(status, &when))
            (turns::part(status, &when))
            (work::offers(status, &when))
            (messages::part(status, &when))
            (work::tasks(status))
            (work::states(status, &when))
            (sessions::part(everyone, &when))
            (happened::part(log, &when))
            (remote::part(status, &when))
        };
        let place = place(&status.ledger);
        let title = match conflicts {
            0 => format!("{place} – git presence"),
            count => format!("({count}!) {place} – git presence"),
        };
        Self {
            title,
            place,
            inner: inner.into_string(),
            status: status.line(),
        }
    }

    /// Returns what is shown of it, as this version.
    pub(super) fn shown(&self, version: u64) -> Shown {
        let board = self.board(version).into_string();
        let whole = self.whole(&board).into_string();
        Shown {
            whole: Bytes::from(whole),
            board: Bytes::from(board),
            status: Bytes::from(self.status.clone()),
        }
    }

    fn board(&self, version: u64) -> Markup {
        html! {
            main #board tabindex="-1" data-version=(version) data-title=(self.title) {
                (PreEscaped(&self.inner))
            }
        }
    }

    fn whole(&self, board: &str) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                    link rel="stylesheet" href="/style.css";
                    noscript { meta http-equiv="refresh" content=(REFRESH_SECS); }
                    script src="/board.js" defer {}
                }
                body {
                    a .skip href="#board" { "Skip to the board" }
                    header {
                        h1 { (self.place) }
                        p #live role="status" { "As of the last load of this page" }
                    }
                    (PreEscaped(board))
                    p #said .unseen role="status" {}
                    footer {
                        p {
                            "This page only shows. To change something: "
                            code { "git presence --help" }
                        }
                        nav aria-label="For programs" {
                            a href="/status.json" { "status.json" } " "
                            a href="/metrics" { "metrics" }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the name of the repository that keeps the board.
fn place(ledger: &str) -> String {
    let path = ledger.trim_end_matches('/');
    let path = path.strip_suffix("/.git").unwrap_or(path);
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".git").filter(|name| !name.is_empty());
    crate::model::text::name(name.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path)))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_named_by_its_folder() {
        for (ledger, name) in [
            ("/home/me/shop/.git", "shop"),
            ("/srv/shop.git", "shop"),
            ("/srv/shop.git/", "shop"),
            ("/srv/.git", "srv"),
            ("shop", "shop"),
        ] {
            assert_eq!(place(ledger), name, "{ledger}");
        }
    }
}
