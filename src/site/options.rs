//! The options that say what is served, and how.

use std::path::PathBuf;
use std::sync::Arc;

use super::files::{Folders, Root, Rules};
use super::opening::Wait;
use super::own_files::OwnFiles;
use super::{Echo, Site};
use crate::message::{FieldName, FieldValue, Headers};

/// What is served.
#[derive(Debug, Default, clap::Args)]
pub struct SiteOptions {
    /// Serve the files in DIR; without it, a verse
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Show what is in folders that have no index
    #[arg(long, requires = "root")]
    pub listing: bool,
    /// The file that a folder shows
    #[arg(
        long,
        value_name = "NAME",
        requires = "root",
        default_value = "index.html"
    )]
    pub index: String,
    /// Serve FILE, a path from the root, where there is nothing: for sites that are
    /// one page. Without it, 404.html in the root is what they get, with 404
    #[arg(long, value_name = "FILE", requires = "root")]
    pub fallback: Option<String>,
    /// Cache-Control for files of a kind, by extension, such as html=no-cache; * is
    /// any. May be repeated, and the first that fits counts
    #[arg(
        long,
        value_name = "KIND=VALUE",
        requires = "root",
        value_parser = cache_control
    )]
    pub cache_control: Vec<(String, FieldValue)>,
    /// Send back what is sent to /echo. Without --root that is so anyway
    #[arg(long)]
    pub echo: bool,
    /// A field for every response. May be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = field)]
    pub fields: Vec<(FieldName, FieldValue)>,
}

impl SiteOptions {
    /// Opens what is to be served. What is the server's `own` is not.
    ///
    /// # Errors
    /// If the root can't be opened, in a line.
    pub fn site(&self, own: Arc<OwnFiles>) -> Result<Site, String> {
        let fallback = self.fallback.as_deref();
        let fallback = fallback.map(|it| it.trim_start_matches('/').to_owned());
        let rules = Rules {
            folders: if self.listing { Folders::Listed } else { Folders::Hidden },
            // A path from the root may begin with a slash, as it does in a URL.
            index: self.index.trim_start_matches('/').to_owned(),
            fallback: fallback.clone(),
            own,
        };
        let open = |folder: &PathBuf| {
            Root::open(folder, rules).map_err(|error| {
                format!("cannot serve {}: {error}", folder.display())
            })
        };
        let root = self.root.as_ref().map(open).transpose()?;
        if let (Some(root), Some(file)) = (&root, &fallback)
            && root.fallback(&Headers::default(), Wait::ForDisk).is_err()
        {
            return Err(format!(
                "cannot serve {file} where there is nothing: it is not there"
            ));
        }
        let echo = match root.is_none() || self.echo {
            true => Echo::On,
            false => Echo::Off,
        };
        let cache_control = self.cache_control.clone();
        Ok(Site { root, echo, cache_control, ..Site::default() })
    }

    /// The fields that go with every response.
    pub fn headers(&self) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in &self.fields {
            headers.push(name.clone(), value.clone());
        }
        headers
    }
}

fn cache_control(text: &str) -> Result<(String, FieldValue), String> {
    let (kind, value) = text.split_once('=').ok_or("it has no = in it")?;
    let value = FieldValue::parse(value.as_bytes()).ok_or("that is no value")?;
    match kind.trim_start_matches('.') {
        "" => Err("it names no kind of file".into()),
        _ if value.as_bytes().is_empty() => Err("it has no value".into()),
        kind => Ok((kind.to_owned(), value)),
    }
}

/// Fields that say how a message is framed, or that each response has of its own: two
/// of them would contradict each other.
const OURS: [FieldName; 15] = [
    FieldName::ACCEPT_RANGES,
    FieldName::ALLOW,
    FieldName::CONNECTION,
    FieldName::CONTENT_ENCODING,
    FieldName::CONTENT_LENGTH,
    FieldName::CONTENT_RANGE,
    FieldName::CONTENT_TYPE,
    FieldName::DATE,
    FieldName::ETAG,
    FieldName::LAST_MODIFIED,
    FieldName::LOCATION,
    FieldName::STRICT_TRANSPORT_SECURITY,
    FieldName::TRANSFER_ENCODING,
    FieldName::from_static("Trailer"),
    FieldName::from_static("Upgrade"),
];

fn field(text: &str) -> Result<(FieldName, FieldValue), String> {
    let (name, value) = text.split_once(':').ok_or("it has no colon in it")?;
    let name = FieldName::parse(name.as_bytes())
        .ok_or("what is before the colon is no name of a field")?;
    let value = FieldValue::parse(value.as_bytes())
        .ok_or("what is after the colon is no value of a field")?;
    match OURS.contains(&name) {
        true => Err(format!("{} is the server's to say", name.as_str())),
        false => Ok((name, value)),
    }
}
