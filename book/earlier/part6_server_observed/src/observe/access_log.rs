use super::record::{Observer, Record};

/// The access log.
#[derive(Debug)]
pub struct AccessLog;

impl Observer for AccessLog {
    /// Writes a line.
    fn observe(&self, record: &Record) {
        let Record { arrival, asked, status } = record;
        let (peer, code) = (arrival.peer.ip(), status.code());
        println!("{peer} \"{} {}\" {code}", asked.method, asked.target);
    }
}
