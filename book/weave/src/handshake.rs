//! A TLS handshake as a drawing: who sent what to whom, as `curl -v` saw it.

use std::sync::LazyLock;

use regex::Regex;

use crate::html::escape;
use crate::session::Session;

/// Where the client stands, and the server; in SVG's units, as all below.
const CLIENT: usize = 30;
const SERVER: usize = 370;
const WIDTH: usize = 650;
/// Where the first message is, and how far one is below another.
const FIRST: usize = 46;
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
const SERVER_HELLO: &str = "ServerHello";

/// Who sends something.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Client,
    Server,
}

/// What one sends to the other.
struct Message {
    sender: Sender,
    name: String,
    why: &'static str,
}

/// Draws what a session shows of `curl -v`: its lines of TLS messages, of a request
/// and of a response. `id` tells the drawing's elements from others on the page.
///
/// # Errors
/// If there is no handshake in it, or a message that is not known here.
pub fn draw(session: &Session, id: &str) -> Result<String, String> {
    let lines = session.steps.iter().flat_map(|step| step.output.lines());
    let messages = lines.filter_map(|line| message(line).transpose());
    let messages: Vec<Message> = messages.collect::<Result<_, _>>()?;
    let hello = messages.iter().position(|it| it.name == SERVER_HELLO);
    let hello = hello.ok_or("there is no handshake of TLS 1.3 in that session")?;
    let top = |index: usize| FIRST + index * ROW;
    let bottom = top(messages.len()) - ROW / 2;
    let said: Vec<String> = messages.iter().map(in_words).collect();
    let rows = messages.iter().enumerate();
    let rows: String = rows.map(|(index, it)| row(it, top(index))).collect();
    Ok(format!(
        "<figure class=\"drawing\">\n<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\" fill=\"none\" \
         stroke=\"currentColor\" stroke-width=\"1.5\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<title id=\"{id}-title\">A handshake of TLS 1.3</title>\n\
         <desc id=\"{id}-text\">In turn, {}. All after the ServerHello is encrypted, \
         ChangeCipherSpec aside.</desc>\n{}\n{rows}</svg>\n\
         <figcaption>Drawn from the session above. What is grey is encrypted, \
         ChangeCipherSpec aside.</figcaption>\n</figure>\n",
        bottom + 4,
        said.join(", "),
        ground(top(hello) + ROW / 2 - 6, bottom),
    ))
}

/// What a line of `curl -v` says of a message, if it does.
fn message(line: &str) -> Result<Option<Message>, String> {
    static TLS: LazyLock<Regex> = LazyLock::new(|| {
        let line = r"^TLSv1\.3 \((IN|OUT)\), TLS handshake, .* \((\d+)\):$";
        Regex::new(line).expect("it is one")
    });
    let sender = |is_out| if is_out { Sender::Client } else { Sender::Server };
    let (sender, name, why) = if let Some(found) = TLS.captures(line) {
        let number: u8 = found[2].parse().unwrap_or_default();
        let message = MESSAGES.iter().find(|message| message.0 == number);
        let (_, name, why) = message.ok_or(format!("what is {line}?"))?;
        (sender(&found[1] == "OUT"), *name, *why)
    } else if line.contains("Change cipher spec") {
        let why = "means nothing, and calms old boxes";
        (sender(line.contains("(OUT)")), "ChangeCipherSpec", why)
    } else if let Some(request) = line.strip_prefix("> ") {
        (Sender::Client, request, "")
    } else if let Some(response) = line.strip_prefix("< ") {
        (Sender::Server, response, "")
    } else {
        return Ok(None);
    };
    Ok(Some(Message { sender, name: escape(name), why }))
}

/// A message, for those who do not see the drawing.
fn in_words(message: &Message) -> String {
    let who = match message.sender {
        Sender::Client => "curl",
        Sender::Server => "the server",
    };
    format!("{who} sends {}", message.name)
}

/// An arrow from one to the other, with the message's name above it.
fn row(message: &Message, top: usize) -> String {
    let Message { sender, name, why } = message;
    let (from, to, back) = match sender {
        Sender::Client => (CLIENT, SERVER, SERVER - 8),
        Sender::Server => (SERVER, CLIENT, CLIENT + 8),
    };
    format!(
        "<g stroke=\"none\" fill=\"currentColor\">\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{name}</text>\
         <text x=\"{}\" y=\"{}\" font-size=\"12\">{why}</text></g>\
         <path d=\"M{from} {top} H{to} M{back} {} L{to} {top} L{back} {}\"/>\n",
        CLIENT.midpoint(SERVER),
        top - 5,
        SERVER + 14,
        top + 4,
        top - 5,
        top + 5,
    )
}

/// What the arrows are drawn on: both sides, and what is encrypted, from `grey` on.
fn ground(grey: usize, bottom: usize) -> String {
    format!(
        "<g stroke=\"none\" fill=\"currentColor\"><rect x=\"4\" y=\"{grey}\" \
         width=\"{}\" height=\"{}\" opacity=\"0.1\"/>\
         <text x=\"{CLIENT}\" y=\"16\" text-anchor=\"middle\" \
         font-weight=\"bold\">curl</text><text x=\"{SERVER}\" y=\"16\" \
         text-anchor=\"middle\" font-weight=\"bold\">part5_5</text>\
         <text x=\"640\" y=\"{}\" text-anchor=\"end\" font-size=\"12\">encrypted\
         </text></g>\n<path stroke-width=\"0.75\" d=\"M{CLIENT} 22 V{bottom} \
         M{SERVER} 22 V{bottom}\"/>",
        WIDTH - 8,
        bottom - grey,
        bottom - 8,
    )
}
