//! Work that several callers want at the same time, done once.
//!
//! A caller that leaves does not stop it: the others, and the next one, still get what it makes.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// What is under way, by a key.
pub(super) struct Flights<Key, Value: Clone> {
    under_way: Arc<UnderWay<Key, Value>>,
    tasks: Tasks,
}

type Waiting<Value> = Shared<oneshot::Receiver<Value>>;
type UnderWay<Key, Value> = Mutex<HashMap<Key, Waiting<Value>>>;

impl<Key, Value> Flights<Key, Value>
where
    Key: Clone + Eq + Hash + Send + 'static,
    Value: Clone + Send + Sync + 'static,
{
    /// None under way; their tasks end when `tasks` goes.
    pub fn new(tasks: Tasks) -> Self {
        Flights { under_way: Arc::default(), tasks }
    }

    /// What the work under `key` makes: that which is under way, else `work`. `None` where it was broken off.
    pub async fn join<Work>(&self, key: Key, work: impl FnOnce() -> Work) -> Option<Value>
    where
        Work: Future<Output = Value> + Send + 'static,
    {
        let waiting = {
            let mut under_way = lock(&self.under_way);
            match under_way.get(&key) {
                Some(waiting) => waiting.clone(),
                None => {
                    let (done, waiting) = oneshot::channel();
                    let waiting = waiting.shared();
                    under_way.insert(key.clone(), waiting.clone());
                    let landing = Landing { under_way: self.under_way.clone(), key };
                    let work = work();
                    self.tasks.spawn(async move {
                        let value = work.await;
                        drop(landing);
                        // nobody may be waiting any more
                        let _ = done.send(value);
                    });
                    waiting
                }
            }
        };
        waiting.await.ok()
    }
}

/// Takes a flight off the list, however it ends.
struct Landing<Key: Eq + Hash, Value: Clone> {
    under_way: Arc<UnderWay<Key, Value>>,
    key: Key,
}

impl<Key: Eq + Hash, Value: Clone> Drop for Landing<Key, Value> {
    fn drop(&mut self) {
        lock(&self.under_way).remove(&self.key);
    }
}

/// Tasks that end with their owner.
#[derive(Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    /// Runs a task until it is done or the last handle is dropped.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.0);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
