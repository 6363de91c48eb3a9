//! What stands in the margin: the sections of RFCs, and the words that may be forgotten.

mod house;

use weave::book::Book;
use weave::cite;
use weave::{page, words};

const RFC: &str = "https://www.rfc-editor.org/rfc/rfc";

#[test]
fn sections_are_links_and_those_in_brackets_are_notes() {
    let link = |address: &str, text: &str| {
        format!("<a href=\"{RFC}{address}\">{text}</a>")
    };
    let one = link("9112#section-5.1", "RFC 9112 section 5.1");
    let bracket = |it| format!("<span class=\"bracket\">{it}</span>");
    let note = format!(
        "<span class=\"marginal\">{}{one}{}</span>",
        bracket(" ("),
        bracket(")")
    );
    let several = format!(
        "RFC 9112 sections {}, {} and {}",
        link("9112#section-9.3", "9.3"),
        link("9112#section-3", "3"),
        link("9112#appendix-C.2.2", "C.2.2"),
    );
    for (line, linked) in [
        ("So says RFC 9112 section 5.1.", format!("So says {one}.")),
        ("No (RFC 9112 section 5.1). Yes.", format!("No{note}. Yes.")),
        ("No (see RFC 9112 section 5.1).", format!("No (see {one}).")),
        ("RFC 9112 sections 9.3, 3 and C.2.2", several),
    ] {
        assert_eq!(cite::linked(line), linked);
    }
    for left in [
        "RFC 9112 and nothing more",
        "[RFC 9112 section 5](https://a.example/)",
        "<code>RFC 9112 section 5</code>",
        "<a href=\"b\">RFC 9112 section 5</a>",
    ] {
        assert_eq!(cite::linked(left), left);
    }
}

const GLOSSARY: &str = "\
**Pipe**
: What has `two` ends.

**FIFO**
: A pipe with a name.

**Head**
: What comes first.
";

/// A book of three chapters and a glossary, of which the third is shown.
fn third(chapters: [&str; 3]) -> String {
    let [a, b, c] = chapters;
    let root = house::build(&[], &[("a", a), ("b", b), ("c", c)]);
    let path = "book/src/SUMMARY.md";
    let summary = "# Summary\n\n# I · Ground\n\n- [a](a.md)\n- [b](b.md)\n- [c](c.md)\n\n\
                   # Appendices\n\n- [Glossary](glossary.md)\n";
    house::write(root.path(), path, summary);
    house::write(root.path(), "book/src/glossary.md", GLOSSARY);
    let (page, mistakes) = page::render(&Book::load(root.path()).unwrap(), 2);
    assert_eq!(mistakes, []);
    page
}

#[test]
fn a_word_that_has_not_been_used_for_a_chapter_is_explained_once() {
    let note = "Two <a class=\"term\" href=\"glossary.html#pipe\">pipes</a>\
                <span class=\"marginal meaning\" role=\"note\"> <b>Pipe</b> What has \
                <code class=\"word\">two</code> ends.</span>.\n";
    let page =
        third(["A pipe.\n", "Nothing.\n", "# Pipes\n\nTwo pipes.\n\nA pipe.\n"]);
    assert!(page.contains(note) && page.contains("\nA pipe.\n"), "{page}");
    assert_eq!(page.matches("meaning").count(), 1);
    for known in [
        // It is new, fresh in mind, introduced here, no word of the text, of every day.
        ["Nothing.\n", "Nothing.\n", "A pipe.\n"],
        ["A pipe.\n", "A pipe.\n", "A pipe.\n"],
        ["A pipe.\n", "Nothing.\n", "A *pipe*.\n\nA pipe.\n"],
        [
            "A pipe.\n",
            "Nothing.\n",
            "A `pipe`, a [pipe](a.md), a <b id=\"pipe\">.\n",
        ],
        ["A head.\n", "Nothing.\n", "A head.\n"],
        // Its capitals are part of it.
        ["A FIFO.\n", "Nothing.\n", "A fifo.\n"],
    ] {
        let page = third(known);
        assert!(!page.contains("meaning"), "{known:?}: {page}");
    }
}

#[test]
fn a_paragraph_has_room_for_one_word() {
    let page =
        third(["A pipe, a FIFO.\n", "Nothing.\n", "A FIFO, a pipe.\n\nA FIFO.\n"]);
    let notes: Vec<&str> = page.split("glossary.html#").skip(1).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].starts_with("pipe") && notes[1].starts_with("fifo"), "{page}");
}

#[test]
fn words_of_every_day_are_in_the_glossary() {
    let book = Book::load(&weave::root::find(std::path::Path::new(".")).unwrap());
    let book = book.unwrap();
    let glossary = book.chapters.iter().find(|it| it.name == "glossary").unwrap();
    for word in words::EVERYDAY {
        assert!(glossary.text.contains(&format!("**{word}**\n")), "{word}");
    }
}
