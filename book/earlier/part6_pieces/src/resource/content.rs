impl Content {
    /// Takes what comes next out.
    pub fn next(&mut self) -> Option<Piece> {
        self.pieces.pop_front()
    }
}
