//! One program from its start to its exit code.

use crate::event_loop::EventLoop;
use crate::host::Host;
use crate::modules::Loader;
use crate::startup_cache::StartupCache;
use js_engine::{Context, ContextOptions, Object, OpError, ParentRuntime, Persistent, Scope, Thrown};
use network_imports::Opener;
use node_builtins::options::{OptionValue, Options};
use node_builtins::{
    BuiltinBytecode, CommandLine, ExitHandler, LoopState, ModuleBytecode, NetworkOpener, ProgramOptions,
    WorkerHost,
};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// What to run: node's command line and what it needs to know of its surroundings.
pub struct Program {
    /// What the program was called as.
    pub argv0: String,
    /// Absolute path of this executable: what `process.execPath` says.
    pub executable: PathBuf,
    /// Everything after `argv0`.
    pub arguments: Vec<String>,
    /// The text of NODE_OPTIONS.
    pub node_options: Option<String>,
    /// Where bytecode is kept; none to keep none.
    pub cache_folder: Option<PathBuf>,
    /// What `https:` modules come by.
    pub network: Arc<dyn Opener>,
}

/// The functions of `internal/bootstrap`, by which Rust reaches JavaScript.
pub(crate) struct Hooks(Persistent);

impl Hooks {
    pub(crate) fn call<'s>(
        &self,
        scope: &mut Scope<'s>,
        name: &str,
        args: &[js_engine::Value<'_>],
    ) -> Result<js_engine::Value<'s>, Thrown> {
        self.0.object(scope).call_method(scope, name, args)
    }
}

/// Bytecode of a builtin by its id, shared with the threads of workers.
type Bytecode = Arc<dyn Fn(&str) -> Option<&'static [u8]> + Send + Sync>;

/// What every thread of a process that runs JavaScript knows.
#[derive(Clone)]
pub(crate) struct Surroundings {
    argv0: String,
    executable: PathBuf,
    arguments: Vec<String>,
    /// Bytecode of builtins that earlier processes left.
    bytecode: Bytecode,
    network: Arc<dyn Opener>,
    /// The main thread's engine, beside which all others are made.
    parent: ParentRuntime,
}

/// Surroundings in the state of a runtime.
#[derive(Default)]
pub(crate) struct KnownSurroundings(pub(crate) Option<Surroundings>);

/// Runs the program in this thread. Its exit code.
pub fn run(program: &Program) -> i32 {
    let parsed = match Options::parse(&program.arguments, program.node_options.as_deref()) {
        Ok(parsed) => parsed,
        Err(error) => {
            eprintln!("{}: {error}", program.executable.display());
            return error.exit_code();
        }
    };
    if parsed.options.value("--version") == Some(OptionValue::Switch(true)) {
        println!("v{}", node_builtins::VERSION);
        return 0;
    }
    let limits = Limits::of(&parsed.options);
    if limits.stack <= MAIN_THREAD_STACK {
        return run_parsed(program, parsed, limits);
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(limits.stack + NATIVE_STACK)
            .spawn_scoped(scope, || run_parsed(program, parsed, limits))
            .map_or_else(
                |error| {
                    eprintln!("{}: no thread with a stack as --stack-size asks for: {error}", program.argv0);
                    9
                },
                // a panic was printed already
                |thread| thread.join().unwrap_or(70),
            )
    })
}

/// What JavaScript may use of the main thread's stack, which has 8 MB on every system.
const MAIN_THREAD_STACK: usize = 7 << 20;

/// What a thread needs besides the stack that JavaScript may use.
pub(crate) const NATIVE_STACK: usize = 1 << 20;

/// What the command line says of memory.
#[derive(Clone, Copy)]
struct Limits {
    /// Bytes.
    heap: u32,
    /// Bytes.
    stack: usize,
}

impl Limits {
    fn of(options: &Options) -> Limits {
        let defaults = ContextOptions::default();
        let given = |name, unit: u64| {
            let number = options.number(name).and_then(|number| u64::try_from(number).ok());
            number.filter(|number| *number > 0).map(|number| number.saturating_mul(unit))
        };
        Limits {
            heap: given("--max-old-space-size", 1 << 20)
                .map_or(defaults.heap_limit, |bytes| bytes.min(u64::from(u32::MAX)) as u32),
            stack: given("--stack-size", 1 << 10)
                .map_or(defaults.stack, |bytes| bytes.clamp(128 << 10, 1 << 32) as usize),
        }
    }
}

/// The heap is full: as in Node, no program can go on reasonably.
fn out_of_memory() {
    eprintln!(
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n\
         The limit can be raised with --max-old-space-size=<megabytes>, up to 4096."
    );
    js_engine::abort_process();
}

