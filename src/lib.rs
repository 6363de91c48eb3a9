//! RoHTTP: what the parts share.

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
