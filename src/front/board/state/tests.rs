use super::*;
use crate::front::board::sections::Section;

fn row(name: &str) -> Row {
    Row {
        key: name.to_owned(),
        name: name.to_owned(),
        details: (0..20).map(|n| format!("{name} line {n}")).collect(),
        ..Row::default()
    }
}

fn bob() -> Addressee {
    Addressee {
        session: "bob".to_owned(),
        reply_to: None,
    }
}

fn resource() -> Resource {
    Resource::parse("db:a").unwrap()
}

fn screen(names: &[&[&str]]) -> Box<Screen> {
    let titles = ["In flight", "Turns", "Tasks"];
    let section = |(title, names): (&'static str, &&[&str])| Section {
        title,
        rows: names.iter().map(|name| row(name)).collect(),
        ..Section::default()
    };
    let mut screen = Screen {
        sections: titles.into_iter().zip(names).map(section).collect(),
        ..Screen::default()
    };
    for row in screen.sections.iter_mut().flat_map(|one| &mut one.rows) {
        match row.name.as_str() {
            "db:a" => row.release = Some(resource()),
            "db:b" => row.to = Some(bob()),
            _ => {}
        }
    }
    Box::new(screen)
}

/// The state after the board was read and these keys were pressed, and the last effect.
fn after(keys: &[Key]) -> (State, Option<Effect>) {
    let mut state = State::default();
    update(&mut state, Event::Resized(60, 12));
    update(
        &mut state,
        Event::Read(screen(&[
            &["db:a", "db:b", "db:c"],
            &["turn:main"],
            &["t1", "t2"],
        ])),
    );
    let mut effect = None;
    for key in keys {
        effect = update(&mut state, Event::Key(*key));
    }
    (state, effect)
}

