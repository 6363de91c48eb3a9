use crate::message::{Method, Request, Response, Status};
use crate::observe::record::Record;

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Answers a request, and sees to it that what is left of its content is not
    /// taken for the next.
    async fn answer(&mut self, head: Head) -> Result<(), Failure> {
        self.connection.expect_response(&head)?;
        self.body = Incoming::of(&head);
        let request = head.request;
        let server = self.server;
        let response = server.service.call(&request, self).await;
        let (response, persistence) = self.read_rest(response).await;
        if let Some(error) = self.body.broken.take() {
            return Err(error.into());
        }
        let (status, method) = (response.status, Some(&request.method));
        let sent = self.respond(method, response, persistence).await;
        self.observe(&request, status);
        sent
    }

    fn observe(&self, asked: &Request, status: Status) {
        let arrival = &self.arrival;
        self.server.service.observe(&Record { arrival, asked, status });
    }
}
