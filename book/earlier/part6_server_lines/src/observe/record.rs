/// What became of a request. There is one for each response, at its end.
#[derive(Debug)]
pub struct Record<'a> {
    /// Who asked, and how they came.
    pub arrival: &'a Arrival,
    /// What was asked, as far as it could be understood.
    pub asked: Asked<'a>,
    /// What was answered.
    pub status: Status,
    /// How many bytes of content were sent.
    pub sent: u64,
}
