#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:1337").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = run(stream, &Limits::default()).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn run(
    mut stream: tokio::net::TcpStream,
    limits: &Limits,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    use bytes::Bytes;
    use bytes::{Buf, BytesMut};
    use rohttp::h1::connection::Connection;
    use rohttp::h1::receiving::{Broken, Received};
    use rohttp::h1::{BodyLength, Persistence};
    use rohttp::io::output::Output;
    use rohttp::message::request::Expectation;
    use rohttp::message::{Response, Status};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let (mut input, mut output) = (BytesMut::new(), Output::default());
    let mut connection = Connection::default();
    while connection.is_open() || !connection.is_between_requests() {
        let (taken, received) = match connection.receive(&input, limits) {
            Ok(step) => step,
            Err(Broken { error, method }) => {
                let text = error.response().map(|it| Bytes::from(it.into_owned()));
                let length = |text: &Bytes| Some(text.len() as u64);
                let now = rohttp::date::now();
                let refusal = text.finish(method.as_ref(), length, &now);
                connection.expect_refusal();
                let close = Persistence::Close;
                let content =
                    connection.respond(&mut output, refusal, length, close)?;
                if let Some(text) = content {
                    connection.data(&mut output, text)?;
                }
                break;
            }
        };
        let waits = received.is_none();
        match received {
            Some(Received::Head(head)) => {
                connection.expect_response(&head)?;
                if head.request.expectation() == Expectation::Continue {
                    connection.send_continue(&mut output)?;
                }
                let verse = Bytes::from_static(rohttp::verse::VERSE.as_bytes());
                let response = Response::new(Status::OK, verse);
                let is_echo = head.body != BodyLength::None;
                let length =
                    |verse: &Bytes| (!is_echo).then_some(verse.len() as u64);
                let (method, now) = (&head.request.method, rohttp::date::now());
                let response = response.finish(Some(method), length, &now);
                let stay = Persistence::KeepAlive;
                let content =
                    connection.respond(&mut output, response, length, stay)?;
                if let (Some(verse), false) = (content, is_echo) {
                    connection.data(&mut output, verse)?;
                }
            }
            Some(Received::Data(data)) => {
                let data = Bytes::copy_from_slice(data);
                connection.data(&mut output, data)?;
            }
            Some(Received::End(_)) => connection.end(&mut output)?,
            None => {}
        }
        input.advance(taken);
        if waits {
            stream.write_all_buf(&mut output).await?;
            if stream.read_buf(&mut input).await? == 0 {
                break;
            }
        }
    }
    stream.write_all_buf(&mut output).await?;
    rohttp::io::close::close(stream, Default::default()).await;
    Ok(())
}
