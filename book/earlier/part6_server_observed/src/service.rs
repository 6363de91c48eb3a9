/// What answers requests.
#[derive(Default)]
pub struct Service {
    /// What is served.
    pub site: Arc<Site>,
    /// Fields for every response.
    pub fields: Headers,
    /// Those who are told of each response.
    pub observers: Vec<Arc<dyn Observer>>,
}
