//! What Part 7 costs those who keep to the rules: beside Part 6, in the same run.

use std::io;
use std::path::Path;

use crate::client::{Load, Port};
use crate::server::Server;
use crate::{Effort, Wanted, compare, judge, report, say, verdict};

/// How many requests one measurement makes.
const REQUESTS: usize = 60_000;
/// How many connections wait.
const IDLE: usize = 1_000;

/// Measures both, and says what the difference is.
pub fn measure(folder: &Path) -> io::Result<()> {
    let start = || -> io::Result<Vec<Server>> {
        ["part7", "part6"]
            .map(|it| Server::part(it, folder, &[]))
            .into_iter()
            .collect()
    };
    let servers = start()?;
    for port in [Port::Clear, Port::Tls] {
        let figures = compare(&servers, Effort::FULL, |server| {
            Load::exchanges(server, port, 1, REQUESTS)
        });
        report(&format!("the verse on connections that stay, {port}"), &figures);
        let most = Wanted::AtMost(1.03);
        verdict("CPU", Load::cpu_micros, &figures, ["part7", "part6"], most);
    }
    for port in [Port::Clear, Port::Tls] {
        for server in &start()? {
            let kib = Load::idle(server, port, true, IDLE)? / IDLE as f64 / 1024.0;
            say(&format!("waiting, {port}: {} {kib:.1} KiB", server.name));
            // Ten thousand in 60 MB, in the clear.
            if server.name == "part7" && matches!(port, Port::Clear) {
                judge(kib, Wanted::AtMost(6.0));
            }
        }
    }
    Ok(())
}
