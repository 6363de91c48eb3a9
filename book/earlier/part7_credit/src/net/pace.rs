/// How far a client has come with what it is waited for.
struct Ledger {
    account: Mutex<Account>,
}

struct Account {
    /// How many bytes have come or gone since somebody looked.
    bytes: u64,
    /// How long it may still be waited for. Nothing is left: then it is over.
    credit: Duration,
    /// Who waited last.
    waker: Option<Waker>,
}

impl Pacer {
    /// Somebody who begins with all the time that there is.
    fn begin(&self) -> Arc<Ledger> {
        let credit = self.pace.patience;
        let account = Account { bytes: 0, credit, waker: None };
        let ledger = Arc::new(Ledger { account: Mutex::new(account) });
        self.clients().push(Arc::downgrade(&ledger));
        ledger
    }
}

impl Ledger {
    /// Takes the time that has gone by from a client, and gives it what it has bought.
    /// If nothing is left, nobody waits any longer.
    fn settle(&self, time: Duration, pace: &Pace) {
        let mut account = self.account();
        if account.credit.is_zero() {
            return;
        }
        let bought = Duration::from_millis(account.bytes * 1000 / pace.rate.max(1));
        account.bytes = 0;
        account.credit = (account.credit + bought).min(pace.patience);
        account.credit = account.credit.saturating_sub(time);
        if account.credit.is_zero() {
            account.waker.take().into_iter().for_each(Waker::wake);
        }
    }

    /// Takes note of what came of a read or a write.
    fn note(
        &self,
        polled: Poll<io::Result<usize>>,
        context: &Context,
    ) -> Poll<io::Result<usize>> {
        let mut account = self.account();
        if account.credit.is_zero() {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        match (&polled, &mut account.waker) {
            // It is the same one nearly always, and then there is nothing to clone.
            (Poll::Pending, Some(waker)) => waker.clone_from(context.waker()),
            (Poll::Pending, none) => *none = Some(context.waker().clone()),
            (Poll::Ready(done), _) => {
                account.bytes += *done.as_ref().unwrap_or(&0) as u64;
            }
        }
        polled
    }
}
