/// How the entries are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    column: Column,
}

impl Sort {
    /// What a query says of it: `sort=size`; otherwise by name.
    pub fn of(query: Option<&str>) -> Sort {
        let mut parameters = query.unwrap_or_default().split('&');
        let sort = parameters.find_map(|it| it.strip_prefix("sort="));
        let name = sort.unwrap_or_default();
        let column = Column::ALL.into_iter().find(|it| it.name() == name);
        Sort { column: column.unwrap_or(Column::Name) }
    }
}

/// The page for a folder, whose path ends in a slash.
pub fn page(path: &str, sort: Sort, mut entries: Vec<Entry>) -> String {
    let Sort { column } = sort;
    entries.sort_by(|one, other| {
        let order = column.compare(one, other);
        let folders_first = other.is_folder.cmp(&one.is_folder);
        folders_first.then(order).then_with(|| one.name.cmp(&other.name))
    });

    let title = escape(&percent_decode_str(path).decode_utf8_lossy());
    let mut page =
        format!("{BEFORE_TITLE}{title}{AFTER_TITLE}<h1>{title}</h1>\n<table>\n");
    page.push_str("<thead><tr>");
    for other in Column::ALL {
        let name = other.name();
        write!(page, "<th><a href=\"?sort={name}\">{name}</a></th>")
            .expect("memory takes it");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
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
