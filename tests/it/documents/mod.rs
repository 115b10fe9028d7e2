//! Documents that are held against the program.
//!
//! Owns the check that they say what the program does.

/// The generated reference, settings and exit codes.
mod cli_reference;
/// Every command line that a text advises is accepted.
mod commands;
/// Console blocks are run; links and named files exist.
mod guide;
