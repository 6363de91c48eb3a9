/// How far a client has come with what it is waited for.
#[derive(Default)]
struct Ledger {
    account: Mutex<Account>,
}

impl Ledger {
    /// Says how many bytes there were since it was last asked, if any.
    fn settle(&self) {
        let bytes = std::mem::take(&mut self.account().bytes);
        if bytes > 0 {
            println!("{bytes} bytes");
        }
    }
}

/// A server whose clients must get on.
#[derive(Clone)]
pub struct Brisk<T> {
    /// What serves them.
    pub server: T,
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
        let ledger = Arc::new(Ledger::default());
        let stream = Paced { stream, ledger: ledger.clone() };
        let place = Paid { place };
        self.server.serve_connection(stream, arrival, place).await;
        ledger.settle();
    }
}

/// What a connection holds whose client must get on.
pub struct Paid<P> {
    place: P,
}

impl<P: Shutdown> Shutdown for Paid<P> {
    async fn requested(&mut self) {
        self.place.requested().await;
    }
}
