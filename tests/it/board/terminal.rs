//! `board`: what is claimed, in a terminal, until it is left.

use std::time::Duration;

use crate::machines::Team;
use crate::said::Said;
use crate::world::{ALICE, BOB, World, needs};

/// A terminal of a server of its own, in which a shell runs the board.
struct Terminal {
    world: World,
    /// The socket of the server: each has its own, since one may end while the next one begins.
    socket: String,
}

impl Terminal {
    /// Opens a terminal of this size, as a session sees it. When the board has ended, the shell
    /// says with which code, and what the terminal is like.
    fn open(world: &World, id: &str, (columns, lines): (u16, u16)) -> Self {
        let world = world
            .with("GIT_PRESENCE_SESSION", id)
            .with("TERM", "xterm-256color");
        world.write(
            "in-pane",
            "bash -c 'echo $$ >pid; exec git-presence board'\n\
             echo \"ended $?\"; stty -a | grep -oE -- '-?\\b(icanon|echo)\\b' | paste -sd ' '\n\
             sleep 1000\n",
        );
        let socket = format!("tmux-{columns}.sock");
        let terminal = Self { world, socket };
        terminal
            .tmux(&format!(
                "-f /dev/null new-session -d -x {columns} -y {lines} 'bash in-pane'"
            ))
            .done();
        terminal
    }

    fn tmux(&self, line: &str) -> Said {
        // The path of a socket has at most 107 bytes.
        self.world.sh(&format!("tmux -S {} {line}", self.socket))
    }

    fn keys(&self, keys: &str) {
        self.tmux(&format!("send-keys {keys}")).done();
    }

    /// What the terminal shows.
    fn screen(&self) -> String {
        self.tmux("capture-pane -p").out
    }

