//! Repositories that a tool is about, for an agent that works in none.
//!
//! Owns which one is looked at. Never writes there, never runs anything of it.

use std::path::{Path, PathBuf};

use crate::app::hooks::elsewhere;
use crate::context::trees::{visit, visit_with_board};
use crate::context::{Context, OpenOptions};
use crate::guard::Place;
use crate::host::Host;
use crate::integrations::harness::Payload;

/// At most this many repositories that cannot be used are passed on the way up.
const DEPTH_MAX: usize = 4;

/// Opens the repository that a tool is about, if a board was ever kept for it.
pub(super) fn visited(host: Host, payload: &Payload, options: &OpenOptions) -> Option<Context> {
    let tool = payload.tool.as_ref()?;
    let here = host.current_dir().ok()?;
    let file = tool.files.first().map(|file| here.join(file));
    let places = || {
        let place = Place {
            cwd: here.to_str().map(str::to_owned),
            home: host
                .home()
                .and_then(|home| home.to_str().map(str::to_owned)),
            host: Some(host.hostname()),
            ..Place::default()
        };
        let line = tool.command.as_deref().unwrap_or_default();
        let places = elsewhere::first_places(line, &place).into_iter();
        places.map(PathBuf::from).collect()
    };
    let opened = |at: PathBuf| {
        let context = visit_with_board(host, options, &at);
        let around = || above_unusable(host, options, &at).filter(Context::has_board);
        context.or_else(around)
    };
    let all: Vec<PathBuf> = file.map_or_else(places, |file| vec![file]);
    all.into_iter().find_map(opened)
}

/// Opens the repository around one that cannot be used: what is in that folder may be claimed on
/// its board.
fn above_unusable(host: Host, options: &OpenOptions, at: &Path) -> Option<Context> {
    let has_git = |dir: &&Path| dir.join(".git").symlink_metadata().is_ok();
    let outside = at.ancestors().filter(has_git).take(DEPTH_MAX);
    let mut outside = outside.filter_map(Path::parent);
    outside.find_map(|above| visit(host, options, above).ok())
}
