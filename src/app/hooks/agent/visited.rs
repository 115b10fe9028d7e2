//! Repositories that a tool is about, for an agent that works in none.
//!
//! Owns which one is looked at. Never writes there, never runs anything of it.

use std::path::PathBuf;

use crate::app::hooks::elsewhere;
use crate::context::trees::visit;
use crate::context::{Context, OpenOptions};
use crate::guard::Place;
use crate::host::Host;
use crate::integrations::harness::Payload;

/// Opens the repository that a tool is about, if a board was ever kept for it.
pub(super) fn visited(host: Host, payload: &Payload, options: &OpenOptions) -> Option<Context> {
    let tool = payload.tool.as_ref()?;
    let here = host.current_dir().ok()?;
    let file = tool.files.first().map(|file| here.join(file));
    let place = || {
        let place = Place {
            cwd: here.to_str().map(str::to_owned),
            home: host
                .home()
                .and_then(|home| home.to_str().map(str::to_owned)),
            ..Place::default()
        };
        elsewhere::first_place(tool.command.as_deref()?, &place).map(PathBuf::from)
    };
    let context = visit(host, options, &file.or_else(place)?).ok()?;
    Some(context).filter(Context::has_board)
}
