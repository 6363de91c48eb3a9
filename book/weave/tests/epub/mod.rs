//! The book as an EPUB: what the pages have is in it, and its links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use regex::Regex;
use weave::{chapters, epub};
use zip::ZipArchive;

use super::{Pages, root};

/// The files of the archive, by their names in `book/`.
static FILES: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| unpacked(&epub::pack(&root(), &Pages::get().folder).unwrap()));

fn unpacked(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let name = file.name().unwrap();
        files.insert(name.strip_prefix("book/").unwrap_or(&name).to_owned(), text);
    }
    files
}

/// An element of XML.
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Element {
    fn read(element: &BytesStart) -> Element {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
        // Twice the same, or none of the entities that XML has, is an error.
        let attributes = element.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute.unescape_value().unwrap();
            (text(attribute.key.as_ref()), value.into_owned())
        });
        let attributes = attributes.collect();
        Element { name: text(element.name().as_ref()), attributes }
    }

    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

/// The elements of a file, which has to be well-formed.
fn elements(name: &str, text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let (mut elements, mut depth) = (Vec::new(), 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}"))
        {
            Event::Start(element) => {
                elements.push(Element::read(&element));
                depth += 1;
            }
            Event::Empty(element) => elements.push(Element::read(&element)),
            Event::End(_) => depth -= 1,
            Event::GeneralRef(entity) => {
                let known = ["amp", "lt", "gt", "quot", "apos"];
                let entity = entity.decode().unwrap();
                assert!(
                    entity.starts_with('#') || known.contains(&&*entity),
                    "{name}: {entity}"
                );
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{name} has an element without an end");
    elements
}

/// The elements of each page, by its file's name.
fn pages() -> BTreeMap<&'static str, Vec<Element>> {
    let pages = FILES.iter().filter(|(name, _)| name.ends_with(".xhtml"));
    pages.map(|(name, text)| (name.as_str(), elements(name, text))).collect()
}

#[test]
fn an_epub_has_each_page_of_the_summary_in_its_order() {
    let chapters = chapters::load(&root()).unwrap();
    let names = chapters.into_iter().map(|it| format!("{}.xhtml", it.name));
    let wanted: Vec<String> = names.collect();
    let package = elements("package.opf", &FILES["package.opf"]);
    let all = |name: &str, attribute: &str| -> Vec<String> {
        let elements = package.iter().filter(|it| it.name == name);
        elements.map(|it| it.get(attribute).unwrap().to_owned()).collect()
    };
    let spine = all("itemref", "idref").into_iter().map(|id| id + ".xhtml");
    assert_eq!(spine.skip(2).collect::<Vec<String>>(), wanted);
    let contents = &pages()["contents.xhtml"];
    let links = contents
        .iter()
        .filter(|it| it.name == "a" && it.get("epub:type").is_none());
    let links: Vec<&str> = links.filter_map(|it| it.get("href")).collect();
    assert_eq!(links, wanted);
    // What is in the archive is said to be, and the other way round.
    let said: BTreeSet<String> = all("item", "href").into_iter().collect();
    let about = ["mimetype", "META-INF/container.xml", "package.opf"];
    let there = FILES.keys().filter(|it| !about.contains(&it.as_str()));
    assert_eq!(said, there.cloned().collect());
}

#[test]
fn links_of_an_epub_lead_somewhere_and_nothing_in_it_is_a_script() {
    let pages = pages();
    let (mut ids, mut wrong) = (BTreeSet::new(), Vec::new());
    for (name, elements) in &pages {
        for id in elements.iter().filter_map(|it| it.get("id")) {
            if !ids.insert((*name, id)) {
                wrong.push(format!("{name} has two ids {id}"));
            }
        }
    }
    let mut links = 0;
    for (name, element) in
        pages.iter().flat_map(|(name, all)| all.iter().map(move |it| (*name, it)))
    {
        let is_script = ["script", "button", "input", "output"]
            .contains(&&*element.name)
            || element.attributes.keys().any(|it| it.starts_with("on"));
        if is_script {
            wrong.push(format!("{name} has a {}", element.name));
        }
        let is_told = ["aria-label", "aria-labelledby", "aria-hidden"]
            .iter()
            .any(|it| element.get(it).is_some());
        if element.name == "svg" && !is_told {
            wrong.push(format!("{name} has a drawing without words"));
        }
        for key in ["href", "src"] {
            let Some(link) = element.get(key) else { continue };
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { name } else { file };
            if !FILES.contains_key(file)
                || !id.is_empty() && !ids.contains(&(file, id))
            {
                wrong.push(format!("{name} links to {link}, which is not there"));
            }
            links += 1;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(links > 1000, "{links}");
}

/// MuPDF drops the whole of a style sheet in which it finds one of these.
#[test]
fn an_epub_is_laid_out_by_readers_that_know_no_variables() {
    let styles: Vec<String> = pages()
        .values()
        .flatten()
        .filter_map(|element| element.get("style").map(str::to_owned))
        .chain([FILES["epub.css"].clone()])
        .collect();
    assert!(styles.len() > 1000, "{}", styles.len());
    for style in styles {
        assert!(
            !["--", "var(", "calc("].iter().any(|it| style.contains(it)),
            "{style}"
        );
    }
}

/// What a page has that a reader would miss: what there is of each kind, and all that
/// stands in blocks of code.
fn content(page: &str) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    const KINDS: [&str; 12] = [
        "dt",
        "em",
        "figcaption",
        "figure",
        "h3",
        "li",
        "path",
        "pre",
        "strong",
        "svg",
        "table",
        "tr",
    ];
    let count = |kind| {
        page.matches(&format!("<{kind}>")).count()
            + page.matches(&format!("<{kind} ")).count()
    };
    let counts = KINDS.iter().map(|kind| (*kind, count(*kind))).collect();
    let (pre, tag) = (Regex::new("(?s)<pre.*?</pre>"), Regex::new("<[^>]*>"));
    let (pre, tag) = (pre.unwrap(), tag.unwrap());
    let blocks = pre.find_iter(page).map(|it| tag.replace_all(it.as_str(), ""));
    let mut blocks: Vec<String> = blocks.map(|it| it.into_owned()).collect();
    // Some stand elsewhere on the page.
    blocks.sort();
    (counts, blocks)
}

#[test]
fn what_is_on_a_page_is_in_the_epub_with_its_id() {
    let id = Regex::new(" id=\"([^\"]+)\"").unwrap();
    let ids = |page| -> BTreeSet<String> {
        id.captures_iter(page).map(|it| it[1].to_owned()).collect()
    };
    // A word's meaning is where its link leads.
    let aside = Regex::new("<span class=\"marginal meaning\".*?</span>").unwrap();
    let mut figures = 0;
    for chapter in chapters::load(&root()).unwrap() {
        let name = chapter.name;
        let html = &Pages::get().texts[&format!("{name}.html")];
        let (_, main) = html.split_once("<main ").unwrap();
        let (main, _) = main.split_once("</main>").unwrap();
        let page = &FILES[&format!("{name}.xhtml")];
        let lost: Vec<String> = ids(main).difference(&ids(page)).cloned().collect();
        assert_eq!(lost, Vec::<String>::new(), "{name}");
        let main = aside.replace_all(main, "");
        assert_eq!(content(page), content(&main), "{name}");
        figures += content(page).0["figure"];
    }
    assert!(figures > 500, "{figures}");
}

#[test]
fn an_epub_says_first_what_it_is_and_is_the_same_each_time() {
    let folder = &Pages::get().folder;
    let bytes = epub::pack(&root(), folder).unwrap();
    assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip");
    assert!(bytes == epub::pack(&root(), folder).unwrap());
}

#[test]
fn a_page_that_is_not_well_formed_is_in_no_epub() {
    let folder = tempfile::tempdir().unwrap();
    for (wrong, complaint) in [
        ("<p>\n<b></p>", "line 2"),
        ("\n\n<p>one", "p has no end"),
        ("<p>a&nbsp;b</p>", "nbsp"),
    ] {
        for (name, text) in &Pages::get().texts {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let page = format!("<main tabindex=\"-1\">{wrong}</main>");
        fs::write(folder.path().join("part3.html"), page).unwrap();
        let said = epub::pack(&root(), folder.path()).unwrap_err().to_string();
        assert!(
            said.starts_with("part3.html: ") && said.contains(complaint),
            "{said}"
        );
    }
}
