//! Owns files.
//!
