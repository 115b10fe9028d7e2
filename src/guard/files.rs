//! Reader of the files of a project.
//!
//! [`Files`] is what a caller hands in, so that the guard can look into a Makefile without touching
//! a disk itself. Owns the bound of what is examined. Never decides which file is read.

use std::sync::Arc;

/// Reads files of a project, so that what they run can be judged.
#[derive(Clone)]
pub struct Files(Arc<Read>);

/// Returns the text of the file at an absolute path.
type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Files {
    /// Takes a function that returns the text of the file at an absolute path. It returns `None`
    /// for what is no file, cannot be read, or is longer than [`FILE_BYTES_MAX`].
    pub fn new(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Returns the text of a file.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        (self.0)(path).filter(|text| text.len() <= FILE_BYTES_MAX)
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Files")
    }
}

/// A longer file is not examined.
pub const FILE_BYTES_MAX: usize = 64 << 10;
