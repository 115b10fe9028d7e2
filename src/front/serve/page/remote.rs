//! What is known of other clones, and what they do not have yet.
//!
//! Owns the words for it on the page: what is not known is never shown as nothing. Never asks a
//! remote.

use maud::{Markup, html};

use super::table::{badge, instant, part as section};
use crate::app::board::status::Status;
use crate::model::text::{name, without_codes};
use crate::output::When;

/// Returns the part of the page.
pub(super) fn part(status: &Status, when: &When) -> Markup {
    let Some(remote) = &status.remote else {
        let inner = html! { p { "There is no remote: this repository has all there is." } };
        return section("remote", "Remote", None, &inner);
    };
    let (known, remote_name) = (&remote.known, name(&remote.name).to_string());
    let inner = html! {
        p {
            @match (known.problem(), known.as_of()) {
                (Some(why), at) => {
                    (badge("bad", "not known")) " what other clones do at " (remote_name) ": "
                    (without_codes(why))
                    @if let Some(at) = at { "; shown as of " (instant(at, when)) }
                }
                (None, Some(at)) => {
                    (badge("good", "known")) " other clones at " (remote_name) " as of "
                    (instant(at, when))
                }
                (None, None) => { (remote_name) }
            }
        }
        @if remote.pending > 0 {
            p { (badge("warn", "not sent")) " " (remote.pending) " changes of this clone" }
        }
        @if let Some(why) = &remote.refused {
            p { (badge("bad", "refused")) " " (remote_name) " refuses: " (without_codes(why)) }
        }
    };
    section("remote", "Remote", None, &inner)
}