fn run_parsed(program: &Program, parsed: node_builtins::options::Parsed, limits: Limits) -> i32 {
    js_engine::initialize("");
    let cache = Rc::new(StartupCache::open(program.cache_folder.as_deref(), &program.executable));
    let self_hosted = cache.self_hosted();
    let options = ContextOptions {
        self_hosted,
        keep_self_hosted: self_hosted.is_empty() && cache.is_usable(),
        heap_limit: limits.heap,
        stack: limits.stack,
        ..ContextOptions::default()
    };
    let context = Context::new(&options);
    context.on_out_of_memory(out_of_memory);
    let host = prepare(&context);
    let surroundings = Surroundings {
        argv0: program.argv0.clone(),
        executable: program.executable.clone(),
        arguments: program.arguments.clone(),
        bytecode: Arc::new(cache.builtins()),
        network: program.network.clone(),
        parent: context.parent_handle(),
    };
    let code = context.enter(|scope| {
        let mut bytecode = scope.state_mut::<BuiltinBytecode>();
        bytecode.record = cache.is_usable();
        drop(bytecode);
        scope.state_mut::<ModuleBytecode>().folder = cache.folder("modules");
        ProgramOptions::set(scope, parsed);
        let code = match start(&context, scope, &host, &surroundings) {
            Ok(event_loop) => event_loop.run_whole(scope, "runMain"),
            Err(error) => report_broken_start(scope, error),
        };
        WorkerHost::stop_children(scope);
        keep_bytecode(scope, &cache);
        node_builtins::restore_terminals();
        code
    });
    // the process ends: taking the heap apart before would only make it end later
    std::mem::forget(context);
    code
}

/// Gives a fresh context its loop and its loader.
pub(crate) fn prepare(context: &Context) -> Rc<Host> {
    context.allow_atomics_wait();
    let host = Rc::new(Host::new());
    context.set_event_loop(host.clone());
    let sender = host.sender();
    context.set_task_receiver(move |task, delay| sender.task(task, delay), {
        let counter = host.task_counter();
        move |change| counter.change(change)
    });
    context.set_module_hooks(Rc::new(Loader::default()));
    host
}

/// Makes a runtime of a prepared context. The command line's options are set already.
pub(crate) fn start(
    context: &Context,
    scope: &mut Scope<'_>,
    host: &Rc<Host>,
    surroundings: &Surroundings,
) -> Result<EventLoop, OpError> {
    if ProgramOptions::of(scope).options.flag("--disallow-code-generation-from-strings") {
        context.forbid_code_from_strings();
    }
    scope.state_mut::<LoopState>().update_time();
    *scope.state_mut::<CommandLine>() = CommandLine {
        argv0: surroundings.argv0.clone(),
        executable: surroundings.executable.clone(),
        arguments: surroundings.arguments.clone(),
    };
    let leaving = host.clone();
    ExitHandler::set(scope, move |scope, code| {
        leaving.exit_code.set(Some(code));
        scope.terminate()
    });
    let known = surroundings.bytecode.clone();
    scope.state_mut::<BuiltinBytecode>().known = Some(Box::new(move |id| known(id)));
    scope.state_mut::<KnownSurroundings>().0 = Some(surroundings.clone());
    scope.state_mut::<NetworkOpener>().0 = Some(surroundings.network.clone());
    scope.state_mut::<WorkerHost>().spawn = Some(crate::worker::spawn);
    let hooks = Rc::new(bootstrap(scope)?);
    context.set_job_hooks(Rc::new(crate::event_loop::Jobs { hooks: hooks.clone(), host: host.clone() }));
    Ok(EventLoop { hooks, host: host.clone() })
}

impl Surroundings {
    pub(crate) fn parent(&self) -> ParentRuntime {
        self.parent
    }
}

/// Leaves what this process compiled to the next one.
fn keep_bytecode(scope: &mut Scope<'_>, cache: &StartupCache) {
    if scope.state_mut::<ModuleBytecode>().has_fresh() {
        ModuleBytecode::write(scope);
    }
    let self_hosted = Context::take_self_hosted();
    if self_hosted.is_empty() && scope.state_mut::<BuiltinBytecode>().compiled() == 0 {
        return;
    }
    let compiled = BuiltinBytecode::take_compiled(scope);
    cache.add(self_hosted, compiled);
}

fn bootstrap(scope: &mut Scope<'_>) -> Result<Hooks, OpError> {
    let loader = builtin(scope, "internal/builtins")?;
    let id = scope.string("internal/bootstrap")?;
    let hooks = loader.call_method(scope, "load", &[id.value()])?;
    Ok(Hooks(scope.persist(hooks)))
}

/// Runs the one builtin that loads the others.
fn builtin<'s>(scope: &mut Scope<'s>, id: &str) -> Result<Object<'s>, OpError> {
    let body = node_builtins::compile_builtin(scope, id)?;
    let module = scope.object()?;
    let exports = scope.object()?;
    module.set(scope, "exports", exports.value())?;
    let none = scope.undefined();
    let binding = node_builtins::binding_of(scope, id)?.map_or(none, |binding| binding.value());
    body.call_plain(scope, &[exports.value(), none, module.value(), binding])?;
    Ok(exports)
}

pub(crate) fn report_broken_start(scope: &mut Scope<'_>, error: OpError) -> i32 {
    let text = error.into_value(scope).map(|error| {
        let stack = error.as_object().and_then(|error| error.get(scope, "stack").ok());
        let message = scope.display(error).unwrap_or_default();
        let stack = stack.map(|stack| scope.display(stack).unwrap_or_default()).unwrap_or_default();
        format!("{message}\n{stack}")
    });
    eprintln!("knit: the runtime could not start: {}", text.unwrap_or_default());
    70
}
