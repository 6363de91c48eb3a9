//! Dates as HTTP writes them.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An HTTP date in its one length: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub type ImfFixdate = [u8; 29];

/// The last second that has a date in this form: 9999-12-31T23:59:59Z.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Writes a time as an IMF-fixdate (RFC 9110 section 5.6.7). Times that the form
/// can't express come out as the nearest that it can.
pub fn imf_fixdate(time: SystemTime) -> ImfFixdate {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = httpdate::fmt_http_date(UNIX_EPOCH + since.min(LAST));
    text.into_bytes().try_into().expect("an IMF-fixdate has 29 bytes")
}

/// The value of a Date field for a response that leaves now (RFC 9110 section
/// 6.6.1). Made once a second at most, by each thread.
pub fn now() -> ImfFixdate {
    thread_local! {
        static MADE: Cell<Option<(u64, ImfFixdate)>> = const { Cell::new(None) };
    }
    let now = SystemTime::now();
    let second = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    match MADE.get() {
        Some((made, date)) if made == second => date,
        _ => {
            let date = imf_fixdate(now);
            MADE.set(Some((second, date)));
            date
        }
    }
}
