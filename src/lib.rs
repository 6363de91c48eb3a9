//! An HTTP server in layers, as the book *RoHTTP* grows it: the parts are programs
//! that use this library, and the last of them uses all of it.
//!
//! What uses what goes one way, down this list:
//!
//! | layer | what stands there |
//! |---|---|
//! | [`drive`] | a protocol, a stream and the service joined, under deadlines |
//! | [`net`] | sockets: bound, accepted from, wrapped in TLS |
//! | [`service`] | one request answered, whatever carried it |
//! | [`site`] | what there is to be had: a verse, a tree of files, an echo |
//! | [`resource`] | what can be asked of a thing that is served |
//! | [`h1`] | HTTP/1.1 on the wire: bytes to values, values to bytes |
//! | [`message`] | requests and responses, whatever carries them |
//!
//! To the side stand [`io`] (buffers, and the end of a connection), [`limits`],
//! [`date`], [`certs`] (read, and minted), [`process`] (daemon, signals, shutdown),
//! [`observe`] (the logs, and what is counted), the [`options`] of a program, its
//! [`monitor`], its [`upkeep`], and the [`verse`].
//!
//! Chapter by chapter, this is what comes:
//!
//! | chapter | what it brings |
//! |---|---|
//! | Part 1 | [`verse`], and [`process`] as far as a daemon |
//! | Part 2 | [`io::close`], [`net::accept`], [`observe::log`], [`process::run`] |
//! | Part 4 | [`date`] |
//! | Part 5 | [`message`], [`h1`] as far as a head and a response, [`limits`] |
//! | Part 5.5 | [`certs`], [`net::tls`], [`net::serve`], [`process::shutdown`] |
//! | Part 6 | the rest of [`h1`] and [`io`], [`resource::content`] |
//! | Part 6, files | the rest of [`resource`], [`site::files`] and what it takes |
//! | Part 6, the whole | [`site`], [`service`], [`observe::access_log`], [`drive`], [`options`] |
//! | Part 7 | [`net::crowd`], [`net::admit`], [`net::pace`], [`process::descriptors`] |
//! | Part 7, rights given up | [`process::sandbox`], [`process::privileges`] |
//! | Part 7, seeing inside | [`observe::metrics`], [`observe::json`], [`net::watch`], [`monitor`] |
//! | Part 7, the whole | [`upkeep`] |
//! | Part 8 | [`net::cores`], [`site::kept`] |
//!
//! [`message`], [`h1`] and [`resource`] wait for nothing: they take bytes and
//! return values. Here is a head, as far as it has come:
//!
//! ```
//! use rohttp::h1::Parser;
//! use rohttp::limits::HeadLimits;
//!
//! let mut parser = Parser::default();
//! let limits = HeadLimits::default();
//! let half = b"GET /a?b HTTP/1.1\r\nHost: exa";
//! assert_eq!(parser.parse(half, &limits), Ok(None));
//!
//! let whole = b"GET /a?b HTTP/1.1\r\nHost: example.com\r\n\r\n";
//! let head = parser.parse(whole, &limits).unwrap().unwrap();
//! assert_eq!(head.request.target.to_string(), "/a?b");
//! assert_eq!(head.request.authority.as_ref().unwrap().host, "example.com");
//! ```
//!
//! A site makes a response of a request, with no connection in sight:
//!
//! ```
//! # use rohttp::h1::Parser;
//! # use rohttp::limits::HeadLimits;
//! use rohttp::message::Status;
//! use rohttp::site::Site;
//!
//! # let bytes = b"BREW /tea HTTP/1.1\r\nHost: a\r\n\r\n";
//! # let head = Parser::default().parse(bytes, &HeadLimits::default());
//! # let request = head.unwrap().unwrap().request;
//! let response = Site::default().answer(&request);
//! assert_eq!(response.status, Status::NOT_IMPLEMENTED);
//! ```
//!
//! And a folder is served over anything that carries bytes, here a pipe in memory:
//!
//! ```
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use rohttp::drive::Server;
//! use rohttp::io::arrival::Arrival;
//! use rohttp::message::Scheme;
//! use rohttp::net::serve::ServeConnection;
//! use rohttp::process::shutdown;
//! use rohttp::service::Service;
//! use rohttp::site::Site;
//! use rohttp::site::files::{Root, Rules};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let root = Root::open(Path::new("src"), Rules::default()).unwrap();
//! let site = Site { root: Some(root), ..Site::default() };
//! let service = Service { site: Arc::new(site), ..Service::default() };
//! let server = Server { service: Arc::new(service), limits: Arc::default() };
//!
//! let (mut client, stream) = tokio::io::duplex(4096);
//! let here = "127.0.0.1:0".parse().unwrap();
//! let scheme = Scheme::Http;
//! let arrival = Arrival { peer: here, local: here, scheme, protocol: None };
//! let (_trigger, shutdown) = shutdown::channel();
//! tokio::spawn(server.serve_connection(stream, arrival, shutdown));
//!
//! client.write_all(b"GET /lib.rs HTTP/1.0\r\n\r\n").await.unwrap();
//! let mut text = String::new();
//! client.read_to_string(&mut text).await.unwrap();
//! assert!(text.starts_with("HTTP/1.1 200 OK\r\n"));
//! assert!(text.contains("//! An HTTP server in layers"));
//! # });
//! ```

pub mod verse;
pub mod process;

pub mod io;
pub mod net;
pub mod observe;

pub mod date;

pub mod limits;
pub mod message;
pub mod h1;

pub mod certs;

pub mod resource;

pub mod site;
pub mod service;
pub mod drive;

pub mod options;

pub mod monitor;

pub mod upkeep;
