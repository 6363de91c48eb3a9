/// What a folder holds.
#[derive(Debug)]
pub struct Entry {
    /// Its name, in whatever encoding.
    pub name: OsString,
    /// Whether it is a folder itself.
    pub is_folder: bool,
}

/// The page for a folder, whose path ends in a slash.
pub fn page(path: &str, mut entries: Vec<Entry>) -> String {
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let mut page = format!("<!DOCTYPE html>\n<h1>{path}</h1>\n");
    for Entry { name, is_folder } in &entries {
        let name = name.to_string_lossy();
        let slash = if *is_folder { "/" } else { "" };
        writeln!(page, "<p><a href=\"{name}{slash}\">{name}{slash}</a>")
            .expect("memory takes it");
    }
    page
}
