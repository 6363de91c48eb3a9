async fn run(
    stream: tokio::net::TcpStream,
    limits: &Limits,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    use bytes::Bytes;
    use rohttp::h1::connection::Connection;
    use rohttp::h1::receiving::{Broken, Received};
    use rohttp::h1::{BodyLength, Persistence};
    use rohttp::message::request::Expectation;
    use rohttp::message::{Response, Status};
    use rohttp::resource::content::{self, Piece};

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
                let piece = match std::env::args_os().nth(1) {
                    None => Piece::Bytes(Bytes::from_static(
                        rohttp::verse::VERSE.as_bytes(),
                    )),
                    Some(name) => {
                        let file = std::fs::File::open(name)?;
                        let length = file.metadata()?.len();
                        Piece::File(Arc::new(file), 0..length)
                    }
                };
                let response = Response::new(Status::OK, piece);
                let is_echo = head.body != BodyLength::None;
                let length = |piece: &Piece| piece.length().filter(|_| !is_echo);
                let (method, now) = (&head.request.method, rohttp::date::now());
                let response = response.finish(Some(method), length, &now);
                let stay = Persistence::KeepAlive;
                let content =
                    connection.respond(io.output(), response, length, stay)?;
                let content = content.filter(|_| !is_echo);
                if let Some(piece) = content {
                    let bytes = match piece {
                        Piece::Bytes(bytes) => bytes,
                        Piece::File(file, range) => content::read(&file, range)?,
                    };
                    connection.data(io.output(), bytes)?;
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