fn typed(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

#[track_caller]
fn selects(keys: &[Key], name: &str) {
    let (state, effect) = after(keys);
    assert_eq!(state.row().unwrap().name, name, "{keys:?}");
    assert_eq!(effect, None);
}

#[test]
fn keys_move_among_rows_and_sections() {
    use Key::*;
    selects(&[], "db:a");
    selects(&[Up], "db:a");
    selects(&[Down], "db:b");
    selects(&[Char('j'), Char('j'), Char('j')], "turn:main");
    selects(&[Char('G')], "t2");
    selects(&[PageDown], "t2");
    selects(&[End, Home], "db:a");
    selects(&[End, Char('k')], "t1");
    selects(&[Down, NextSection], "turn:main");
    selects(&[NextSection, NextSection], "t1");
    selects(&[NextSection, NextSection, NextSection], "t2");
    selects(&[End, SectionBefore], "turn:main");
    selects(&[SectionBefore], "db:a");
    selects(&[End, PageUp], "db:a");
}

#[test]
fn a_row_stays_selected_while_it_is_there() {
    let (mut state, _) = after(&[Key::Down]);
    let mut read = |names: &[&[&str]]| {
        update(&mut state, Event::Read(screen(names)));
        state.row().map(|row| row.name)
    };
    assert_eq!(read(&[&["x", "y", "db:b"]]).unwrap(), "db:b");
    assert_eq!(read(&[&["x", "y", "z"]]).unwrap(), "z");
    assert_eq!(read(&[&["x"]]).unwrap(), "x");
    assert_eq!(read(&[&[]]), None);
    assert_eq!(read(&[&["x"]]).unwrap(), "x");
}

#[test]
fn a_filter_is_typed_kept_and_taken_back() {
    let filter = [vec![Key::Char('/')], typed("turn")].concat();
    let (state, _) = after(&filter);
    assert_eq!(state.mode, Mode::Filter);
    assert_eq!(state.row().unwrap().name, "turn:main");
    let (state, _) = after(&[filter.clone(), vec![Key::Enter]].concat());
    assert_eq!((state.mode, state.filter.as_str()), (Mode::Rows, "turn"));
    let (state, _) = after(&[filter.clone(), vec![Key::Enter, Key::Escape]].concat());
    assert_eq!((&state.mode, state.filter.as_str()), (&Mode::Rows, ""));
    assert_eq!(state.row().unwrap().name, "turn:main");
    let (state, _) = after(&[filter.clone(), vec![Key::Backspace, Key::Backspace]].concat());
    assert_eq!(state.filter, "tu");
    let (state, effect) = after(&[filter, typed("qr?")].concat());
    assert_eq!((state.filter.as_str(), effect), ("turnqr?", None));
    assert_eq!(state.row(), None);
}

#[test]
fn details_are_scrolled_to_their_end_and_no_further() {
    let line = |keys: &[Key]| match after(&[&[Key::Enter], keys].concat()).0.mode {
        Mode::Details(line) => Some(line),
        _ => None,
    };
    assert_eq!(line(&[]), Some(0));
    assert_eq!(line(&[Key::Down, Key::Down, Key::Up]), Some(1));
    // 20 lines, of which ten are seen.
    assert_eq!(line(&[Key::PageDown, Key::PageDown]), Some(10));
    assert_eq!(line(&[Key::Char('q')]), None);
    assert_eq!(line(&[Key::Escape]), None);
}

#[test]
fn nothing_is_released_without_a_question() {
    let question = Mode::Ask("Release db:a?".to_owned(), Effect::Release(resource()));
    let (state, effect) = after(&typed("r"));
    assert_eq!((state.mode, effect), (question.clone(), None));
    let (state, effect) = after(&typed("ry"));
    assert_eq!(state.mode, Mode::Rows);
    assert_eq!(effect, Some(Effect::Release(resource())));
    let (state, effect) = after(&typed("rx"));
    assert_eq!((state.mode, effect), (question, None));
    let (state, effect) = after(&typed("rn"));
    assert_eq!((state.mode, effect), (Mode::Rows, None));
    assert_eq!(state.said, "nothing was done");
    // That of another session.
    let (state, effect) = after(&[Key::Down, Key::Char('r')]);
    assert_eq!((state.mode, effect), (Mode::Rows, None));
    assert_eq!(state.said, "only a claim of yours can be released here");
}

#[test]
fn a_message_is_typed_and_sent_after_a_question() {
    let write = |text: &str| [vec![Key::Down, Key::Char('t')], typed(text)].concat();
    let (state, _) = after(&write("hi?"));
    assert_eq!(state.mode, Mode::Write(bob(), "hi?".to_owned()));
    let asked = [write("hi"), vec![Key::Enter]].concat();
    let (state, effect) = after(&asked);
    assert_eq!(effect, None);
    assert!(matches!(&state.mode, Mode::Ask(question, _) if question == "Send it to bob?"));
    let (_, effect) = after(&[asked, typed("y")].concat());
    let tell = Effect::Tell {
        to: "bob".to_owned(),
        text: "hi".to_owned(),
        reply_to: None,
    };
    assert_eq!(effect, Some(tell));
    for nothing in [write("  "), write("")] {
        let (state, effect) = after(&[nothing, vec![Key::Enter]].concat());
        assert_eq!((state.mode, effect), (Mode::Rows, None));
        assert_eq!(state.said, "nothing was sent");
    }
    // To oneself.
    let (state, _) = after(&typed("t"));
    assert_eq!(state.said, "no other session is in this row");
}

#[test]
fn what_is_typed_has_an_end() {
    let mut keys = vec![Key::Char('/')];
    keys.extend(std::iter::repeat_n(Key::Char('x'), TYPED_MAX + 5));
    assert_eq!(after(&keys).0.filter.len(), TYPED_MAX);
}

#[test]
fn the_board_ends_with_q_and_whatever_is_open_with_an_interrupt() {
    assert_eq!(after(&typed("q")).1, Some(Effect::Quit));
    for open in ["", "/", "?", "r"] {
        let keys = [typed(open), vec![Key::Interrupt]].concat();
        assert_eq!(after(&keys).1, Some(Effect::Quit), "{open}");
    }
    let (state, effect) = after(&typed("?q"));
    assert_eq!((state.mode, effect), (Mode::Rows, None));
}

#[test]
fn what_was_said_is_there_until_the_next_key() {
    let (mut state, _) = after(&[]);
    update(&mut state, Event::Said("released db:a".to_owned()));
    update(&mut state, Event::Read(screen(&[&["db:b"]])));
    assert_eq!(state.said, "released db:a");
    update(&mut state, Event::Key(Key::Down));
    assert_eq!(state.said, "");
}
