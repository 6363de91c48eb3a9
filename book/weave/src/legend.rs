//! What the bytes on a page are, in a table, from which the page's script tells of each.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

use crate::book::Book;
use crate::index;
use crate::inline;
use crate::kind::{self, Item, Kind, Way};
use crate::tls;

/// The bytes of an exchange that went one way, as a lane has them in its attributes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lane<'a> {
    part: &'a str,
    way: Way,
}

/// The table for a page, or nothing if it has no bytes on it.
pub fn show(book: &Book, page: &str) -> String {
    static LANE: LazyLock<Regex> = LazyLock::new(|| {
        let lane = "data-of=\"(\\w+) (\\w+)\" data-ranges=\"([^\"]*)\"";
        Regex::new(lane).expect("it is a pattern")
    });
    let (mut rows, mut seen) = (String::new(), BTreeSet::new());
    for lane in LANE.captures_iter(page) {
        let (_, [part, way, ranges]) = lane.extract();
        let way = if way == "sent" { Way::Sent } else { Way::Received };
        for key in ranges.split(' ').step_by(2) {
            if let (Some(kind), true) =
                (kind::of_key(key), seen.insert((Lane { part, way }, key)))
            {
                rows.push_str(&row(book, &Lane { part, way }, kind));
            }
        }
    }
    match &*rows {
        "" => rows,
        rows => format!(
            "\n<details class=\"legend\"><summary>What the bytes on this page are, in a \
             table</summary>\n<div class=\"table-wrapper\"><table><thead><tr><th scope=\"col\">bytes</th>\
             <th scope=\"col\">what they are</th><th scope=\"col\">rule</th>\
             <th scope=\"col\">in our code</th></tr></thead><tbody>\n{rows}\
             </tbody></table></div>\n</details>\n"
        ),
    }
}

fn row(book: &Book, Lane { part, way }: &Lane, kind: &Kind) -> String {
    let (of, verb) = match (way, kind.key) {
        (Way::Sent, "unheard" | "unread") => ("to", "ended by"),
        (Way::Sent, "wrong") => ("to", "one of the faults of"),
        (way, key) if tls::KINDS.iter().any(|kind| kind.key == key) => {
            (if *way == Way::Sent { "to" } else { "from" }, "see")
        }
        (Way::Sent, _) => ("to", "read by"),
        (Way::Received, _) => ("from", "written by"),
    };
    let mut code = String::new();
    if let Some(item) = kind.item(part, *way) {
        let _ = write!(code, "{verb} {}", link(book, item));
    }
    format!(
        "<tr data-kind=\"{part} {} {}\"><td>{of} {part}</td><td>{}</td><td>{}</td>\
         <td>{code}</td></tr>\n",
        way.name(),
        kind.key,
        kind.name,
        kind.rule,
    )
}

/// An item's name, with a link to the listing that shows it.
fn link(book: &Book, (file, item): Item) -> String {
    let [item_name, file_name] =
        [item, file].map(|it| inline::breakable(&format!("`{it}`")));
    let name = format!("{item_name} in {file_name}");
    match index::listing_of(book, file, item) {
        Some(address) => format!("<a href=\"{address}\">{name}</a>"),
        None => name,
    }
}
