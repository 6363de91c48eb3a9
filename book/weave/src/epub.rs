//! The book as an EPUB, for readers that are no browser: the pages that mdBook has built,
//! as XHTML, with a cover and a table of contents. What that takes is in EPUB 3.3,
//! <https://www.w3.org/TR/epub-33/>.

mod xhtml;

use std::fmt::Write as _;
use std::io::{self, Cursor, Write as _};
use std::path::Path;

use fs_err as fs;
use mdbook_preprocessor::config::Config;
use mdbook_summary::{Link, SummaryItem, parse_summary};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::chapters::FOLDER;
use crate::html::escape;
use crate::storeys::{self, Storey};

/// Where it goes if nobody says so, from the repository's root.
pub const FILE: &str = "book/rohttp.epub";

/// What the book is known by, in all its editions: a UUID, drawn once.
const IDENTIFIER: &str = "urn:uuid:41b3ddd9-ed4e-415e-8a24-28b283e6942b";
/// What others may do with it, as LICENSE says.
const RIGHTS: &str = "The text and its figures: CC BY 4.0, \
                      https://creativecommons.org/licenses/by/4.0/. \
                      The listings: MIT or Apache-2.0.";

/// The book, of the pages that mdBook has built in a folder. The same pages make the same
/// bytes.
///
/// # Errors
/// If something of it can't be read, or a page is not well-formed.
pub fn pack(root: &Path, folder: &Path) -> io::Result<Vec<u8>> {
    let about = About::load(root)?;
    let pages = pages(&about, &summary(root, folder)?, folder)?;
    let cover = about.cover(&storeys::load(root)?);
    let style = fs::read_to_string(root.join("book/theme/epub.css"))?;
    let mut archive = Archive(ZipWriter::new(Cursor::new(Vec::new())));
    // First and as it is, so that what the file is can be read at a fixed place.
    archive.add(CompressionMethod::Stored, "mimetype", "application/epub+zip")?;
    archive.compress("META-INF/container.xml", CONTAINER)?;
    archive.compress("book/package.opf", &about.package(&pages))?;
    archive.compress("book/cover.svg", &cover)?;
    archive.compress("book/epub.css", &style)?;
    for Page { name, text } in &pages {
        archive.compress(&format!("book/{name}.xhtml"), text)?;
    }
    Ok(archive.0.finish()?.into_inner())
}

/// What the summary lists, as far as it has been built: without its answers the book has
/// fewer pages.
fn summary(root: &Path, folder: &Path) -> io::Result<Vec<SummaryItem>> {
    let text = fs::read_to_string(root.join(FOLDER).join("SUMMARY.md"))?;
    let summary = parse_summary(&text).map_err(io::Error::other)?;
    let mut items = summary.prefix_chapters;
    items.extend(summary.numbered_chapters);
    items.extend(summary.suffix_chapters);
    keep_built(&mut items, folder);
    Ok(items)
}

/// The cover, the contents, and all that these lead to.
fn pages(
    about: &About,
    items: &[SummaryItem],
    folder: &Path,
) -> io::Result<Vec<Page>> {
    let links = links(items);
    let first = links.first().ok_or_else(|| {
        io::Error::other(format!("{} has no page of the book", folder.display()))
    })?;
    let mut pages = vec![
        Page { name: "cover".to_owned(), text: about.cover_page() },
        Page { name: "contents".to_owned(), text: about.contents(items, first) },
    ];
    for link in links {
        let name = name(link);
        let html = fs::read_to_string(folder.join(format!("{name}.html")))?;
        let text = xhtml::main(&html)
            .map_err(|what| io::Error::other(format!("{name}.html: {what}")))?;
        pages.push(Page { text: about.page(&link.name, &text), name });
    }
    Ok(pages)
}

/// A page of XHTML.
struct Page {
    /// Its file's name without the `.xhtml`: `part3`.
    name: String,
    text: String,
}

