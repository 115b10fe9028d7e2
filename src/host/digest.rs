//! Digests of files that any process may change meanwhile, or put something else in place of.
//!
//! Owns that none of it can block: what is no file is not opened, reading ends at a bound of bytes
//! and of time, and happens in a thread that is not waited for longer. Never decides which files.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::Host;
use super::files::never_wait;

const CHUNK: usize = 64 * 1024;

/// Why files could not be digested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDigested {
    /// It is a pipe, a device or a socket.
    #[error("{} is no file", .0.display())]
    NoFile(PathBuf),
    /// There is more in them than the bound.
    #[error("there is too much in what changed, up to {}", .0.display())]
    TooMuch(PathBuf),
    /// It took longer than the bound.
    #[error("to read what changed takes too long")]
    TooLong,
    /// It cannot be read.
    #[error("{} cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, String),
}

/// How much is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The most bytes of all files together.
    pub bytes_max: u64,
    /// The longest that it may take.
    pub within: Duration,
}

impl Host {
    /// Returns a digest of `first` and of what is in the files at `paths`, in their order; what is
    /// not there, a folder, and a link count as what they are. Returns within the bound of time.
    ///
    /// # Errors
    ///
    /// The first reason for which a file cannot be digested.
    pub fn digest_of(
        &self,
        first: &[u8],
        paths: Vec<PathBuf>,
        bound: Bound,
    ) -> Result<String, NotDigested> {
        let (sender, receiver) = mpsc::channel();
        let mut digest = blake3::Hasher::new();
        digest.update(first);
        let until = Instant::now() + bound.within;
        // A file system that does not answer holds this thread, and nothing else.
        std::thread::spawn(move || {
            let read = read_all(digest, &paths, bound.bytes_max, until);
            let _ = sender.send(read);
        });
        let read = receiver.recv_timeout(bound.within);
        read.unwrap_or(Err(NotDigested::TooLong))
    }
}

fn read_all(
    mut digest: blake3::Hasher,
    paths: &[PathBuf],
    bytes_max: u64,
    until: Instant,
) -> Result<String, NotDigested> {
    let mut left = bytes_max;
    for path in paths {
        let mut one = Reading {
            digest: &mut digest,
            left: &mut left,
            until,
            path,
        };
        one.read()?;
    }
    Ok(digest.finalize().to_hex().to_string())
}

/// One file that is read, with what is left of the bounds.
struct Reading<'r> {
    digest: &'r mut blake3::Hasher,
    left: &'r mut u64,
    until: Instant,
    path: &'r Path,
}

impl Reading<'_> {
    fn read(&mut self) -> Result<(), NotDigested> {
        let Ok(meta) = self.path.symlink_metadata() else {
            self.add(b"absent", &[]);
            return Ok(());
        };
        if meta.is_symlink() {
            let to = std::fs::read_link(self.path).unwrap_or_default();
            self.add(b"link", to.as_os_str().as_encoded_bytes());
            return Ok(());
        }
        if meta.is_dir() {
            self.add(b"folder", &[]);
            return Ok(());
        }
        // It is opened without waiting, since it may be another one by now, and asked again.
        let file = meta.is_file().then(|| open(self.path)).transpose();
        let file = file.map_err(|error| self.unreadable(&error))?;
        let file = file.filter(|file| file.metadata().is_ok_and(|meta| meta.is_file()));
        match file {
            Some(_) if meta.len() > *self.left => Err(NotDigested::TooMuch(self.path.to_owned())),
            Some(file) => self.content(file),
            None => Err(NotDigested::NoFile(self.path.to_owned())),
        }
    }

    fn content(&mut self, mut file: File) -> Result<(), NotDigested> {
        let mut chunk = vec![0; CHUNK];
        let mut content = blake3::Hasher::new();
        loop {
            if Instant::now() >= self.until {
                return Err(NotDigested::TooLong);
            }
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.unreadable(&error)),
            };
            let over = || NotDigested::TooMuch(self.path.to_owned());
            *self.left = self.left.checked_sub(read as u64).ok_or_else(over)?;
            content.update(&chunk[..read]);
        }
        self.add(b"file", content.finalize().as_bytes());
        Ok(())
    }

    /// Adds what kind a file is, and what is in it.
    fn add(&mut self, kind: &[u8], content: &[u8]) {
        for part in [kind, content] {
            self.digest.update(&(part.len() as u64).to_le_bytes());
            self.digest.update(part);
        }
    }

    fn unreadable(&self, error: &std::io::Error) -> NotDigested {
        NotDigested::Unreadable(self.path.to_owned(), error.to_string())
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    never_wait(OpenOptions::new().read(true)).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound {
        bytes_max: 1000,
        within: Duration::from_secs(20),
    };

    fn digest(paths: &[&Path], bound: Bound) -> Result<String, NotDigested> {
        let paths = paths.iter().map(|path| path.to_path_buf()).collect();
        Host.digest_of(b"first", paths, bound)
    }

    #[test]
    fn it_changes_with_what_is_in_a_file_and_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        let mut seen = vec![digest(&[&one], BOUND).unwrap()];
        let mut is_new = |digest: String| {
            let is_new = !seen.contains(&digest);
            seen.push(digest);
            is_new
        };
        std::fs::write(&one, "").unwrap();
        assert!(is_new(digest(&[&one], BOUND).unwrap()));
        std::fs::write(&one, "a").unwrap();
        let with_a = digest(&[&one], BOUND).unwrap();
        assert_eq!(digest(&[&one], BOUND).unwrap(), with_a);
        assert!(is_new(with_a));
        std::fs::write(&two, "b").unwrap();
        assert!(is_new(digest(&[&one, &two], BOUND).unwrap()));
        // What moves from one file into the next is another content.
        std::fs::write(&one, "ab").unwrap();
        std::fs::write(&two, "").unwrap();
        assert!(is_new(digest(&[&one, &two], BOUND).unwrap()));
        std::fs::write(&one, "x".repeat(600)).unwrap();
        assert!(digest(&[&one], BOUND).is_ok());
        let both = digest(&[&one, &one], BOUND);
        assert_eq!(both, Err(NotDigested::TooMuch(one.clone())));
        let no_time = Bound {
            within: Duration::ZERO,
            ..BOUND
        };
        assert_eq!(digest(&[&one], no_time), Err(NotDigested::TooLong));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("socket");
        let _listens = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [&*socket, Path::new("/dev/zero")] {
            let expected = NotDigested::NoFile(path.to_owned());
            assert_eq!(digest(&[path], BOUND), Err(expected));
        }
        // A link is what it says, and is not followed.
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&socket, &link).unwrap();
        let to_socket = digest(&[&link], BOUND).unwrap();
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("elsewhere", &link).unwrap();
        assert_ne!(digest(&[&link], BOUND).unwrap(), to_socket);
    }
}
