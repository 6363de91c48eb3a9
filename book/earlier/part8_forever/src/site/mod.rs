impl Site {
    /// Answers a request, whatever its content, if no disk has to be waited for. What
    /// is not found at once may be there all the same.
    pub fn answer_at_once(&self, request: &Request) -> Option<Response<Content>> {
        let is_for_a_file = matches!(request.method, Method::Get | Method::Head);
        match (&self.root, self.route(request)) {
            (Some(root), Route::At(path)) if is_for_a_file => {
                let found = self.find(root, path, request, Wait::Never).ok()?;
                Some(self.found(found, request))
            }
            _ => Some(self.answer(request)),
        }
    }
}