/// An archive in memory.
struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    fn compress(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.add(CompressionMethod::Deflated, name, text)
    }

    fn add(
        &mut self,
        method: CompressionMethod,
        name: &str,
        text: &str,
    ) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(method);
        self.0.start_file(name, options)?;
        self.0.write_all(text.as_bytes())
    }
}

/// Leaves those pages of a summary that have been built.
fn keep_built(items: &mut Vec<SummaryItem>, folder: &Path) {
    items.retain_mut(|item| match item {
        SummaryItem::Link(link) => {
            keep_built(&mut link.nested_items, folder);
            folder.join(format!("{}.html", name(link))).is_file()
        }
        SummaryItem::PartTitle(_) => true,
        _ => false,
    });
}

/// The pages of a summary, in order.
fn links(items: &[SummaryItem]) -> Vec<&Link> {
    let mut all = Vec::new();
    for item in items {
        if let SummaryItem::Link(link) = item {
            all.push(link);
            all.extend(links(&link.nested_items));
        }
    }
    all
}

/// A page's name.
fn name(link: &Link) -> String {
    let path = link.location.as_deref().unwrap_or(Path::new(""));
    path.with_extension("").to_string_lossy().into_owned()
}

/// A list of pages, with those below others, and those of a part, in lists of their own.
fn list(items: &[SummaryItem]) -> String {
    let (mut text, mut is_in_part) = (String::from("<ol>\n"), false);
    for item in items {
        match item {
            SummaryItem::PartTitle(title) => {
                let end = if is_in_part { "</ol>\n</li>\n" } else { "" };
                let _ =
                    write!(text, "{end}<li><span>{}</span>\n<ol>\n", escape(title));
                is_in_part = true;
            }
            SummaryItem::Link(link) => {
                let title = escape(&link.name);
                let _ = write!(
                    text,
                    "<li><a href=\"{}.xhtml\">{title}</a>",
                    name(link)
                );
                if !link.nested_items.is_empty() {
                    text.push_str(&list(&link.nested_items));
                }
                text.push_str("</li>\n");
            }
            _ => {}
        }
    }
    let end = if is_in_part { "</ol>\n</li>\n</ol>\n" } else { "</ol>\n" };
    text + end
}

/// What a reader's shelf says of the book.
struct About {
    title: String,
    description: String,
    authors: String,
    language: String,
    /// The day of its last change.
    changed: String,
}

impl About {
    fn load(root: &Path) -> io::Result<About> {
        let config = Config::from_disk(root.join("book/book.toml"));
        let config = config.map_err(io::Error::other)?.book;
        let changes = fs::read_to_string(root.join(FOLDER).join("changes.md"))?;
        Ok(About {
            title: config.title.unwrap_or_default(),
            description: config.description.unwrap_or_default(),
            authors: config.authors.join(", "),
            language: config.language.unwrap_or_else(|| "en".to_owned()),
            changed: last_change(&changes).ok_or_else(|| {
                io::Error::other("changes.md has no date in its headings")
            })?,
        })
    }

