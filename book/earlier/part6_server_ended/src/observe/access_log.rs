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
        let Record { received, sent, end, .. } = record;
        let code = record.status.code();
        println!("{peer} \"{asked}\" {code} {received} {sent} {end:?}");
    }
}
