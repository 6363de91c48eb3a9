use crate::message::Request;

impl Observer for AccessLog {
    /// Writes a line.
    fn observe(&self, record: &Record) {
        let peer = record.arrival.peer.ip();
        let asked = match record.asked {
            Asked::Line(text) => String::from_utf8_lossy(text).into_owned(),
            Asked::Request(Request { method, target, version, .. }) => {
                format!("{method} {target} {version}")
            }
        };
        println!("{peer} \"{asked}\" {} {}", record.status.code(), record.sent);
    }
}
