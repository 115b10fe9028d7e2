//! This machine, its user, and their configuration.
//!
//! Owns the names of machine and user, and where their configuration is. Never changes a file.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Host;

impl Host {
    /// Returns the login name; `unknown` if there is none.
    pub fn user(&self) -> String {
        let named = self.env("USER").or_else(|| self.env("LOGNAME"));
        named
            .or_else(|| whoami::username().ok())
            .unwrap_or_else(|| "unknown".to_owned())
    }

    /// Returns the host name; `localhost` if there is none.
    pub fn hostname(&self) -> String {
        whoami::hostname().unwrap_or_else(|_| "localhost".to_owned())
    }

    /// Returns the ids of the users whose repositories are those of this user, as Git sees it;
    /// `None` where files have no such owners. For root after `sudo`, that is also the user who
    /// called it.
    #[cfg(unix)]
    pub fn owners(&self) -> Option<Vec<u32>> {
        // A switch of Git's own for tests: every repository is that of another user.
        let is_on = |value: String| !matches!(value.as_str(), "0" | "false" | "no" | "off");
        if self
            .env("GIT_TEST_ASSUME_DIFFERENT_OWNER")
            .is_some_and(is_on)
        {
            return Some(Vec::new());
        }
        let me = rustix::process::geteuid().as_raw();
        let caller = self.env("SUDO_UID").filter(|_| me == 0);
        let caller = caller.and_then(|uid| uid.parse().ok());
        Some([me].into_iter().chain(caller).collect())
    }

    /// Returns the ids of the users whose repositories are those of this user; unknown here.
    #[cfg(not(unix))]
    pub fn owners(&self) -> Option<Vec<u32>> {
        None
    }

    /// Returns an id for this machine and its process namespace: 32 hex digits that do not reveal
    /// the machine id.
    pub fn host_id(&self) -> String {
        static MADE: OnceLock<String> = OnceLock::new();
        MADE.get_or_init(|| self.make_host_id()).clone()
    }

    fn make_host_id(&self) -> String {
        let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        // Containers often have none; their host name serves instead.
        let id = match id.trim() {
            "" => self.hostname(),
            id => id.to_owned(),
        };
        // Containers and copies of a machine share the machine id of their image. A process id
        // has a meaning only within one process namespace.
        let numbers = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let id = format!("{id}\0{}\0{}", self.hostname(), numbers.display());
        let hash = blake3::derive_key("git-presence host id", id.as_bytes());
        blake3::Hash::from(hash).to_hex()[..32].to_owned()
    }

    /// Returns an id for the time since this machine was started.
    pub fn boot_id(&self) -> Option<String> {
        static READ: OnceLock<Option<String>> = OnceLock::new();
        let read = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let id = READ.get_or_init(read).as_ref()?;
        Some(id.trim().to_owned())
    }

    /// Returns true if the ssh configuration of the user or the machine sets connection sharing.
    pub fn ssh_config_multiplexes(&self) -> bool {
        let user = self.home().map(|home| home.join(".ssh/config"));
        let files = user
            .into_iter()
            .chain([PathBuf::from("/etc/ssh/ssh_config")]);
        let says = |text: String| {
            let text = text.to_ascii_lowercase();
            let mut lines = text.lines().map(str::trim_start);
            lines.any(|line| line.starts_with("controlmaster") || line.starts_with("controlpath"))
        };
        files
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .any(says)
    }

    /// Returns a folder with a short path that only this user can write to, and creates it if
    /// needed.
    pub fn private_dir(&self) -> Option<PathBuf> {
        let runtime = self.env("XDG_RUNTIME_DIR").map(PathBuf::from);
        let cache = || self.home().map(|home| home.join(".cache"));
        let above = runtime.filter(|dir| dir.is_dir()).or_else(cache)?;
        let dir = above.join("git-presence");
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = builder.recursive(true).create(&dir).is_ok();
        (made && is_private(&dir)).then_some(dir)
    }

    /// Returns the files of settings that Git reads for the user and the machine, whether or not
    /// they are there. `system` is what [`system_config`](Self::system_config) found.
    pub fn user_settings(&self, system: Option<&Path>) -> Vec<PathBuf> {
        let named = |name: &str| self.env(name).map(PathBuf::from);
        let mut files = Vec::new();
        if self.env("GIT_CONFIG_NOSYSTEM").is_none() {
            let system = named("GIT_CONFIG_SYSTEM").or_else(|| system.map(Path::to_owned));
            files.push(system.unwrap_or_else(|| PathBuf::from("/etc/gitconfig")));
        }
        let global = named("GIT_CONFIG_GLOBAL");
        let home = self.home().filter(|_| global.is_none());
        let below_home = home.as_ref().map(|home| home.join(".config"));
        let configs = named("XDG_CONFIG_HOME").or(below_home);
        let configs = configs.filter(|_| global.is_none());
        files.extend(configs.map(|dir| dir.join("git/config")));
        files.extend(home.map(|home| home.join(".gitconfig")));
        files.extend(global);
        files
    }

    /// Returns the system-wide configuration of the `git` in `PATH`, if that is not
    /// `/etc/gitconfig`: a Git built for `/opt/x` reads `/opt/x/etc/gitconfig`. Asking Git would
    /// cost a process for every command.
    pub fn system_config(&self) -> Option<PathBuf> {
        if self.env("GIT_CONFIG_SYSTEM").is_some() {
            return None;
        }
        let path = self.env("PATH")?;
        let bin = std::env::split_paths(&path).find(|dir| dir.join("git").is_file())?;
        let prefix = bin.parent().filter(|prefix| *prefix != Path::new("/usr"))?;
        let config = prefix.join("etc/gitconfig");
        config.is_file().then_some(config)
    }
}

/// Whether only we may write to a folder.
#[cfg(unix)]
fn is_private(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let me = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(dir)
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == me && meta.mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    false
}
