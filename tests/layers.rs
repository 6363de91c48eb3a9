//! The house: what uses what goes one way, and the newest part uses all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proctor::stage::Stage;
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

use crate::support::root;

/// Each folder or file of `src/`, and what it may use: the layers, from the top down,
/// then what stands to the side.
const LAYERS: [(&str, &[&str]); 17] = [
    (
        "upkeep",
        &["options", "drive", "net", "io", "limits", "observe", "process", "certs"],
    ),
    (
        "options",
        &[
            "monitor", "net", "io", "service", "site", "message", "certs",
            "observe", "process",
        ],
    ),
    (
        "monitor",
        &[
            "drive", "limits", "message", "net", "observe", "process", "service",
            "site",
        ],
    ),
    (
        "drive",
        &[
            "net", "service", "h1", "resource", "message", "io", "limits",
            "observe", "process",
        ],
    ),
    ("net", &["h1", "message", "io", "limits", "process", "date"]),
    ("service", &["site", "resource", "message", "io", "observe", "date"]),
    ("site", &["resource", "message", "io", "limits", "date", "verse"]),
    ("resource", &["message", "date"]),
    ("h1", &["message", "io", "limits", "date"]),
    ("message", &["date"]),
    ("io", &["message"]),
    ("limits", &["io"]),
    ("observe", &["message", "io", "date"]),
    ("process", &["io", "observe"]),
    ("certs", &["io", "date"]),
    ("date", &[]),
    ("verse", &[]),
];

/// What the core does not know: it waits for nobody.
const CORE: [&str; 3] = ["message", "h1", "resource"];

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

/// The paths that a file names: from `crate`, `rohttp`, `self` or `super` on, or from a
/// name that it has imported, which is then written out.
#[derive(Default)]
struct Used {
    paths: BTreeSet<Vec<String>>,
    imported: BTreeMap<String, Vec<String>>,
}

impl Used {
    fn by(file: &str, text: &str) -> BTreeSet<Vec<String>> {
        let mut used = Used::default();
        used.visit_file(&syn::parse_file(text).unwrap());
        used.written_out(file)
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
        let Some(name) = path.last().filter(|name| *name != "self") else {
            return self.add(path[..path.len() - 1].to_vec());
        };
        self.imported.insert(name.clone(), path.clone());
        self.paths.insert(path);
    }

    /// The paths from the library's root, from that of `file`.
    fn written_out(self, file: &str) -> BTreeSet<Vec<String>> {
        let here = file.trim_start_matches("src/").trim_end_matches(".rs");
        let mut here: Vec<String> = here.split('/').map(str::to_owned).collect();
        here.pop_if(|last| last == "mod");
        let mut found = BTreeSet::new();
        for mut path in self.paths {
            if let Some(import) = self.imported.get(&path[0]) {
                path.splice(..1, import.iter().cloned());
            }
            let from = match path[0].as_str() {
                "crate" | "rohttp" => &[][..],
                "super" => &here[..here.len() - 1],
                // What a list of modules names is beside it.
                _ if file.ends_with("/mod.rs") => &here[..],
                "self" => &here[..],
                _ => continue,
            };
            let to = path.into_iter().filter(|it| {
                !["crate", "rohttp", "super", "self"].contains(&it.as_str())
            });
            found.insert(from.iter().cloned().chain(to).collect());
        }
        found
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths
            .insert(path.segments.iter().map(|it| it.ident.to_string()).collect());
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
        let used = Used::by(file, text).into_iter().map(|path| path[0].clone());
        let others = used.filter(|name| name != layer(file));
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
    let mut found = BTreeSet::new();
    for path in Used::by(file, text) {
        // The longest beginning that is a module.
        for length in (1..=path.len()).rev() {
            let module = path[..length].join("/");
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

/// Whether a file has nothing that could be named: it adds to what others have.
fn is_nameless(text: &str) -> bool {
    let items = syn::parse_file(text).unwrap().items;
    items.iter().all(|item| matches!(item, syn::Item::Impl(_) | syn::Item::Use(_)))
}

/// The sources of a part: a file, or a folder.
fn sources_of(part: &str) -> BTreeMap<String, String> {
    let (file, folder) = (format!("parts/{part}.rs"), format!("parts/{part}/"));
    let mut sources = sources("parts");
    sources.retain(|path, _| *path == file || path.starts_with(&folder));
    sources
}

/// What the newest part does not use stands with those that do: `src/` is the server.
#[test]
fn the_newest_part_uses_every_module() {
    let sources = sources("src");
    let all: BTreeSet<String> = sources.keys().cloned().collect();
    let newest = sources_of(Stage::LAST.name());
    assert!(!newest.is_empty(), "parts/ has no {}", Stage::LAST);
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let used = newest.values().flat_map(|text| modules("", text, &all));
    let mut next: Vec<String> = used.collect();
    while let Some(file) = next.pop() {
        if reached.insert(file.clone()) {
            next.extend(modules(&file, &sources[&file], &all));
        }
    }
    let is_named = |file: &&String| {
        let is_list = file.ends_with("/mod.rs") || *file == "src/lib.rs";
        !is_list && !is_nameless(&sources[*file])
    };
    let unused = all.iter().filter(|file| !reached.contains(*file));
    let unused: Vec<&String> = unused.filter(is_named).collect();
    assert!(unused.is_empty(), "only earlier parts use {unused:?}");
}

/// A reader who knows what a type is knows it everywhere.
#[test]
fn no_two_types_have_one_name() {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in sources("src") {
        for item in syn::parse_file(&text).unwrap().items {
            let name = match item {
                syn::Item::Struct(item) => item.ident,
                syn::Item::Enum(item) => item.ident,
                syn::Item::Trait(item) => item.ident,
                syn::Item::Type(item) => item.ident,
                _ => continue,
            };
            homes.entry(name.to_string()).or_default().push(file.clone());
        }
    }
    homes.retain(|_, files| files.len() > 1);
    assert_eq!(homes, BTreeMap::new());
}

/// Who asks for the time of day, which somebody may set, and what for: nothing that
/// ends because a time has come.
const TIME_OF_DAY: [(&str, &str); 9] = [
    ("src/certs/options.rs", "the same, at the start"),
    ("src/certs/renewal.rs", "the same, once a day by the other clock"),
    ("src/date.rs", "the date of a response"),
    ("src/drive/h1/mod.rs", "the date of a line in the log"),
    ("src/observe/json.rs", "the date of a line in the log, as JSON"),
    ("src/resource/representation.rs", "whether a date is good as a validator"),
    (
        "src/site/own_files.rs",
        "whether a file may just have come, and is looked at",
    ),
    ("src/site/variant.rs", "whether a file's date is yet to come"),
    ("src/upkeep.rs", "whether a certificate is good when it is read"),
];

#[test]
fn no_deadline_goes_by_the_time_of_day() {
    let mut asking: Vec<String> = Vec::new();
    for folder in ["parts", "src"] {
        let all = sources(folder).into_iter();
        let those = all.filter(|(_, text)| text.contains("SystemTime::now"));
        asking.extend(those.map(|(name, _)| name));
    }
    let known: Vec<&str> = TIME_OF_DAY.iter().map(|(name, _)| *name).collect();
    assert_eq!(asking, known);
}