    /// Waits until the terminal shows this.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "a terminal is another process")]
    fn shows(&self, text: &str) -> String {
        for _ in 0..1000 {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{text:?} is not shown:\n{}", self.screen());
    }

    /// Checks that the board has ended with this code, and the terminal is as it was.
    #[track_caller]
    fn has_ended(&self, code: i32) {
        self.shows(&format!("ended {code}\nicanon echo\n"));
        let state = self.tmux("display -p '#{alternate_on} #{cursor_flag}'").out;
        assert_eq!(state, "0 1\n");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux("kill-server");
    }
}

/// A board with something in each section.
fn world() -> World {
    let world = World::new();
    world.alice("claim node:x -p upgrade").done();
    world.bob("claim node:x db:y -p \"the backup\"").done();
    world.bob("turn take").done();
    world.alice("wait turn:main --for=0s").exits(4);
    world
        .bob(&format!("tell {ALICE} -m \"ten minutes?\" --ask"))
        .done();
    world.bob("state svc:api degraded -m slow").done();
    world.bob("task add \"write the tests\"").done();
    world
}

#[test]
fn at_each_size_everything_is_seen() {
    if !needs("tmux") {
        return;
    }
    let world = world();
    for size in [(60, 15), (80, 24), (200, 50)] {
        let terminal = Terminal::open(&world, ALICE, size);
        let screen = terminal.shows("q quit");
        for part in [
            "In flight  3 claimed, 2 in conflict",
            "! node:x",
            "Turns",
            "turn:main",
            "next: you",
            "Tasks",
            "write the tests",
            "Messages  1 unread",
            "ten minutes?",
            "States",
            "degraded",
        ] {
            assert!(screen.contains(part), "{size:?}: {part}\n{screen}");
        }
        terminal.keys("q");
        terminal.has_ended(0);
    }
}

#[test]
fn what_changes_is_drawn_and_what_is_mine_is_released() {
    if !needs("tmux") {
        return;
    }
    let world = World::new();
    let terminal = Terminal::open(&world, ALICE, (80, 24));
    terminal.shows("nothing is claimed");
    world.alice("claim infra:dns -p zone").done();
    terminal.shows("+ infra:dns");
    world.bob("claim infra:dns -p other").done();
    terminal.shows("1 other session");
    terminal.shows("2 claimed, 2 in conflict");
    // A filter, all of a row, and back.
    terminal.keys("/ o t h e r Enter");
    terminal.shows("/other  esc all rows");
    terminal.keys("Enter");
    terminal.shows("by wizard@devvm@bob");
    terminal.keys("Escape");
    terminal.shows("/other  esc all rows");
    terminal.keys("Escape");
    terminal.shows("infra:dns  you");
    terminal.keys("g r");
    terminal.shows("Release infra:dns?  y yes  n no");
    terminal.keys("n");
    terminal.shows("nothing was done");
    terminal.keys("r");
    terminal.shows("Release infra:dns?");
    terminal.keys("y");
    terminal.shows("released infra:dns");
    terminal.shows("1 claimed");
    world.alice("list --mine").omits("infra:dns");
    terminal.keys("C-c");
    terminal.has_ended(0);
}

/// The same conflict, turn and message as everywhere, as soon as they are in this clone.
#[test]
fn what_another_clone_did_is_drawn_after_a_sync() {
    if !needs("tmux") {
        return;
    }
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:dns -p zone").done();
    let terminal = Terminal::open(&a, ALICE, (80, 24));
    terminal.shows("1 claimed");
    b.anyone("sync").done();
    b.bob("claim infra:dns -p other").done();
    b.bob("turn take").done();
    b.bob(&format!("tell {ALICE} -m \"ten minutes?\"")).done();
    a.anyone("sync").done();
    terminal.shows("2 claimed, 2 in conflict");
    terminal.shows("turn:main  wizard@devvm@bob");
    terminal.shows("ten minutes?");
}

#[test]
fn a_message_is_answered() {
    if !needs("tmux") {
        return;
    }
    let world = World::new();
    world.alice("claim node:x -p p").done();
    world
        .bob(&format!("tell {ALICE} -m \"ten minutes?\" --ask"))
        .done();
    let terminal = Terminal::open(&world, ALICE, (60, 15));
    terminal.shows("ten minutes?");
    terminal.keys("Tab t");
    terminal.shows("Tell wizard@devvm@bob: _");
    terminal.keys("-l 'go ahead'");
    terminal.shows("go ahead_");
    terminal.keys("Enter");
    terminal.shows("Send it to wizard@devvm@bob?");
    world.bob("inbox").omits("go ahead");
    terminal.keys("y");
    terminal.shows("told, id ");
    world.bob("inbox").says("go ahead").says("in answer to");
    terminal.keys("q");
    terminal.has_ended(0);
}

#[test]
fn a_terminal_of_one_character_and_a_signal() {
    if !needs("tmux") {
        return;
    }
    let world = world();
    let terminal = Terminal::open(&world, ALICE, (80, 24));
    terminal.shows("q quit");
    terminal.tmux("resize-window -x 1 -y 1").done();
    terminal.shows("!");
    // What follows an escape at once is one key with it.
    for keys in ["Down Enter", "Escape", "r n", "'?'", "x", "Escape"] {
        terminal.keys(keys);
    }
    terminal.tmux("resize-window -x 60 -y 15").done();
    terminal.shows("q quit");
    world.sh("kill -TERM $(cat pid)").done();
    terminal.has_ended(0);
}

#[test]
fn text_of_others_is_text() {
    if !needs("tmux") {
        return;
    }
    let world = World::new();
    world
        .bob("claim node:x -p \"#[fg=red]$(touch hacked) `id` %s\"")
        .done();
    let terminal = Terminal::open(&world, ALICE, (80, 24));
    let screen = terminal.shows("node:x");
    assert!(screen.contains("#[fg=red]$(touch hacked)"), "{screen}");
    assert!(!world.has("hacked"));
}

/// How much of a core a process used, in hundredths of a second.
#[cfg(target_os = "linux")]
fn ticks(pid: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its state");
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |at: usize| fields[at].parse::<u64>().expect("a number");
    // Time of its own, and of the system for it.
    number(11) + number(12)
}

/// How long after the last move of a ref the board was drawn last.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "another process writes the file")]
fn drawn_after(world: &World) -> Duration {
    let refs = world.git_dir().join("refs/presence/sessions");
    let files = std::fs::read_dir(refs).expect("the refs");
    let moved = files.map(|file| file.unwrap().metadata().unwrap().modified().unwrap());
    let moved = moved.max().expect("a ref");
    let drawn = || {
        let file = std::fs::metadata(world.dir().join("drawn")).ok()?;
        file.modified().unwrap().duration_since(moved).ok()
    };
    // The screen is shown before the file is written.
    for _ in 0..500 {
        if let Some(after) = drawn() {
            return after;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("nothing was drawn since");
}

/// Nothing is done while nothing changes, and a change is drawn at once. Takes more than a minute.
#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
fn a_minute_without_a_change_and_changes_after_it() {
    let is_long = std::env::var_os("GIT_PRESENCE_LONG").is_some();
    if !is_long || !needs("tmux") {
        return;
    }
    let world = world();
    let terminal = Terminal::open(&world, ALICE, (80, 24));
    terminal.shows("q quit");
    let pid = world.read("pid");
    std::thread::sleep(Duration::from_secs(2));
    let before = ticks(pid.trim());
    std::thread::sleep(Duration::from_secs(60));
    let used = ticks(pid.trim()) - before;
    eprintln!("{used} hundredths of a second in a minute");
    // 0.2 % of a core.
    assert!(used <= 12, "{used} hundredths of a second in a minute");
    // What is drawn goes to a file, so that no look at the screen is measured.
    terminal.tmux("pipe-pane -o 'cat >>drawn'").done();
    let mut waits = Vec::new();
    for n in 0..9 {
        world.bob(&format!("claim change:n{n} -p p")).done();
        terminal.shows(&format!("change:n{n}"));
        waits.push(drawn_after(&world));
        world.bob(&format!("release change:n{n}")).done();
        terminal.shows("3 claimed");
    }
    waits.sort();
    eprintln!("drawn after {waits:?}");
    assert!(waits[4] < Duration::from_millis(200), "{waits:?}");
}

#[test]
fn without_a_terminal_it_is_the_list() {
    let world = world();
    let list = world.alice("list").out;
    world.alice("board").says_all(list);
    let list = world.alice("list --json").json();
    assert_eq!(world.alice("board --json").json(), list);
    world.sh("git-presence board | true").done();
    // What knows no more than lines is no terminal for it.
    if needs("tmux") {
        let world = world.with("GIT_PRESENCE_SESSION", BOB);
        let tmux = "tmux -S tmux.sock";
        world
            .sh(&format!(
                "{tmux} -f /dev/null new-session -d -x 80 -y 24 \
             'TERM=dumb git-presence board >out 2>&1 </dev/tty; TERM=dumb git-presence board; \
             touch done; sleep 1000'; \
             for n in $(seq 500); do test -e done && break; sleep 0.02; done; \
             {tmux} capture-pane -p; {tmux} kill-server"
            ))
            .says("RESOURCE")
            .omits("q quit");
    }
}

#[test]
fn one_frame() {
    let world = world();
    let said = world.with("COLUMNS", "60").alice("board --once");
    said.says("In flight  3 claimed, 2 in conflict")
        .says("! node:x")
        .omits("quit")
        .omits("\u{1b}");
    for line in said.lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
    let status = world.alice("status --json").json();
    assert_eq!(world.alice("board --once --json").json(), status);
}
