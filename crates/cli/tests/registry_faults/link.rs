//! A line between a registry and a service, which can be cut in the ways lines are.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// As it should be.
    Whole,
    /// Connections end, new ones end at once.
    Cut,
    /// Connections stay and carry nothing; new ones are made and carry nothing.
    Silent,
}

struct Shared {
    line: Mutex<Line>,
    changed: Condvar,
    connections: Mutex<Vec<TcpStream>>,
    /// How many more bytes pass towards the service before the line is cut by itself.
    passes: AtomicUsize,
}

/// The line; its threads end with the connections and the process.
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Link {
    /// A whole line to a service (`host:port`).
    pub fn to(service: &str) -> Link {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            line: Mutex::new(Line::Whole),
            changed: Condvar::new(),
            connections: Mutex::default(),
            passes: AtomicUsize::new(usize::MAX),
        });
        let (service, accepting) = (service.to_owned(), shared.clone());
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if accepting.line() == Line::Cut {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&service) else { continue };
                if accepting.carry(&near, &far).is_err() {
                    let _ = near.shutdown(Shutdown::Both);
                }
            }
        });
        Link { address, shared }
    }

    /// Where the service is reached through it (`host:port`).
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Makes it so from now on.
    pub fn make(&self, line: Line) {
        self.shared.make(line);
    }

    /// Cuts it when so many more bytes have gone to the service.
    pub fn cut_after(&self, bytes: usize) {
        self.shared.passes.store(bytes, Ordering::SeqCst);
    }
}

impl Shared {
    fn line(&self) -> Line {
        *lock(&self.line)
    }

    fn make(&self, line: Line) {
        let before = std::mem::replace(&mut *lock(&self.line), line);
        if line == Line::Cut || (before == Line::Silent && line == Line::Whole) {
            // what was silent is never heard of again: whoever keeps waiting for it waits in vain
            for connection in lock(&self.connections).drain(..) {
                if line == Line::Cut {
                    let _ = connection.shutdown(Shutdown::Both);
                }
            }
        }
        if line != Line::Cut {
            self.passes.store(usize::MAX, Ordering::SeqCst);
        }
        self.changed.notify_all();
    }

    fn carry(self: &Arc<Self>, near: &TcpStream, far: &TcpStream) -> io::Result<()> {
        lock(&self.connections).extend([near.try_clone()?, far.try_clone()?]);
        for (mut from, mut to, counts) in
            [(near.try_clone()?, far.try_clone()?, true), (far.try_clone()?, near.try_clone()?, false)]
        {
            let shared = self.clone();
            thread::spawn(move || {
                let mut block = [0; 16 << 10];
                let mut was_silent = false;
                while let Ok(read) = from.read(&mut block) {
                    if counts && shared.passes.fetch_sub(read.min(shared.left()), Ordering::SeqCst) <= read {
                        shared.make(Line::Cut);
                    }
                    was_silent |= shared.line() == Line::Silent;
                    while was_silent && shared.line() != Line::Cut {
                        shared.wait();
                    }
                    if read == 0 || shared.line() == Line::Cut || to.write_all(&block[..read]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Both);
                let _ = from.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }

    fn left(&self) -> usize {
        self.passes.load(Ordering::SeqCst)
    }

    fn wait(&self) {
        let _ = self.changed.wait_timeout(lock(&self.line), Duration::from_millis(200));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
