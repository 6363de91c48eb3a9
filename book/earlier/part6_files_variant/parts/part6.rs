async fn run(
    stream: tokio::net::TcpStream,
    limits: &Limits,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    use bytes::Bytes;
    use rohttp::h1::connection::Connection;
    use rohttp::h1::receiving::{Broken, Received};
    use rohttp::h1::{BodyLength, Persistence};
    use rohttp::message::request::Expectation;
    use rohttp::message::{
        FieldName, FieldValue, Request, Response, Status, Target,
    };
    use rohttp::resource::content::{self, Content, Piece};
    use rohttp::resource::negotiate::{self, Coding};
    use rohttp::resource::representation::Varies;
    use rohttp::site::opening::{NotServed, Opener, Tree};
    use rohttp::site::own_files::OwnFiles;
    use rohttp::site::resolve::resolve;
    use rohttp::site::variant;

    static OWN: std::sync::LazyLock<Arc<OwnFiles>> =
        std::sync::LazyLock::new(|| {
            let own = std::env::args().skip(2).map(Into::into).collect();
            Arc::new(OwnFiles::new(own))
        });

    fn refuse(not_served: NotServed) -> Response<Content> {
        let (status, why) = match not_served {
            NotServed::NotFound => (Status::NOT_FOUND, "there is nothing here"),
            NotServed::Forbidden => (Status::FORBIDDEN, "this is not for you"),
            NotServed::NotAcceptable => (
                Status::NOT_ACCEPTABLE,
                "it is not there in a coding that you accept",
            ),
            _ => (Status::SERVICE_UNAVAILABLE, "this server has its hands full"),
        };
        Response::error(status, why).map(Content::from)
    }

    fn answer(
        root: &str,
        request: &Request,
    ) -> Result<Response<Content>, NotServed> {
        let path = match &request.target {
            Target::Origin(path) | Target::Absolute { path, .. } => path.split().0,
            _ => "/",
        };
        let (canonical, name) = resolve(path).ok_or(NotServed::NotFound)?;
        if canonical != path {
            let to = FieldValue::parse(canonical.as_bytes());
            let to = to.ok_or(NotServed::NotFound)?;
            let moved = Response::error(Status::MOVED_PERMANENTLY, &canonical);
            return Ok(moved.map(Content::from).with(FieldName::LOCATION, to));
        }
        let tree = Tree::open(root.as_ref())?;
        let opener = Opener { folder: &tree, own: &OWN };
        let open = |coding: Option<Coding>| -> Result<_, NotServed> {
            let extension = coding.map_or("", Coding::extension);
            let opened = opener.open(&format!("{name}{extension}"))?;
            match opened.1.is_file() {
                true => Ok((coding, opened)),
                false => Err(NotServed::NotFound),
            }
        };
        let forms = Coding::ALL.into_iter().map(Some).chain([None]);
        let forms: Vec<_> = forms.filter_map(|it| open(it).ok()).collect();
        if forms.is_empty() {
            open(None)?;
        }
        let available: Vec<_> = forms.iter().map(|(coding, _)| *coding).collect();
        let ranked = negotiate::rank(&request.headers, &available);
        let is_first = |form: &(_, _)| Some(&form.0) == ranked.first();
        let chosen = forms.into_iter().find(is_first);
        let chosen = chosen.ok_or(NotServed::NotAcceptable)?;
        let varies = match available.len() {
            1 => Varies::Not,
            _ => Varies::ByCoding,
        };
        Ok(variant::choose(&name, chosen, varies).respond(request))
    }

    let mut io = rohttp::io::buffered::Buffered::new(stream);
    let mut connection = Connection::default();
    while connection.is_open() || !connection.is_between_requests() {
        let (taken, received) = match connection.receive(io.input(), limits) {
            Ok(step) => step,
            Err(Broken { error, method }) => {
                let text = error.response().map(|it| Bytes::from(it.into_owned()));
                let length = |text: &Bytes| Some(text.len() as u64);
                let now = rohttp::date::now();
                let refusal = text.finish(method.as_ref(), length, &now);
                connection.expect_refusal();
                let close = Persistence::Close;
                let content =
                    connection.respond(io.output(), refusal, length, close)?;
                if let Some(text) = content {
                    connection.data(io.output(), text)?;
                }
                break;
            }
        };
        let waits = received.is_none();
        match received {
            Some(Received::Head(head)) => {
                connection.expect_response(&head)?;
                if head.request.expectation() == Expectation::Continue {
                    connection.send_continue(io.output())?;
                }
                let root = std::env::args().nth(1).ok_or("which folder?")?;
                let response = match head.body {
                    BodyLength::None => {
                        answer(&root, &head.request).unwrap_or_else(refuse)
                    }
                    _ => Response::new(Status::OK, Piece::Request(None).into()),
                };
                let (method, now) = (&head.request.method, rohttp::date::now());
                let response = response.finish(Some(method), Content::length, &now);
                let stay = Persistence::KeepAlive;
                let content = connection.respond(
                    io.output(),
                    response,
                    Content::length,
                    stay,
                )?;
                let mut content = content.unwrap_or_default();
                while let Some(piece) = content.next(64 * 1024) {
                    let bytes = match piece {
                        Piece::Bytes(bytes) => bytes,
                        Piece::File(file, range) => content::read(&file, range)?,
                        // It comes as it comes.
                        Piece::Request(_) => break,
                    };
                    connection.data(io.output(), bytes)?;
                    io.flush(limits.write).await?;
                }
            }
            Some(Received::Data(data)) => {
                let data = Bytes::copy_from_slice(data);
                connection.data(io.output(), data)?;
            }
            Some(Received::End(_)) => connection.end(io.output())?,
            None => {}
        }
        io.consume(taken);
        if waits {
            io.flush(limits.write).await?;
            let fill = tokio::time::timeout(limits.idle, io.fill(2048)).await;
            if fill?? == 0 {
                break;
            }
        }
    }
    io.flush(limits.write).await?;
    rohttp::io::close::close(io.into_stream(), Default::default()).await;
    Ok(())
}
