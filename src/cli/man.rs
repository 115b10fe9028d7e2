//! Manual pages, made from the same words as `--help`.
//!
//! Owns their names and their text ([`pages`]). Never writes a file.

use std::io::Write;

/// Returns the name of the page of a verb, or of the program.
pub(crate) fn file_name(verb: Option<&str>) -> String {
    match verb {
        Some(verb) => format!("git-presence-{verb}.1"),
        None => "git-presence.1".to_owned(),
    }
}

/// All pages of `command`: file name and text.
pub(crate) fn pages(mut command: clap::Command) -> Vec<(String, String)> {
    command.build();
    // It has no page: `git presence help claim` prints what `claim --help` does.
    let command = command.mut_subcommand("help", |help| help.hide(true));
    let mut pages = vec![page(&command, "git-presence")];
    for verb in command.get_subcommands() {
        if !verb.is_hide_set() {
            pages.push(page(verb, &format!("git-presence-{}", verb.get_name())));
        }
    }
    pages
}

fn page(command: &clap::Command, name: &str) -> (String, String) {
    let mut command = command.clone().version(env!("CARGO_PKG_VERSION"));
    let usage = command.render_usage().to_string();
    let usage = usage
        .trim_start_matches("Usage:")
        .trim()
        .replace('-', "\\-");
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = render(command, name, &usage, &mut bytes);
    (
        format!("{name}.1"),
        String::from_utf8_lossy(&bytes).into_owned(),
    )
}

/// Sections as git's own pages have them; the synopsis is the one that `-h` shows.
fn render(
    command: clap::Command,
    name: &str,
    usage: &str,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let has_verbs = command.has_subcommands();
    let has_more = command.get_after_help().is_some();
    // Pages are named with dashes, as Git's own are.
    let man = clap_mangen::Man::new(command).title(name);
    man.render_title(out)?;
    man.render_name_section(out)?;
    writeln!(out, ".SH SYNOPSIS\n{usage}")?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if has_verbs {
        man.render_subcommands_section(out)?;
    }
    if has_more {
        man.render_extra_section(out)?;
    }
    man.render_version_section(out)
}
