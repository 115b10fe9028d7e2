//! The terminal while the board has it: [`Screen`].
//!
//! Owns raw mode and the second screen, which end with the board however that ends, a panic
//! included; and the keys as the board knows them. Never decides what a key does.

use std::io::{self, Stdout};
use std::sync::mpsc::Sender;
use std::thread;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::look::Look;
use super::state::{Event, Key, State};
use super::view::view;

/// The terminal in raw mode, on its second screen.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    look: Look,
}

/// What comes of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Something for the board.
    Event(Event),
    /// The terminal is gone.
    Gone,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    ///
    /// Standard output or input is no terminal that can be used.
    pub(super) fn take(look: Look) -> io::Result<Self> {
        restore_in_a_panic();
        enable_raw_mode()?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout()));
        let taken = terminal.and_then(|terminal| {
            execute!(stdout(), EnterAlternateScreen)?;
            Ok(Self { terminal, look })
        });
        taken.inspect_err(|_| restore())
    }

    /// Returns the columns and lines of the terminal.
    pub(super) fn size(&self) -> (u16, u16) {
        let size = self.terminal.size();
        size.map_or((0, 0), |size| (size.width, size.height))
    }

    /// Draws the board.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub(super) fn draw(&mut self, state: &State) -> io::Result<()> {
        let look = self.look;
        self.terminal
            .draw(|frame| view(state, look, frame))
            .map(drop)
    }

    /// Sends keys and sizes from here on.
    pub(super) fn listen(&self, to: Sender<Input>) {
        thread::spawn(move || {
            loop {
                let input = match event::read() {
                    Ok(event) => of(event),
                    Err(_) => Some(Input::Gone),
                };
                let is_over = input == Some(Input::Gone);
                let is_heard = input.is_none_or(|input| to.send(input).is_ok());
                if is_over || !is_heard {
                    return;
                }
            }
        });
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a screen is drawn piece by piece; no report can hold it"
)]
fn stdout() -> Stdout {
    std::io::stdout()
}

fn restore() {
    // Nothing else can be done with a terminal that is gone.
    let _ = execute!(stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// Restores the terminal before a panic is told, which would be lost on the second screen.
fn restore_in_a_panic() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        told(panic);
    }));
}

fn of(event: event::Event) -> Option<Input> {
    match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => {
            Some(Input::Event(Event::Key(key_of(key)?)))
        }
        event::Event::Resize(columns, lines) => Some(Input::Event(Event::Resized(columns, lines))),
        _ => None,
    }
}

fn key_of(key: KeyEvent) -> Option<Key> {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c' | 'd') if is_control => Key::Interrupt,
        KeyCode::Char('h') if is_control => Key::Backspace,
        KeyCode::Char(_) if is_control || key.modifiers.contains(KeyModifiers::ALT) => return None,
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Tab => Key::NextSection,
        KeyCode::BackTab => Key::SectionBefore,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}
