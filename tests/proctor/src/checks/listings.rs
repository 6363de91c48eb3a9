//! Listings of folders, whatever is in them, and in whatever order.

use std::collections::BTreeSet;

use super::files::{BARE, as_clicked, get, page_of};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::check::{Check, Exam};
use crate::line::Outcome;
use crate::response::Response;
use crate::stage::Stage::Part6;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "crooked-folders",
        title: "A folder is listed whatever is in it, and if nothing is.",
        since: Part6,
        ports: Each,
        rule: Ours,
        why: "One name that leads nowhere hides all the others.",
        hint: "What can't be looked at is left out, or stands there without its size.",
        read: "part6_files.html#a-listing-that-one-likes-to-look-at",
        procedure: Does {
            sends: "GETs of an empty folder, and of one with a link to nothing, one to \
                itself and a named pipe",
            run: |exam| {
                page_of(exam, BARE)?;
                let target = get("/hollow/", "");
                exam.response_of(target.as_bytes(), &[200])
                    .map_err(|failure| failure.of("an empty folder"))?;
                let target = get("/crooked/", "");
                let (call, page) = exam.response_of(target.as_bytes(), &[200])?;
                match String::from_utf8_lossy(&page.content)
                    .contains("straight.txt")
                {
                    true => Ok(()),
                    false => {
                        let what = "straight.txt is not in it";
                        Err(call.wrong(&page, page.body.start, what))
                    }
                }
            },
        },
    },
    Check {
        id: "every-order-of-a-listing",
        title: "A listing has the same names in every order.",
        since: Part6,
        ports: Each,
        rule: Ours,
        why: "An order is chosen by a query, and a query is written by anyone.",
        hint: "What is no order is the usual one; and what is sorted is all of it.",
        read: "part6_files.html#a-listing-that-one-likes-to-look-at",
        procedure: Does {
            sends: "GETs of a folder without an index; with each query that its page \
                links to, and some that make no sense",
            run: every_order,
        },
    },
];

/// Queries that are no order.
const NONE: &[&str] =
    &["?", "?x", "?sort", "?sort=", "?sort=none", "?sort=%00&order=%"];

fn every_order(exam: &Exam) -> Outcome {
    let (_, usual) = page_of(exam, BARE)?;
    let names = paths(&usual);
    let queries = hrefs(&usual).filter_map(|link| {
        let query = link.strip_prefix("./").unwrap_or(&link);
        query.starts_with('?').then(|| query.replace("&amp;", "&"))
    });
    let queries: Vec<String> =
        queries.chain(NONE.iter().map(|it| (*it).to_owned())).collect();
    for query in queries {
        let target = get(&format!("{BARE}{query}"), "");
        let (call, page) = exam.response_of(target.as_bytes(), &[200])?;
        if let Some(path) = names.symmetric_difference(&paths(&page)).next() {
            let what = format!("{path} is in one of the two, and not in the other");
            return Err(call.wrong(&page, page.body.start, what));
        }
    }
    Ok(())
}

fn hrefs(page: &Response) -> impl Iterator<Item = String> {
    let page = String::from_utf8_lossy(&page.content).into_owned();
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|it| it.split('"').next().map(str::to_owned));
    links.collect::<Vec<_>>().into_iter()
}

/// What a listing leads to, of its folder.
fn paths(page: &Response) -> BTreeSet<String> {
    let targets = hrefs(page).filter_map(|link| as_clicked(&link));
    targets.filter(|it| it.starts_with(BARE) && it.len() > BARE.len()).collect()
}
