//! Operations of `internal/vm/engine`: scripts compiled once and run in any realm, functions, contexts, and time limits.
//!
//! Which object is whose context, what options mean and how errors are shown is decided in JavaScript.

use super::cached_data::CachedData;
use super::watchdog::{self, Watchdog};
use js_engine::{
    Array, Binding, ContextRules, Function, JsString, Object, OpError, Persistent, Scope, Source, Stencil,
    Text, ToJs, Value, Wrapped, op,
};
use std::cell::RefCell;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(create_context)
        .op(attach_sandbox)
        .op(create_realm)
        .op(define_in_realm)
        .op(sandbox_of)
        .op(compile_script)
        .op(create_cached_data)
        .op(run_script)
        .op(compile_function)
        .op(compile_module)
        .op(module_cached_data)
        .op(evaluate_module)
        .op(set_sigint_handled)
        .op(heap_bytes);
}

struct VmScript {
    stencil: Stencil,
    file: String,
    line: u32,
    source: CachedData,
    /// What it became in the main realm, which programs run it in again and again.
    in_main_realm: RefCell<Option<Persistent>>,
}

/// A realm whose variables are those of an empty object, until `attachSandbox`.
#[op]
fn create_context<'s>(
    scope: &mut Scope<'s>,
    strings: bool,
    wasm: bool,
    keep_microtasks: bool,
) -> Result<Object<'s>, OpError> {
    let rules = ContextRules { forbid_strings: !strings, forbid_wasm: !wasm, keep_microtasks };
    Ok(scope.new_context(rules)?)
}

#[op]
fn attach_sandbox<'s>(scope: &mut Scope<'s>, global: Object<'s>, sandbox: Object<'s>) {
    scope.attach_sandbox(global, sandbox);
}

/// A realm with variables of its own.
#[op]
fn create_realm<'s>(scope: &mut Scope<'s>) -> Result<Object<'s>, OpError> {
    Ok(scope.new_realm()?)
}

/// A name beside those of the language.
#[op]
fn define_in_realm<'s>(
    scope: &mut Scope<'s>,
    global: Object<'s>,
    name: String,
    value: Value<'s>,
) -> Result<(), OpError> {
    Ok(scope.define_in_realm(global, &name, value)?)
}

#[op]
fn sandbox_of<'s>(scope: &mut Scope<'s>, global: Value<'s>) -> Option<Object<'s>> {
    scope.context_sandbox(global)
}

/// `[script, whether the cached data was refused (undefined without any)]`. Lines and columns begin at 0.
#[op]
fn compile_script<'s>(
    scope: &mut Scope<'s>,
    text: JsString<'s>,
    file: String,
    line: i32,
    column: i32,
    cached_data: Option<Vec<u8>>,
) -> Result<Value<'s>, OpError> {
    let mark = CachedData::of(scope, text, &[])?;
    let line = first_line(line, 1);
    let known = cached_data.as_ref().map(|data| mark.read(scope, data, &file, false));
    let refused = known.as_ref().map(Option::is_none);
    let stencil = match known.flatten() {
        Some(stencil) => stencil,
        None => {
            let source = Source { text: Text::String(text), file: &file, line, column: first_column(column) };
            scope.compile_stencil(&source, false, false)?
        }
    };
    let script = VmScript { stencil, file, line, source: mark, in_main_realm: RefCell::default() };
    let script = scope.wrap(script)?.value();
    (script, refused).to_js(scope)
}

/// 1-based; a first line above the first is taken for the first.
fn first_line(offset: i32, base: u32) -> u32 {
    base.saturating_add_signed(offset)
}

fn first_column(offset: i32) -> u32 {
    1u32.saturating_add_signed(offset).max(1)
}

#[op]
fn create_cached_data<'s>(scope: &mut Scope<'s>, script: Wrapped<VmScript>) -> Option<Vec<u8>> {
    script.source.write(scope, &script.stencil)
}

/// How a script is run.
struct Limits {
    timeout: Option<f64>,
    break_on_sigint: bool,
    drain_microtasks: bool,
}

/// Runs in the realm of `global`, or the main one. `private`: what `import()` in it belongs to; `lasting`: that leads
/// back to nothing that would keep the script alive for ever. A timeout is in milliseconds.
#[op]
#[allow(clippy::too_many_arguments, reason = "Node's operation takes as many")]
fn run_script<'s>(
    scope: &mut Scope<'s>,
    script: Wrapped<VmScript>,
    global: Option<Object<'s>>,
    private: Value<'s>,
    lasting: bool,
    timeout: Option<f64>,
    break_on_sigint: bool,
    drain_microtasks: bool,
) -> Result<Value<'s>, OpError> {
    let limits = Limits { timeout, break_on_sigint, drain_microtasks };
    limited(scope, global, &limits, |scope| match global {
        Some(global) => scope.in_context(global, |scope| {
            let compiled = scope.instantiate(&script.stencil, &script.file, script.line, private)?;
            scope.run(compiled)
        }),
        None => {
            let known = script.in_main_realm.borrow().as_ref().map(|known| scope.persisted_script(known));
            let compiled = match known {
                Some(compiled) => compiled,
                None => {
                    let compiled = scope.instantiate(&script.stencil, &script.file, script.line, private)?;
                    if lasting {
                        *script.in_main_realm.borrow_mut() = Some(scope.persist_script(compiled));
                    }
                    compiled
                }
            };
            scope.run(compiled)
        }
    })
}

