use ratatui::style::Modifier;
use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::front::board::frame::{drawn, text};
use crate::front::board::sections::{Addressee, Mark};

/// What a row of these parts is.
fn row(mark: Mark, [name, who, what, when]: [&str; 4]) -> Row {
    let details = vec![format!("{name} of {who}"), what.to_owned()];
    Row {
        key: name.to_owned(),
        mark,
        name: name.to_owned(),
        who: who.to_owned(),
        what: what.to_owned(),
        when: when.to_owned(),
        details,
        to: Some(Addressee {
            session: who.to_owned(),
            reply_to: None,
        }),
        release: None,
    }
}

fn section(title: &'static str, summary: &str, rows: Vec<Row>) -> Section {
    Section {
        title,
        summary: summary.to_owned(),
        rows,
    }
}

/// A board on which much happens.
pub(in crate::front::board) fn scene() -> Screen {
    use Mark::{ForMe, Mine, Plain, Quiet, Trouble};
    let mut scene = Screen {
        head: "alice  3 other sessions  10:04".to_owned(),
        remote: "origin: seen 12 s ago".to_owned(),
        sections: vec![
            section(
                "In flight",
                "5 claimed, 2 in conflict",
                vec![
                    row(
                        Trouble,
                        ["path:src/net/dns.rs", "you", "\"retry on timeout\"", "12m"],
                    ),
                    row(
                        Trouble,
                        ["path:src/net/**", "bob", "\"move to tokio\"", "14m"],
                    ),
                    row(
                        Mine,
                        ["node:k8s-1", "you", "exclusive \"driver upgrade\"", "28m"],
                    ),
                    row(Plain, ["infra:dns", "carol", "\"zone transfer\"", "9m"]),
                    row(Quiet, ["node:k8s-1", "dave", "waits \"kernel\"", "2m"]),
                ],
            ),
            section(
                "Turns",
                "",
                vec![row(
                    Plain,
                    ["turn:main", "bob", "next: you and 1 more", "41m"],
                )],
            ),
            section(
                "Tasks",
                "1 yours, 1 held, 1 ready, 1 waiting",
                vec![
                    row(Mine, ["3f9k2a1b", "you", "\"write the tests\"", "30m"]),
                    row(Plain, ["8c1d0e2f", "carol", "\"zone files\"", "12m"]),
                    row(ForMe, ["91aa7c3d", "ready", "\"document the flags\"", "2h"]),
                    row(Quiet, ["aa02bb17", "waits", "\"release\"", "2h"]),
                ],
            ),
        ],
    };
    scene.sections.extend(messages_and_sessions());
    scene
}

/// What stands below the claims, turns and tasks.
fn messages_and_sessions() -> Vec<Section> {
    use Mark::{ForMe, Mine, Plain, Trouble};
    vec![
        section(
            "Messages",
            "2 unread",
            vec![
                row(ForMe, ["bob", "asks", "ten minutes for src/net?", "1m"]),
                row(ForMe, ["carol", "", "dns is back", "5m"]),
            ],
        ),
        section(
            "States",
            "",
            vec![row(
                Trouble,
                ["svc:api", "degraded", "\"p99 at 2 s\"", "7m"],
            )],
        ),
        section(
            "Sessions",
            "3 working, 1 waiting",
            vec![
                row(
                    Trouble,
                    ["bob", "working", "2 claims, claude, on net", "4s"],
                ),
                row(Mine, ["alice", "working", "3 claims, on main", "1m"]),
                row(
                    Plain,
                    ["carol", "working", "\"zone files\", codex, on dns", "12s"],
                ),
                row(Plain, ["dave", "waiting", "1 claim, on main", "2m"]),
            ],
        ),
    ]
}

fn state() -> State {
    State {
        screen: scene(),
        ..State::default()
    }
}

#[track_caller]
fn shows(state: &State, size: (u16, u16), expected: impl IntoData) {
    assert_data_eq!(text(&drawn(state, size)), expected);
}

