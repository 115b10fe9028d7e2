//! The streams of the process: stdout and stderr.
//!
//! Owns writing to them, with colours where the settings and the stream want them. Never knows
//! what is written.

use std::io::Write as _;

use crate::config::ColorWhen;

fn choice(color: ColorWhen) -> anstream::ColorChoice {
    match color {
        // `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb` and the kind of stream decide.
        ColorWhen::Auto => anstream::ColorChoice::Auto,
        ColorWhen::Always => anstream::ColorChoice::Always,
        ColorWhen::Never => anstream::ColorChoice::Never,
    }
}

/// Returns whether a text is the same with colours and without them.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .fold(true, |all, byte| all & matches!(byte, b'\n' | 0x20..0x7f))
}

/// Writes to stdout, and reports what the stream answers.
#[expect(clippy::disallowed_methods, reason = "the one place that prints")]
pub(super) fn print_out(text: &str, color: ColorWhen) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if is_plain(text) {
        out.write_all(text.as_bytes())?;
        return out.flush();
    }
    let mut stream = anstream::AutoStream::new(out, choice(color));
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Writes to stderr. A line that cannot be written is lost: there is no other place for it.
#[expect(clippy::disallowed_methods, reason = "the one place that prints")]
pub(super) fn print_err(text: &str, color: ColorWhen) {
    let mut stream = anstream::AutoStream::new(std::io::stderr().lock(), choice(color));
    let _ = stream.write_all(text.as_bytes());
}
