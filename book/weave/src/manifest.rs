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
    /// A chapter, a table of dependencies, and a line that the chapter adds to it.
    dependencies: Vec<(String, String, String)>,
    /// A program's file, and the lines about it.
    programs: Vec<(String, Vec<String>)>,
}

impl Manifest {
    /// Reads Cargo.toml below `root`.
    pub fn load(root: &Path) -> io::Result<Manifest> {
        let text = fs::read_to_string(root.join("Cargo.toml"))?;
        let (mut package, mut dependencies) = (Vec::new(), Vec::new());
        let mut programs: Vec<(String, Vec<String>)> = Vec::new();
        let mut chapter = String::new();
        for (section, line) in lines(&text) {
            let key = line.split(['=', '.']).next().unwrap_or_default().trim();
            match section {
                "[[bin]]" if line == section => {
                    programs.push((String::new(), Vec::new()))
                }
                _ if line == section => {}
                "[package]" if PACKAGE.contains(&key) => {
                    package.push(written_out(line, "[workspace.package]", &text)?)
                }
                _ if is_dependencies(section) => match line.strip_prefix("# Part ")
                {
                    Some(number) => {
                        let number = number.split(':').next().unwrap_or_default();
                        let name = number.replace('.', "_").replace(", ", "_");
                        chapter = format!("part{name}");
                    }
                    None => {
                        let line =
                            written_out(line, "[workspace.dependencies]", &text)?;
                        dependencies.push((
                            chapter.clone(),
                            section.to_owned(),
                            line,
                        ));
                    }
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
        let lines: Vec<_> = lines
            .filter(|(chapter, ..)| chapters.contains(&chapter.as_str()))
            .collect();
        for lines in lines.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let (_, table, _) = &lines[0];
            let lines: Vec<&str> =
                lines.iter().map(|(.., line)| line.as_str()).collect();
            sections.push(format!("{table}\n{}\n", lines.join("\n")));
        }
        for (path, lines) in &self.programs {
            if files.contains(path.as_str()) {
                sections.push(format!("[[bin]]\n{}\n", lines.join("\n")));
            }
        }
        sections.join("\n")
    }

    /// The name of the program that a file is, if it is one.
    pub fn program(&self, file: &str) -> Option<&str> {
        let (_, lines) = self.programs.iter().find(|(path, _)| path == file)?;
        let name = lines.iter().find_map(|line| line.strip_prefix("name = "))?;
        Some(name.trim_matches('"'))
    }

    /// The chapters that dependencies are filed under.
    pub fn chapters(&self) -> BTreeSet<&str> {
        self.dependencies.iter().map(|(chapter, ..)| chapter.as_str()).collect()
    }
}

/// Whether a section is a table of what the programs need, wherever they run or on one
/// kind of system.
fn is_dependencies(section: &str) -> bool {
    section == "[dependencies]"
        || section.starts_with("[target.") && section.ends_with(".dependencies]")
}

/// The lines that are not empty, each with the head of its section.
fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.scan("", |section, line| {
        if line.starts_with('[') {
            *section = line;
        }
        Some((*section, line))
    })
}

/// A line as a package of its own has to say it: what it takes from a table of the
/// workspace stands in it. The two may not both name features.
fn written_out(line: &str, table: &str, text: &str) -> io::Result<String> {
    if !line.contains("workspace = true") {
        return Ok(line.to_owned());
    }
    let name = line.split(['=', '.']).next().unwrap_or_default().trim();
    let shared = lines(text).filter(|(section, _)| *section == table);
    let value = shared.filter_map(|(_, line)| line.split_once(" = "));
    let value =
        value.filter(|(key, _)| *key == name).map(|(_, value)| value).next();
    let value = value.ok_or_else(|| {
        io::Error::other(format!("Cargo.toml: {name} is not in {table}"))
    })?;
    if line == format!("{name}.workspace = true") {
        return Ok(format!("{name} = {value}"));
    }
    let fields = match value.strip_prefix("{ ") {
        Some(fields) => fields.trim_end_matches(" }").to_owned(),
        None => format!("version = {value}"),
    };
    Ok(line.replace("workspace = true", &fields))
}