    fn page(&self, title: &str, content: &str) -> String {
        let (language, title) = (&self.language, escape(title));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n\
             <html xmlns=\"http://www.w3.org/1999/xhtml\" \
             xmlns:epub=\"http://www.idpf.org/2007/ops\" \
             lang=\"{language}\" xml:lang=\"{language}\">\n\
             <head>\n<title>{title}</title>\n\
             <link rel=\"stylesheet\" href=\"epub.css\"/>\n</head>\n\
             <body>\n{content}\n</body>\n</html>\n"
        )
    }

    /// The picture on the cover.
    fn cover(&self, storeys: &[Storey]) -> String {
        storeys::cover(storeys, &self.title, &self.description, &self.authors)
    }

    fn cover_page(&self) -> String {
        let (title, what) = (escape(&self.title), escape(&self.description));
        let cover = format!(
            "<section class=\"cover\" epub:type=\"cover\">\
             <img src=\"cover.svg\" alt=\"{title}. {what}. A house is drawn, with a \
             window for each page.\"/></section>"
        );
        self.page(&self.title, &cover)
    }

    fn contents(&self, items: &[SummaryItem], first: &Link) -> String {
        let contents = format!(
            "<nav epub:type=\"toc\" role=\"doc-toc\" id=\"toc\">\n<h1>Contents</h1>\n{}\
             </nav>\n\
             <nav epub:type=\"landmarks\" hidden=\"hidden\">\n<ol>\n\
             <li><a epub:type=\"cover\" href=\"cover.xhtml\">Cover</a></li>\n\
             <li><a epub:type=\"toc\" href=\"#toc\">Contents</a></li>\n\
             <li><a epub:type=\"bodymatter\" href=\"{}.xhtml\">The book</a></li>\n\
             </ol>\n</nav>",
            list(items),
            name(first),
        );
        self.page("Contents", &contents)
    }

    /// What the book consists of, and in which order it is read.
    fn package(&self, pages: &[Page]) -> String {
        let About { language, changed, .. } = self;
        let [title, authors, description] =
            [&self.title, &self.authors, &self.description].map(|it| escape(it));
        let (mut manifest, mut spine) = (String::new(), String::new());
        for Page { name, text } in pages {
            let properties = match name.as_str() {
                "contents" => " properties=\"nav\"",
                _ if text.contains("<svg ") => " properties=\"svg\"",
                _ => "",
            };
            let _ = writeln!(
                manifest,
                "<item id=\"{name}\" href=\"{name}.xhtml\" \
                 media-type=\"application/xhtml+xml\"{properties}/>"
            );
            let _ = writeln!(spine, "<itemref idref=\"{name}\"/>");
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" \
             unique-identifier=\"identifier\" xml:lang=\"{language}\">\n\
             <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
             <dc:identifier id=\"identifier\">{IDENTIFIER}</dc:identifier>\n\
             <dc:title>{title}</dc:title>\n\
             <dc:creator>{authors}</dc:creator>\n\
             <dc:language>{language}</dc:language>\n\
             <dc:description>{description}</dc:description>\n\
             <dc:rights>{RIGHTS}</dc:rights>\n\
             <meta property=\"dcterms:modified\">{changed}T00:00:00Z</meta>\n\
             {ACCESS}</metadata>\n\
             <manifest>\n\
             <item id=\"cover-image\" href=\"cover.svg\" media-type=\"image/svg+xml\" \
             properties=\"cover-image\"/>\n\
             <item id=\"style\" href=\"epub.css\" media-type=\"text/css\"/>\n\
             {manifest}</manifest>\n<spine>\n{spine}</spine>\n</package>\n"
        )
    }
}

/// How the book can be read: drawings have their words with them.
const ACCESS: &str = "\
<meta property=\"schema:accessMode\">textual</meta>
<meta property=\"schema:accessMode\">visual</meta>
<meta property=\"schema:accessModeSufficient\">textual</meta>
<meta property=\"schema:accessibilityFeature\">structuralNavigation</meta>
<meta property=\"schema:accessibilityFeature\">tableOfContents</meta>
<meta property=\"schema:accessibilityFeature\">alternativeText</meta>
<meta property=\"schema:accessibilityHazard\">none</meta>
";

/// Where the package is.
const CONTAINER: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\" version=\"1.0\">
<rootfiles>
<rootfile full-path=\"book/package.opf\" media-type=\"application/oebps-package+xml\"/>
</rootfiles>
</container>
";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The newest day in *What changed*, `## 27 November 2026`, as computers write it.
fn last_change(changes: &str) -> Option<String> {
    let heading = changes.lines().find_map(|line| line.strip_prefix("## "))?;
    let (day, rest) = heading.split_once(' ')?;
    let (month, year) = rest.split_once(' ')?;
    let month = 1 + MONTHS.iter().position(|it| *it == month)?;
    Some(format!("{year}-{month:02}-{day:0>2}"))
}
