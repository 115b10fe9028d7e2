//! Owns beside.
//!
