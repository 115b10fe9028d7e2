//! The files of the page that are the same for every board.
//!
//! Owns their bytes: style, script and picture are in the program, so that nothing is loaded from
//! elsewhere. Never changes one.

/// The style.
pub(super) const STYLE: &[u8] = include_bytes!("assets/style.css");
/// The script.
pub(super) const SCRIPT: &[u8] = include_bytes!("assets/board.js");
/// The picture in the tab of a browser.
pub(super) const ICON: &[u8] = include_bytes!("assets/icon.svg");
