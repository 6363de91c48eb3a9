use super::opening::{NotServed, Opener, Tree, Wait};

impl Root {
    /// Looks for the file of a name. `headers` say in which codings it may be.
    ///
    /// # Errors
    /// If there is nothing to send.
    pub fn find(
        &self,
        name: &str,
        headers: &Headers,
        wait: Wait,
    ) -> Result<Representation, NotServed> {
        let opener = self.opener(wait);
        variant::choose(&opener, name, opener.open(name), headers)
    }

    fn opener(&self, wait: Wait) -> Opener<'_> {
        Opener { folder: &self.folder, own: &self.own, wait }
    }
}
