//! Where the running program was installed from: [`Program`].
//!
//! Owns how that is told by its path, and which command renews it. Never asks a package manager.

use std::path::Path;

use crate::host::Host;

/// The file that makes a folder an environment of Python.
const OF_PYTHON: &str = "pyvenv.cfg";

/// The program that runs.
#[derive(Debug)]
pub struct Program {
    /// Its file, without links; `None` if the system does not tell.
    pub path: Option<String>,
    /// Its version, that of the crate.
    pub version: &'static str,
    /// What installed it.
    pub origin: Origin,
}

/// What installs programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `cargo install`.
    Cargo,
    /// A package of npm.
    Npm,
    /// A wheel, by pip or uv.
    Python,
    /// Homebrew.
    Homebrew,
    /// Nix.
    Nix,
    /// A package of the system, such as a `.deb`.
    System,
    /// A checkout of the sources, where it was built.
    Checkout,
    /// Something else: an archive, or a copy.
    Other,
}

impl Origin {
    /// Returns the word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Npm => "npm",
            Self::Python => "python",
            Self::Homebrew => "homebrew",
            Self::Nix => "nix",
            Self::System => "system",
            Self::Checkout => "checkout",
            Self::Other => "other",
        }
    }

    /// Returns what it is for people: a phrase that follows "from".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Cargo => "cargo install",
            Self::Npm => "npm",
            Self::Python => "a wheel (pip, uv)",
            Self::Homebrew => "Homebrew",
            Self::Nix => "Nix",
            Self::System => "a package of the system",
            Self::Checkout => "a build in a checkout",
            Self::Other => "an archive or a copy",
        }
    }
}

/// Returns the program that runs.
pub fn program(host: Host) -> Program {
    let path = host.own_program();
    let is_python = |path: &Path| {
        let environment = path.parent().and_then(Path::parent);
        environment.is_some_and(|folder| folder.join(OF_PYTHON).is_file())
    };
    Program {
        origin: path.as_deref().map_or(Origin::Other, |path| {
            origin(&path.display().to_string(), is_python(path))
        }),
        path: path.map(|path| path.display().to_string()),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// Returns what installed a program at `path`; `is_python` if that is an environment of Python.
fn origin(path: &str, is_python: bool) -> Origin {
    let has = |part: &str| path.contains(part);
    if is_python {
        Origin::Python
    } else if has("/node_modules/") {
        Origin::Npm
    } else if has("/Cellar/") || has("/homebrew/") || has("/linuxbrew/") {
        Origin::Homebrew
    } else if path.starts_with("/nix/store/") {
        Origin::Nix
    } else if has("/target/") {
        Origin::Checkout
    } else if has("/.cargo/bin/") {
        Origin::Cargo
    } else if path.starts_with("/usr/bin/") || path.starts_with("/usr/libexec/") {
        Origin::System
    } else {
        Origin::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_installed_it() {
        for (path, is_python, wanted) in [
            ("/home/me/.cargo/bin/git-presence", false, Origin::Cargo),
            ("/usr/bin/git-presence", false, Origin::System),
            ("/usr/local/bin/git-presence", false, Origin::Other),
            ("/home/me/app/.venv/bin/git-presence", true, Origin::Python),
            ("/usr/bin/git-presence", true, Origin::Python),
            (
                "/usr/lib/node_modules/git-presence/node_modules/git-presence-linux-x64/bin/git-presence",
                false,
                Origin::Npm,
            ),
            (
                "/opt/homebrew/Cellar/git-presence/0.1.0/bin/git-presence",
                false,
                Origin::Homebrew,
            ),
            (
                "/nix/store/x-git-presence-0.1.0/bin/git-presence",
                false,
                Origin::Nix,
            ),
            (
                "/src/git-presence/target/debug/git-presence",
                false,
                Origin::Checkout,
            ),
        ] {
            assert_eq!(origin(path, is_python), wanted, "{path}");
        }
    }
}
