//! HTTP/1.1 by hand, so that every way to break it can be had; HTTP/2 by hyper.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use url::Url;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub method: String,
    pub target: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    /// Which connection it came on, from zero.
    pub connection: usize,
    /// Which request it is, from zero.
    pub number: usize,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What is done about a request.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    CloseAfter,
    /// Closes the connection before any answer.
    Drop,
    /// Never answers.
    Silence,
    /// Announces the whole body, sends this many bytes of it and closes.
    CutOff(usize),
    /// The same, and never sends the rest.
    Stall(usize),
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Reply { status, headers: Vec::new(), body: body.into(), fault: Fault::None }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new(status, "").header("location", location)
    }

    pub fn dropped() -> Self {
        Reply { fault: Fault::Drop, ..Self::ok("") }
    }

    pub fn silent() -> Self {
        Reply { fault: Fault::Silence, ..Self::ok("") }
    }

    pub fn cut_off(self, after: usize) -> Self {
        Reply { fault: Fault::CutOff(after), ..self }
    }

    pub fn stalled(self, after: usize) -> Self {
        Reply { fault: Fault::Stall(after), ..self }
    }

    /// Closes the connection after the answer without saying so before.
    pub fn closing(self) -> Self {
        Reply { fault: Fault::CloseAfter, ..self }
    }
}

type Handler = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// Serves until dropped.
pub struct Server {
    pub address: SocketAddr,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<Asked>>>,
    _accepting: JoinSet<()>,
}

impl Server {
    /// A registry without TLS.
    pub async fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, Arc::new(handler)).await
    }

    /// A registry with TLS; HTTP/2 where the configuration offers it.
    pub async fn start_secure(
        tls: ServerConfig,
        handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Some(TlsAcceptor::from(Arc::new(tls))), Arc::new(handler)).await
    }

    async fn serve(acceptor: Option<TlsAcceptor>, handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let shared = Shared { asked: asked.clone(), handler };
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            for connection in 0.. {
                let Ok((tcp, _)) = listener.accept().await else { return };
                connections.spawn(serve_connection(tcp, acceptor.clone(), shared.clone(), connection));
            }
        });
        Server { address, scheme, asked, _accepting: accepting }
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}://{}{path}", self.scheme, self.address)).unwrap()
    }

    /// The same server under another host name.
    pub fn url_at(&self, host: &str, path: &str) -> Url {
        Url::parse(&format!("{}://{host}:{}{path}", self.scheme, self.address.port())).unwrap()
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn last(&self) -> Asked {
        self.asked().last().cloned().unwrap()
    }
}

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    handler: Handler,
}

impl Shared {
    fn answer(&self, mut request: Asked) -> Reply {
        {
            let mut asked = self.asked.lock().unwrap();
            request.number = asked.len();
            asked.push(request.clone());
        }
        (self.handler)(&request)
    }
}

async fn serve_connection(tcp: TcpStream, acceptor: Option<TlsAcceptor>, shared: Shared, connection: usize) {
    let Some(acceptor) = acceptor else { return serve_http1(tcp, shared, connection).await };
    let Ok(stream) = acceptor.accept(tcp).await else { return };
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return serve_http1(stream, shared, connection).await;
    }
    let service = service_fn(move |request| answer_http2(request, shared.clone(), connection));
    let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    drop(builder.serve_connection(TokioIo::new(stream), service).await);
}

async fn answer_http2(
    request: http::Request<Incoming>,
    shared: Shared,
    connection: usize,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    let asked = Asked {
        method: head.method.to_string(),
        target: head.uri.path().to_owned(),
        headers: headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect(),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
        connection,
        number: 0,
    };
    let reply = shared.answer(asked);
    let mut response = http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::from(reply.body)).unwrap())
}

async fn serve_http1(mut io: impl AsyncRead + AsyncWrite + Unpin, shared: Shared, connection: usize) {
    let mut buffer = Vec::new();
    while let Some(asked) = read_request(&mut io, &mut buffer, connection).await {
        let is_head = asked.method == "HEAD";
        let reply = shared.answer(asked);
        let sent = match reply.fault {
            Fault::Drop => return,
            Fault::Silence => std::future::pending().await,
            Fault::CutOff(length) | Fault::Stall(length) => length,
            Fault::None | Fault::CloseAfter => reply.body.len(),
        };
        let mut answer = format!("HTTP/1.1 {} Reason\r\n", reply.status);
        for (name, value) in &reply.headers {
            answer.push_str(&format!("{name}: {value}\r\n"));
        }
        if reply.status != 304 {
            answer.push_str(&format!("content-length: {}\r\n", reply.body.len()));
        }
        let mut answer = format!("{answer}\r\n").into_bytes();
        if !is_head {
            answer.extend_from_slice(&reply.body[..sent]);
        }
        if io.write_all(&answer).await.is_err() || io.flush().await.is_err() {
            return;
        }
        match reply.fault {
            Fault::CutOff(_) | Fault::CloseAfter => return,
            Fault::Stall(_) => std::future::pending().await,
            Fault::None | Fault::Drop | Fault::Silence => {}
        }
    }
}

async fn read_request(
    io: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<Asked> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if io.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    buffer.drain(..end + 4);
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while buffer.len() < length {
        if io.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer.drain(..length).collect();
    Some(Asked { method, target, headers, body, connection, number: 0 })
}
