//! The names of fields that we read or write, and values that we write often.

use super::{FieldName, FieldValue};

impl FieldName {
    /// The methods that a target supports (RFC 9110 section 10.2.1).
    pub const ALLOW: FieldName = FieldName::from_static("Allow");
    /// What is asked of the connection alone (RFC 9110 section 7.6.1).
    pub const CONNECTION: FieldName = FieldName::from_static("Connection");
    /// How many bytes of content there are (RFC 9110 section 8.6).
    pub const CONTENT_LENGTH: FieldName = FieldName::from_static("Content-Length");
    /// What the content is (RFC 9110 section 8.3).
    pub const CONTENT_TYPE: FieldName = FieldName::from_static("Content-Type");
    /// When the message was made (RFC 9110 section 6.6.1).
    pub const DATE: FieldName = FieldName::from_static("Date");
    /// Whom the client means to speak to (RFC 9110 section 7.2).
    pub const HOST: FieldName = FieldName::from_static("Host");
    /// When the content last changed (RFC 9110 section 8.8.2).
    pub const LAST_MODIFIED: FieldName = FieldName::from_static("Last-Modified");
    /// How the content is framed, if not by a length (RFC 9112 section 6.1).
    pub const TRANSFER_ENCODING: FieldName =
        FieldName::from_static("Transfer-Encoding");
    /// What the client wants to hear before it sends content (RFC 9110 section
    /// 10.1.1).
    pub const EXPECT: FieldName = FieldName::from_static("Expect");
    /// Only if it is one of these (RFC 9110 section 13.1.1).
    pub const IF_MATCH: FieldName = FieldName::from_static("If-Match");
    /// Only if it has changed since (RFC 9110 section 13.1.3).
    pub const IF_MODIFIED_SINCE: FieldName =
        FieldName::from_static("If-Modified-Since");
    /// Only if it is none of these (RFC 9110 section 13.1.2).
    pub const IF_NONE_MATCH: FieldName = FieldName::from_static("If-None-Match");
    /// A part only if it is still this (RFC 9110 section 13.1.5).
    pub const IF_RANGE: FieldName = FieldName::from_static("If-Range");
    /// Only if it has not changed since (RFC 9110 section 13.1.4).
    pub const IF_UNMODIFIED_SINCE: FieldName =
        FieldName::from_static("If-Unmodified-Since");
    /// The units in which parts may be asked for (RFC 9110 section 14.3).
    pub const ACCEPT_RANGES: FieldName = FieldName::from_static("Accept-Ranges");
    /// Which part the content is (RFC 9110 section 14.4).
    pub const CONTENT_RANGE: FieldName = FieldName::from_static("Content-Range");
    /// Which parts are asked for (RFC 9110 section 14.2).
    pub const RANGE: FieldName = FieldName::from_static("Range");
    /// The codings that the client takes (RFC 9110 section 12.5.3).
    pub const ACCEPT_ENCODING: FieldName =
        FieldName::from_static("Accept-Encoding");
    /// The codings that have been applied to the content (RFC 9110 section 8.4).
    pub const CONTENT_ENCODING: FieldName =
        FieldName::from_static("Content-Encoding");
    /// Which fields of the request have had a say (RFC 9110 section 12.5.5).
    pub const VARY: FieldName = FieldName::from_static("Vary");
    /// What tells one state of the content from another (RFC 9110 section 8.8.3).
    pub const ETAG: FieldName = FieldName::from_static("ETag");
    /// How long it may be kept, and by whom (RFC 9111 section 5.2).
    pub const CACHE_CONTROL: FieldName = FieldName::from_static("Cache-Control");
    /// Where the target is (RFC 9110 section 10.2.2).
    pub const LOCATION: FieldName = FieldName::from_static("Location");
    /// Where the client found the link (RFC 9110 section 10.1.3).
    pub const REFERER: FieldName = FieldName::from_static("Referer");
    /// Over TLS alone from now on (RFC 6797 section 6.1).
    pub const STRICT_TRANSPORT_SECURITY: FieldName =
        FieldName::from_static("Strict-Transport-Security");
    /// Which program the client is (RFC 9110 section 10.1.5).
    pub const USER_AGENT: FieldName = FieldName::from_static("User-Agent");
    /// Whether the media type may be guessed at (the Fetch Standard).
    pub const X_CONTENT_TYPE_OPTIONS: FieldName =
        FieldName::from_static("X-Content-Type-Options");
    /// When to try again (RFC 9110 section 10.2.3).
    pub const RETRY_AFTER: FieldName = FieldName::from_static("Retry-After");
}

impl FieldValue {
    /// Content-Type of a text for people.
    pub const TEXT_PLAIN: FieldValue =
        FieldValue::from_static("text/plain; charset=utf-8");
    /// Content-Type of what nothing is known of (RFC 2046 section 4.5.1).
    pub const OCTET_STREAM: FieldValue =
        FieldValue::from_static("application/octet-stream");
    /// Content-Type of a page.
    pub const TEXT_HTML: FieldValue =
        FieldValue::from_static("text/html; charset=utf-8");
}
