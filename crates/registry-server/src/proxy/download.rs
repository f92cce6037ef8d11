//! A tarball on its way: written beside while any number of clients read it.
//!
//! Clients read from the file, each at its own pace, and never all of it before it was verified: the last part is held
//! back until then, so that who got a whole tarball got the right one.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use npm_formats::integrity::Integrity;
use registry_client::{Stopped, TarballSink};
use tokio::sync::watch;

use super::verifier::{Verdict, Verifier};

/// Bytes written, hashed and released at once.
const BLOCK: usize = 128 << 10;

/// The readers' end. A clone reads the same download.
#[derive(Clone, Debug)]
pub struct Download {
    file: Arc<File>,
    progress: watch::Receiver<Progress>,
    /// Bytes that the upstream announced.
    pub length: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    /// Bytes that may be read.
    released: u64,
    end: Option<Ending>,
}

/// How a download ended.
#[derive(Clone, Debug)]
enum Ending {
    Verified,
    Broken(Arc<str>),
}

impl Download {
    /// Some of its bytes, while they come. Ends with an error where the download breaks or is not what it should be.
    pub fn part(self, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold((self, range), |(mut download, left)| async move {
            if left.is_empty() {
                return Ok(None);
            }
            let Some(released) = download.released_past(left.start).await? else { return Ok(None) };
            let available = released.min(left.end) - left.start;
            let (file, offset) = (download.file.clone(), left.start);
            let bytes = tokio::task::spawn_blocking(move || read_at(&file, offset, available));
            let bytes = bytes.await.map_err(io::Error::other)??;
            let next = left.start + bytes.len() as u64;
            Ok(Some((bytes, (download, next..left.end))))
        })
    }

    /// Waits until there is something to read; `false` where there never will be.
    pub async fn begins(mut self) -> bool {
        self.released_past(0).await.is_ok()
    }

    /// Waits for its end; its length in bytes.
    ///
    /// Errors: one that broke or was not what it should be.
    pub async fn whole(mut self) -> io::Result<u64> {
        let mut offset = 0;
        while let Some(released) = self.released_past(offset).await? {
            offset = released;
        }
        Ok(offset)
    }

    /// How many bytes may be read, once they are more than `offset`; `None` at the end.
    async fn released_past(&mut self, offset: u64) -> io::Result<Option<u64>> {
        loop {
            let progress = self.progress.borrow_and_update().clone();
            if progress.released > offset {
                return Ok(Some(progress.released));
            }
            match progress.end {
                Some(Ending::Verified) => return Ok(None),
                Some(Ending::Broken(reason)) => return Err(io::Error::other(reason.to_string())),
                None => {}
            }
            if self.progress.changed().await.is_err() {
                return Err(io::Error::other("the download was broken off"));
            }
        }
    }
}

fn read_at(file: &File, offset: u64, available: u64) -> io::Result<Bytes> {
    let length = usize::try_from(available).unwrap_or(usize::MAX).min(BLOCK * 2);
    let mut bytes = BytesMut::zeroed(length);
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes.freeze())
}

/// Hears of a download when it begins.
pub(super) type Begun = Box<dyn FnOnce(Download) + Send>;

/// The writer's end: takes a tarball in, again from its start where the transfer breaks.
pub(super) struct Spool {
    integrity: Integrity,
    file: Arc<File>,
    progress: watch::Sender<Progress>,
    /// Told once, when the first try begins.
    begun: Option<Begun>,
    verifier: Option<Verifier>,
    block: BytesMut,
    /// Bytes written.
    written: u64,
    /// Why writing stopped.
    failure: Option<io::Error>,
}

impl Spool {
    /// An empty one over an empty file; `begun` is told when the upstream's answer begins.
    pub fn new(integrity: Integrity, file: Arc<File>, begun: Begun) -> Spool {
        Spool {
            integrity,
            file,
            progress: watch::Sender::new(Progress::default()),
            begun: Some(begun),
            verifier: None,
            block: BytesMut::new(),
            written: 0,
            failure: None,
        }
    }

    /// Why it stopped, where the file could not be written.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Writes out the rest and compares.
    ///
    /// Errors: a disk that fails.
    pub async fn finish(&mut self) -> io::Result<(Verdict, u64)> {
        if !self.block.is_empty() {
            self.write_block().await?;
        }
        let verifier = self.verifier.take().ok_or_else(|| io::Error::other("nothing was downloaded"))?;
        let file = self.file.clone();
        let written = self.written;
        if self.progress.borrow().released > written {
            return Err(io::Error::other("the upstream sent fewer bytes when it was asked again"));
        }
        // what an earlier, longer try left behind goes; the rest is on the disk before anything names it
        let synced = tokio::task::spawn_blocking(move || {
            file.set_len(written)?;
            file.sync_data()
        });
        synced.await.map_err(io::Error::other)??;
        Ok((verifier.finish(), written))
    }

    /// Lets readers have all of it.
    pub fn release(&self) {
        self.progress.send_modify(|progress| {
            progress.released = self.written;
            progress.end = Some(Ending::Verified);
        });
    }

    /// Cuts readers off.
    pub fn break_off(&self, reason: &str) {
        self.progress.send_modify(|progress| progress.end = Some(Ending::Broken(reason.into())));
    }

    /// Writes and hashes the block, and releases what was written before it.
    async fn write_block(&mut self) -> io::Result<()> {
        let Some(mut verifier) = self.verifier.take() else {
            return Err(io::Error::other("the integrity cannot be checked"));
        };
        let block = std::mem::take(&mut self.block).freeze();
        let (file, offset) = (self.file.clone(), self.written);
        let length = block.len() as u64;
        let released = self.progress.borrow().released;
        let writing = tokio::task::spawn_blocking(move || {
            check_repetition(&file, &block, offset, released)?;
            file.write_all_at(&block, offset)?;
            verifier.update(&block);
            Ok::<_, io::Error>(verifier)
        });
        self.verifier = Some(writing.await.map_err(io::Error::other)??);
        // what a try before this one had released stays so: it is the same
        self.progress.send_modify(|progress| progress.released = progress.released.max(offset));
        self.written += length;
        Ok(())
    }
}

/// What readers have had must come again when a transfer is begun again.
fn check_repetition(file: &File, block: &[u8], offset: u64, released: u64) -> io::Result<()> {
    let again = usize::try_from(released.saturating_sub(offset)).unwrap_or(usize::MAX).min(block.len());
    let mut before = vec![0; again];
    file.read_exact_at(&mut before, offset)?;
    if block.get(..again) == Some(before.as_slice()) {
        return Ok(());
    }
    Err(io::Error::other("the upstream sent other bytes when it was asked again"))
}

impl TarballSink for Spool {
    async fn begin(&mut self, length: Option<u64>) -> Result<(), Stopped> {
        self.block.clear();
        self.written = 0;
        self.verifier = Verifier::new(&self.integrity);
        if let Some(begun) = self.begun.take() {
            let progress = self.progress.subscribe();
            begun(Download { file: self.file.clone(), progress, length });
        }
        Ok(())
    }

    async fn chunk(&mut self, bytes: Bytes) -> Result<(), Stopped> {
        self.block.extend_from_slice(&bytes);
        if self.block.len() < BLOCK {
            return Ok(());
        }
        self.write_block().await.map_err(|error| {
            self.failure = Some(error);
            Stopped
        })
    }
}
