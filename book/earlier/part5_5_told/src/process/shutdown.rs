impl Trigger {
    /// Tells all connections, and waits until the last is gone.
    pub async fn drain(self) {
        self.requested.send_replace(true);
        self.requested.closed().await;
    }
}
