//! Hook files.
//!
//! Owns the plan to install our hook in a folder of hooks and to remove it: a new file if there was
//! none, marked lines in a shell script, or a file that runs the former program from beside. Pure:
//! bytes in, a plan out. Never overwrites what another program wrote, and restores every byte of it
//! on removal.

use super::Hook;

const BEGIN: &str = "# >>> git presence >>>\n";
const END: &str = "# <<< git presence <<<\n";
/// Shells that understand the marked lines.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];

/// An existing hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it is a link to a file that may not be ours to change.
    pub is_link: bool,
    /// Whether Git would run it.
    pub is_executable: bool,
}

/// How to install our hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// It is installed already.
    Nothing,
    /// Write this file.
    Write(Vec<u8>),
    /// Keep the existing file beside, then write this file.
    KeepBeside(Vec<u8>),
    /// Git would not run the file, since it is not executable.
    NotRun,
}

/// How to remove our hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is not installed.
    Nothing,
    /// Delete the file.
    Remove,
    /// Write this content: the file without our lines.
    Write(Vec<u8>),
    /// Move the file that was kept beside back to its place.
    PutBack,
}

/// Plans the installation of `hook` over what was found.
pub fn install(hook: &Hook, found: Option<&Found>) -> Plan {
    let Some(found) = found else {
        return Plan::Write(hook.file.into());
    };
    if removal(hook, Some(found)) != Removal::Nothing {
        return Plan::Nothing;
    }
    if !found.is_executable {
        return Plan::NotRun;
    }
    if found.is_link || !is_shell_script(&found.bytes) {
        return Plan::KeepBeside(hook.beside.into());
    }
    Plan::Write(with_block(&found.bytes, hook.block))
}

/// Plans the removal of `hook` from what was found.
pub fn removal(hook: &Hook, found: Option<&Found>) -> Removal {
    let Some(found) = found.filter(|found| !found.is_link) else {
        return Removal::Nothing;
    };
    if found.bytes == hook.file.as_bytes() {
        return Removal::Remove;
    }
    if found.bytes == hook.beside.as_bytes() {
        return Removal::PutBack;
    }
    without_block(&found.bytes).map_or(Removal::Nothing, Removal::Write)
}

/// Checks whether a shell runs the file. Git gives a file without a first line for an interpreter
/// to the shell too.
fn is_shell_script(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let first = text.lines().next().unwrap_or_default();
    let Some(interpreter) = first.strip_prefix("#!") else {
        return !text.contains('\0');
    };
    let mut words = interpreter.split_whitespace();
    let mut program = words.next().unwrap_or_default();
    if name_of(program) == "env" {
        let is_option = |word: &&str| word.starts_with('-') || word.contains('=');
        program = words.find(|word| !is_option(word)).unwrap_or_default();
    }
    SHELLS.contains(&name_of(program))
}

