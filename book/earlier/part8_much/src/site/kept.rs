/// Files that have been asked for, by path and by what the client takes.
#[derive(Debug)]
pub struct Kept {
    files: Cache<String, KeptFile, Weigh>,
    fresh: Duration,
}

impl Weighter<String, KeptFile> for Weigh {
    fn weight(&self, key: &String, entry: &KeptFile) -> u64 {
        let bytes = match &entry.found {
            Found::File(_, file) => file.bytes.length().unwrap_or_default(),
            _ => 0,
        };
        bytes + key.len() as u64 + OVERHEAD
    }
}

impl Kept {
    /// Keeps files that take up to `most` bytes, each for as long as `fresh`.
    pub fn new(fresh: Duration, most: u64) -> Kept {
        let files = (most / (OVERHEAD * 4)) as usize;
        let files = Cache::with_weighter(files, most, Weigh);
        Kept { files, fresh }
    }
}
