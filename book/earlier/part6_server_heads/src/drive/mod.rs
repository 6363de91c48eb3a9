/// What all connections share.
#[derive(Clone)]
pub struct Server {
    /// What answers their requests.
    pub site: Arc<crate::site::Site>,
    /// What they may take.
    pub limits: Arc<Limits>,
}