fn name_of(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Adds our lines after the first line, if that names the interpreter. Later lines may end the
/// script.
fn with_block(script: &[u8], block: &str) -> Vec<u8> {
    let head_end = if script.starts_with(b"#!") {
        line_end(script)
    } else {
        0
    };
    let (head, tail) = script.split_at(head_end);
    let block = block.as_bytes();
    if head.last().is_some_and(|byte| *byte != b'\n') {
        // The first line is the last and has no line end. Neither has ours, so a removal knows it.
        let block = &block[..block.len() - 1];
        return [head, b"\n", block].concat();
    }
    [head, block, tail].concat()
}

/// Removes our lines; `None` if there are none.
fn without_block(script: &[u8]) -> Option<Vec<u8>> {
    let start = find(script, BEGIN.as_bytes(), 0)?;
    let is_line = start == 0 || script[start - 1] == b'\n';
    if let Some(end) = find(script, END.as_bytes(), start) {
        let after = &script[end + END.len()..];
        return is_line.then(|| [&script[..start], after].concat());
    }
    let ends_open = script.ends_with(END.trim_end().as_bytes()) && start > 0;
    (is_line && ends_open).then(|| script[..start - 1].to_vec())
}

fn line_end(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.map_or(text.len(), |end| end + 1)
}

fn find(text: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let mut windows = text.get(from..)?.windows(what.len());
    windows
        .position(|window| window == what)
        .map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use super::super::HOOKS;
    use super::*;
    use proptest::prelude::*;

    fn program(bytes: &[u8]) -> Found {
        Found {
            bytes: bytes.to_vec(),
            is_link: false,
            is_executable: true,
        }
    }

    /// Install and remove again: what there was, and how it was done.
    fn there_and_back(bytes: &[u8]) -> &'static str {
        for hook in &HOOKS {
            let with = match install(hook, Some(&program(bytes))) {
                Plan::Write(with) => with,
                Plan::KeepBeside(with) => {
                    assert_eq!(removal(hook, Some(&program(&with))), Removal::PutBack);
                    return "beside";
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(install(hook, Some(&program(&with))), Plan::Nothing);
            let back = removal(hook, Some(&program(&with)));
            assert_eq!(
                back,
                Removal::Write(bytes.to_vec()),
                "{}",
                bytes.escape_ascii()
            );
        }
        "block"
    }

    #[test]
    fn scripts_get_lines_and_programs_stay_whole() {
        for (bytes, how) in [
            (&b"#!/bin/sh\nexit 0\n"[..], "block"),
            (b"#!/bin/sh", "block"),
            (b"#!/bin/sh\n", "block"),
            (b"", "block"),
            (b"echo no first line", "block"),
            (b"#! /usr/bin/env -S A=b bash -e\nexec x", "block"),
            (b"#!/usr/bin/python3\nprint()\n", "beside"),
            (b"#!/usr/bin/env node\n", "beside"),
            (b"#!/usr/bin/fish\n", "beside"),
            (b"\x7fELF\0\xff", "beside"),
            (b"a\0b", "beside"),
            (b"#!/bin/sh\n\xff\n", "beside"),
        ] {
            assert_eq!(there_and_back(bytes), how, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn where_nothing_is_and_where_nothing_may_be_done() {
        let [hook, _] = &HOOKS;
        assert_eq!(install(hook, None), Plan::Write(hook.file.into()));
        assert_eq!(removal(hook, None), Removal::Nothing);
        let ours = program(hook.file.as_bytes());
        assert_eq!(install(hook, Some(&ours)), Plan::Nothing);
        assert_eq!(removal(hook, Some(&ours)), Removal::Remove);
        let asleep = Found {
            is_executable: false,
            ..program(b"#!/bin/sh\n")
        };
        assert_eq!(install(hook, Some(&asleep)), Plan::NotRun);
        let link = Found {
            is_link: true,
            ..program(b"#!/bin/sh\n")
        };
        assert!(matches!(install(hook, Some(&link)), Plan::KeepBeside(_)));
        let edited = program(format!("{}echo mine\n", hook.file).as_bytes());
        assert_eq!(removal(hook, Some(&edited)), Removal::Nothing);
    }

    #[test]
    fn lines_of_another_version_go_too() {
        let [hook, _] = &HOOKS;
        let older = program(format!("#!/bin/sh\n{BEGIN}older\n{END}exit 0\n").as_bytes());
        let rest = b"#!/bin/sh\nexit 0\n".to_vec();
        assert_eq!(removal(hook, Some(&older)), Removal::Write(rest));
    }

    #[test]
    fn our_files_are_whole() {
        for hook in &HOOKS {
            assert!(hook.block.starts_with(BEGIN) && hook.block.ends_with(END));
            for file in [hook.file, hook.beside] {
                assert!(file.starts_with("#!/bin/sh\n") && file.ends_with('\n'));
                assert!(file.contains(&format!("git presence hook {}", hook.name)));
            }
            assert!(hook.beside.contains(".before-presence"));
        }
    }

    proptest! {
        #[test]
        fn any_script_is_as_it_was(text in "(#!/bin/(sh|bash)\n?)?[a-z#\n\r ]{0,40}") {
            there_and_back(text.as_bytes());
        }
    }
}
