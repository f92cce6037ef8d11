//! Tarballs: delivered whole or begun again, bounded, stopped.

use bytes::Bytes;
use futures_util::TryStreamExt;
use registry_client::{Stopped, TarballRequest, TarballSink};

use crate::support::{Reply, Server, client};

const TARBALL: &str = "0123456789";

fn request(server: &Server) -> TarballRequest {
    TarballRequest {
        name: Some("@s/x".into()),
        version: Some("1.0.0".into()),
        ..TarballRequest::new(server.url("/@s/x/-/x-1.0.0.tgz"))
    }
}

#[derive(Default)]
struct Recorder {
    begun: Vec<Option<u64>>,
    received: Vec<u8>,
    stop: bool,
}

impl TarballSink for Recorder {
    async fn begin(&mut self, length: Option<u64>) -> Result<(), Stopped> {
        self.begun.push(length);
        self.received.clear();
        Ok(())
    }

    async fn chunk(&mut self, bytes: Bytes) -> Result<(), Stopped> {
        self.received.extend_from_slice(&bytes);
        if self.stop { Err(Stopped) } else { Ok(()) }
    }
}

#[tokio::test]
async fn a_transfer_that_breaks_is_begun_again() {
    let server = Server::start(|asked| match asked.number {
        0 => Reply::ok(TARBALL).cut_off(4),
        1 => Reply::new(503, "{}"),
        2 => Reply::ok(TARBALL).cut_off(7),
        _ => Reply::ok(TARBALL),
    })
    .await;
    let mut sink = Recorder::default();
    let size = client(&server).tarball(&request(&server), &mut sink).await.unwrap();
    assert_eq!((size, sink.received.as_slice()), (10, TARBALL.as_bytes()));
    assert_eq!(sink.begun, [Some(10), Some(10), Some(10)]);
    assert_eq!(server.last().header("accept-encoding"), None, "a tarball is compressed as it is");
}

#[tokio::test]
async fn the_limit_holds() {
    let server = Server::start(|_| Reply::ok(TARBALL)).await;
    for (limit, fits) in [(10, true), (9, false)] {
        let request = TarballRequest { limit: Some(limit), ..request(&server) };
        let mut bytes = Vec::new();
        let outcome = client(&server).tarball(&request, &mut bytes).await;
        assert_eq!(outcome.is_ok(), fits);
        if let Err(error) = outcome {
            assert_eq!(error.code(), "ETOOLARGE");
            assert!(error.to_string().contains("@s/x@1.0.0"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_sink_can_stop() {
    let server = Server::start(|_| Reply::ok(TARBALL)).await;
    let mut sink = Recorder { stop: true, ..Recorder::default() };
    let error = client(&server).tarball(&request(&server), &mut sink).await.unwrap_err();
    assert_eq!(error.code(), "ABORT_ERR");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_stream_delivers_or_ends_with_the_error() {
    let server = Server::start(|asked| match asked.number {
        0 => Reply::new(503, ""),
        1 => Reply::ok(TARBALL),
        _ => Reply::ok(TARBALL).cut_off(4),
    })
    .await;
    let client = client(&server);
    let stream = client.tarball_stream(&request(&server)).await.unwrap();
    assert_eq!(stream.length, Some(10));
    let chunks: Vec<Bytes> = stream.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), TARBALL.as_bytes());
    let broken = client.tarball_stream(&request(&server)).await.unwrap();
    let error = broken.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.code(), "ECONNRESET");
}
