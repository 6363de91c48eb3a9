impl Cores {
    /// Starts so many. All of them listen on all ports, and whoever is there first has
    /// the caller: who has most to do comes last.
    ///
    /// # Errors
    /// If the system has no thread for one, or no runtime, or no descriptor.
    pub fn start<A: Admit + Sync>(
        count: usize,
        ports: &Ports,
        server: &(impl ServeConnection<A::Place> + Sync),
        admit: &A,
    ) -> io::Result<Cores> {
        let closing = watch::Sender::new(false);
        let mut runtimes = Vec::new();
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtimes.push(runtime.handle().clone());
            let mut accepting = JoinSet::new();
            let entered = runtime.enter();
            serve(&mut accepting, ports.try_clone()?, server, admit)?;
            drop(entered);
            let closing = closing.subscribe();
            let name = format!("core {number}");
            thread::Builder::new()
                .name(name)
                .spawn(move || run(runtime, accepting, closing))?;
        }
        Ok(Cores { runtimes, closing })
    }
}
