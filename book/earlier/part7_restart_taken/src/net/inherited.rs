impl Inherited {
    /// Takes what was handed over, if anything was: the first for clear text, the others
    /// for TLS. This must be asked before there are threads, and once.
    ///
    /// # Errors
    /// If something was handed over that is no TCP socket.
    pub fn take() -> io::Result<Inherited> {
        let mut handed = ListenFd::from_env();
        let mut inherited = Inherited::default();
        for index in 0..handed.len() {
            let Some(listener) = handed.take_tcp_listener(index)? else { continue };
            match index {
                0 => inherited.clear.push(listener),
                _ => inherited.secure.push(listener),
            }
        }
        Ok(inherited)
    }
}
