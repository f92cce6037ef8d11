//! Ports without JavaScript: inboxes that any thread may fill, and what lies in them.

use crate::internal::histogram::Histogram;
use js_engine::SerializedValue;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::task::{Poll, Waker};

/// What travels with a value besides what the engine writes.
pub(super) enum Native {
    Port(PortEnd),
    Histogram(Histogram),
    /// A port that was closed, or that was received already.
    Nothing,
}

/// A cloned value and what travels with it.
pub(crate) struct Carried {
    pub(super) clone: SerializedValue,
    pub(super) natives: Vec<Native>,
}

pub(super) type Payload = Arc<Mutex<Carried>>;

/// A cloned value as JavaScript holds it.
pub(crate) struct Part(Payload);

impl Part {
    pub(super) fn new(clone: SerializedValue, natives: Vec<Native>) -> Part {
        Part(Arc::new(Mutex::new(Carried { clone, natives })))
    }

    pub(super) fn carried(&self) -> MutexGuard<'_, Carried> {
        self.0.lock().expect("no panic while locked")
    }

    pub(crate) fn payload(&self) -> Payload {
        self.0.clone()
    }
}

impl From<Payload> for Part {
    fn from(payload: Payload) -> Part {
        Part(payload)
    }
}

/// A message: a value, and what it takes to make objects of JavaScript's classes in it again.
#[derive(Clone)]
pub(crate) struct Received {
    value: Payload,
    hosts: Option<Payload>,
}

impl Received {
    pub(crate) fn new(value: Payload, hosts: Option<Payload>) -> Received {
        Received { value, hosts }
    }

    pub(super) fn into_parts(self) -> (Payload, Option<Payload>) {
        (self.value, self.hosts)
    }
}

#[derive(Default)]
struct State {
    messages: VecDeque<Received>,
    /// Nothing will come any more.
    closed: bool,
    /// Whoever waits for messages, or for the end.
    wakers: Vec<Waker>,
}

impl State {
    fn is_ended(&self) -> bool {
        self.closed && self.messages.is_empty()
    }
}

/// Where messages wait.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Mutex<State>>);

impl Inbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic while locked")
    }

    fn put(&self, message: Received) {
        let mut state = self.state();
        if state.closed {
            drop(state);
            return;
        }
        state.messages.push_back(message);
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wake(wakers);
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wake(wakers);
    }

    /// What has come goes, too.
    fn discard(&self) {
        let messages = std::mem::take(&mut self.state().messages);
        drop(messages);
    }

    /// Lets whoever waits look again.
    fn rouse(&self) {
        let wakers = std::mem::take(&mut self.state().wakers);
        wake(wakers);
    }
}

fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}

enum Peer {
    One(Inbox),
    Broadcast(String),
    /// What any thread may send to this one, by its number.
    Anyone(u32),
}

/// One end of a channel. When it is dropped, both directions end.
pub(crate) struct PortEnd {
    inbox: Inbox,
    peer: Peer,
}

/// Broadcast channels of all threads.
static BROADCASTS: LazyLock<Mutex<HashMap<String, Vec<Inbox>>>> = LazyLock::new(Mutex::default);

/// Threads that receive messages from others.
static THREADS: LazyLock<Mutex<HashMap<u32, Inbox>>> = LazyLock::new(Mutex::default);

impl PortEnd {
    pub(crate) fn pair() -> (PortEnd, PortEnd) {
        let (a, b) = (Inbox::default(), Inbox::default());
        (PortEnd { inbox: a.clone(), peer: Peer::One(b.clone()) }, PortEnd { inbox: b, peer: Peer::One(a) })
    }

    pub(super) fn broadcast(name: String) -> PortEnd {
        let inbox = Inbox::default();
        let mut all = BROADCASTS.lock().expect("no panic while locked");
        all.entry(name.clone()).or_default().push(inbox.clone());
        PortEnd { inbox, peer: Peer::Broadcast(name) }
    }

