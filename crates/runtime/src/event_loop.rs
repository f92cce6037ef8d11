//! The event loop: Node's phases (timers, what finished, immediates), and between two callbacks all ticks and
//! microtasks.

use crate::host::{Done, Host};
use crate::program::Hooks;
use js_engine::{JobHooks, Persistent, Scope, Thrown, Value};
use node_builtins::LoopState;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The program ended by an exit code before its loop was empty.
pub(crate) struct Ended(pub i32);

pub(crate) struct EventLoop {
    pub(crate) hooks: Rc<Hooks>,
    pub(crate) host: Rc<Host>,
}

impl EventLoop {
    /// Starts what `hook` starts and runs it to its end. The exit code.
    pub(crate) fn run_whole(&self, scope: &mut Scope<'_>, hook: &str) -> i32 {
        let started = scope.nest(|scope| {
            let started = self.hooks.call(scope, hook, &[]).map(|_| ());
            self.settle(scope, started)
        });
        match started.and_then(|()| self.run(scope)) {
            Ok(code) | Err(Ended(code)) => code,
        }
    }

    /// Turns until nothing is left that keeps the process alive. The exit code.
    fn run(&self, scope: &mut Scope<'_>) -> Result<i32, Ended> {
        scope.state_mut::<LoopState>().begin_loop();
        loop {
            self.exited()?;
            // what keeps nothing alive does not run either: immediates without a reference, say
            if self.is_alive(scope) {
                scope.nest(|scope| self.turn(scope))?;
                if self.is_alive(scope) {
                    self.wait(scope);
                }
                continue;
            }
            scope.nest(|scope| self.emit(scope, "emitBeforeExit"))?;
            if !self.is_alive(scope) {
                break;
            }
        }
        scope.state_mut::<LoopState>().loop_ended = Some(Instant::now());
        scope.nest(|scope| {
            let code = match self.hooks.call(scope, "emitExit", &[]) {
                Ok(code) => code.as_number().unwrap_or(0.0) as i32,
                Err(thrown) => {
                    self.uncaught(scope, thrown)?;
                    0
                }
            };
            Ok(code)
        })
    }

    fn emit(&self, scope: &mut Scope<'_>, hook: &str) -> Result<(), Ended> {
        let done = self.hooks.call(scope, hook, &[]).map(|_| ());
        self.settle(scope, done)
    }

    fn turn(&self, scope: &mut Scope<'_>) -> Result<(), Ended> {
        {
            let mut state = scope.state_mut::<LoopState>();
            state.update_time();
            state.turns += 1;
        }
        self.timers(scope)?;
        self.host.poll();
        self.deliver(scope)?;
        if has_leftovers(scope) {
            self.settle(scope, Ok(()))?;
        }
        self.immediates(scope)?;
        self.cleanups(scope)
    }

    fn timers(&self, scope: &mut Scope<'_>) -> Result<(), Ended> {
        let (now, due) = {
            let state = scope.state_mut::<LoopState>();
            (state.now, state.timer.is_some_and(|at| at <= state.now))
        };
        if !due {
            return Ok(());
        }
        loop {
            scope.state_mut::<LoopState>().timer = None;
            let argument = scope.number(now);
            match self.hooks.call(scope, "processTimers", &[argument]) {
                Ok(next) => {
                    // zero: no timer is left; negative: only such as do not keep the process alive
                    let next = next.as_number().unwrap_or(0.0);
                    let mut state = scope.state_mut::<LoopState>();
                    if next != 0.0 {
                        let at = next.abs().max(state.now + 1.0);
                        state.timer = Some(state.timer.map_or(at, |timer| timer.min(at)));
                    }
                    drop(state);
                    return self.settle(scope, Ok(()));
                }
                // it goes on behind the timer that threw; ticks come before the one after it
                Err(thrown) => self.uncaught(scope, thrown)?,
            }
        }
    }

    fn deliver(&self, scope: &mut Scope<'_>) -> Result<(), Ended> {
        for done in self.host.take_done() {
            scope.state_mut::<LoopState>().delivered += 1;
            scope.nest(|scope| {
                let result = match done {
                    Done::Call(call, delivery) => scope.complete(call, delivery),
                    Done::Task(task) => {
                        scope.run_task(task);
                        Ok(())
                    }
                };
                self.settle(scope, result)
            })?;
        }
        while let Some((call, delivery)) = self.host.take_local_done() {
            scope.state_mut::<LoopState>().delivered += 1;
            scope.nest(|scope| {
                let result = scope.complete(call, delivery);
                self.settle(scope, result)
            })?;
        }
        Ok(())
    }

    fn immediates(&self, scope: &mut Scope<'_>) -> Result<(), Ended> {
        if !scope.state_mut::<LoopState>().timers_loaded {
            return Ok(());
        }
        loop {
            match self.hooks.call(scope, "runImmediates", &[]) {
                Ok(_) => return self.settle(scope, Ok(())),
                Err(thrown) => self.uncaught(scope, thrown)?,
            }
        }
    }

    fn cleanups(&self, scope: &mut Scope<'_>) -> Result<(), Ended> {
        let functions = std::mem::take(&mut *self.host.cleanups.borrow_mut());
        for function in functions {
            let result = function.function(scope).call_plain(scope, &[]).map(|_| ());
            self.settle(scope, result)?;
        }
        Ok(())
    }

