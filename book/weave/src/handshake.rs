//! A TLS handshake as a drawing: who sent what to whom, as `curl -v` saw it.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

use crate::html::escape;
use crate::session::Session;

/// Where the client stands, and the server; in SVG's units, as all below.
const CLIENT: usize = 30;
const SERVER: usize = 370;
const WIDTH: usize = 650;
/// How far one message is below another.
const ROW: usize = 30;

/// Handshake messages by their number (RFC 8446 section 4 and appendix B.3), and
/// what they are there for.
const MESSAGES: [(u8, &str, &str); 7] = [
    (1, "ClientHello", "what I speak, to whom, half a key"),
    (2, "ServerHello", "what we shall speak, my half of the key"),
    (4, "NewSessionTicket", "for the next time"),
    (8, "EncryptedExtensions", "which protocol comes within"),
    (11, "Certificate", "who I am, and who says so"),
    (15, "CertificateVerify", "signed, all of it so far: I am"),
    (20, "Finished", "and nobody has changed a byte of it"),
];

/// From here on messages are encrypted, except for one that has no meaning.
const SERVER_HELLO: u8 = 2;

/// Draws what a session shows of `curl -v`: its lines of TLS messages, of a request
/// and of a response. `id` tells the drawing's elements from others on the page.
///
/// # Errors
/// If there is no handshake in it, or a message that is not known here.
pub fn draw(session: &Session, id: &str) -> Result<String, String> {
    static TLS: LazyLock<Regex> = LazyLock::new(|| {
        let line = r"^TLSv1\.3 \((IN|OUT)\), TLS handshake, .* \((\d+)\):$";
        Regex::new(line).expect("it is one")
    });
    let (mut rows, mut said) = (String::new(), Vec::new());
    let mut top = 46;
    let mut encrypted = None;
    for line in session.steps.iter().flat_map(|step| step.output.lines()) {
        let (out, name, why) = if let Some(found) = TLS.captures(line) {
            let number: u8 = found[2].parse().unwrap_or_default();
            let message = MESSAGES.iter().find(|message| message.0 == number);
            let (_, name, why) = message.ok_or(format!("what is {line}?"))?;
            if number == SERVER_HELLO {
                encrypted = Some(top + ROW / 2 - 6);
            }
            (&found[1] == "OUT", (*name).to_owned(), *why)
        } else if line.contains("Change cipher spec") {
            let why = "means nothing, and calms old boxes";
            (line.contains("(OUT)"), "ChangeCipherSpec".to_owned(), why)
        } else if let Some(request) = line.strip_prefix("> ") {
            (true, request.to_owned(), "")
        } else if let Some(response) = line.strip_prefix("< ") {
            (false, response.to_owned(), "")
        } else {
            continue;
        };
        let (from, to) = if out { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let back = if out { to - 8 } else { to + 8 };
        let name = escape(&name);
        let _ = writeln!(
            rows,
            "<g stroke=\"none\" fill=\"currentColor\">\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{name}</text>\
             <text x=\"{}\" y=\"{}\" font-size=\"12\">{why}</text></g>\
             <path d=\"M{from} {top} H{to} M{back} {} L{to} {top} L{back} {}\"/>",
            CLIENT.midpoint(SERVER),
            top - 5,
            SERVER + 14,
            top + 4,
            top - 5,
            top + 5,
        );
        let who = if out { "curl" } else { "the server" };
        said.push(format!("{who} sends {name}"));
        top += ROW;
    }
    let Some(from) = encrypted else {
        return Err("there is no handshake of TLS 1.3 in that session".into());
    };
    let bottom = top - ROW / 2;
    Ok(format!(
        "<figure class=\"drawing\">\n<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\" fill=\"none\" \
         stroke=\"currentColor\" stroke-width=\"1.5\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<title id=\"{id}-title\">A handshake of TLS 1.3</title>\n\
         <desc id=\"{id}-text\">In turn, {}. All after the ServerHello is encrypted, \
         ChangeCipherSpec aside.</desc>\n\
         <g stroke=\"none\" fill=\"currentColor\"><rect x=\"4\" y=\"{from}\" \
         width=\"{}\" height=\"{}\" opacity=\"0.1\"/>\
         <text x=\"{CLIENT}\" y=\"16\" text-anchor=\"middle\" \
         font-weight=\"bold\">curl</text><text x=\"{SERVER}\" y=\"16\" \
         text-anchor=\"middle\" font-weight=\"bold\">part5_5</text>\
         <text x=\"640\" y=\"{}\" text-anchor=\"end\" font-size=\"12\">encrypted\
         </text></g>\n<path stroke-width=\"0.75\" d=\"M{CLIENT} 22 V{bottom} \
         M{SERVER} 22 V{bottom}\"/>\n{rows}</svg>\n\
         <figcaption>Drawn from the session above. What is grey is encrypted, \
         ChangeCipherSpec aside.</figcaption>\n</figure>\n",
        bottom + 4,
        said.join(", "),
        WIDTH - 8,
        bottom - from,
        bottom - 8,
    ))
}
