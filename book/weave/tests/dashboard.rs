//! The dashboard as the book draws it: what the record comes to, or no book.

use std::path::{Path, PathBuf};
use std::{fs, iter};

use regex::Regex;
use weave::dashboard::{self, DASHBOARD};
use weave::plot::Record;
use weave::query::Counted;

fn root() -> PathBuf {
    weave::root::find(Path::new(".")).unwrap()
}

/// A folder with a dashboard and a record that is called `day`.
fn house(dashboard: &str, record: &str) -> tempfile::TempDir {
    let house = tempfile::tempdir().unwrap();
    for (path, text) in [(DASHBOARD, dashboard), ("tests/figures/day.txt", record)]
    {
        let path = house.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    house
}

/// What is counted at 0, 10, … 50 seconds, a line for each series.
const COUNTED: [(&str, [u32; 6]); 6] = [
    (r#"asked_total{method="GET",status="200"}"#, [0, 10, 20, 30, 40, 100]),
    (r#"asked_total{method="HEAD",status="200"}"#, [0, 0, 0, 0, 20, 20]),
    (r#"asked_total{method="GET",status="404"}"#, [0, 0, 0, 0, 0, 0]),
    (r#"took_bucket{le="+Inf"}"#, [0, 10, 20, 30, 40, 50]),
    (r#"took_bucket{le="0.1"}"#, [0, 5, 10, 15, 20, 25]),
    (r#"took_bucket{le="1.0"}"#, [0, 8, 16, 24, 32, 40]),
];

fn counted() -> String {
    let names = COUNTED.iter().map(|it| format!("  {}", it.0));
    let mut text = format!("second{}\n", names.collect::<String>());
    for look in 0..6 {
        let values = COUNTED.iter().map(|it| format!("  {}", it.1[look]));
        text += &format!("{}{}\n", look * 10, values.collect::<String>());
    }
    text + "\na machine\n"
}

#[test]
fn a_question_comes_to_what_it_does_by_hand() {
    let house = house("{}", &counted());
    let record = Record::read(house.path(), "day").unwrap();
    let counted = Counted::new(&record).unwrap();
    let ask = |question: &str| -> Vec<(String, Vec<f64>)> {
        let all = counted.ask(question).unwrap().into_iter();
        all.map(|it| {
            let labels =
                it.labels.iter().map(|(name, value)| [name, "=", value].concat());
            (labels.collect::<Vec<_>>().join(","), it.values)
        })
        .collect()
    };
    let is = |found: &[f64], wanted: [f64; 5]| {
        assert!(found[0].is_nan(), "nobody knows a rate at the first look");
        let near = |(one, other): (&f64, f64)| (one - other).abs() < 1e-9;
        assert!(found[1..].iter().zip(wanted).all(near), "{found:?}");
    };
    // As it is.
    assert_eq!(ask("asked_total").len(), 3);
    assert_eq!(ask("asked_total")[0].0, "method=GET,status=200");
    assert_eq!(ask("asked_total")[0].1, [0.0, 10.0, 20.0, 30.0, 40.0, 100.0]);
    // Over four looks: the last one is (100 - 10) / 40.
    let rates = ask("rate(asked_total[$__rate_interval])");
    assert_eq!(rates.len(), 3);
    is(&rates[0].1, [1.0, 1.0, 1.0, 1.0, 2.25]);
    is(&rates[1].1, [0.0, 0.0, 0.0, 0.5, 0.5]);
    let sums = ask("sum by (status) (rate(asked_total[$__rate_interval]))");
    let names: Vec<&str> = sums.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, ["status=200", "status=404"]);
    is(&sums[0].1, [1.0, 1.0, 1.0, 1.5, 2.75]);
    is(&sums[1].1, [0.0; 5]);
    // Half of them took up to 0.1, three in ten between that and 1, and two more.
    let quantile = |part: &str| {
        let buckets = "sum by (le) (rate(took_bucket[$__rate_interval]))";
        let found = ask(&format!("histogram_quantile({part}, {buckets})"));
        assert_eq!(found.len(), 1);
        found[0].1.clone()
    };
    is(&quantile("0.25"), [0.05; 5]);
    is(&quantile("0.5"), [0.1; 5]);
    is(&quantile("0.6"), [0.4; 5]);
    // Beyond the last bound it is the last bound.
    is(&quantile("0.99"), [1.0; 5]);
}

const PANEL: &str = r#"{
  "type": "timeseries", "title": "Asked & answered", "description": "A second",
  "gridPos": {"x": 12, "y": 8, "w": 12, "h": 8},
  "fieldConfig": {"defaults": {"unit": "reqps"}},
  "targets": [{
    "expr": "sum by (status) (rate(asked_total[$__rate_interval]))",
    "legendFormat": "with {{status}}"
  }]
}"#;

#[test]
fn a_panel_is_drawn_where_its_grid_has_it_from_0_to_its_most() {
    let panels = format!(r#"{{"panels": [{PANEL}]}}"#);
    let house = house(&panels, &counted());
    let drawn = dashboard::show(house.path(), "day").unwrap();
    assert!(drawn.contains("--column: 13 / span 12"), "{drawn}");
    assert!(drawn.contains(">Asked &amp; answered</text>"));
    assert!(drawn.contains(">2.8/s at most</text>"), "{drawn}");
    // 312 wide; from 152 up to 28, which is 2.75: 1 is 45.1 up, and 1.5 is 67.6.
    let points = "62.4,106.9 124.8,106.9 187.2,106.9 249.6,84.4 312.0,28.0";
    assert!(drawn.contains(&format!("points=\"{points}\"")), "{drawn}");
    assert_eq!(drawn.matches("<polyline").count(), 2, "a curve and its key");
    assert!(drawn.contains(">with 200</text>"));
    assert!(drawn.contains(">always 0: with 404</text>"));
    let told = "aria-label=\"Asked &amp; answered: A second; with 200 2.8/s at most, \
                at 50 s; with 404 always 0\"";
    assert!(drawn.contains(told), "{drawn}");
    assert!(drawn.contains("<p>a machine</p>"));
}

#[test]
fn panels_stand_in_the_order_of_their_places() {
    let other = PANEL.replace("Asked &", "Also").replace("\"x\": 12", "\"x\": 0");
    let above = PANEL.replace("Asked &", "Above").replace("\"y\": 8", "\"y\": 0");
    let panels = format!(r#"{{"panels": [{PANEL}, {other}, {above}]}}"#);
    let drawn = dashboard::show(house(&panels, &counted()).path(), "day").unwrap();
    let title = Regex::new(r">(\w+)[^<]* answered</text>").unwrap();
    let titles: Vec<String> =
        title.captures_iter(&drawn).map(|it| it[1].to_owned()).collect();
    assert_eq!(titles, ["Above", "Also", "Asked"]);
}

#[test]
fn no_two_curves_of_a_panel_look_alike() {
    let root = root();
    let drawn = dashboard::show(&root, "dashboard").unwrap();
    let dashes = Regex::new("stroke-dasharray=\"([^\"]*)\"").unwrap();
    let mut count = 0;
    for panel in drawn.split("<svg ").skip(1) {
        let found = dashes.captures_iter(panel).map(|it| it[1].to_owned());
        let mut found: Vec<String> = found.collect();
        let both = found.len();
        found.sort();
        found.dedup();
        // Each is in the drawing and beside its name.
        assert_eq!(2 * found.len(), both, "{panel}");
        count += found.len();
    }
    assert!(count > 10, "{count}");
}

/// Nobody sees that a curve is missing.
#[test]
fn what_does_not_fit_to_what_was_recorded_is_no_book() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (json, record) = (read(DASHBOARD), read("tests/figures/dashboard.txt"));
    let show = |json: &str, record: &str| {
        dashboard::show(house(json, record).path(), "day")
    };
    assert!(show(&json, &record).is_ok());
    let of_json = [
        ("\"timeseries\"", "\"gauge\"", "Requests: a panel of type gauge"),
        ("\"reqps\"", "\"bytes\"", "Requests: the unit bytes is not known"),
        ("\"reqps\"", "2", "Requests: it has no unit"),
        ("\"expr\"", "\"query\"", "Requests: it has no expr"),
        (
            "_requests_total",
            "_request_total",
            "Requests: rohttp_http_request_total was",
        ),
        ("by (status)", "by (colour)", "Requests: no label colour"),
        (
            "{{status}}",
            "{{colour}}",
            "Requests: there is no such label: {{colour}}",
        ),
        ("sum by (status) (", "sum(", "Requests: what sum(rate("),
        ("$__rate_interval", "5m", "Requests: what rate(rohttp"),
        ("sum by (status) ", "sum by (status)", "Requests: what sum by (status)("),
        ("(0.5, ", "(half, ", "How long they take: half is no part"),
        (
            "by (le) (rate",
            "by (status) (rate",
            "How long they take: no label status",
        ),
        (
            "size_bytes_sum",
            "size_bytes_count",
            "Content: rohttp_http_response_size",
        ),
        (
            "process_max_fds",
            "process_most_fds",
            "Descriptors: process_most_fds was",
        ),
        ("\"gridPos\"", "\"grid\"", "Requests: it has no x"),
    ];
    for (one, other, says) in of_json {
        let edited = json.replacen(one, other, 1);
        assert_ne!(edited, json, "{one}");
        let said = show(&edited, &record).unwrap_err();
        assert!(said.starts_with(&format!("{DASHBOARD}, {says}")), "{said}");
    }
    let of_record = [
        ("rohttp_connections{state", "rohttp_collections{state", "Connections: "),
        ("le=", "less=", "How long they take: no label le"),
        ("phase=\"head\"", "phase=\"head", "rohttp_deadlines_missed_total{"),
        ("\n0.0  ", "\nnoon  ", "tests/figures/day.txt has a line that is no row"),
    ];
    for (one, other, says) in of_record {
        let edited = record.replace(one, other);
        assert_ne!(edited, record, "{one}");
        let said = show(&json, &edited).unwrap_err();
        assert!(said.contains(says), "{said}");
    }
    assert!(show("{", &record).unwrap_err().starts_with(DASHBOARD));
    let nothing = show("{\"panels\": []}", &record).unwrap_err();
    assert!(nothing.contains("no panels"), "{nothing}");
}

#[test]
fn more_curves_than_can_be_told_apart_are_none() {
    let names = (0..7).map(|it| format!("  asked{{by=\"{it}\"}}"));
    let rows = [1, 2].map(|it| format!("\n{it}{}", "  1".repeat(7)));
    let record: String =
        iter::once("second".to_owned()).chain(names).chain(rows).collect();
    let question = "sum by (status) (rate(asked_total[$__rate_interval]))";
    let panel = PANEL.replace(question, "asked").replace("{{status}}", "{{by}}");
    let house = house(&format!(r#"{{"panels": [{panel}]}}"#), &record);
    let said = dashboard::show(house.path(), "day").unwrap_err();
    assert!(
        said.ends_with("more curves than can be told apart (see day.txt)"),
        "{said}"
    );
}
