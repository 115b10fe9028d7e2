//! Import circles between the children of a folder.
//!
//! Owns the graph of each folder below `src/`: a child is a file together with the folder of its
//! name, an arrow is a path that one mentions of another, re-exports followed to where the item is
//! defined. The folder's own file (`mod.rs`) is no child: it joins the others together. Never looks
//! at tests.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::Source;
use super::{Complaint, JOINTS, none, sources};

/// Folders that still have a circle. Delete the line with the last circle of its folder.
const EXCUSED: &[&str] = &[];

/// A re-export of a re-export of … ends somewhere.
const REEXPORTS_MAX: usize = 8;

/// The segments of a module or an item below `crate`.
type ModulePath = Vec<String>;

/// From child to child, with the file and the line that draws the arrow first.
type Arrows = BTreeMap<(String, String), (String, usize)>;

/// The arrows between the children of each folder.
struct Graph {
    arrows: BTreeMap<ModulePath, Arrows>,
}

/// What is known of all modules: which there are, and what each imports under which name.
struct Modules {
    imports: BTreeMap<ModulePath, BTreeMap<String, ModulePath>>,
    known: BTreeSet<ModulePath>,
}

impl Modules {
    fn of(sources: &[Source]) -> Self {
        let mut modules = Self {
            imports: BTreeMap::new(),
            known: BTreeSet::new(),
        };
        for source in sources {
            let path = source.module();
            for length in 0..=path.len() {
                modules.known.insert(path[..length].to_vec());
            }
        }
        for source in sources {
            let here = source.module();
            let paths = source.imports().into_iter();
            let named =
                paths.filter_map(|(name, path)| Some((name, modules.absolute(&here, &path)?)));
            let named = named.collect();
            modules.imports.insert(here, named);
        }
        modules
    }

    /// A path as the module `here` spells it; none for what belongs to another crate.
    fn absolute(&self, here: &ModulePath, path: &str) -> Option<ModulePath> {
        let mut segments: ModulePath = path.split("::").map(str::to_owned).collect();
        if segments[0] == "crate" {
            segments.remove(0);
            return Some(segments);
        }
        let child = [here.as_slice(), &segments[..1]].concat();
        self.known
            .contains(&child)
            .then(|| [here.as_slice(), &segments].concat())
    }

    /// Where the item of a path is defined, as far as imports tell.
    fn defined(&self, mut path: ModulePath) -> ModulePath {
        for _ in 0..REEXPORTS_MAX {
            let lengths = (0..path.len()).rev();
            let module = lengths
                .map(|n| &path[..n])
                .find(|m| self.known.contains(*m));
            let length = module.map_or(0, <[String]>::len);
            let name = path.get(length).filter(|_| !self.known.contains(&path));
            let imports = self.imports.get(&path[..length]);
            let target = name.and_then(|name| imports?.get(name));
            match target {
                Some(target) if !path.starts_with(target) => {
                    path = [target.as_slice(), &path[length + 1..]].concat();
                }
                _ => break,
            }
        }
        path
    }
}

impl Graph {
    fn of(sources: &[Source]) -> Self {
        let modules = Modules::of(sources);
        let mut arrows: BTreeMap<ModulePath, Arrows> = BTreeMap::new();
        let inside = |source: &&Source| !JOINTS.contains(&source.path.as_str());
        for source in sources.iter().filter(inside) {
            let from = source.module();
            for mention in source.mentions() {
                let Some(target) = modules.absolute(&from, &mention.path) else {
                    continue;
                };
                let to = modules.defined(target);
                let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if shared == from.len() || shared == to.len() {
                    continue;
                }
                if modules.known.contains(&to[..=shared]) {
                    let arrow = (from[shared].clone(), to[shared].clone());
                    let folder = arrows.entry(from[..shared].to_vec()).or_default();
                    let place = (source.path.clone(), mention.line);
                    folder.entry(arrow).or_insert(place);
                }
            }
        }
        Self { arrows }
    }

    /// One shortest circle through each child of a folder that is in one, each circle once.
    fn circles(&self, folder: &ModulePath) -> Vec<Vec<String>> {
        let arrows = &self.arrows[folder];
        let mut found: Vec<Vec<String>> = Vec::new();
        for start in arrows.keys().map(|(from, _)| from).collect::<BTreeSet<_>>() {
            if found.iter().any(|circle| circle.contains(start)) {
                continue;
            }
            let mut ways: Vec<Vec<String>> = vec![vec![start.clone()]];
            let mut seen = BTreeSet::new();
            while let Some(way) = (!ways.is_empty()).then(|| ways.remove(0)) {
                let last = &way[way.len() - 1];
                let next = arrows.keys().filter(|(from, _)| from == last);
                let next: Vec<&String> = next.map(|(_, to)| to).collect();
                if next.contains(&start) {
                    found.push(way);
                    break;
                }
                let new = next.into_iter().filter(|to| seen.insert((*to).clone()));
                ways.extend(new.map(|to| [way.as_slice(), std::slice::from_ref(to)].concat()));
            }
        }
        found
    }