fn limited<'s>(
    scope: &mut Scope<'s>,
    global: Option<Object<'s>>,
    limits: &Limits,
    body: impl FnOnce(&mut Scope<'s>) -> Result<Value<'s>, js_engine::Thrown>,
) -> Result<Value<'s>, OpError> {
    let watchdog = Watchdog::start(scope, limits.timeout, limits.break_on_sigint)?;
    let mut result = body(scope);
    if let (true, Some(global), Ok(_)) = (limits.drain_microtasks, global, &result)
        && let Err(thrown) = scope.run_microtasks_of(global)
    {
        result = Err(thrown);
    }
    match watchdog {
        Some(watchdog) => watchdog.stop(scope, result),
        None => Ok(result?),
    }
}

/// `[function, cached data or undefined, whether the given data was refused]`.
#[op]
#[allow(clippy::too_many_arguments, reason = "Node's operation takes as many")]
fn compile_function<'s>(
    scope: &mut Scope<'s>,
    text: JsString<'s>,
    file: String,
    line: i32,
    parameters: Vec<String>,
    extensions: Array<'s>,
    global: Option<Object<'s>>,
    private: Value<'s>,
    cached_data: Option<Vec<u8>>,
    produce: bool,
) -> Result<Value<'s>, OpError> {
    let mut scopes = Vec::new();
    for index in 0..extensions.length(scope)? {
        scopes.push(extensions.get_index(scope, index)?);
    }
    let line = first_line(line, 0);
    let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
    let global = global.unwrap_or_else(|| scope.global());
    let mark = CachedData::of(scope, text, &parameters)?;
    let wrapper = |scope: &mut Scope<'s>| -> Result<String, OpError> {
        Ok(format!("(function ({}) {{\n{}\n}})", parameters.join(", "), scope.text(text)?))
    };
    let mut refused = None;
    if let Some(data) = &cached_data {
        let known = if scopes.is_empty() { mark.read(scope, data, &file, false) } else { None };
        refused = Some(known.is_none());
        if let Some(stencil) = known {
            let function = scope.in_context(global, |scope| {
                let script = scope.instantiate(&stencil, &file, line, private)?;
                scope.run(script)
            })?;
            let none = scope.undefined();
            return (function, none, refused).to_js(scope);
        }
    }
    let source = Source { text: Text::String(text), file: &file, line, column: 0 };
    let function: Function<'s> = scope
        .in_context(global, |scope| scope.compile_function(&source, "", &parameters, &scopes, private))?;
    let data = if produce && scopes.is_empty() {
        let text = wrapper(scope)?;
        let source = Source { line, ..Source::new(&text, &file) };
        let stencil = scope.compile_stencil(&source, false, false)?;
        mark.write(scope, &stencil)
    } else {
        None
    };
    (function, data, refused).to_js(scope)
}

/// `[module, whether the cached data was refused]`.
#[op]
#[allow(clippy::too_many_arguments, reason = "Node's operation takes as many")]
fn compile_module<'s>(
    scope: &mut Scope<'s>,
    text: JsString<'s>,
    file: String,
    line: i32,
    column: i32,
    global: Option<Object<'s>>,
    private: Value<'s>,
    cached_data: Option<Vec<u8>>,
) -> Result<Value<'s>, OpError> {
    let global = global.unwrap_or_else(|| scope.global());
    let mark = CachedData::of(scope, text, &[])?;
    let known = cached_data.as_ref().map(|data| mark.read(scope, data, &file, true));
    let refused = known.as_ref().map(Option::is_none);
    let source = Source {
        text: Text::String(text),
        file: &file,
        line: first_line(line, 1),
        column: first_column(column),
    };
    let module = scope.in_realm(global, |scope| match known.flatten() {
        Some(stencil) => scope.instantiate_module(&stencil, &file, private),
        None => scope.compile_module(&source, private),
    })?;
    (module, refused).to_js(scope)
}

#[op]
fn module_cached_data<'s>(
    scope: &mut Scope<'s>,
    text: JsString<'s>,
    file: String,
    line: i32,
    column: i32,
) -> Result<Option<Vec<u8>>, OpError> {
    let mark = CachedData::of(scope, text, &[])?;
    let source = Source {
        text: Text::String(text),
        file: &file,
        line: first_line(line, 1),
        column: first_column(column),
    };
    let stencil = scope.compile_stencil(&source, true, false)?;
    Ok(mark.write(scope, &stencil))
}

/// The promise of a linked module's evaluation.
#[op]
fn evaluate_module<'s>(
    scope: &mut Scope<'s>,
    module: Object<'s>,
    global: Option<Object<'s>>,
    timeout: Option<f64>,
    break_on_sigint: bool,
    drain_microtasks: bool,
) -> Result<Value<'s>, OpError> {
    let limits = Limits { timeout, break_on_sigint, drain_microtasks };
    limited(scope, global, &limits, |scope| {
        let evaluate = |scope: &mut Scope<'s>| scope.evaluate_module(module).map(|promise| promise.value());
        match global {
            Some(global) => scope.in_context(global, evaluate),
            None => evaluate(scope),
        }
    })
}

/// Bytes of the engine's heap.
#[op]
fn heap_bytes<'s>(scope: &mut Scope<'s>) -> usize {
    scope.heap_bytes()
}

/// Whether the program listens to SIGINT itself.
#[op]
fn set_sigint_handled(handled: bool) {
    watchdog::signal::set_handled(handled);
}
