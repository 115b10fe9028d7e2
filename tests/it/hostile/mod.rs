//! Input that means harm.
//!
//! Owns the text and the environments that others hand to us.

/// Variables that would redirect Git or us.
mod environment;
/// Control characters, lengths and look-alikes.
mod text;