    fn complaints(&self) -> Vec<(String, Complaint)> {
        let mut complaints = Vec::new();
        for (folder, arrows) in &self.arrows {
            let name = [&["src".to_owned()], folder.as_slice()].concat().join("/");
            for circle in self.circles(folder) {
                let next = circle.iter().cycle().skip(1);
                let places = circle.iter().zip(next).map(|(from, to)| {
                    let (file, line) = &arrows[&(from.clone(), to.clone())];
                    (format!("{from} → {to} ({file}:{})", line + 1), file, *line)
                });
                let places: Vec<_> = places.collect();
                let words: Vec<&str> = places.iter().map(|(word, ..)| word.as_str()).collect();
                let rule = format!("an import circle in {name}: {}", words.join(", "));
                let complaint = Complaint {
                    file: places[0].1.clone(),
                    line: places[0].2 + 1,
                    rule,
                };
                complaints.push((name.clone(), complaint));
            }
        }
        complaints
    }
}

#[test]
fn no_folder_has_an_import_circle() {
    let complaints = Graph::of(&sources()).complaints();
    let excused = |folder: &String| EXCUSED.contains(&folder.as_str());
    let unused = EXCUSED.iter().filter(|excuse| {
        let mut folders = complaints.iter().map(|(folder, _)| folder);
        !folders.any(|folder| folder == *excuse)
    });
    let unused: Vec<_> = unused.collect();
    assert!(
        unused.is_empty(),
        "no circle is left in {unused:?}: delete the excuse in tidy/circles.rs"
    );
    none(
        complaints
            .into_iter()
            .filter(|(folder, _)| !excused(folder))
            .map(|(_, complaint)| complaint),
    );
}

#[track_caller]
fn check_circles(files: &[(&str, &str)], expected: &[&str]) {
    let sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect();
    let complaints = Graph::of(&sources).complaints();
    let found: Vec<String> = complaints.iter().map(|(_, c)| c.rule.clone()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_circle_is_found() {
    // Down only, twice by the same arrow.
    check_circles(
        &[
            (
                "src/a/x.rs",
                "use super::y::Y;\nfn f() { super::y::g(); }\n",
            ),
            ("src/a/y.rs", "use crate::b::B;\n"),
            ("src/b.rs", "pub struct B;\n"),
        ],
        &[],
    );
    check_circles(
        &[
            ("src/a/x.rs", "use super::y::Y;\n"),
            ("src/a/y.rs", "fn f() {\n    crate::a::x::f();\n}\n"),
        ],
        &["an import circle in src/a: x → y (src/a/x.rs:1), y → x (src/a/y.rs:2)"],
    );
    // Of a file and of a folder, over three stations, between rooms.
    check_circles(
        &[
            ("src/a/x/deep.rs", "use crate::b::B;\n"),
            ("src/b.rs", "use crate::c::{self, C};\n"),
            ("src/c/mod.rs", "use super::a;\n"),
        ],
        &[
            "an import circle in src: a → b (src/a/x/deep.rs:1), b → c (src/b.rs:1), \
           c → a (src/c/mod.rs:1)",
        ],
    );
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let parent = "mod x;\nmod y;\npub use x::X as Known;\npub use y::Y;\n";
    check_circles(
        &[
            ("src/a/mod.rs", parent),
            ("src/a/x.rs", "use super::Y;\npub struct X;\n"),
            ("src/a/y.rs", "use crate::a::Known;\npub struct Y;\n"),
        ],
        &["an import circle in src/a: x → y (src/a/x.rs:1), y → x (src/a/y.rs:1)"],
    );
    // What the folder's own file defines is no child; neither is what tests use.
    check_circles(
        &[
            (
                "src/a/mod.rs",
                "mod x;\nmod y;\npub struct Own;\nuse x::X;\n",
            ),
            ("src/a/x.rs", "use super::Own;\nuse super::y::Y;\n"),
            (
                "src/a/y.rs",
                "use super::Own;\n#[cfg(test)]\nmod tests {\n    use super::super::x::X;\n}\n",
            ),
        ],
        &[],
    );
}
