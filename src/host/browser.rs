//! The browser of the user.
//!
//! Owns which program starts one. Never waits for it, and shows none of what it prints.

#![expect(
    clippy::disallowed_methods,
    reason = "a browser is started here and nowhere else"
)]

use std::process::{Command, Stdio};

use super::Host;

/// What opens a URL, as the system has it.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

impl Host {
    /// Starts the browser of the user at a URL. Returns why that failed.
    pub fn open_in_browser(&self, url: &str) -> Result<(), String> {
        let mut command = Command::new(OPENER);
        command
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no program {OPENER}"),
            _ => error.to_string(),
        })?;
        // It is waited for by a thread that ends with it, or with this process.
        std::thread::spawn(move || {
            let mut started = started;
            started.wait()
        });
        Ok(())
    }
}
