//! One number in all packages, and what stands in their files.

use std::path::Path;

use serde_json::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).expect(path)
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn all_packages_have_one_number() {
    assert_eq!(
        json("plugin/.claude-plugin/plugin.json")["version"],
        VERSION
    );
    let feature = json("contrib/image/devcontainer/devcontainer-feature.json");
    assert_eq!(feature["version"], VERSION);
    let lock = read("Cargo.lock");
    let own = format!("name = \"git-presence\"\nversion = \"{VERSION}\"\n");
    assert!(lock.contains(&own), "Cargo.lock has another version");
    // The files of npm get it from Cargo.toml; the launcher starts the package of the same version.
    let launcher = json("contrib/packages/npm/launcher.json");
    let platform = json("contrib/packages/npm/platform.json");
    assert_eq!(launcher["version"], "@VERSION@");
    assert_eq!(platform["version"], "@VERSION@");
    let needs = launcher["optionalDependencies"].as_object().unwrap();
    for cpu in ["x64", "arm64"] {
        assert_eq!(needs[&format!("git-presence-linux-{cpu}")], "@VERSION@");
    }
    assert_eq!(needs.len(), 2);
}

/// A script at installation could do anything, and is often turned off.
#[test]
fn no_package_of_npm_runs_a_script_when_it_is_installed() {
    for file in ["launcher.json", "platform.json"] {
        let package = json(&format!("contrib/packages/npm/{file}"));
        assert_eq!(package.get("scripts"), None, "{file}");
        assert_eq!(package["license"], "MIT OR Apache-2.0", "{file}");
    }
}

/// What `.ci/package` and `cargo binstall` call the archive is one name.
#[test]
fn the_archive_is_found_by_its_name() {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("a manifest");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let url = binstall["pkg-url"].as_str().unwrap();
    assert!(url.ends_with("/v{ version }/{ name }-{ version }-{ target }{ archive-suffix }"));
    assert_eq!(
        binstall["bin-dir"].as_str(),
        Some("{ name }-{ version }-{ target }/{ bin }{ binary-ext }")
    );
    let script = read(".ci/package");
    assert!(script.contains("\nname=git-presence-$version-$target\n"));
    assert!(script.contains("\npack \"$name.tar.gz\" \"$name\"\n"));
}
