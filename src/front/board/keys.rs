//! What the keys do, in words.
//!
//! Owns the lines of `?` and of the foot. What they say is decided in `state`. Never reads a key.

/// The foot while rows are shown.
pub(super) const IN_ROWS: &str = "enter all of it  / filter  t tell  r release  ? keys  q quit";
/// The foot below all of a row.
pub(super) const IN_DETAILS: &str = "esc back  j k move  t tell  r release";
/// The foot below the keys.
pub(super) const IN_KEYS: &str = "any key goes back";

/// Returns the lines of `?`.
pub(super) fn lines() -> Vec<String> {
    const LINES: [&str; 18] = [
        "j k, arrows      one row down or up",
        "space, pages     ten rows",
        "g G, home end    the first row, the last row",
        "tab              the next section; with shift the one before",
        "enter            all of a row",
        "/                show the rows that have some words; esc shows all",
        "t                tell the session of a row something",
        "r                release a claim of yours",
        "q, ctrl-c        quit",
        "",
        "Before each row:",
        "!  in conflict, or wrong",
        "*  for you",
        "+  yours",
        "",
        "Nothing is written but messages and releases, each after a question.",
        "The board is drawn again when something changes, and once a minute.",
        "The same for programs: git presence status --json",
    ];
    LINES.map(str::to_owned).to_vec()
}
