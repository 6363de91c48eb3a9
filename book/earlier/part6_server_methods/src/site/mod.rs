/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The server as a whole.
    Server,
    /// What is served at a path.
    At(&'a Path),
    /// Another host, which we don't speak for.
    Elsewhere,
}

impl Site {
    /// What `request` is for.
    pub fn route<'a>(&self, request: &'a Request) -> Route<'a> {
        match &request.target {
            Target::Origin(path) | Target::Absolute { path, .. } => Route::At(path),
            Target::Asterisk => Route::Server,
            Target::Authority(_) => Route::Elsewhere,
        }
    }

    /// The methods that make sense there: what Allow says (RFC 9110 section 10.2.1).
    fn allowed(&self, route: &Route) -> FieldValue {
        FieldValue::from_static(match route {
            Route::Server | Route::At(_) => "GET, HEAD, OPTIONS",
            Route::Elsewhere => "",
        })
    }

    /// Answers a request, whatever its content.
    pub fn answer(&self, request: &Request) -> Response<Content> {
        let route = self.route(request);
        match (&request.method, &route) {
            (Method::Get | Method::Head, Route::At(_)) => VERSE.respond(request),
            (Method::Options, _) => Response::new(Status::OK, Content::default())
                .with(FieldName::ALLOW, self.allowed(&route)),
            (Method::Other(_), _) => {
                let why = "this method is not known here";
                Response::error(Status::NOT_IMPLEMENTED, why).map(Content::from)
            }
            _ => {
                let why = "Allow says what can be done here";
                Response::error(Status::METHOD_NOT_ALLOWED, why)
                    .map(Content::from)
                    .with(FieldName::ALLOW, self.allowed(&route))
            }
        }
    }
}
