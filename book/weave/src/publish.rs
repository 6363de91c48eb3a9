//! What a book that was built lacks to stand on a public server.

use std::io;
use std::path::Path;
use std::process::Command;

use fs_err as fs;

use crate::book::Book;
use crate::offer::files_below;

/// What is shown where somebody links to a page, beside the pages.
const CARD: &str = "card.png";

/// What is worth compressing.
const TEXT: [&str; 6] = [".html", ".css", ".js", ".svg", ".txt", ".xml"];

/// Gives the pages in a folder the addresses that they have on a site, if it has one, and
/// a list of them to those who search; and each file of text a compressed one beside it.
///
/// # Errors
/// If a file can't be read or written, or there is no `gzip`.
pub fn publish(book: &Book, folder: &Path, site: Option<&str>) -> io::Result<()> {
    if let Some(site) = site {
        give_addresses(book, folder, site)?;
    }
    compress(folder)
}

/// The address in an mdBook's `site-url`, if that is more than a path.
pub fn address(site_url: &str) -> Option<&str> {
    let is_address = site_url.contains("://") && site_url.ends_with('/');
    is_address.then_some(site_url)
}

fn give_addresses(book: &Book, folder: &Path, site: &str) -> io::Result<()> {
    let names = book.chapters.iter().map(|it| format!("{}.html", it.name));
    // The book without its answers has fewer.
    let names: Vec<String> = names.filter(|it| folder.join(it).is_file()).collect();
    let first = names.first().map(String::as_str).unwrap_or_default();
    // mdBook makes the first page twice.
    let pages = names.iter().map(|name| (name.as_str(), name.as_str()));
    for (file, name) in pages.chain([("index.html", first)]) {
        let path = folder.join(file);
        let page = fs::read_to_string(&path)?;
        let url = format!("{site}{name}");
        let head = format!(
            "<link rel=\"canonical\" href=\"{url}\">\n\
             <meta property=\"og:url\" content=\"{url}\">\n\
             <meta property=\"og:image\" content=\"{site}{CARD}\">\n\
             <meta property=\"og:image:alt\" content=\"A house of seven storeys\">\n\
             <meta name=\"twitter:card\" content=\"summary_large_image\">\n</head>"
        );
        fs::write(&path, page.replacen("</head>", &head, 1))?;
    }
    let urls: String = names
        .iter()
        .map(|name| format!("<url><loc>{site}{name}</loc></url>\n"))
        .collect();
    let map = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
         {urls}</urlset>\n"
    );
    fs::write(folder.join("sitemap.xml"), map)
}

fn compress(folder: &Path) -> io::Result<()> {
    let names = files_below(folder).into_iter();
    let texts = names.filter(|name| TEXT.iter().any(|it| name.ends_with(it)));
    let mut gzip = Command::new("gzip");
    gzip.args(["-9", "-n", "-k", "-f", "--"]).args(texts).current_dir(folder);
    match gzip.status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other("gzip has failed")),
    }
}
