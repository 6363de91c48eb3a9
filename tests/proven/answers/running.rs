//! Servers that run for as long as they are kept.

use std::future::Future;
use std::io;
use std::net::{self, SocketAddr};
use std::time::Duration;
use std::{fs, thread};

use proctor::stage::{Stage, program};
use proctor::target::{Endpoint, Target, Tls, roots};
use proctor::tree::Tree;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::super::mutant::{self, Break, Mutant};
use super::super::student::{self, Switch};
use super::super::target;
use super::servers::in_another_style;
use crate::support::Server;

/// Something that listens, for as long as it is kept.
pub struct Running {
    /// What it is, if that is more than the exercise starts from.
    pub stage: Option<Stage>,
    pub target: Target,
    _keeps: Box<dyn Send + Sync>,
}

impl Running {
    pub fn new(target: Target, keeps: impl Send + Sync + 'static) -> Running {
        Running { stage: None, target, _keeps: Box::new(keeps) }
    }

    /// The same, where these words were said of it before.
    pub fn said(mut self, words: &str) -> Running {
        self.target.said = words.split(' ').map(str::to_owned).collect();
        self
    }

    /// The same, as an answer from somebody who has come as far as this stage.
    pub fn at(mut self, stage: Stage) -> Running {
        self.stage = Some(stage);
        self
    }

    /// The same, behind somebody who changes what is said.
    pub fn behind(self, how: Break) -> Running {
        let patience = self.target.patience;
        let backend = self.target.clear.addresses[0];
        let mutant = Mutant::before(backend, how, patience);
        let mut target = mutant.target.clone();
        target.said.clone_from(&self.target.said);
        Running { stage: self.stage, target, _keeps: Box::new((mutant, self)) }
    }

    /// The same, writing its heads in another style.
    pub fn dressed(self) -> Running {
        self.behind(Break::Says(in_another_style))
    }

    /// The student's server of a stage, with a switch.
    pub fn student(stage: Stage, switch: &str) -> Running {
        Running::student_with(stage, switch, student::Options::default())
    }

    /// The student's server of a stage, with files.
    pub fn student_of_files(stage: Stage) -> Running {
        let tree = Tree::plant().unwrap();
        let root = Some(tree.root());
        let options = student::Options { root, ..student::Options::default() };
        Running::student_with(stage, "", options).with_files(tree)
    }

    /// A part of ours, with files.
    pub fn of_files(part: &str, options: &[&str]) -> Running {
        let tree = Tree::plant().unwrap();
        let root = tree.root().display().to_string();
        let options = [&["--root", &root], options].concat();
        let server = Server::start_with(part, &options);
        Running::new(target(program(part).part.stage, &server), server)
            .with_files(tree)
    }

    fn with_files(mut self, tree: Tree) -> Running {
        self.target.root = Some(tree.root());
        self._keeps = Box::new((tree, self._keeps));
        self
    }

    fn student_with(
        stage: Stage,
        switch: &str,
        options: student::Options,
    ) -> Running {
        let name = stage.name();
        let stage = student::Stage::ALL.into_iter().find(|it| it.name() == name);
        let switch = match switch {
            "" => Switch::NONE,
            switch => Switch::named(switch).unwrap(),
        };
        let student = student::start(stage.unwrap(), switch, options).unwrap();
        let endpoint = |address: SocketAddr| Endpoint {
            name: address.to_string(),
            addresses: vec![address],
        };
        let tls = student.tls.map(|address| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), &student.root_ca_pem).unwrap();
            let roots = roots(file.path()).unwrap();
            Tls { endpoint: endpoint(address), roots }
        });
        let patience = Duration::from_secs(3);
        let target = Target::new(endpoint(student.clear), tls, patience);
        Running::new(target, student)
    }

    /// A part of ours under a limit of descriptors.
    pub fn short(stage: Stage) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let command =
            Server::command_after("ulimit -n 32", stage.name(), folder.path());
        let server = Server::spawn(command, folder);
        Running::new(target(stage, &server), server)
    }

    /// A server that does this with each caller, with blocking calls: a thread for each,
    /// or one at a time.
    pub fn blocking(threads: bool, converse: fn(net::TcpStream)) -> Running {
        Running::listening(move |listener| {
            let listener = listener.into_std().unwrap();
            listener.set_nonblocking(false).unwrap();
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    match threads {
                        true => _ = thread::spawn(move || converse(stream)),
                        false => converse(stream),
                    }
                }
            });
        })
    }

    /// A server that does this with each of its listeners, to begin with.
    pub fn listening(begin: impl Fn(TcpListener)) -> Running {
        let runtime = Runtime::new().unwrap();
        let (name, listeners) = runtime.block_on(mutant::listen());
        listeners.into_iter().for_each(begin);
        Running::new(clear(mutant::endpoint(name)), ())
    }

    /// A part of ours, as it is.
    pub fn part(stage: Stage) -> Running {
        let server = Server::start_with(stage.name(), &[]);
        Running::new(target(stage, &server), server)
    }

    /// A part of ours that is changed.
    pub fn changed(stage: Stage, how: Break) -> Running {
        let server = Server::start(stage.name());
        let mutant = Mutant::of(&server, how, Duration::from_secs(3));
        Running::new(mutant.target.clone(), (mutant, server))
    }

    /// A server that does this with each caller: a task for each, or one at a time.
    pub fn of<F>(tasks: bool, converse: fn(TcpStream) -> F) -> Running
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Running::with(|listener| async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let conversation = converse(stream);
                match tasks {
                    true => _ = tokio::spawn(conversation),
                    false => conversation.await,
                }
            }
        })
    }

    /// A server that does this with each of its listeners.
    pub fn with<F>(serve: impl Fn(TcpListener) -> F) -> Running
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = Runtime::new().unwrap();
        let (name, listeners) = runtime.block_on(mutant::listen());
        for listener in listeners {
            runtime.spawn(serve(listener));
        }
        Running::new(clear(mutant::endpoint(name)), runtime)
    }

    /// A server with threads of its own, which do this with the listeners.
    pub fn without_runtime(
        serve: fn(&[net::TcpListener]) -> io::Result<std::convert::Infallible>,
    ) -> Running {
        let runtime = Runtime::new().unwrap();
        let (name, listeners) = runtime.block_on(mutant::listen());
        let listeners: Vec<net::TcpListener> =
            listeners.into_iter().map(|it| it.into_std().unwrap()).collect();
        thread::spawn(move || serve(&listeners));
        Running::new(clear(mutant::endpoint(name)), ())
    }
}

/// What speaks in the clear alone.
pub fn clear(endpoint: Endpoint) -> Target {
    Target::new(endpoint, None, Duration::from_secs(3))
}
