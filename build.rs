//! Link settings of the released program.
//!
//! The unwinder is linked into it: looking for `libgcc_s.so` takes a twentieth of a hook's time.
//! Without the static library, the program is linked to the shared one.
//!
//! It has a fixed address: to relocate itself takes a twenty-fifth of a hook's time. It has no unsafe
//! code that a random address would protect.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads its environment and asks the compiler"
)]

use std::path::Path;
use std::process::Command;

/// The static library of the unwinder, as GCC names it.
const UNWINDER: &str = "libgcc_eh.a";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |key: &str, wanted: &str| std::env::var(key).is_ok_and(|value| value == wanted);
    let is_native = std::env::var("HOST") == std::env::var("TARGET");
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_gnu && is_native && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        if compiler_has(UNWINDER) {
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
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
