//! HTTP: from bytes on a socket to calls and back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::call::{Body, Call, Reply, parse_query};
use crate::directory::{Answer, Directory, refused};
use crate::failure::Failure;

/// Graph takes requests of a few megabytes.
const BODY: usize = 4 * 1024 * 1024;
/// Seeds are larger.
const SEED: usize = 256 * 1024 * 1024;
/// Longer than clients keep idle connections, so that it is they who close them.
const HEADERS_WITHIN: Duration = Duration::from_secs(120);
const BODY_WITHIN: Duration = Duration::from_secs(30);
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

/// Serves until `stop` changes, then lets running requests finish.
pub(crate) async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    directory: Arc<Directory>,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connect(stream, address, directory.clone(), &graceful),
                // out of file handles, most likely: others may free some
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(STOP_WITHIN, graceful.shutdown()).await;
}

fn connect(
    stream: TcpStream,
    address: SocketAddr,
    directory: Arc<Directory>,
    graceful: &GracefulShutdown,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| handle(request, address, directory.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // a client that goes away is no concern of the directory
        let _ = connection.await;
    });
}

async fn handle(
    request: Request<Incoming>,
    address: SocketAddr,
    directory: Arc<Directory>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let limit = if path.starts_with("/_sandbox/") {
        SEED
    } else {
        BODY
    };
    let read = Limited::new(body, limit).collect();
    let read = tokio::time::timeout(BODY_WITHIN, read).await;
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| host.parse::<hyper::http::uri::Authority>().is_ok());
    let host = host.map_or_else(|| address.to_string(), str::to_owned);
    let mut call = Call {
        method: parts.method.as_str().to_owned(),
        path,
        query: parse_query(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body: Vec::new(),
        base: format!("http://{host}/v1.0"),
    };
    let answer = match read {
        Ok(Ok(bytes)) => {
            call.body = bytes.to_bytes().into();
            directory.answer(call).await
        }
        Ok(Err(_)) => Answer::Reply(refused(
            &call,
            &Failure::new(413, "RequestEntityTooLarge", "The request is too large."),
        )),
        Err(_) => Answer::Reply(refused(
            &call,
            &Failure::new(408, "RequestTimeout", "The request did not arrive in time."),
        )),
    };
    match answer {
        Answer::Reply(reply) => Ok(response(reply)),
        Answer::Drop => Err(Dropped),
    }
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let (kind, bytes) = match reply.body {
        Body::Empty => (None, Vec::new()),
        Body::Json(body) => {
            let kind = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
            (Some(kind), body.to_string().into_bytes())
        }
        Body::Text(text) => (Some("text/plain"), text.into_bytes()),
    };
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (
            hyper::header::HeaderName::try_from(name),
            HeaderValue::from_str(&value),
        ) {
            headers.insert(name, value);
        }
    }
    response
}
