use crate::message::{
    Authority, Headers, Method, Request, Response, Scheme, Status, Target,
};

/// What answers requests.
#[derive(Default)]
pub struct Service {
    /// What is served.
    pub site: Arc<Site>,
    /// The port that clear text is sent away to.
    pub https_port: Option<u16>,
    /// Fields for every response.
    pub fields: Headers,
    /// Those who are told of each response.
    pub observers: Vec<Arc<dyn Observer>>,
    /// Where it waits for a disk.
    pub disk: Arc<Disk>,
}
