//! The text about claims that edits make.
//!
//! Owns the wording. Never decides what is claimed.

use super::briefing::{LABEL_BYTES_MAX, command_word};
use crate::model::resource::Resource;
use crate::model::text::quote_name;

/// What a session is told once, without the file that gave the reason.
pub const CLAIMED_ON_EDIT: &str = "the first edit of a file claims it, shared, for this session \
                                   (presence.claimOnEdit)";

/// Returns the text about the first file that an edit claimed.
pub fn claimed_on_edit(first: &Resource) -> String {
    let release = match command_word(first.label()) {
        Some(word) => format!("git presence release {word}, or --all-mine"),
        None => "git presence release --all-mine".to_owned(),
    };
    format!(
        "git presence: {CLAIMED_ON_EDIT}. You claim {} now. Release what you are done with: \
         {release}.\n",
        quote_name(first.label(), LABEL_BYTES_MAX)
    )
}
