impl Site {
    /// Answers a request, whatever its content, if no disk has to be waited for.
    pub fn answer_at_once(&self, request: &Request) -> Option<Response<Content>> {
        let is_for_a_file = matches!(request.method, Method::Get | Method::Head);
        match (&self.root, self.route(request)) {
            (Some(root), Route::At(path)) if is_for_a_file => {
                match root.find(path, &request.headers, Wait::Never) {
                    Ok(found) => Some(self.found(found, request)),
                    Err(NotServed::NotFound) => {
                        self.not_found(root, request, Wait::Never).ok()
                    }
                    Err(_) => None,
                }
            }
            _ => Some(self.answer(request)),
        }
    }
}
