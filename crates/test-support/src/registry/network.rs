//! A network slower than loopback.

use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep, sleep_until};

use super::lock;

/// How slow the network is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkLimits {
    /// Time between a request and the first byte of its answer.
    pub latency: Duration,
    /// Bytes per second all connections share; none for no limit.
    pub bytes_per_second: Option<u64>,
}

/// Bytes sent at once: small enough that connections share the line evenly.
const CHUNK: usize = 16 << 10;

/// One line that every connection sends over.
#[derive(Default)]
pub(super) struct Line {
    state: Mutex<LineState>,
}

#[derive(Default)]
struct LineState {
    limits: NetworkLimits,
    free_at: Option<Instant>,
}

impl Line {
    pub fn limit(&self, limits: NetworkLimits) {
        *lock(&self.state) = LineState { limits, free_at: None };
    }

    /// Waits as long as a request is under way.
    pub async fn wait_latency(&self) {
        let latency = lock(&self.state).limits.latency;
        if !latency.is_zero() {
            sleep(latency).await;
        }
    }

    /// The same body at the pace of the line.
    pub fn pace(self: std::sync::Arc<Self>, body: Body) -> Body {
        if lock(&self.state).limits.bytes_per_second.is_none() {
            return body;
        }
        let paced = body.into_data_stream().flat_map(move |chunk| {
            let pieces: Vec<Result<Bytes, axum::Error>> = match chunk {
                Ok(bytes) => pieces(bytes).map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            let line = self.clone();
            stream::iter(pieces).then(move |piece| {
                let slot = line.reserve(piece.as_ref().map_or(0, Bytes::len));
                async move {
                    if let Some(slot) = slot {
                        sleep_until(slot).await;
                    }
                    piece
                }
            })
        });
        Body::from_stream(paced)
    }

    /// When bytes that are sent now have gone over the line.
    fn reserve(&self, bytes: usize) -> Option<Instant> {
        let mut state = lock(&self.state);
        let rate = state.limits.bytes_per_second?;
        let start = state.free_at.unwrap_or_else(Instant::now).max(Instant::now());
        let end = start + Duration::from_secs_f64(bytes as f64 / rate as f64);
        state.free_at = Some(end);
        Some(end)
    }
}

fn pieces(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!bytes.is_empty()).then(|| bytes.split_to(bytes.len().min(CHUNK))))
}