    /// After a callback: reports what it threw, then runs ticks, microtasks and rejections until none is left or a tick
    /// throws: the others come after the next callback, so that ticks that always throw do not stop the loop.
    fn settle(&self, scope: &mut Scope<'_>, result: Result<(), Thrown>) -> Result<(), Ended> {
        if let Err(thrown) = result {
            self.uncaught(scope, thrown)?;
        }
        loop {
            self.exited()?;
            if ticks_pending(scope) {
                match self.hooks.call(scope, "processTicks", &[]) {
                    Ok(_) => continue,
                    Err(thrown) => return self.uncaught(scope, thrown),
                }
            }
            if !scope.has_microtasks() {
                scope.clear_kept_objects();
                return self.exited();
            }
            if let Err(thrown) = scope.run_microtasks(true) {
                self.uncaught(scope, thrown)?;
            }
        }
    }

    fn exited(&self) -> Result<(), Ended> {
        if self.host.is_stopping() {
            return Err(Ended(1));
        }
        self.host.exit_code.get().map_or(Ok(()), |code| Err(Ended(code)))
    }

    fn uncaught(&self, scope: &mut Scope<'_>, _: Thrown) -> Result<(), Ended> {
        self.exited()?;
        report_uncaught(scope, &self.hooks, &self.host);
        // the callback that threw left its own
        let none = scope.undefined();
        scope.set_async_context(none);
        self.exited()
    }

    fn is_alive(&self, scope: &mut Scope<'_>) -> bool {
        let state = scope.state_mut::<LoopState>();
        let timers = state.timers_referenced && state.timer.is_some();
        let alive = timers || state.immediates_referenced;
        drop(state);
        alive || scope.referenced_calls() > 0 || self.host.has_background_tasks() || has_leftovers(scope)
    }

    fn wait(&self, scope: &mut Scope<'_>) {
        if has_leftovers(scope) {
            return;
        }
        let mut state = scope.state_mut::<LoopState>();
        if state.immediates_referenced {
            return;
        }
        state.update_time();
        let deadline = state.timer.map(|at| state.started + Duration::from_micros((at * 1000.0) as u64));
        drop(state);
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return;
        }
        scope.state_mut::<LoopState>().begin_wait();
        self.host.wait(deadline);
        scope.state_mut::<LoopState>().end_wait();
    }
}

/// Ticks or microtasks that an error has put off.
fn has_leftovers(scope: &mut Scope<'_>) -> bool {
    ticks_pending(scope) || scope.has_microtasks()
}

fn ticks_pending(scope: &mut Scope<'_>) -> bool {
    let state = scope.state_mut::<LoopState>();
    let Some(info) = state.tick_info.as_ref().map(|info| info.get(scope)) else { return false };
    scope.with_bytes(info, |bytes| bytes.iter().any(|&byte| byte != 0)).unwrap_or(false)
}

/// Reports the pending exception to `internal/process/uncaught`; where nobody handles it, the program ends.
fn report_uncaught(scope: &mut Scope<'_>, hooks: &Hooks, host: &Host) {
    let thrown_at = scope.exception_stack();
    let Some(error) = scope.take_exception() else {
        // terminated: process.exit() in the middle of a call
        host.exit_code.set(Some(host.exit_code.get().unwrap_or(1)));
        return;
    };
    let from_promise = scope.boolean(false);
    match hooks.call(scope, "uncaught", &[error, from_promise, thrown_at]) {
        Ok(handled) if handled.truthy() => {}
        Ok(_) => host.exit_code.set(Some(host.exit_code.get().unwrap_or(1))),
        // it was reported, and the process is to end
        Err(_) if host.exit_code.get().is_some() => {}
        Err(_) => {
            let text = scope.take_exception().and_then(|error| scope.display(error).ok());
            let first = scope.display(error).unwrap_or_default();
            eprintln!("{first}\n(while reporting it: {})", text.unwrap_or_default());
            host.exit_code.set(Some(7));
        }
    }
}

/// What the engine tells about jobs.
pub(crate) struct Jobs {
    pub(crate) hooks: Rc<Hooks>,
    pub(crate) host: Rc<Host>,
}

impl JobHooks for Jobs {
    fn job_failed(&self, scope: &mut Scope<'_>) {
        report_uncaught(scope, &self.hooks, &self.host);
    }

    fn rejection(&self, scope: &mut Scope<'_>, promise: Value<'_>, handled: bool) {
        let handled = scope.boolean(handled);
        if self.hooks.call(scope, "rejection", &[promise, handled]).is_ok() {
            return;
        }
        // Mostly the stack has no room left. Whoever rejected the promise goes on.
        match scope.take_exception() {
            Some(error) => {
                let text = scope.display(error).unwrap_or_default();
                eprintln!("Exception in PromiseRejectCallback:\n{text}\n");
            }
            // terminated: process.exit()
            None => self.host.exit_code.set(Some(self.host.exit_code.get().unwrap_or(1))),
        }
    }

    fn cleanup(&self, function: Persistent) {
        self.host.cleanups.borrow_mut().push(function);
    }
}
