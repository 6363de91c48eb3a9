use super::listings::Listings;

impl Root {
    /// What a folder holds, as a page.
    fn listing(
        &self,
        opener: &Opener,
        folder: &str,
        path: &str,
        sort: Sort,
    ) -> Result<Bytes, NotServed> {
        if opener.wait == Wait::Never {
            return Err(NotServed::WouldWait);
        }
        let root = &opener.folder.dir;
        Ok(self.listings.get(path, sort, || {
            Ok(listing::page(path, sort, self.entries(root, folder)?))
        })?)
    }
}
