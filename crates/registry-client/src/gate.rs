//! Whose turn it is: a bound on the requests under way, metadata first.
//!
//! Resolution waits for metadata, so while it runs, tarballs get at most half of the places. Among tarballs
//! the largest goes first: it decides when the last one ends.

use std::collections::{BinaryHeap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How urgent a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Priority {
    /// Before every tarball, first come first served: metadata and the calls of commands.
    #[default]
    Metadata,
    /// After metadata; among tarballs, the greater weight first. A natural weight is the size in bytes.
    Tarball { weight: u64 },
}

/// Hands out the places.
#[derive(Debug)]
pub(crate) struct Gate {
    places: usize,
    resolutions: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    metadata: usize,
    tarballs: usize,
    waiting_metadata: VecDeque<oneshot::Sender<Permit>>,
    waiting_tarballs: BinaryHeap<Waiting>,
    arrivals: u64,
}

#[derive(Debug)]
struct Waiting {
    weight: u64,
    arrival: u64,
    turn: oneshot::Sender<Permit>,
}

impl Waiting {
    fn rank(&self) -> (u64, std::cmp::Reverse<u64>) {
        (self.weight, std::cmp::Reverse(self.arrival))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// A place, until dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    tarball: bool,
}

/// Says that a resolution is running, until dropped.
#[derive(Debug)]
pub struct Resolution {
    gate: Arc<Gate>,
}

impl Gate {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        Arc::new(Gate { places: places.max(1), resolutions: AtomicUsize::new(0), state: Mutex::default() })
    }

    pub(crate) fn begin_resolution(self: &Arc<Self>) -> Resolution {
        self.resolutions.fetch_add(1, Ordering::Relaxed);
        Resolution { gate: self.clone() }
    }

    pub(crate) async fn enter(self: &Arc<Self>, priority: Priority) -> Permit {
        let (turn, granted) = oneshot::channel();
        {
            let mut state = self.lock();
            match priority {
                Priority::Metadata => state.waiting_metadata.push_back(turn),
                Priority::Tarball { weight } => {
                    state.arrivals += 1;
                    let arrival = state.arrivals;
                    state.waiting_tarballs.push(Waiting { weight, arrival, turn });
                }
            }
        }
        self.grant();
        match granted.await {
            Ok(permit) => permit,
            // never happens: a waiting sender is only dropped with the gate, which we hold
            Err(_) => Permit { gate: self.clone(), tarball: false },
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives free places to those whose turn it is.
    fn grant(self: &Arc<Self>) {
        while let Some((turn, tarball)) = self.next() {
            // who has stopped waiting gives the place back by dropping the permit
            drop(turn.send(Permit { gate: self.clone(), tarball }));
        }
    }

    fn next(&self) -> Option<(oneshot::Sender<Permit>, bool)> {
        let mut state = self.lock();
        if state.metadata + state.tarballs >= self.places {
            return None;
        }
        if let Some(turn) = state.waiting_metadata.pop_front() {
            state.metadata += 1;
            return Some((turn, false));
        }
        let resolving = self.resolutions.load(Ordering::Relaxed) > 0;
        let most = if resolving { (self.places / 2).max(1) } else { self.places };
        if state.tarballs >= most {
            return None;
        }
        let waiting = state.waiting_tarballs.pop()?;
        state.tarballs += 1;
        Some((waiting.turn, true))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        {
            let mut state = self.gate.lock();
            let count = if self.tarball { &mut state.tarballs } else { &mut state.metadata };
            *count = count.saturating_sub(1);
        }
        self.gate.grant();
    }
}

impl Drop for Resolution {
    fn drop(&mut self) {
        self.gate.resolutions.fetch_sub(1, Ordering::Relaxed);
        self.gate.grant();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::future::Future;
    use std::pin::Pin;

    type Entering = Pin<Box<dyn Future<Output = Permit>>>;

    fn enter(gate: &Arc<Gate>, priority: Priority) -> Entering {
        let gate = gate.clone();
        let mut entering: Entering = Box::pin(async move { gate.enter(priority).await });
        assert!((&mut entering).now_or_never().is_none(), "no place should be free");
        entering
    }

    fn is_in(entering: &mut Entering) -> Option<Permit> {
        entering.now_or_never()
    }

    fn now(gate: &Arc<Gate>, priority: Priority) -> Permit {
        gate.enter(priority).now_or_never().expect("a place should be free")
    }

    #[test]
    fn metadata_goes_before_tarballs_and_large_before_small() {
        let gate = Gate::new(1);
        let running = now(&gate, Priority::Metadata);
        let mut small = enter(&gate, Priority::Tarball { weight: 1 });
        let mut large = enter(&gate, Priority::Tarball { weight: 9 });
        let mut metadata = enter(&gate, Priority::Metadata);
        drop(running);
        let second = is_in(&mut metadata).expect("metadata first");
        assert!(is_in(&mut large).is_none());
        drop(second);
        let third = is_in(&mut large).expect("then the large tarball");
        assert!(is_in(&mut small).is_none());
        drop(third);
        assert!(is_in(&mut small).is_some());
    }

    #[test]
    fn tarballs_leave_half_of_the_places_while_resolution_runs() {
        let gate = Gate::new(4);
        let resolution = gate.begin_resolution();
        let tarball = Priority::Tarball { weight: 0 };
        let _running = [now(&gate, tarball), now(&gate, tarball)];
        let mut third = enter(&gate, tarball);
        let _metadata = now(&gate, Priority::Metadata);
        drop(resolution);
        assert!(is_in(&mut third).is_some());
    }

    #[test]
    fn a_place_is_not_lost_when_its_waiter_goes_away() {
        let gate = Gate::new(1);
        let running = now(&gate, Priority::Metadata);
        drop(enter(&gate, Priority::Metadata));
        let granted_and_dropped = enter(&gate, Priority::Metadata);
        drop(running);
        drop(granted_and_dropped);
        drop(now(&gate, Priority::Metadata));
    }
}
