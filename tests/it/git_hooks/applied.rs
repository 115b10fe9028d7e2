//! Owns applied.
//!
