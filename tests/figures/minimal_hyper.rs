//! The verse on hyper, on the same runtime and with the same TLS as ours: what the
//! figures of Part 6 are measured against.

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use rohttp::certs::read;
use rohttp::net::{listen, tls};
use rohttp::verse::VERSE;
use tokio::io::{AsyncRead, AsyncWrite};

/// Serves until somebody ends it, with the certificate that is in `certs`.
#[tokio::main]
pub async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new("certs");
    let identity = read::read(&folder.join("cert.pem"), &folder.join("key.pem"))?;
    let acceptor = tls::acceptor(identity.resolver(), &[b"http/1.1"])?;
    let open = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (clear, secure) = (open()?, open()?);
    print!("{}", listen::greeting("http", std::slice::from_ref(&clear))?);
    print!("{}", listen::greeting("https", std::slice::from_ref(&secure))?);
    let (clear, secure) = (listen::into_tokio(clear)?, listen::into_tokio(secure)?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = secure.accept().await {
            let _ = stream.set_nodelay(true);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    converse(stream).await;
                }
            });
        }
    });
    while let Ok((stream, _)) = clear.accept().await {
        let _ = stream.set_nodelay(true);
        tokio::spawn(converse(stream));
    }
    Ok(())
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service_fn(verse))
        .await;
}

async fn verse(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response =
        Response::new(Full::new(Bytes::from_static(VERSE.as_bytes())));
    let date = UNIX_EPOCH + Duration::from_secs(554_342_400);
    let date = httpdate::fmt_http_date(date);
    let headers = response.headers_mut();
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, text);
    headers.insert(ETAG, HeaderValue::from_static("\"a-verse\""));
    headers.insert(LAST_MODIFIED, date.parse().expect("a date is a field value"));
    Ok(response)
}
