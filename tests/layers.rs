//! The house: what uses what goes one way, and the newest part uses all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

/// Each folder or file of `src/`, and what it may use: the layers, from the top down,
/// then what stands to the side.
const LAYERS: [(&str, &[&str]); 14] = [
    (
        "drive",
        &[
            "net", "service", "h1", "resource", "message", "io", "limits",
            "observe", "process",
        ],
    ),
    ("net", &["h1", "message", "io", "process", "date"]),
    ("service", &["site", "resource", "message", "io", "observe", "date"]),
    ("site", &["resource", "message", "io", "date", "verse"]),
    ("resource", &["message", "date"]),
    ("h1", &["message", "io", "limits"]),
    ("message", &["date"]),
    ("io", &["message"]),
    ("limits", &["io"]),
    ("observe", &["message", "io", "date"]),
    ("process", &["observe"]),
    ("certs", &["date"]),
    ("date", &[]),
    ("verse", &[]),
];

/// What the core does not know: it waits for nobody.
const CORE: [&str; 3] = ["message", "h1", "resource"];

fn root() -> PathBuf {
    std::env::var("CARGO_MANIFEST_DIR").unwrap().into()
}

/// The Rust files below a folder of the repository, by their paths from its root.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

/// The paths that a file names, as far as they lead into the library: `io::close`.
#[derive(Default)]
struct Used {
    paths: BTreeSet<Vec<String>>,
}

impl Used {
    fn by(text: &str) -> BTreeSet<Vec<String>> {
        let mut used = Used::default();
        used.visit_file(&syn::parse_file(text).unwrap());
        used.paths
    }

    fn tree(&mut self, mut path: Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.tree(path, &part.tree);
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.tree(path.clone(), tree));
            }
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.add(path);
            }
            UseTree::Rename(name) => {
                path.push(name.ident.to_string());
                self.add(path);
            }
            UseTree::Glob(_) => self.add(path),
        }
    }

    fn add(&mut self, path: Vec<String>) {
        if let [first, rest @ ..] = &path[..]
            && ["crate", "rohttp", "super", "self"].contains(&first.as_str())
        {
            let own = ["super", "self"].contains(&first.as_str());
            self.paths.insert(if own { path.clone() } else { rest.to_vec() });
        }
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|it| it.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

/// The folder or file of `src/` that a source belongs to.
fn layer(file: &str) -> &str {
    let name = file.trim_start_matches("src/").split('/').next().unwrap();
    name.trim_end_matches(".rs")
}

#[test]
fn what_uses_what_goes_one_way() {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let sources = sources("src");
    for (file, text) in sources.iter().filter(|(file, _)| *file != "src/lib.rs") {
        let used = Used::by(text).into_iter().map(|path| path[0].clone());
        let others = used.filter(|name| !["super", "self"].contains(&&**name));
        let others = others.filter(|name| name != layer(file));
        found.entry(layer(file)).or_default().extend(others);
    }
    let allowed: BTreeMap<&str, BTreeSet<String>> = LAYERS
        .iter()
        .map(|(layer, uses)| {
            (*layer, uses.iter().map(|it| it.to_string()).collect())
        })
        .collect();
    // What may be and is not would let something grow where nobody looks.
    assert_eq!(found, allowed);
}

/// A list from the top down is one only if nothing leads back up.
#[test]
fn the_layers_have_no_circle() {
    let mut below: BTreeSet<&str> = BTreeSet::new();
    let mut left: Vec<_> = LAYERS.to_vec();
    while !left.is_empty() {
        let (ready, rest): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|(_, uses)| uses.iter().all(|it| below.contains(it)));
        assert!(!ready.is_empty(), "these go round: {rest:?}");
        below.extend(ready.iter().map(|(layer, _)| *layer));
        left = rest;
    }
}

#[test]
fn the_core_waits_for_nobody() {
    for (file, text) in sources("src") {
        let banned: &[&str] = match layer(&file) {
            core if CORE.contains(&core) => {
                &["async ", "await", "tokio", "std::net"]
            }
            "site" | "service" => &["tokio::net", "tokio::io"],
            _ => continue,
        };
        for word in banned {
            assert!(!text.contains(word), "{file} has {word:?} in it");
        }
    }
}

/// The modules that a file leads to, by their files.
fn modules(file: &str, text: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let here = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut here: Vec<&str> = here.split('/').collect();
    if here.last() == Some(&"mod") {
        here.pop();
    }
    let mut found = BTreeSet::new();
    for path in Used::by(text) {
        let mut full: Vec<&str> = Vec::new();
        let mut rest = path.iter().map(String::as_str).peekable();
        match rest.peek() {
            Some(&"super") => full.extend(&here[..here.len() - 1]),
            Some(&"self") => full.extend(&here),
            _ => {}
        }
        full.extend(rest.filter(|part| !["super", "self"].contains(part)));
        // The longest beginning that is a module; what it lists comes along.
        for length in (1..=full.len()).rev() {
            let module = full[..length].join("/");
            let files =
                [format!("src/{module}.rs"), format!("src/{module}/mod.rs")];
            if let Some(file) = files.into_iter().find(|file| all.contains(file)) {
                found.insert(file);
                break;
            }
        }
    }
    found
}

/// What the newest part does not use stands with those that do: `src/` is the server.
#[test]
fn the_newest_part_uses_every_module() {
    let sources = sources("src");
    let all: BTreeSet<String> = sources.keys().cloned().collect();
    let part = fs::read_to_string(root().join("parts/part6.rs")).unwrap();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = modules("", &part, &all).into_iter().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file.clone()) {
            next.extend(modules(&file, &sources[&file], &all));
        }
    }
    let is_list =
        |file: &&String| file.ends_with("/mod.rs") || *file == "src/lib.rs";
    let unused: Vec<&String> = all
        .iter()
        .filter(|file| !reached.contains(*file) && !is_list(file))
        .collect();
    assert!(unused.is_empty(), "only earlier parts use {unused:?}");
    assert!(Path::new(&root()).join("src/drive/mod.rs").exists());
}
