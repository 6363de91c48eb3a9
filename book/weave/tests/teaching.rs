//! What is made for those who teach: an edition without answers, slides, questions, and
//! a plan that fits into its weeks.

mod house;

use std::fs;
use std::path::Path;

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use weave::book::Book;
use weave::chapters::Chapter;
use weave::directive::Directive;
use weave::preprocessor::Weave;
use weave::questions::{self, Format};
use weave::{page, root, slides};

const PART: &str = "\
## The idea

One idea. And a second sentence, about [1.1](answers_a.md#11).

{{#listing src/a.rs}}

## Predict, then run

It is running.

**1.** What does it say?

{{#ask talk 1}}

<details class=\"hint\"><summary>What happens</summary>

{{#told talk 1}}

It says hello: {a=b}.

</details>

**2.** And now?

{{#ask talk 2}}

<details class=\"hint\"><summary>What happens</summary>

{{#told talk 2}}

Nothing more.

</details>

## Exercises

**1.1** (10 minutes) Say it again. *You are right when* it is said.

<details class=\"hint\"><summary>A hint</summary>

Louder.

</details>

**1.2** (an evening) Sing it.
";

fn small() -> tempfile::TempDir {
    let root = house::build(
        &[("a", "pub fn a() {}\n")],
        &[("a", PART), ("answers_a", "## 1.1\n\nLike this.\n")],
    );
    house::write(root.path(), "tests/sessions/talk.txt", "$ say\nhello\n$ say\n");
    root
}

fn built(root: &Path, settings: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root.join("book/book.toml")).unwrap() + settings;
    let mut config: Config = text.parse().unwrap();
    config.build.build_dir = folder.path().to_owned();
    let mut book = MDBook::load_with_config(root.join("book"), config).unwrap();
    book.with_preprocessor(Weave);
    book.build().unwrap();
    let pages = ["a.html", "answers_a.html"];
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
    pages.into_iter().filter_map(|it| Some((it.to_owned(), read(it)?))).collect()
}

#[test]
fn one_switch_takes_the_answers_out() {
    let root = small();
    let all = built(root.path(), "[preprocessor.weave]\ncommand = \"weave\"\n");
    assert_eq!(all.len(), 2);
    assert!(
        all[0].1.contains("It says hello")
            && all[0].1.contains("answers_a.html#11")
    );
    let settings = "[preprocessor.weave]\ncommand = \"weave\"\nanswers = false\n";
    let [(_, page)] = &built(root.path(), settings)[..] else {
        panic!("there is an answer left")
    };
    for gone in ["It says hello", "Nothing more", "What happens", "answers_a"] {
        assert!(!page.contains(gone), "{gone}");
    }
    let index = root.path().join("book/src").join(weave::search::FILE);
    let index = fs::read_to_string(index).unwrap();
    assert!(index.contains("And now?") && !index.contains("It says hello"));
    for kept in ["What does it say?", "And now?", "Louder", "about 1.1", "Sing it"]
    {
        assert!(page.contains(kept), "{kept}");
    }
}

#[test]
fn questions_are_those_of_the_pages_in_each_format() {
    let root = small();
    let all = questions::all(&Book::load(root.path()).unwrap()).unwrap();
    let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
    let expected =
        ["a, prediction 1", "a, prediction 2", "exercise 1.1", "exercise 1.2"];
    assert_eq!(names, expected);
    assert_eq!(all[2].time.as_deref(), Some("10 minutes"));
    insta::assert_snapshot!("markdown", questions::write(&all, Format::Markdown));
    insta::assert_snapshot!("gift", questions::write(&all, Format::Gift));
    let json = questions::write(&all, Format::Json);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[3]["asks"], "Sing it.");
    assert_eq!(json[3]["hint"], serde_json::Value::Null);
    assert_eq!(json[1]["answer"], "*(nothing)*\n\nNothing more.");
}

#[test]
fn slides_show_what_the_page_shows_and_say_what_stands_before_it() {
    let root = small();
    let book = Book::load(root.path()).unwrap();
    let slides = slides::of(&book, 0).unwrap();
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    let says = |slide: &slides::Slide, text: &str| {
        tags.replace_all(&slide.shown, "").contains(text)
    };
    let listing = slides.iter().find(|it| says(it, "pub fn a() {}")).unwrap();
    assert_eq!(listing.heading, "The idea");
    assert!(listing.notes.contains("And a second sentence"), "{}", listing.notes);
    assert_eq!(slides.iter().filter(|it| says(it, "$ say")).count(), 2);
    let page = slides::page("A", &slides);
    assert_eq!(page.matches("<section").count(), slides.len() + 1);
    assert!(page.contains("@media print") && page.contains(" so far</summary>"));
    // A page with a mistake on it makes no slides.
    house::write(root.path(), "book/src/a.md", "# a\n\n{{#session none}}\n");
    let mistakes = slides::of(&Book::load(root.path()).unwrap(), 0).unwrap_err();
    assert!(mistakes[0].what.contains("none"), "{mistakes:?}");
}

/// All that the book asks is in the bank, and each chapter with code has slides.
#[test]
fn the_whole_book_has_questions_and_slides() {
    let book = Book::load(&root::find(Path::new(".")).unwrap()).unwrap();
    let all = questions::all(&book).unwrap();
    let exercises =
        all.iter().filter(|it| it.name.starts_with("exercise ")).count();
    assert_eq!(exercises, proctor::exercises::all().count());
    let predictions = book.chapters.iter().flat_map(Chapter::directives);
    let predictions =
        predictions.filter(|(_, it)| matches!(it, Ok(Directive::Ask { .. })));
    assert_eq!(all.len() - exercises, predictions.count(), "all predictions");
    assert!(all.iter().filter(|it| it.answer.is_some()).count() >= 40);
    for (index, chapter) in book.chapters.iter().enumerate() {
        let slides = slides::of(&book, index).unwrap();
        let (page, _) = page::render(&book, index);
        let figures = page.matches("<figure").count();
        let shown = slides.iter().map(|it| it.shown.matches("<figure").count());
        let shown: usize = shown.sum();
        assert_eq!(shown, figures, "{}", chapter.name);
    }
}

/// Time is what is on the page: too much of it is a mistake.
#[test]
fn a_week_that_does_not_fit_is_a_mistake() {
    let root = small();
    let plan = |line: &str| {
        let text = format!("# plan\n\n{line}\n");
        house::write(root.path(), "book/src/answers_a.md", &text);
        page::render(&Book::load(root.path()).unwrap(), 1)
    };
    let (page, mistakes) = plan("{{#time a#the-idea; 1.1}}");
    assert!(page.contains("2 minutes to read, 10 for the exercises; 225 are left"));
    assert_eq!(mistakes, []);
    for (line, what) in [
        ("{{#time a; 1.1, 1.2}}", "190 for exercises leave less than 90 of 240"),
        ("{{#time b; 1.1}}", "there is no page b"),
        ("{{#time a#nothing; 1.1}}", "a has no section nothing"),
        ("{{#time a; 1.3}}", "there is no exercise 1.3"),
    ] {
        let (_, mistakes) = plan(line);
        assert!(mistakes[0].what.contains(what), "{mistakes:?}");
    }
}

const WEEK: &str = "### Week 1 · To *begin*

**Aim.** To.

**Read.** A, *the idea*.

{{#time a#the-idea; 1.1}}
";

#[test]
fn a_plan_shows_its_weeks_at_a_glance() {
    let root = small();
    let plan = |text: &str| {
        let text = format!("# plan\n\n{{{{#weeks}}}}\n\n{text}");
        house::write(root.path(), "book/src/answers_a.md", &text);
        page::render(&Book::load(root.path()).unwrap(), 1)
    };
    let (page, mistakes) = plan(WEEK);
    let card = "<ol class=\"weeks\">\n<li>\n\n\
                **[Week 1](#week-1--to-begin)** To *begin*\n\n\
                Read: A, *the idea*.\n\nDo: [1.1](a.md#exercise-1-1).\n\n\
                2 min to read, 10 min for exercises\n\n</li>\n</ol>\n";
    assert!(page.contains(card), "{page}");
    assert_eq!(mistakes, []);
    for (text, what) in [
        ("Nothing.\n".to_owned(), "no heading that begins \"### Week \""),
        (WEEK.replace(" · ", " "), "has no title behind a ·"),
        (WEEK.replace("**Read.**", "Read"), "week 1 does not say what is read"),
        (WEEK.replace("{{#time", "time"), "week 1 does not say how long it takes"),
        (WEEK.replace("1.1", "1.3"), "there is no exercise 1.3"),
    ] {
        let (_, mistakes) = plan(&text);
        assert!(mistakes[0].what.contains(what), "{mistakes:?}");
    }
}
