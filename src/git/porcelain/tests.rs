//! Tests of the parsers.
//!
//! `recorded` owns what real git printed, `lines` and `reports` made-up output that a person can
//! check by eye, `said` all words of failures, `laws` what holds for any bytes.

mod laws;
mod lines;
mod recorded;
mod reports;
mod said;
