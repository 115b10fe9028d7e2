//! Usage rules for agents, in the file that their harness reads.
//!
//! Owns the block between its markers, and how it is added to a file and removed again without
//! changing any other byte. Never reads or writes a file.

use super::Harness;

const BLOCK: &str = include_str!("rules.md");
const BEGIN: &str = "<!-- git-presence:begin -->";
const END: &str = "<!-- git-presence:end -->";

/// Returns the name of the file. In a project it is at the top, for a user in the folder of the
/// settings.
pub const fn file_name(harness: Harness) -> &'static str {
    match harness {
        Harness::Claude => "CLAUDE.md",
        Harness::Gemini => "GEMINI.md",
        Harness::Codex | Harness::Cursor | Harness::Copilot => "AGENTS.md",
    }
}

/// Returns the rules without their markers.
pub fn text() -> String {
    let block = BLOCK.trim().trim_start_matches(BEGIN);
    block.trim_end_matches(END).trim().to_owned() + "\n"
}

/// Adds the block to the content of a file, or renews it there. `None` means that there is no file.
pub fn install(before: Option<&str>) -> String {
    let Some(before) = before else {
        return BLOCK.to_owned();
    };
    let found = place(before);
    // The line ends of the block itself decide, since those around it may have changed.
    let line_end = line_end(found.map_or(before, |(start, end)| &before[start..end]));
    let block = BLOCK.trim_end().replace('\n', line_end);
    if let Some((start, end)) = found {
        return format!("{}{block}{}", &before[..start], &before[end..]);
    }
    if before.is_empty() {
        return block;
    }
    if before.ends_with('\n') {
        format!("{before}{line_end}{block}{line_end}")
    } else {
        format!("{before}{line_end}{line_end}{block}")
    }
}

/// Removes the block. Returns `None` if the file held nothing else and we had created it.
pub fn uninstall(before: &str) -> Option<String> {
    let Some((start, end)) = place(before) else {
        return Some(before.to_owned());
    };
    let line_end = line_end(&before[start..end]);
    let (above, below) = (&before[..start], &before[end..]);
    let cut = |text: &str| text.strip_suffix(line_end).map(str::to_owned);
    match below.strip_prefix(line_end) {
        Some("") if above.is_empty() => None,
        Some(below) => {
            let above = cut(above).unwrap_or_else(|| above.to_owned());
            Some(above + below)
        }
        None => {
            let once = cut(above);
            let twice = once.as_deref().and_then(cut);
            Some(twice.or(once).unwrap_or_else(|| above.to_owned()) + below)
        }
    }
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Returns the byte range of the block, markers included.
fn place(text: &str) -> Option<(usize, usize)> {
    let start = text.find(BEGIN)?;
    let end = text[start..].find(END)?;
    Some((start, start + end + END.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_that_we_made_goes() {
        assert_eq!(uninstall(&install(None)), None);
        assert_eq!(
            uninstall("nothing of ours").as_deref(),
            Some("nothing of ours")
        );
    }

    #[test]
    fn an_older_block_is_renewed_in_its_place() {
        let old = format!("# A\n\n{BEGIN}\nold\n{END}\n\n# B\n");
        let new = install(Some(&old));
        assert!(
            new.starts_with("# A\n\n<!--") && new.ends_with("-->\n\n# B\n"),
            "{new}"
        );
        assert!(!new.contains("old\n"), "{new}");
        assert_eq!(install(Some(&new)), new);
    }

    #[test]
    fn a_line_end_that_is_half_there_is_not_made_whole() {
        for before in ["\r", "x\r", "x\n\r"] {
            let with = install(Some(before));
            assert_eq!(install(Some(&with)), with);
            assert_eq!(uninstall(&with).as_deref(), Some(before));
        }
    }

    proptest! {
        #[test]
        fn what_was_there_is_there_again(before in "(# [a-z]{1,3}|x|\n|\r\n|\r| ){0,12}") {
            let with = install(Some(&before));
            prop_assert_eq!(&install(Some(&with)), &with);
            prop_assert_eq!(uninstall(&with), Some(before));
        }
    }
}
