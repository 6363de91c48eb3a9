//! Cargo.toml, a chapter at a time.
//!
//! Its dependencies stand under comments that name the chapter which brings them in,
//! such as `# Part 5.5`; a program belongs to the chapter that lists it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use fs_err as fs;

/// What a reader's own package needs to say about itself.
const PACKAGE: [&str; 5] =
    ["name", "version", "edition", "rust-version", "autobins"];

/// The manifest, in the pieces in which the book shows it.
#[derive(Debug)]
pub struct Manifest {
    package: Vec<String>,
    /// A chapter and a line that it adds to the dependencies.
    dependencies: Vec<(String, String)>,
    /// A program's file, and the lines about it.
    programs: Vec<(String, Vec<String>)>,
}

impl Manifest {
    /// Reads Cargo.toml below `root`.
    pub fn load(root: &Path) -> io::Result<Manifest> {
        let text = fs::read_to_string(root.join("Cargo.toml"))?;
        let (mut package, mut dependencies) = (Vec::new(), Vec::new());
        let mut programs: Vec<(String, Vec<String>)> = Vec::new();
        let (mut section, mut chapter) = ("", String::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key = line.split('=').next().unwrap_or_default().trim();
            match section {
                _ if line.starts_with('[') => {
                    section = line;
                    if section == "[[bin]]" {
                        programs.push((String::new(), Vec::new()));
                    }
                }
                "[package]" if PACKAGE.contains(&key) => {
                    package.push(line.to_owned())
                }
                "[dependencies]" => match line.strip_prefix("# Part ") {
                    Some(number) => {
                        let number = number.split(':').next().unwrap_or_default();
                        chapter = format!("part{}", number.replace('.', "_"));
                    }
                    None => dependencies.push((chapter.clone(), line.to_owned())),
                },
                "[[bin]]" if key == "name" || key == "path" => {
                    let program = programs.last_mut().expect("a section has begun");
                    program.1.push(line.to_owned());
                    if let Some(path) = line.strip_prefix("path = ") {
                        program.0 = path.trim_matches('"').to_owned();
                    }
                }
                _ => {}
            }
        }
        Ok(Manifest { package, dependencies, programs })
    }

    /// What the chapters in `chapters` add, which between them list `files`. The first
    /// of all chapters with a program adds what is said of the package, too.
    pub fn of(
        &self,
        chapters: &[&str],
        files: &BTreeSet<&str>,
        first: bool,
    ) -> String {
        let mut sections = Vec::new();
        if first {
            sections.push(format!("[package]\n{}\n", self.package.join("\n")));
        }
        let lines = self.dependencies.iter();
        let lines =
            lines.filter(|(chapter, _)| chapters.contains(&chapter.as_str()));
        let lines: Vec<&str> = lines.map(|(_, line)| line.as_str()).collect();
        if !lines.is_empty() {
            sections.push(format!("[dependencies]\n{}\n", lines.join("\n")));
        }
        for (path, lines) in &self.programs {
            if files.contains(path.as_str()) {
                sections.push(format!("[[bin]]\n{}\n", lines.join("\n")));
            }
        }
        sections.join("\n")
    }

    /// The chapters that dependencies are filed under.
    pub fn chapters(&self) -> BTreeSet<&str> {
        self.dependencies.iter().map(|(chapter, _)| chapter.as_str()).collect()
    }
}
