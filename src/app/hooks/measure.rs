//! The use case of `guard test`: how much of a table of lines the rules judge as it expects.
//!
//! Owns the place in which the lines are judged: the top of a work tree of which nothing is read,
//! so that the answer is the same everywhere. Never runs a line.

use std::path::Path;

use crate::app::hooks::guard;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::measured::{Measured, read_table};
use crate::guard::{Place, classify_line};

/// A longer table is refused.
const TABLE_BYTES_MAX: usize = 16 << 20;

/// Judges the lines of a table by the rules that apply here.
pub fn execute(context: &Context, file: &Path) -> Result<Measured, Failure> {
    let shown = file.display();
    let bytes = context.host.read_bounded(file, TABLE_BYTES_MAX);
    let bytes = bytes.map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    if bytes.len() > TABLE_BYTES_MAX {
        let what = format!("{shown} is longer than {TABLE_BYTES_MAX} bytes");
        return Err(Failure::usage(what));
    }
    let text = String::from_utf8_lossy(&bytes);
    let rows = read_table(&text).map_err(|error| {
        Failure::usage(format!("{shown}: {error}"))
            .hint("see the columns of a table: docs/guard.md")
    })?;
    let rules = guard::rules(context)?;
    let place = Place {
        root: Some("/work".to_owned()),
        dir: Some(String::new()),
        home: Some("/home/user".to_owned()),
        branch: Some("main".to_owned()),
        host: Some("this-machine".to_owned()),
        ..Place::default()
    };
    Ok(Measured::of(rows, |line| {
        classify_line(line, &rules, &place)
    }))
}
