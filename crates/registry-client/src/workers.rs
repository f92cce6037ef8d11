//! Jobs that block: decompressing, indexing, reading and writing the cache.
//!
//! A few threads of the runtime's blocking pool take jobs from a queue until it is empty. Handing every job to
//! the pool by itself costs two wake-ups each, more than reading a cached packument does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// More than there are processors, because disks are waited for; few, because most jobs only compute.
const EXTRA_THREADS: usize = 2;
const MOST_THREADS: usize = 16;

type Job = Box<dyn FnOnce() + Send>;

/// The queue and its threads.
#[derive(Clone)]
pub(crate) struct Workers(Arc<Shared>);

struct Shared {
    most_threads: usize,
    state: Mutex<State>,
    idle: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
}

impl Workers {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let most_threads = (processors + EXTRA_THREADS).min(MOST_THREADS);
        Workers(Arc::new(Shared { most_threads, state: Mutex::default(), idle: Notify::new() }))
    }

    /// Runs a job soon; does not wait for it. The number of jobs is bounded by that of the requests.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock();
        state.queue.push_back(Box::new(job));
        if state.threads < self.0.most_threads {
            state.threads += 1;
            drop(state);
            let shared = self.0.clone();
            tokio::task::spawn_blocking(move || Thread(shared).work());
        }
    }

    /// Waits until no job is left.
    pub(crate) async fn finish(&self) {
        loop {
            let idle = self.0.idle.notified();
            if self.0.lock().threads == 0 {
                return;
            }
            idle.await;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread at work; signs off even when a job panics.
struct Thread(Arc<Shared>);

impl Thread {
    fn work(self) {
        loop {
            let job = self.0.lock().queue.pop_front();
            match job {
                Some(job) => job(),
                None => return,
            }
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.threads -= 1;
        if !state.queue.is_empty() {
            // a job came between the last look and now, or one panicked: someone must take the rest
            state.threads += 1;
            drop(state);
            let shared = self.0.clone();
            tokio::task::spawn_blocking(move || Thread(shared).work());
        } else if state.threads == 0 {
            self.0.idle.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn every_job_runs_before_finish_returns() {
        let workers = Workers::new();
        workers.finish().await;
        let done = Arc::new(AtomicUsize::new(0));
        for round in 1..=20 {
            for _ in 0..50 {
                let done = done.clone();
                workers.run(move || {
                    done.fetch_add(1, Ordering::Relaxed);
                });
            }
            workers.finish().await;
            assert_eq!(done.load(Ordering::Relaxed), round * 50);
        }
    }
}
