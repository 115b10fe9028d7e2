//! Hooks in Git's configuration (Git 2.54 and newer).
//!
//! Owns the text of the sections at the end of the configuration, and their removal, which leaves
//! every other byte as it was. Pure. Never touches a line of another program or a user.

use super::Hook;

/// Marks our sections, also for the user.
const MARK: &str = " # git presence install";
/// A line end that the file lacked. The trailing space, which Git ignores, tells it from one that
/// was there.
const OUR_LINE_END: &str = "\n ";

fn header(hook: &Hook) -> String {
    // Git rejects a hook name that is also the name of an event.
    format!("[hook \"presence-{}\"]{MARK}", hook.name)
}

fn lines(hook: &Hook) -> [String; 2] {
    [
        format!("\tcommand = \"{}\"", hook.command),
        format!("\tevent = {}", hook.name),
    ]
}

/// Checks whether `text` has the section of this hook.
pub fn has(text: &str, hook: &Hook) -> bool {
    text.lines().any(|line| line.trim_start() == header(hook))
}

/// Returns `text` with the section of this hook, and the lines that were added.
pub fn with(text: &str, hook: &Hook) -> (String, Vec<String>) {
    if has(text, hook) {
        return (text.to_owned(), Vec::new());
    }
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(OUR_LINE_END);
    }
    let mut added = vec![header(hook)];
    added.extend(lines(hook));
    out.push_str(&added.join("\n"));
    out.push('\n');
    (out, added)
}

/// Returns `text` without the lines of [`with`], and the lines that were removed. If the user added
/// lines to our section, those stay with its header.
pub fn without(text: &str, hook: &Hook) -> (String, Vec<String>) {
    let header = header(hook);
    let found = text.match_indices(&header).map(|(at, _)| at);
    let mut starts = found.filter(|at| text[*at + header.len()..].starts_with('\n'));
    let Some(start) = starts.next() else {
        return (text.to_owned(), Vec::new());
    };
    let body_start = start + header.len() + 1;
    let mut rest = &text[body_start..];
    let mut removed = vec![header.clone()];
    // A line that an older version wrote is removed too.
    let ours = |line: &str| line.starts_with("\tcommand = ") || line.starts_with("\tevent = ");
    while let Some((line, after)) = rest.split_once('\n').filter(|(line, _)| ours(line)) {
        removed.push(line.to_owned());
        rest = after;
    }
    let next = rest.trim_start_matches([' ', '\t']);
    if !(next.is_empty() || next.starts_with('[')) {
        return (format!("{}{rest}", &text[..body_start]), removed);
    }
    let before = &text[..start];
    // Text that follows needs our line end; without such text it is removed too.
    let ours = before.strip_suffix(OUR_LINE_END);
    let before = ours.filter(|_| rest.is_empty()).unwrap_or(before);
    (format!("{before}{rest}"), removed)
}

#[cfg(test)]
mod tests {
    use super::super::HOOKS;
    use super::*;

    #[test]
    fn added_and_taken_back() {
        for text in [
            "",
            "[core]\n\tbare = false\n",
            "[core]\n\tbare = false",
            "[core]\n ",
            "# end",
        ] {
            let (mut with_all, mut count) = (text.to_owned(), 0);
            for hook in &HOOKS {
                let (more, added) = with(&with_all, hook);
                assert!(has(&more, hook) && more.starts_with(text));
                assert_eq!(with(&more, hook), (more.clone(), Vec::new()));
                (with_all, count) = (more, count + added.len());
            }
            assert_eq!(count, 6);
            for hook in HOOKS.iter().rev() {
                with_all = without(&with_all, hook).0;
            }
            assert_eq!(with_all, text);
        }
    }

    #[test]
    fn in_any_order_and_among_what_came_later() {
        let text = "[core]\n\tbare = false";
        let [first, second] = &HOOKS;
        let both = with(&with(text, first).0, second).0 + "[user]\n\tname = x\n";
        let (rest, removed) = without(&both, first);
        assert_eq!(removed.len(), 3);
        let rest = without(&rest, second).0;
        assert_eq!(rest, format!("{text}\n [user]\n\tname = x\n"));
        let both = with(&with(text, first).0, second).0;
        assert_eq!(without(&without(&both, first).0, second).0, text);
    }

    #[test]
    fn what_the_user_added_stays() {
        let [hook, _] = &HOOKS;
        let more = with("", hook).0 + "\tenabled = false\n";
        let (rest, _) = without(&more, hook);
        assert_eq!(rest, format!("{}\n\tenabled = false\n", header(hook)));
    }

    #[test]
    fn it_is_what_git_reads() {
        let [hook, _] = &HOOKS;
        assert_eq!(
            with("", hook).0,
            "[hook \"presence-pre-push\"] # git presence install\n\
             \tcommand = \"command -v git-presence >/dev/null 2>&1 || exit 0; \
             git presence hook pre-push\"\n\tevent = pre-push\n"
        );
    }
}
