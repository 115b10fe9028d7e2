//! The loop of the board: what happens, and what is drawn then.
//!
//! Owns when the board is read again: when refs change, when a claim ends, and once a minute, since
//! it says how long ago things were. Nothing is done in between. Never decides what is shown.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::Opened;
use super::act;
use super::rows;
use super::screen::{Input, Screen};
use super::state::{Effect, Event, State, update};
use crate::app::board::fetches::Fetches;
use crate::app::board::status;
use crate::clock::Clock as _;
use crate::failure::Failure;
use crate::host::{Signals, Watch};

/// How often it looks for signals, and for a terminal that is gone.
const TICK: Duration = Duration::from_millis(400);
/// How often the board is read although no change was noticed.
const READ_EVERY: Duration = Duration::from_secs(60);

/// After this many looks in a row that fail, it ends.
const FAILURES_MAX: u32 = 10;

/// What wakes the loop.
enum Wake {
    Input(Input),
    Changed,
}

/// Shows the board until it is left.
pub(super) fn run(opened: &Opened<'_>, mut screen: Screen) -> Result<(), Failure> {
    let host = opened.context.host;
    let signals = Signals::watch();
    let wrapper = host.wrapper();
    let wakes = wakes(opened, &screen);
    let mut fetches = Fetches::begin(&opened.context);
    let mut state = State {
        size: screen.size(),
        ..State::default()
    };
    let mut read_at = Duration::ZERO;
    let (mut is_drawn, mut failures) = (false, 0);
    loop {
        if host.elapsed() >= read_at {
            let again_within = match read(opened, &mut state) {
                Ok(ends_within) => {
                    failures = 0;
                    READ_EVERY.min(ends_within)
                }
                // What cannot be read now may be readable at the next look.
                Err(_) if failures < FAILURES_MAX => {
                    failures += 1;
                    TICK
                }
                Err(failure) => return Err(failure),
            };
            read_at = host.elapsed() + again_within;
            is_drawn = false;
        }
        if !is_drawn && screen.draw(&state).is_err() {
            return Ok(());
        }
        is_drawn = true;
        if signals.received() || wrapper.is_gone() {
            return Ok(());
        }
        fetches.fetch_if_due(&opened.context);
        match wakes.recv_timeout(TICK) {
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) | Ok(Wake::Input(Input::Gone)) => return Ok(()),
            Ok(Wake::Changed) => read_at = Duration::ZERO,
            Ok(Wake::Input(Input::Event(event))) => {
                is_drawn = false;
                match update(&mut state, event) {
                    None => {}
                    Some(Effect::Quit) => return Ok(()),
                    Some(effect) => {
                        let said = act::perform(opened, effect);
                        update(&mut state, Event::Said(said));
                        read_at = Duration::ZERO;
                    }
                }
            }
        }
    }
}

/// Reads the board. Returns how long what was read is true without another change.
fn read(opened: &Opened<'_>, state: &mut State) -> Result<Duration, Failure> {
    let status = status::execute(&opened.context)?;
    let shown = rows::screen(&status, &opened.terminal.when(status.now));
    let claims = status.mine.iter().chain(&status.others);
    let ends = claims.map(|held| held.expires_at.secs_since(status.now));
    let ends = ends.filter(|secs| *secs > 0).min();
    update(state, Event::Read(Box::new(shown)));
    Ok(ends.map_or(Duration::MAX, Duration::from_secs))
}

/// Starts what wakes the loop: keys, and changes of refs.
fn wakes(opened: &Opened<'_>, screen: &Screen) -> Receiver<Wake> {
    let (to, wakes) = channel();
    let (keys, inputs) = channel();
    screen.listen(keys);
    let of_inputs = to.clone();
    thread::spawn(move || {
        while let Ok(input) = inputs.recv() {
            if of_inputs.send(Wake::Input(input)).is_err() {
                return;
            }
        }
    });
    let mut watch = Watch::on(&opened.context.ledger.tracking().watched());
    thread::spawn(move || {
        loop {
            if watch.wait(READ_EVERY) && to.send(Wake::Changed).is_err() {
                return;
            }
        }
    });
    wakes
}
