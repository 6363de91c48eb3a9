/// The page for a folder, whose path ends in a slash.
pub fn page(path: &str, mut entries: Vec<Entry>) -> String {
    entries.sort_by(|one, other| one.name.cmp(&other.name));

    let title = escape(&percent_decode_str(path).decode_utf8_lossy());
    let mut page =
        format!("{BEFORE_TITLE}{title}{AFTER_TITLE}<h1>{title}</h1>\n<table>\n");
    page.push_str("<tbody>\n");
    if path != "/" {
        page.push_str(
            "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n",
        );
    }
    for entry in &entries {
        row(&mut page, entry);
    }
    page.push_str("</tbody>\n</table>\n</body>\n</html>\n");
    page
}

fn row(page: &mut String, entry: &Entry) {
    let slash = if entry.is_folder { "/" } else { "" };
    let link = percent_encode(entry.name.as_bytes(), ENCODED);
    let name = escape(&entry.name.to_string_lossy());
    writeln!(
        page,
        "<tr><td><a href=\"./{link}{slash}\">{name}{slash}</a></td></tr>"
    )
    .expect("memory takes it");
}
