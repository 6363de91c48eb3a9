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
    use rohttp::site::files::{Found, Root, Rules};
    use rohttp::site::opening::{NotServed, Wait};
    use rohttp::site::own_files::OwnFiles;

    type Opened = std::io::Result<Root>;
    static ROOT: std::sync::LazyLock<Opened> = std::sync::LazyLock::new(|| {
        let root = std::env::args().nth(1).unwrap_or_default();
        let own = std::env::args().skip(2).map(Into::into).collect();
        let own = Arc::new(OwnFiles::new(own));
        let fallback = std::env::var("FALLBACK").ok();
        Root::open(root.as_ref(), Rules { fallback, own, ..Rules::default() })
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

    fn not_found(root: &Root, request: &Request) -> Response<Content> {
        let wait = Wait::ForDisk;
        if let Ok(Found::File(_, file)) = root.fallback(&request.headers, wait) {
            return file.respond(request);
        }
        match root.error_page(wait) {
            Ok(page) => Response::new(Status::NOT_FOUND, page.bytes.clone().into())
                .with(FieldName::CONTENT_TYPE, page.media_type.clone()),
            Err(_) => refuse(NotServed::NotFound),
        }
    }

    fn answer(
        root: &Root,
        request: &Request,
        wait: Wait,
    ) -> Result<Response<Content>, NotServed> {
        let path = match &request.target {
            Target::Origin(path) | Target::Absolute { path, .. } => path,
            _ => return Err(NotServed::NotFound),
        };
        match root.find(path, &request.headers, wait)? {
            Found::File(_, file) => Ok(file.respond(request)),
            Found::Listing(page) => Ok(Response::new(Status::OK, page.into())
                .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_HTML)),
            Found::Moved(to) => {
                let field = FieldValue::parse(to.as_bytes());
                let field = field.ok_or(NotServed::NotFound)?;
                let moved = Response::error(Status::MOVED_PERMANENTLY, &to);
                Ok(moved.map(Content::from).with(FieldName::LOCATION, field))
            }
        }
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
                let root = ROOT.as_ref()?;
                let response = match head.body {
                    BodyLength::None => {
                        let answer = |wait| answer(root, &head.request, wait);
                        let at_once = answer(Wait::Never);
                        let in_time = || answer(Wait::ForDisk);
                        at_once
                            .or_else(|_| tokio::task::block_in_place(in_time))
                            .unwrap_or_else(|why| match why {
                                NotServed::NotFound => {
                                    not_found(root, &head.request)
                                }
                                why => refuse(why),
                            })
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
