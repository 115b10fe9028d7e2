//! The turn of a room: which resource is one, and the commands about it.
//!
//! Owns what a turn is called ([`MAIN`], [`is_turn`]), and the command lines that take it and end
//! the hold of it, which are others than those of what is claimed. A turn is an ordinary
//! exclusive claim. Never decides which session has one.

use super::resource::Resource;

/// The type of a turn.
pub const TURN: &str = "turn";
/// The turn of a room that is not named.
pub const MAIN: &str = "turn:main";

/// Returns true if a resource is a turn.
pub fn is_turn(resource: &Resource) -> bool {
    resource.kind().as_str() == TURN
}

/// Returns what names a turn behind a verb of `turn`, after a space: nothing for the main one.
/// `word` is its label as a word of a command: a room may be called as a verb is, a label is none.
pub fn room(turn: &Resource, word: &str) -> String {
    match turn.label() {
        MAIN => String::new(),
        _ => format!(" {word}"),
    }
}

/// Returns the command that passes a turn on.
pub fn pass(turn: &Resource, word: &str) -> String {
    let room = room(turn, word);
    format!(
        "git presence turn pass{room} --status \"<how things stand>\" --next \"<what comes next>\""
    )
}

/// Returns the command that takes a turn, with an option: `--wait`, or nothing.
pub fn take(turn: &Resource, word: &str, option: &str) -> String {
    let (room, gap) = (room(turn, word), if option.is_empty() { "" } else { " " });
    format!("git presence turn take{room}{gap}{option}")
}

/// Returns the commands, on one line, that end the hold of resources, each with its label as a word
/// of a command: turns are passed on, and the rest is released.
pub fn release_line<'r>(resources: impl Iterator<Item = (&'r Resource, String)>) -> String {
    let (turns, rest): (Vec<_>, Vec<_>) = resources.partition(|(one, _)| is_turn(one));
    let words: Vec<String> = rest.into_iter().map(|(_, word)| word).collect();
    let release = (!words.is_empty()).then(|| format!("git presence release {}", words.join(" ")));
    let passes = turns.iter().map(|(turn, word)| pass(turn, word));
    let lines: Vec<String> = release.into_iter().chain(passes).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_passed_on_and_the_rest_is_released() {
        const PASS: &str = "--status \"<how things stand>\" --next \"<what comes next>\"";
        for (labels, expected) in [
            (&["turn:main"][..], format!("git presence turn pass {PASS}")),
            (
                &["turn:list"],
                format!("git presence turn pass turn:list {PASS}"),
            ),
            (
                &["node:a", "path:b"],
                "git presence release node:a path:b".to_owned(),
            ),
            (
                &["turn:main", "path:b"],
                format!("git presence release path:b; git presence turn pass {PASS}"),
            ),
        ] {
            let all: Vec<Resource> = { labels.iter() }
                .map(|label| Resource::parse(label).unwrap())
                .collect();
            let all = all.iter().map(|one| (one, one.label().to_owned()));
            assert_eq!(release_line(all), expected, "{labels:?}");
        }
    }

    #[test]
    fn a_room_is_named_by_its_label() {
        let of = |label: &str| take(&Resource::parse(label).unwrap(), label, "--wait");
        assert_eq!(of("turn:main"), "git presence turn take --wait");
        assert_eq!(of("turn:next"), "git presence turn take turn:next --wait");
    }
}
