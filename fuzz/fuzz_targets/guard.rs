//! Any bytes as a command line.
//!
//! Owns what holds of each: it is judged, in bounded time, and what is added to it is seen. Never
//! runs anything.

#![no_main]

use std::sync::LazyLock;

use git_presence::guard::measured::read_table;
use git_presence::guard::{
    Class, Files, Part, Place, Rules, check, classify_arguments, classify_line, shell,
};
use libfuzzer_sys::fuzz_target;

/// The first commands of a line are judged; what is added is none of them after so many.
const COMMANDS_MAX: usize = 256;

static RULES: LazyLock<Rules> = LazyLock::new(Rules::shipped);
static PLACE: LazyLock<Place> = LazyLock::new(|| Place {
    root: Some("/repo".to_owned()),
    dir: Some("infra".to_owned()),
    branch: Some("main".to_owned()),
    host: Some("devvm".to_owned()),
    ..Place::default()
});

/// Calls of all runners whose files are read.
const RUNNERS: &str = "make deploy; make; just deploy a; task deploy; npm run deploy; deno task deploy; \
                       composer deploy; rake db:deploy; mise run deploy; bash x.sh; ./deploy";

fuzz_target!(|bytes: &[u8]| {
    let line = String::from_utf8_lossy(bytes);
    let verdict = classify_line(&line, &RULES, &PLACE);
    verdict.parts.iter().for_each(has_reason);
    // The same bytes as any file of a project.
    let text = line.clone().into_owned();
    let place = Place {
        files: Some(Files::new(move |_| Some(text.clone()))),
        ..PLACE.clone()
    };
    let verdict = classify_line(RUNNERS, &RULES, &place);
    verdict.parts.iter().for_each(has_reason);
    let _ = read_table(&line);

    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    classify_arguments(&words, &RULES, &PLACE);
    let _ = check(&line);

    // A line end that is escaped is none.
    let is_whole = shell::parse(&line, 0).is_ok() && !line.ends_with('\\');
    if is_whole && verdict.parts.len() < COMMANDS_MAX {
        let longer = format!("{line}\nterraform apply");
        is_seen(&longer);
        // On the same line it may stand in a comment, or before a document.
        let longer = format!("{line}; terraform apply");
        if !line.contains(['#', '<']) {
            is_seen(&longer);
        }
    }
});

fn has_reason(part: &Part) {
    let holds = match &part.class {
        Class::Unknown(why) => !why.is_empty() && *why == part.why,
        Class::Mutating => !(part.resources.is_empty() && part.unnamed.is_empty()),
        _ => !part.why.is_empty(),
    };
    assert!(holds, "{part:?}");
}

fn is_seen(line: &str) {
    let verdict = classify_line(line, &RULES, &PLACE);
    let can_be_read = shell::parse(line, 0).is_ok();
    let is_told = match verdict.class() {
        Class::Mutating => true,
        Class::Unknown(_) => !can_be_read,
        _ => false,
    };
    assert!(is_told, "{line:?} is {:?}", verdict.class());
}
