//! Owns placed.
//!
