//! The book without its answers, for those who are graded.

use std::path::Path;
use std::sync::LazyLock;

use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use regex::Regex;

/// Takes out what gives answers away: the worked ones, and what happens after
/// *Predict, then run*. Hints stay. What pointed at an answer keeps its words.
pub fn without_answers(book: &mut Book) {
    book.items.retain(|item| !is_answer(item));
    book.for_each_chapter_mut(|chapter| chapter.content = asked(&chapter.content));
}

fn is_answer(item: &BookItem) -> bool {
    let BookItem::Chapter(Chapter { source_path, .. }) = item else { return false };
    let path = source_path.as_deref().unwrap_or(Path::new(""));
    path.to_string_lossy().starts_with("answers")
}

/// A page's questions without what comes of them.
pub(crate) fn asked(page: &str) -> String {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        let told = "(?s)<details class=\"hint\"><summary>What happens</summary>.*?</details>\\n*";
        Regex::new(told).expect("it is a pattern")
    });
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\[([^\]]*)\]\(answers[^)]*\)").expect("it is a pattern")
    });
    LINK.replace_all(&TOLD.replace_all(page, ""), "$1").into_owned()
}
