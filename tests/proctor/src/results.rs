//! The result of an examination, for programs: as JSON, as JUnit's XML, and for GitHub
//! Classroom.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite,
};
use serde_json::{Value, json};

use crate::check::Check;
use crate::points::{Points, Weights};
use crate::report::{Count, failure};
use crate::run::Done;
use crate::target::{Port, Target};

/// What came of an examination.
#[derive(Debug)]
pub struct Results<'a> {
    /// What the server was held to.
    pub name: &'a str,
    /// The server.
    pub target: &'a Target,
    /// What was made.
    pub done: &'a [Done],
    /// What was not.
    pub not_made: &'a [(&'static Check, Port)],
    /// What there is to say besides: why not, for one.
    pub remark: Option<&'a str>,
    /// What checks are worth.
    pub weights: Weights,
}

impl Results<'_> {
    /// How many points it comes to.
    pub fn points(&self) -> Points {
        let not_made = self.not_made.iter().map(|it| it.0);
        Points::count(&self.weights, self.done, not_made)
    }

    /// What a check that was made has earned.
    fn points_of(&self, done: &Done) -> Points {
        Points::count(&self.weights, std::slice::from_ref(done), None)
    }

    /// The result for programs.
    pub fn json(&self) -> Value {
        let count = Count::of(self.done);
        let points = self.points();
        json!({
            "stage": self.name,
            "seed": self.target.seed,
            "passed": count.passed,
            "failed": count.failed,
            "skipped": count.skipped,
            "points": points.earned,
            "of": points.of,
            "not_made": self.not_made.iter().map(name).collect::<Vec<_>>(),
            "remark": self.remark,
            "checks": self.done.iter().map(|it| self.check(it)).collect::<Vec<_>>(),
        })
    }

    fn check(&self, it: &Done) -> Value {
        let points = self.points_of(it);
        json!({
            "name": it.name(),
            "id": it.check.id,
            "port": match it.port { Port::Clear => "clear", Port::Tls => "tls" },
            "title": it.check.title,
            "since": it.check.since.name(),
            "passed": it.outcome.is_ok(),
            "seconds": it.time.as_secs_f64(),
            "skipped": it.skipped(),
            "points": points.earned,
            "of": points.of,
            "what": it.failure().map(|failure| &failure.what),
            "level": it.check.rule.level().name(),
            "rule": it.check.rule.to_string(),
            "hint": it.failure().and_then(|it| it.hint).unwrap_or(it.check.hint),
            "read": it.check.read,
            "report": it.failure().map(|_| failure(self.target, it, ("", ""))),
        })
    }

    /// The result as JUnit's XML.
    ///
    /// # Errors
    /// If it can't be written so.
    pub fn junit(&self) -> Result<String, String> {
        let mut suite = TestSuite::new(self.name);
        suite.add_properties(properties(self.points()));
        suite.add_test_cases(self.done.iter().map(|it| self.test_case(it)));
        for (check, port) in self.not_made {
            let mut status = TestCaseStatus::skipped();
            status.set_message(self.remark.unwrap_or("not made"));
            let mut case = TestCase::new(port.name_of(check.id), status);
            let of = self.weights.of(check);
            case.add_properties(properties(Points { earned: 0, of }));
            suite.add_test_case(case);
        }
        write(suite)
    }

    fn test_case(&self, it: &Done) -> TestCase {
        let status = match &it.outcome {
            Ok(()) => TestCaseStatus::success(),
            Err(why) if why.skips => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(why.what.clone());
                status
            }
            Err(why) => {
                let mut status =
                    TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(why.what.clone());
                status.set_description(failure(self.target, it, ("", "")));
                status
            }
        };
        let mut case = TestCase::new(it.name(), status);
        case.set_classname(format!("{}.{}", self.name, it.check.since));
        case.set_time(it.time);
        case.add_property(("level", it.check.rule.level().name()));
        case.add_properties(properties(self.points_of(it)));
        case
    }

    /// The result as GitHub Classroom's graders hand it to its reporter, which wants it in
    /// base64 (`autograding-grading-reporter`, version 1 of its results). It goes there in
    /// a variable of the environment, and Linux has room in one for 128 KiB: of many
    /// failures, their messages are left out.
    pub fn classroom(&self) -> Value {
        let whole = self.classroom_tests(true);
        match whole.to_string().len() <= ROOM {
            true => whole,
            false => self.classroom_tests(false),
        }
    }

    fn classroom_tests(&self, with_messages: bool) -> Value {
        let test = |name: &str, message: Option<&str>, time, earned| {
            let status = message.map_or("pass", |_| "fail");
            let message = message.filter(|_| with_messages);
            classroom_test(name, status, message, time, earned)
        };
        let made = self.done.iter().filter(|it| it.skipped().is_none());
        let made = made.map(|it| {
            let what = it.failure().map(|failure| &*failure.what);
            test(&it.name(), what, it.time, self.points_of(it).earned)
        });
        let remark = self.remark.unwrap_or("not made");
        let not_made = self.not_made.iter();
        let not_made =
            not_made.map(|it| test(&name(it), Some(remark), Duration::ZERO, 0));
        let tests: Vec<Value> = made.chain(not_made).collect();
        let all = tests.iter().all(|test| test["status"] == "pass");
        classroom(if all { "pass" } else { "fail" }, self.points().of, &tests)
    }
}

/// How long a result for GitHub Classroom may be, in bytes: base64 makes it a third longer.
const ROOM: usize = 96 * 1024;

fn properties(points: Points) -> [Property; 2] {
    let property = |name, number: u32| Property::new(name, number.to_string());
    [property("points", points.earned), property("of", points.of)]
}

fn name((check, port): &(&Check, Port)) -> String {
    port.name_of(check.id)
}

fn classroom(status: &str, of: u32, tests: &[Value]) -> Value {
    json!({ "version": 1, "status": status, "max_score": of, "tests": tests })
}

/// How much of a message GitHub Classroom gets, in characters.
const SHORT: usize = 300;

fn classroom_test(
    name: &str,
    status: &str,
    message: Option<&str>,
    time: Duration,
    earned: u32,
) -> Value {
    let message = message.map(|it| it.chars().take(SHORT).collect::<String>());
    json!({
        "name": name,
        "status": status,
        "message": message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": time.as_millis(),
        "score": earned,
    })
}

/// What no check could be made of, as JUnit's XML, so that whoever counts has one test
/// that is not passed.
///
/// # Errors
/// If it can't be written so.
pub fn junit_of_error(name: &str, what: &str, of: u32) -> Result<String, String> {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(what);
    let mut suite = TestSuite::new(name);
    suite.add_properties(properties(Points { earned: 0, of }));
    suite.add_test_case(TestCase::new(NOTHING, status));
    write(suite)
}

/// The same for GitHub Classroom.
pub fn classroom_of_error(what: &str, of: u32) -> Value {
    let test = classroom_test(NOTHING, "error", Some(what), Duration::ZERO, 0);
    classroom("error", of, &[test])
}

const NOTHING: &str = "the checks can be made";

fn write(suite: TestSuite) -> Result<String, String> {
    let mut report = Report::new("proctor");
    report.add_test_suite(suite);
    report.to_string().map_err(|error| error.to_string())
}
