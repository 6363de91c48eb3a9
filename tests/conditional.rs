//! Conditions: what is sent again, what is known already, and what must not be touched.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rohttp::message::Method;
use rohttp::resource::conditional::{self, Outcome, Validators};

use crate::support::{Case, cases, get};

/// 27 July 1987.
const MODIFIED: u64 = 554_342_400;
const SAME: &str = "Mon, 27 Jul 1987 00:00:00 GMT";
const AFTER: &str = "Mon, 27 Jul 1987 00:00:01 GMT";

fn validators() -> Validators {
    let last_modified = Some(UNIX_EPOCH + Duration::from_secs(MODIFIED));
    Validators { etag: "a,b".into(), last_modified }
}

#[test]
fn conditions_are_evaluated_in_their_order() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/conditions.txt"))
    {
        let fields = String::from_utf8(bytes).unwrap();
        let mut request = get(&fields);
        let mut outcome = |method| {
            request.method = method;
            conditional::evaluate(&request, &validators())
        };
        assert_eq!(format!("{:?}", outcome(Method::Get)), expected, "{name}");
        assert_eq!(format!("{:?}", outcome(Method::Head)), expected, "{name}");
        // What does not read is not told that it has it, but that it may not.
        let expected = match &*expected {
            "NotModified" if fields.contains("None-Match") => "Failed",
            "NotModified" => "Proceed",
            other => other,
        };
        assert_eq!(format!("{:?}", outcome(Method::Put)), expected, "PUT {name}");
    }
}

#[test]
fn if_range_lets_a_range_count_for_the_very_same_state() {
    let long_after = UNIX_EPOCH + Duration::from_secs(MODIFIED + 1);
    let at_once = UNIX_EPOCH + Duration::from_millis(MODIFIED * 1000 + 999);
    let counts = |fields: &str, now: SystemTime| {
        conditional::if_range_holds(&get(fields).headers, &validators(), now)
    };
    assert!(counts("", at_once));
    assert!(counts("If-Range: \"a,b\"\r\n", at_once));
    assert!(!counts("If-Range: W/\"a,b\"\r\n", long_after));
    assert!(!counts("If-Range: \"x\"\r\n", long_after));
    assert!(!counts("If-Range: \"a,b\", \"x\"\r\n", long_after));
    assert!(!counts("If-Range: *\r\n", long_after));
    assert!(!counts("If-Range: \"a,b\"\r\nIf-Range: \"a,b\"\r\n", long_after));
    assert!(counts(&format!("If-Range: {SAME}\r\n"), long_after));
    assert!(
        !counts(&format!("If-Range: {SAME}\r\n"), at_once),
        "it may change yet"
    );
    assert!(
        !counts(&format!("If-Range: {AFTER}\r\n"), long_after),
        "later is not equal"
    );
    assert!(!counts("If-Range: never\r\n", long_after));
}

/// A file that nobody knows the age of has no date that a condition could be about.
#[test]
fn no_date_is_a_condition_where_none_is_known() {
    let validators = Validators { last_modified: None, ..validators() };
    for field in ["If-Modified-Since", "If-Unmodified-Since"] {
        for date in [SAME, AFTER, "Thu, 01 Jan 1970 00:00:00 GMT"] {
            let request = get(&format!("{field}: {date}\r\n"));
            let outcome = conditional::evaluate(&request, &validators);
            assert_eq!(outcome, Outcome::Proceed, "{field}: {date}");
        }
    }
    let request = get(&format!("If-Range: {SAME}\r\n"));
    let now = SystemTime::now();
    assert!(!conditional::if_range_holds(&request.headers, &validators, now));
}
