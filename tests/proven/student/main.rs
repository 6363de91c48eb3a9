//! The student's server as a program, with one of its switches on.
//!
//! ```text
//! cargo run --example student -- part5 --with strip-takes-controls
//! cargo run --example student -- --list
//! ```

#[path = "mod.rs"]
mod student;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use student::{
    AGAIN, Entry, FOUND, FRESH, LAST, LAST_FIFTY, MISTAKES, Options, Stage, Switch,
    UNSEEN, VARIANTS,
};

/// A server as a student writes it, right but for what is switched on.
#[derive(Parser)]
struct Arguments {
    /// The stage, such as part5_5
    #[arg(default_value = "part6")]
    stage: String,
    /// What is switched on: an id that --list shows
    #[arg(long, value_name = "ID")]
    with: Option<String>,
    /// List the switches: table, stages, area, rule, id and sentence
    #[arg(long)]
    list: bool,
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long, default_value_t = 0)]
    tls_port: u16,
    /// Where the root is kept that vouches for its certificate: it is made if it is
    /// not there
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Make the root, and that is all
    #[arg(long, requires = "ca")]
    mint: bool,
    /// Print the root first, in PEM
    #[arg(long)]
    show_root: bool,
    /// A tree of files to serve in place of the verse
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Show what is in folders that have no index
    #[arg(long)]
    listing: bool,
    /// Send back what is sent to /echo, beside a tree too
    #[arg(long)]
    echo: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        let _ = [
            ("mistake", MISTAKES),
            ("last", LAST),
            ("unseen", UNSEEN),
            ("fresh", FRESH),
            ("found", FOUND),
            ("again", AGAIN),
            ("last fifty", LAST_FIFTY),
            ("variant", VARIANTS),
        ]
        .map(list);
        return ExitCode::SUCCESS;
    }
    let stage =
        Stage::ALL.into_iter().find(|stage| stage.name() == arguments.stage);
    let switch = match &arguments.with {
        Some(id) => Switch::named(id),
        None => Some(Switch::NONE),
    };
    let (Some(stage), Some(switch)) = (stage, switch) else {
        eprintln!("there is no such stage, or no such switch");
        return ExitCode::FAILURE;
    };
    let options = Options {
        ca: arguments.ca,
        root: arguments.root,
        variant: None,
        listing: arguments.listing,
        echo: arguments.echo,
        port: arguments.port,
        tls_port: arguments.tls_port,
    };
    let student = match student::start(stage, switch, options) {
        Ok(student) => student,
        Err(error) => {
            eprintln!("cannot listen: {error}");
            return ExitCode::FAILURE;
        }
    };
    if arguments.mint {
        return ExitCode::SUCCESS;
    }
    if arguments.show_root {
        print!("{}", student.root_ca_pem);
    }
    println!("listening on http://{}", student.clear);
    if let Some(tls) = student.tls {
        println!("listening on https://{tls}");
    }
    loop {
        std::thread::park();
    }
}

fn list((table, entries): (&str, &[Entry])) {
    for Entry { id, stages: (first, last), area, rule, sentence } in entries {
        let stages = format!("{}-{}", first.name(), last.name());
        println!("{table}\t{stages}\t{area:?}\t{rule:?}\t{id}\t{sentence}");
    }
}
