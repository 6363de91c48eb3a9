//! The few shapes of HTML that pages are made of.

use std::sync::LazyLock;

use regex::Regex;

/// Text as HTML has it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Code in a line of text.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// A figure of Markdown under a caption and what is to be noted there.
pub fn figure(class: &str, caption: &str, note: &str, content: &str) -> String {
    format!(
        "<figure class=\"{class}\">\n<figcaption><b>{caption}</b> <span>{note}</span>\
         </figcaption>\n\n{content}\n</figure>\n"
    )
}

/// A figure that is folded, of what is to be copied and need not be read.
pub fn folded(caption: &str, note: &str, content: &str) -> String {
    format!(
        "<figure class=\"listing\">\n<figcaption><b>{caption}</b> <span>{note}</span>\
         </figcaption>\n\n<details><summary>to be copied</summary>\n\n{content}\n\
         </details>\n</figure>\n"
    )
}

/// Lines of text that weave has made, under a caption.
pub fn pre(class: &str, caption: &str, lines: &str) -> String {
    format!(
        "<figure class=\"{class}\"><figcaption>{caption}</figcaption>\
         <pre><code>{lines}</code></pre></figure>\n"
    )
}

/// A page whose drawings are scrolled where they are too wide, each under its title. They
/// are groups, not regions: what a screen reader lists as the landmarks of a page is not
/// each of its drawings, and on the page of all pages some would be called the same.
pub fn scrolled(page: &str) -> String {
    static DRAWING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("(?s)(<svg [^>]*aria-labelledby=\"([^ \"]+)[^>]*>.*?</svg>)")
            .expect("it is a pattern")
    });
    let scrolled = "<div class=\"scroll\" role=\"group\" aria-labelledby=\"$2\" \
                    tabindex=\"0\">\n$1\n</div>";
    DRAWING.replace_all(page, scrolled).into_owned()
}
