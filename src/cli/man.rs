//! `man`: the manual pages, made from the same words as `--help`.
//!
//! Owns their names and where they are installed. `git presence --help` shows them: Git turns
//! that into `man git-presence`.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::app::{File, Report};
use crate::failure::{Failure, Kind};
use crate::host::Host;

/// Print a manual page, or install them all
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The verb whose page is printed; without it, the page of git-presence
    #[arg(value_name = "VERB", conflicts_with = "install")]
    verb: Option<String>,
    /// Install all pages, so that `git presence --help` and `man git-presence-claim` show them
    #[arg(long)]
    install: bool,
    /// The folder for --install [default: ~/.local/share/man/man1]
    #[arg(long, value_name = "DIR", requires = "install")]
    dir: Option<PathBuf>,
}

#[derive(Debug)]
pub struct Pages {
    pub dir: PathBuf,
    pub count: usize,
}

pub fn run(args: Args, command: clap::Command, host: Host) -> Result<Report, Failure> {
    let pages = pages(command);
    if !args.install {
        let wanted = match &args.verb {
            Some(verb) => format!("git-presence-{verb}.1"),
            None => "git-presence.1".to_owned(),
        };
        let page = pages.into_iter().find(|(name, _)| *name == wanted);
        return match page {
            Some((_, text)) => Ok(Report::File(File(text))),
            None => Err(Failure::usage(format!("there is no page {wanted}"))
                .hint("see the verbs: git presence -h")),
        };
    }
    let dir = match args.dir {
        Some(dir) => dir,
        None => default_dir(host)?,
    };
    let count = pages.len();
    install(&dir, &pages).map_err(|error| {
        let text = format!("cannot install pages in {}: {error}", dir.display());
        Failure::new(Kind::Broken, anyhow::anyhow!(text)).hint("name another folder: --dir <dir>")
    })?;
    Ok(Report::Pages(Pages { dir, count }))
}

fn default_dir(host: Host) -> Result<PathBuf, Failure> {
    let data = host.env("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| host.home().map(|home| home.join(".local/share")));
    data.map(|data| data.join("man/man1"))
        .ok_or_else(|| Failure::usage("HOME is not set").hint("name the folder: --dir <dir>"))
}

fn install(dir: &Path, pages: &[(String, String)]) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let write = |(name, text): &(String, String)| std::fs::write(dir.join(name), text);
    pages.iter().try_for_each(write)
}

/// All pages of `command`: file name and text.
pub fn pages(mut command: clap::Command) -> Vec<(String, String)> {
    command.build();
    // It has no page: `git presence help claim` prints what `claim --help` does.
    let command = command.mut_subcommand("help", |help| help.hide(true));
    let mut pages = vec![page(&command, "git-presence")];
    for verb in command.get_subcommands() {
        if verb.get_name() != "help" {
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