    /// Where messages to a thread arrive.
    pub(crate) fn of_thread(id: u32) -> PortEnd {
        let inbox = Inbox::default();
        THREADS.lock().expect("no panic while locked").insert(id, inbox.clone());
        PortEnd { inbox, peer: Peer::Anyone(id) }
    }

    /// False where there is no such thread, or it receives nothing.
    pub(super) fn post_to_thread(id: u32, message: Received) -> bool {
        let inbox = THREADS.lock().expect("no panic while locked").get(&id).cloned();
        inbox.inspect(|inbox| inbox.put(message)).is_some()
    }

    pub(crate) fn post(&self, message: Received) {
        match &self.peer {
            Peer::Anyone(_) => {}
            Peer::One(inbox) => inbox.put(message),
            Peer::Broadcast(name) => {
                let all = BROADCASTS.lock().expect("no panic while locked");
                for inbox in all.get(name).into_iter().flatten() {
                    if !Arc::ptr_eq(&inbox.0, &self.inbox.0) {
                        inbox.put(message.clone());
                    }
                }
            }
        }
    }
}

impl Drop for PortEnd {
    fn drop(&mut self) {
        self.inbox.close();
        self.inbox.discard();
        match &self.peer {
            Peer::Anyone(id) => {
                THREADS.lock().expect("no panic while locked").remove(id);
            }
            Peer::One(inbox) => inbox.close(),
            Peer::Broadcast(name) => {
                let mut all = BROADCASTS.lock().expect("no panic while locked");
                if let Some(inboxes) = all.get_mut(name) {
                    inboxes.retain(|inbox| !Arc::ptr_eq(&inbox.0, &self.inbox.0));
                    if inboxes.is_empty() {
                        all.remove(name);
                    }
                }
            }
        }
    }
}

/// A port as JavaScript holds it, until it is closed or transferred.
pub(crate) struct PortHandle(RefCell<Option<PortEnd>>);

impl PortHandle {
    pub(crate) fn new(end: PortEnd) -> PortHandle {
        PortHandle(RefCell::new(Some(end)))
    }

    pub(crate) fn detach(&self) -> Option<PortEnd> {
        let end = self.0.borrow_mut().take();
        if let Some(end) = &end {
            end.inbox.rouse();
        }
        end
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.borrow().is_some()
    }

    pub(super) fn pending(&self) -> usize {
        self.0.borrow().as_ref().map_or(0, |end| end.inbox.state().messages.len())
    }

    pub(super) fn is_ended(&self) -> bool {
        self.0.borrow().as_ref().is_none_or(|end| end.inbox.state().is_ended())
    }

    pub(super) fn take(&self) -> Option<Received> {
        self.0.borrow().as_ref()?.inbox.state().messages.pop_front()
    }

    /// Waits until there is a message, or nothing will come any more.
    pub(super) async fn ready(&self) {
        self.wait(|state| state.is_ended() || !state.messages.is_empty()).await
    }

    /// Waits until nothing will come any more.
    pub(super) async fn ended(&self) {
        self.wait(State::is_ended).await
    }

    /// Waits until the inbox is so, or no longer here.
    async fn wait(&self, until: impl Fn(&State) -> bool) {
        poll_fn(|context| {
            let end = self.0.borrow();
            let Some(end) = &*end else { return Poll::Ready(()) };
            let mut state = end.inbox.state();
            if until(&state) {
                return Poll::Ready(());
            }
            state.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    pub(super) fn post(&self, message: Received) {
        if let Some(end) = &*self.0.borrow() {
            end.post(message);
        }
    }

    pub(super) fn is_peer(&self, other: &PortHandle) -> bool {
        match (&*self.0.borrow(), &*other.0.borrow()) {
            (Some(PortEnd { peer: Peer::One(inbox), .. }), Some(end)) => Arc::ptr_eq(&inbox.0, &end.inbox.0),
            _ => false,
        }
    }
}
