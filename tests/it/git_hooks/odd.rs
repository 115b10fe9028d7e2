//! Owns odd.
//!
