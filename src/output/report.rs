//! The reports of all verbs, each as what it presents.
//!
//! Owns nothing but the list. Never prints.

use super::present::Present;
use crate::app::Report;

impl Report {
    /// Returns what the report says, to people and to programs.
    pub fn presented(&self) -> &dyn Present {
        match self {
            Self::Claimed(r) => &**r,
            Self::Beat(r) => r,
            Self::Released(r) => r,
            Self::Listing(r) => r,
            Self::Peeked(r) => &**r,
            Self::Who(r) => &**r,
            Self::Log(r) => r,
            Self::Status(r) => &**r,
            Self::Synced(r) => r,
            Self::Ran(r) => r,
            Self::Pushed(r) => r,
            Self::Fenced(r) => &**r,
            Self::Ready(r) => r,
            Self::Unwired(r) => r,
            Self::Hooked(r) => &**r,
            Self::Installed(r) => r,
            Self::Uninstalled(r) => r,
            Self::Wired(r) => r,
            Self::Diagnosis(r) => r,
            Self::Explained(r) => r,
            Self::Pages(r) => r,
            Self::Audited(r) => &**r,
            Self::Prompt(r) => r,
            Self::Kept(r) => r,
            Self::Told(r) => r,
            Self::File(r) => r,
        }
    }
}
