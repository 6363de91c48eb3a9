//! What fields and targets come to: nothing that is not there, nothing outside.

#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use rohttp::h1::Parser;
use rohttp::limits::HeadLimits;
use rohttp::message::{Authority, Path, Request};
use rohttp::resource::conditional::{self, Validators};
use rohttp::resource::negotiate::{Coding, rank};
use rohttp::resource::range::{self, MAX_RANGES, Selection};
use rohttp::site::resolve::{is_hidden, resolve};

/// A request with a field for each line.
fn request(fields: &str) -> Option<Request> {
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let head = Parser::default().parse(head.as_bytes(), &HeadLimits::default());
    head.ok().flatten().map(|head| Request::clone(&head.request))
}

fn ranges(text: &str, length: u64) {
    let Some(request) = request(&format!("Range: {text}\r\n")) else { return };
    if let Selection::Ranges(ranges) = range::select(&request.headers, length) {
        assert!(!ranges.is_empty() && ranges.len() <= MAX_RANGES);
        let mut taken = 0;
        for range in &ranges {
            assert!(range.start < range.end && range.end <= length, "{range:?}");
            taken += range.end - range.start;
        }
        assert!(taken <= length, "some of it is sent twice");
    }
}

fn paths(text: &str) {
    let Some(path) = Path::parse(text) else { return };
    assert_eq!(path.as_str(), text);
    let (path, _) = path.split();
    let Some((canonical, name)) = resolve(path) else { return };
    assert!(canonical.starts_with('/') && !canonical.contains("//"), "{canonical}");
    assert!(!name.starts_with('/'), "{name}");
    for segment in name.split('/') {
        assert!(segment != "..", "{name}");
        assert!(segment.is_empty() || segment == "." || !is_hidden(segment), "{name}");
        assert!(!segment.contains('\0'), "{name:?}");
    }
    let again = resolve(&canonical).map(|(canonical, _)| canonical);
    assert_eq!(again.as_deref(), Some(&*canonical), "a redirection leads to its end");
}

fn conditions(text: &str, age: u32) {
    let names =
        ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];
    let fields: String = names.iter().map(|it| format!("{it}: {text}\r\n")).collect();
    let Some(request) = request(&format!("{fields}If-Range: {text}\r\n")) else {
        return;
    };
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(age.into());
    let validators =
        Validators { etag: "a".to_owned(), last_modified: Some(modified) };
    let one = conditional::evaluate(&request, &validators);
    assert!(one == conditional::evaluate(&request, &validators));
    let now = SystemTime::now();
    conditional::if_range_holds(&request.headers, &validators, now);
}

fn codings(text: &str, left_out: u32) {
    let Some(request) = request(&format!("Accept-Encoding: {text}\r\n")) else {
        return;
    };
    let all: Vec<Option<Coding>> =
        Coding::ALL.into_iter().map(Some).chain([None]).collect();
    let ranked = rank(&request.headers, &all);
    let said = text.to_ascii_lowercase();
    for coding in ranked.iter().flatten() {
        assert!(said.contains(coding.name()) || said.contains('*'), "{coding:?}");
    }
    assert!(ranked.contains(&None) || said.contains('0'), "no coding is refused");
    // What is not there changes nothing for the rest.
    let left_out = all[left_out as usize % all.len()];
    let but_one = |of: &[Option<Coding>]| -> Vec<Option<Coding>> {
        of.iter().copied().filter(|it| *it != left_out).collect()
    };
    assert_eq!(rank(&request.headers, &but_one(&all)), but_one(&ranked));
}

fuzz_target!(|case: (u32, &str)| {
    let (number, text) = case;
    ranges(text, number.into());
    paths(text);
    conditions(text, number);
    codings(text, number);
    if let Some(authority) = Authority::parse(text) {
        assert!(text.starts_with(&authority.host), "{authority:?}");
    }
});
