//! What stands in a command for what is known only when it is started.

use crate::target::Endpoint;
use crate::tree::Tree;

/// Where the port in the clear goes.
pub const PORT: &str = "{port}";
/// Where the port with TLS goes.
pub const TLS_PORT: &str = "{tls_port}";
/// Where the folder goes that is to be served.
pub const ROOT: &str = "{root}";

/// Whether a command has such a place.
pub fn mentions(command: &[String], place: &str) -> bool {
    command.iter().any(|word| word.contains(place))
}

/// Where a server is: where it is said to be, or at a free port, if its command has a
/// place for one.
///
/// # Errors
/// If there is no such place, or no port is free.
pub fn endpoint(
    command: &[String],
    place: &str,
    given: Option<&str>,
    default: &str,
) -> Result<Endpoint, String> {
    match given {
        None if mentions(command, place) => Endpoint::free(),
        given => Endpoint::parse(given.unwrap_or(default)),
    }
}

/// A command with what belongs in its places.
pub fn filled(
    command: &[String],
    clear: &Endpoint,
    tls: Option<&Endpoint>,
    tree: Option<&Tree>,
) -> Vec<String> {
    let fill = |word: &String| {
        let mut word = word.replace(PORT, &clear.port().to_string());
        if let Some(tls) = tls {
            word = word.replace(TLS_PORT, &tls.port().to_string());
        }
        match tree {
            Some(tree) => word.replace(ROOT, &tree.root().to_string_lossy()),
            None => word,
        }
    };
    command.iter().map(fill).collect()
}
