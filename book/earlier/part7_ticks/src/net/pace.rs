/// What looks how far clients have come.
pub struct Pacer {
    clients: Mutex<Vec<Weak<Ledger>>>,
}

impl Pacer {
    /// One that has no clients yet.
    pub fn new() -> Arc<Pacer> {
        Arc::new(Pacer { clients: Mutex::default() })
    }

    /// Looks after them, for ever.
    pub async fn keep(self: Arc<Self>) {
        let mut ticks = interval(TICK);
        // After a time in which nothing ran, nobody is to be blamed for it.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.clients().retain(|client| {
                let client = client.upgrade();
                client.inspect(|it| it.settle()).is_some()
            });
        }
    }

    fn begin(&self) -> Arc<Ledger> {
        let ledger = Arc::new(Ledger::default());
        self.clients().push(Arc::downgrade(&ledger));
        ledger
    }
}

impl<P, T> ServeConnection<P> for Brisk<T>
where
    P: Shutdown,
    T: ServeConnection<Paid<P>>,
{
    async fn serve_connection<S>(self, stream: S, arrival: Arrival, place: P)
    where
        S: Stream,
    {
        let ledger = self.pacer.begin();
        let stream = Paced { stream, ledger };
        let place = Paid { place };
        self.server.serve_connection(stream, arrival, place).await;
    }
}
