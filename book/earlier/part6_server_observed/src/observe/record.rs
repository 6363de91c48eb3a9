/// What became of a request. There is one for each response, at its end.
#[derive(Debug)]
pub struct Record<'a> {
    /// Who asked, and how they came.
    pub arrival: &'a Arrival,
    /// What was asked.
    pub asked: &'a Request,
    /// What was answered.
    pub status: Status,
}
