//! Lines for machines: each is an object of JSON (RFC 8259).

use std::fmt::{self, Debug};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::record::{Asked, End, Record};
use crate::message::FieldName;

/// How the lines of both logs are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people, and for what has read logs for thirty years.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// The most that is told of anything that a client has said, in bytes.
const SAID: usize = 2000;

/// A line of the access log.
pub fn access_line(record: &Record) -> String {
    let mut line = json!({
        "time": seconds(record.time),
        "peer": record.arrival.peer.ip(),
        "scheme": record.arrival.scheme.to_string(),
        "status": record.status.code(),
        "received": record.received,
        "sent": record.sent,
        "duration": record.duration.as_secs_f64(),
        "cut": record.end == End::Cut,
    });
    match record.asked {
        Asked::Line(text) => line["line"] = said(text),
        Asked::Request(request) => {
            line["method"] = said(request.method.as_str().as_bytes());
            line["target"] = said(request.target.to_string().as_bytes());
            line["version"] = request.version.to_string().into();
            for (key, name) in [
                ("referer", FieldName::REFERER),
                ("user_agent", FieldName::USER_AGENT),
            ] {
                if let Some(value) = request.headers.all(name).next() {
                    line[key] = said(value);
                }
            }
        }
    }
    format!("{line}\n")
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

/// What a client has said, as far as it is told; what is no UTF-8 has a U+FFFD there.
fn said(text: &[u8]) -> Value {
    let told = text.get(..SAID).unwrap_or(text);
    String::from_utf8_lossy(told).into()
}

/// What writes the lines of the log.
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<S, N>,
        mut writer: Writer,
        event: &Event,
    ) -> fmt::Result {
        let mut line = JsonLine(Map::new());
        event.record(&mut line);
        let level = event.metadata().level().to_string();
        line.0.insert("level".into(), level.into());
        line.0.insert("time".into(), seconds(SystemTime::now()).into());
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// The fields of an event, as they come.
struct JsonLine(Map<String, Value>);

impl Visit for JsonLine {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }
}
