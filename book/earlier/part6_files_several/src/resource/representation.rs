impl Representation {
    /// Some of it.
    fn partial(&self, ranges: &[Range<u64>], length: u64) -> Response<Content> {
        const STATUS: Status = Status::PARTIAL_CONTENT;
        let [range] = ranges else {
            let (media_type, content) = self.parts(ranges, length);
            return self.described(STATUS, media_type, content);
        };
        let field = value(&range::content_range(range, length));
        let content = self.bytes.part(range.clone()).into();
        self.described(STATUS, self.media_type.clone(), content)
            .with(FieldName::CONTENT_RANGE, field)
    }
}