#[test]
fn at_60_by_15() {
    shows(
        &state(),
        (60, 15),
        str![[r#"
alice  3 other sessions  10:04         origin: seen 12 s ago
In flight  5 claimed, 2 in conflict  1-2 of 5
! path:src/net/dns.rs  you  "retry on timeout"           12m
! path:src/net/**      bob  "move to tokio"              14m
Turns
  turn:main  bob  next: you and 1 more                   41m
Tasks  1 yours, 1 held, 1 ready, 1 waiting  1-1 of 4
+ 3f9k2a1b  you  "write the tests"                       30m
Messages  2 unread  1-1 of 2
* bob  asks  ten minutes for src/net?                     1m
States
! svc:api  degraded  "p99 at 2 s"                         7m
Sessions  3 working, 1 waiting  1-1 of 4
! bob  working  2 claims, claude, on net                  4s
enter all of it  / filter  t tell  r release  ? keys  q quit

"#]],
    );
}

#[test]
fn at_80_by_24() {
    shows(
        &state(),
        (80, 24),
        str![[r#"
alice  3 other sessions  10:04                             origin: seen 12 s ago
In flight  5 claimed, 2 in conflict  1-4 of 5
! path:src/net/dns.rs  you    "retry on timeout"                             12m
! path:src/net/**      bob    "move to tokio"                                14m
+ node:k8s-1           you    exclusive "driver upgrade"                     28m
  infra:dns            carol  "zone transfer"                                 9m
Turns
  turn:main  bob  next: you and 1 more                                       41m
Tasks  1 yours, 1 held, 1 ready, 1 waiting
+ 3f9k2a1b  you    "write the tests"                                         30m
  8c1d0e2f  carol  "zone files"                                              12m
* 91aa7c3d  ready  "document the flags"                                       2h
  aa02bb17  waits  "release"                                                  2h
Messages  2 unread
* bob    asks  ten minutes for src/net?                                       1m
* carol        dns is back                                                    5m
States
! svc:api  degraded  "p99 at 2 s"                                             7m
Sessions  3 working, 1 waiting
! bob    working  2 claims, claude, on net                                    4s
+ alice  working  3 claims, on main                                           1m
  carol  working  "zone files", codex, on dns                                12s
  dave   waiting  1 claim, on main                                            2m
enter all of it  / filter  t tell  r release  ? keys  q quit

"#]],
    );
}

#[test]
fn at_200_by_50() {
    let shown = text(&drawn(&state(), (200, 50)));
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 50);
    // Side by side, with a line between sections.
    assert!(
        lines[1].starts_with("In flight  5 claimed, 2 in conflict  "),
        "{shown}"
    );
    assert!(
        lines[1].ends_with("  Tasks  1 yours, 1 held, 1 ready, 1 waiting"),
        "{shown}"
    );
    assert!(lines[8].starts_with("Turns "), "{shown}");
    assert!(lines[7].ends_with("  Messages  2 unread"), "{shown}");
}

#[test]
fn at_sizes_of_no_use() {
    for size in [(1, 1), (2, 2), (3, 1), (1, 50), (200, 1), (7, 3)] {
        let modes = [
            Mode::Rows,
            Mode::Filter,
            Mode::Details(3),
            Mode::Keys,
            Mode::Still,
            Mode::Ask(
                "Release it?".to_owned(),
                crate::front::board::state::Effect::Quit,
            ),
        ];
        for mode in modes {
            let state = State { mode, ..state() };
            let buffer = drawn(&state, size);
            assert_eq!((buffer.area.width, buffer.area.height), size);
        }
    }
    assert_eq!(text(&drawn(&state(), (1, 1))), "!\n");
    let one = "! path:src…/dns.rs  you  \"retry on…  12m\n";
    assert_eq!(text(&drawn(&state(), (40, 1))), one);
}

#[test]
fn the_selected_row_is_seen_at_every_place_and_size() {
    let count = scene().rows().count();
    for size in [(20, 1), (30, 3), (60, 8), (60, 15), (130, 9)] {
        for at in 0..count {
            let mut state = state();
            state.selected.1 = at;
            let buffer = drawn(&state, size);
            let reversed = buffer.content().iter().enumerate();
            let width = usize::from(size.0);
            let lines = reversed.filter(|(n, cell)| {
                let is_title = *n < width && size.1 > 2;
                !is_title && cell.modifier.contains(Modifier::REVERSED)
            });
            assert!(lines.count() > 0, "{size:?} {at}");
        }
    }
}

#[test]
fn what_is_typed_and_asked_stands_in_the_last_line() {
    let bob = Addressee {
        session: "bob".to_owned(),
        reply_to: None,
    };
    for (mode, filter, line) in [
        (Mode::Filter, "net", "/net_"),
        (Mode::Write(bob, "on it".to_owned()), "", "Tell bob: on it_"),
        (
            Mode::Ask(
                "Release node:k8s-1?".to_owned(),
                crate::front::board::state::Effect::Quit,
            ),
            "",
            "Release node:k8s-1?  y yes  n no",
        ),
    ] {
        let state = State {
            mode,
            filter: filter.to_owned(),
            ..state()
        };
        let shown = text(&drawn(&state, (60, 15)));
        assert_eq!(shown.lines().last(), Some(line));
    }
}

#[test]
fn all_of_a_row_and_the_keys_take_the_place_of_the_rows() {
    let details = State {
        mode: Mode::Details(0),
        ..state()
    };
    let shown = text(&drawn(&details, (60, 15)));
    assert!(
        shown.contains("path:src/net/dns.rs of you\n\"retry on timeout\"\n"),
        "{shown}"
    );
    assert!(!shown.contains("infra:dns"), "{shown}");
    let keys = State {
        mode: Mode::Keys,
        ..state()
    };
    let shown = text(&drawn(&keys, (80, 24)));
    assert!(shown.contains("!  in conflict, or wrong"), "{shown}");
}

#[test]
fn wide_characters_take_their_columns() {
    let mut state = state();
    let row = state.screen.sections[0].rows.first_mut().unwrap();
    row.name = "node:日本語日本語日本語日本語".to_owned();
    for width in [20, 21, 40, 41] {
        let shown = text(&drawn(&state, (width, 12)));
        for line in shown.lines() {
            assert!(crate::output::cut::width(line) <= width.into(), "{line}");
        }
    }
}

#[test]
fn a_frame_that_is_printed_leaves_nothing_out() {
    for width in [40, 80, 200] {
        let state = State {
            mode: Mode::Still,
            ..state()
        };
        let lines = height(&state.screen, width);
        let shown = text(&drawn(&state, (width, lines)));
        assert!(!shown.contains(" of "), "{shown}");
        assert!(!shown.contains("quit"), "{shown}");
        assert_eq!(shown.lines().count(), usize::from(lines));
        assert_ne!(shown.lines().last(), Some(""));
    }
}
