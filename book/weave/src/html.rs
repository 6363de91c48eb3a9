//! The few shapes of HTML that pages are made of.

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
        "<figure class=\"{class}\">\n<figcaption>{caption} <span>{note}</span>\
         </figcaption>\n\n{content}\n</figure>\n"
    )
}

/// A figure that is folded, of what is to be copied and need not be read.
pub fn folded(caption: &str, note: &str, content: &str) -> String {
    format!(
        "<figure class=\"listing\">\n<figcaption>{caption} <span>{note}</span>\
         </figcaption>\n\n<details><summary>to be copied</summary>\n\n{content}\n\
         </details>\n</figure>\n"
    )
}

/// A block of code, between fences that do not occur in it.
pub fn fenced(language: &str, code: &str) -> String {
    let mut fence = "```".to_owned();
    while code.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{code}{fence}\n")
}

/// Preformatted text that Markdown does not look into: a blank line, which would end
/// the block, has an empty element on it.
pub fn pre(class: &str, caption: &str, html: &str) -> String {
    let filled =
        html.lines().map(|line| if line.is_empty() { "<b></b>" } else { line });
    let lines: Vec<&str> = filled.collect();
    let html = lines.join("\n");
    format!(
        "<figure class=\"{class}\"><figcaption>{caption}</figcaption>\
         <pre><code class=\"nohighlight\">{html}\n</code></pre></figure>\n"
    )
}
