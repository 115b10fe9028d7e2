//! Notes: what a session says about a resource ([`Note`]).
//!
//! Owns the value. Never decides who reads it.

use crate::model::resource::Resource;
use crate::model::text::Purpose;

/// One line of a session about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub resource: Resource,
    /// What the session says.
    pub text: Purpose,
}
