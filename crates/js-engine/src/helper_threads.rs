//! Threads for what the engine does beside JavaScript: compiling, collecting garbage. The first task makes the first one,
//! so that the many programs which end before there is any pay for none.

use crate::sys::{RawHelperTask, sm_run_helper_task, sm_use_helper_threads};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes of native stack that a task may need: what the engine's own threads have.
const STACK: usize = 2 << 20;

struct Task(*mut RawHelperTask);

// SAFETY: the engine makes tasks to be run on other threads.
unsafe impl Send for Task {}

#[derive(Default)]
struct Pool {
    waiting: VecDeque<Task>,
    idle: usize,
    threads: usize,
    most: usize,
}

static POOL: Mutex<Option<Pool>> = Mutex::new(None);
static WORK: Condvar = Condvar::new();

fn pool() -> MutexGuard<'static, Option<Pool>> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the engine use these threads; once, before the first context.
pub(crate) fn install() {
    // as many as the engine itself would start
    let most = processors().clamp(2, 8);
    *pool() = Some(Pool { most, ..Pool::default() });
    // SAFETY: the engine has started and has no context yet; the function may be called from any thread.
    unsafe { sm_use_helper_threads(take, most, STACK) };
}

/// How many processors this process may run on, by one system call.
fn processors() -> usize {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: a set without members is a valid one, and the call writes no more than its size.
        unsafe {
            let mut set = std::mem::zeroed::<libc::cpu_set_t>();
            if libc::sched_getaffinity(0, size_of_val(&set), &raw mut set) == 0 {
                return usize::try_from(libc::CPU_COUNT(&set)).unwrap_or(2);
            }
        }
    }
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

unsafe extern "C" fn take(task: *mut RawHelperTask) {
    let mut guard = pool();
    let Some(pool) = guard.as_mut() else { return };
    pool.waiting.push_back(Task(task));
    if pool.threads == 0 {
        // what a container may use takes a dozen files to learn, which a program without tasks need not read
        let count = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        pool.most = pool.most.min(count.max(2));
    }
    if pool.waiting.len() > pool.idle && pool.threads < pool.most {
        pool.threads += 1;
        let thread = std::thread::Builder::new().name("engine helper".to_owned()).stack_size(STACK);
        // without a thread the task waits for one that there is already; the system refuses only when it is exhausted
        let started = thread.spawn(work);
        if started.is_err() {
            pool.threads -= 1;
            assert!(pool.threads > 0, "the system gives no thread to the JavaScript engine");
        }
    }
    drop(guard);
    WORK.notify_one();
}

fn work() {
    let mut guard = pool();
    loop {
        let Some(pool) = guard.as_mut() else { return };
        if let Some(task) = pool.waiting.pop_front() {
            drop(guard);
            // SAFETY: the engine gave the task for this, and it is run once.
            unsafe { sm_run_helper_task(task.0) };
            guard = self::pool();
            continue;
        }
        pool.idle += 1;
        guard = WORK.wait(guard).unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = guard.as_mut() {
            pool.idle -= 1;
        }
    }
}
