//! Where asynchronous work runs, and the inbox to which its results come.

use js_engine::{CallId, Delivery, EventLoop, LocalDelivery, Task};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::LocalSet;

/// Threads for work that blocks: as many as libuv has.
const BLOCKING_THREADS: usize = 4;

/// Something finished elsewhere.
pub(crate) enum Done {
    Call(CallId, Delivery),
    Task(Task),
}

#[derive(Default)]
struct Inbox {
    done: Mutex<Vec<Done>>,
    /// Tasks of the engine that wait for their time.
    delayed: Mutex<Vec<(Instant, Task)>>,
    wake: Notify,
    /// Somebody else ended this thread's program.
    stopping: AtomicBool,
}

/// Hands results over from any thread.
#[derive(Clone)]
pub(crate) struct Sender(Arc<Inbox>);

impl Sender {
    pub(crate) fn task(&self, task: Task, delay_ms: u32) -> bool {
        if delay_ms == 0 {
            self.0.done.lock().expect("no panic while locked").push(Done::Task(task));
        } else {
            let at = Instant::now() + Duration::from_millis(delay_ms.into());
            self.0.delayed.lock().expect("no panic while locked").push((at, task));
        }
        self.0.wake.notify_one();
        true
    }

    /// Ends the program as soon as its loop notices.
    pub(crate) fn stop(&self) {
        self.0.stopping.store(true, Ordering::SeqCst);
        self.0.wake.notify_one();
    }

    fn call(&self, call: CallId, delivery: Delivery) {
        self.0.done.lock().expect("no panic while locked").push(Done::Call(call, delivery));
        self.0.wake.notify_one();
    }
}

/// How many of the engine's background tasks the loop has to wait for.
#[derive(Clone, Default)]
pub(crate) struct TaskCounter(Arc<AtomicI32>);

impl TaskCounter {
    pub(crate) fn change(&self, by: i32) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

pub(crate) struct Host {
    /// Made when the first asynchronous op needs it: a program without any pays nothing.
    tokio: OnceCell<Runtime>,
    local: LocalSet,
    inbox: Arc<Inbox>,
    local_done: Rc<RefCell<VecDeque<(CallId, LocalDelivery)>>>,
    tasks: TaskCounter,
    /// Functions of FinalizationRegistry that wait to be called.
    pub(crate) cleanups: RefCell<Vec<js_engine::Persistent>>,
    pub(crate) exit_code: Cell<Option<i32>>,
}

impl Host {
    pub(crate) fn new() -> Host {
        Host {
            tokio: OnceCell::new(),
            local: LocalSet::new(),
            inbox: Arc::default(),
            local_done: Rc::default(),
            tasks: TaskCounter::default(),
            cleanups: RefCell::default(),
            exit_code: Cell::new(None),
        }
    }

    pub(crate) fn sender(&self) -> Sender {
        Sender(self.inbox.clone())
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.inbox.stopping.load(Ordering::SeqCst)
    }

    pub(crate) fn task_counter(&self) -> TaskCounter {
        self.tasks.clone()
    }

    fn tokio(&self) -> &Runtime {
        self.tokio.get_or_init(|| new_tokio().expect("the system gives an event queue and a thread pool"))
    }

    /// Makes what [`tokio`](Self::tokio) answers, where the program can still be told that the system refuses it.
    pub(crate) fn start_tokio(&self) -> io::Result<()> {
        let tokio = new_tokio()?;
        // (a second one would be dropped)
        let _ = self.tokio.set(tokio);
        Ok(())
    }

    /// Results that came in since the last call.
    pub(crate) fn take_done(&self) -> Vec<Done> {
        let mut done = std::mem::take(&mut *self.inbox.done.lock().expect("no panic while locked"));
        let mut delayed = self.inbox.delayed.lock().expect("no panic while locked");
        if !delayed.is_empty() {
            let now = Instant::now();
            let (due, later) = std::mem::take(&mut *delayed).into_iter().partition(|(at, _)| *at <= now);
            *delayed = later;
            let due: Vec<(Instant, Task)> = due;
            done.extend(due.into_iter().map(|(_, task)| Done::Task(task)));
        }
        done
    }

    pub(crate) fn take_local_done(&self) -> Option<(CallId, LocalDelivery)> {
        self.local_done.borrow_mut().pop_front()
    }

    /// Lets futures run and the system be asked, without waiting.
    pub(crate) fn poll(&self) {
        if let Some(tokio) = self.tokio.get() {
            tokio.block_on(self.local.run_until(async {
                tokio::task::yield_now().await;
            }));
        }
    }

    /// Waits for a result, at most until `deadline`.
    pub(crate) fn wait(&self, deadline: Option<Instant>) {
        let delayed =
            self.inbox.delayed.lock().expect("no panic while locked").iter().map(|(at, _)| *at).min();
        let deadline = match (deadline, delayed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(deadline) = deadline
            && self.tokio.get().is_none()
            && !self.tasks.any()
        {
            std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
            return;
        }
        let inbox = &self.inbox;
        self.tokio().block_on(self.local.run_until(async {
            let woken = inbox.wake.notified();
            match deadline {
                Some(deadline) => {
                    let _ = tokio::time::timeout_at(deadline.into(), woken).await;
                }
                None => woken.await,
            }
        }));
    }

    pub(crate) fn has_background_tasks(&self) -> bool {
        self.tasks.any()
    }
}

fn new_tokio() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build()
}

impl EventLoop for Host {
    fn run_blocking(&self, call: CallId, work: Box<dyn FnOnce() -> Delivery + Send>) {
        let sender = self.sender();
        self.tokio().spawn_blocking(move || sender.call(call, work()));
    }

    fn run_local(&self, call: CallId, future: Pin<Box<dyn Future<Output = LocalDelivery>>>) {
        let done = self.local_done.clone();
        let inbox = self.inbox.clone();
        let _guard = self.tokio().enter();
        self.local.spawn_local(async move {
            let delivery = future.await;
            done.borrow_mut().push_back((call, delivery));
            inbox.wake.notify_one();
        });
    }
}
