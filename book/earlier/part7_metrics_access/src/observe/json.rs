use serde_json::{Value, json};

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
        }
    }
    format!("{line}\n")
}
