//! Link settings of the program, and the index of the rules that come with it.
//!
//! The unwinder is linked into the released one: looking for `libgcc_s.so` takes a twentieth of a hook's time.
//! Without the static library, the program is linked to the shared one.
//!
//! It has a fixed address: to relocate itself takes a twenty-fifth of a hook's time, and a third of
//! that of the unoptimized program that tests run. It has no unsafe code that a random address would
//! protect.
//!
//! A rule is found by its program, since searching the texts of all rules takes longer than judging
//! a line.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads its environment and asks the compiler"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Files with rules, in the order in which they count: the last rule that applies wins.
const FAMILIES: [&str; 12] = [
    "infrastructure",
    "containers",
    "cloud",
    "wrappers",
    "platforms",
    "migrations",
    "forges",
    "data",
    "clusters",
    "machines",
    "copies",
    "http",
];
const RULES: &str = "src/guard/rules";

/// The static library of the unwinder, as GCC names it.
const UNWINDER: &str = "libgcc_eh.a";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={RULES}");
    index_rules()?;
    let is = |key: &str, wanted: &str| std::env::var(key).is_ok_and(|value| value == wanted);
    let is_native = std::env::var("HOST") == std::env::var("TARGET");
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_gnu && is_native {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        if is("PROFILE", "release") && compiler_has(UNWINDER) {
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
    Ok(())
}

/// Writes the lines of all rules, and which of them are about a program.
fn index_rules() -> std::io::Result<()> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut programs: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (family, name) in FAMILIES.iter().enumerate() {
        let path = format!("{RULES}/{name}.txt");
        let text = std::fs::read_to_string(&path)?;
        for line in text.lines() {
            let rule = line.split("# ").next().unwrap_or_default().trim();
            let Some(first) = rule.split_whitespace().next().filter(|first| *first != "#") else {
                continue;
            };
            for program in first.split('|') {
                let its = programs.entry(program.to_owned()).or_default();
                its.push(lines.len());
            }
            lines.push((family, rule.to_owned()));
        }
    }
    let mut out = String::new();
    // Writing into a text does not fail.
    let _ = writeln!(out, "static FAMILIES: &[&str] = &{FAMILIES:?};");
    let _ = writeln!(out, "static LINES: &[(u8, &str)] = &{lines:?};");
    let programs: Vec<String> = programs
        .iter()
        .map(|(name, lines)| format!("({name:?}, &{lines:?})"))
        .collect();
    let programs = programs.join(", ");
    let _ = writeln!(out, "static PROGRAMS: &[(&str, &[u16])] = &[{programs}];");
    let folder = std::env::var("OUT_DIR").unwrap_or_default();
    let path = Path::new(&folder).join("rules.rs");
    std::fs::write(&path, out)
}

/// Whether the C compiler, which links, has a library of this name. It prints the name alone if
/// not.
fn compiler_has(library: &str) -> bool {
    let asked = Command::new("cc")
        .arg(format!("-print-file-name={library}"))
        .output();
    asked.is_ok_and(|said| {
        let path = String::from_utf8_lossy(&said.stdout);
        Path::new(path.trim()).is_absolute()
    })
}
