//! Two tasks that sleep, on one thread, and how long that takes.

use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::time::sleep;

fn main() {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime can be had").block_on(async {
        let start = Instant::now();
        let long = tokio::spawn(nap("long", 2));
        let short = tokio::spawn(nap("short", 1));
        long.await.expect("it does not panic");
        short.await.expect("nor does this one");
        println!("{} seconds", start.elapsed().as_secs());
    });
}

async fn nap(name: &str, seconds: u64) {
    println!("{name} lies down");
    sleep(Duration::from_secs(seconds)).await;
    println!("{name} gets up");
}
