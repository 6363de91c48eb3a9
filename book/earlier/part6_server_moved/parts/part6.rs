async fn run(
    stream: tokio::net::TcpStream,
    limits: &Limits,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    use bytes::Bytes;
    use rohttp::h1::Persistence;
    use rohttp::h1::connection::Connection;
    use rohttp::h1::receiving::{Broken, Received};
    use rohttp::resource::content::{self, Content, Piece};
    use rohttp::site::Site;
    use rohttp::site::files::{Folders, Root, Rules};

    let folder = std::env::args_os().nth(1);
    let rules = || Rules { folders: Folders::Listed, ..Rules::default() };
    let open = |it: &std::ffi::OsString| Root::open(it.as_ref(), rules());
    let root = folder.as_ref().map(open).transpose()?;
    let site = Arc::new(Site { root });
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
                let response = site.answer(&head.request);
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
                        // No answer has what was asked in it yet.
                        Piece::Request(_) => break,
                    };
                    connection.data(io.output(), bytes)?;
                    io.flush(limits.write).await?;
                }
            }
            // What comes with a request is read past.
            Some(Received::Data(_) | Received::End(_)) | None => {}
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
