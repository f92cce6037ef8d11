//! Compiling with code that was kept, and keeping what was compiled, where a program asked for a compile cache. What
//! the runtime keeps for itself is in `bytecode.rs`.

use js_engine::{
    Binding, Function, JsString, Object, OpError, Persistent, Scope, Source, Stencil, Value, Wrapped, op,
};

use super::bytecode::{HEAD, TAIL, covering};

/// Something compiled, as long as it may still be encoded.
enum Compiled {
    /// Collects the functions that are compiled while it runs.
    Script(Persistent),
    Stencil(Stencil),
}

pub(super) fn ops(b: &mut Binding<'_, '_>) {
    b.op(compile_wrapper_cached).op(compile_module_cached).op(encode_compiled);
}

/// `[function, whether the kept code was used, handle for encoding or undefined]`
#[op]
fn compile_wrapper_cached<'s>(
    scope: &mut Scope<'s>,
    source: JsString<'s>,
    file: String,
    private: Value<'s>,
    kept: Option<Vec<u8>>,
) -> Result<Value<'s>, OpError> {
    let text = scope.text(source)?;
    let wrapped = format!("{HEAD}{text}{TAIL}");
    let known = kept.and_then(|bytes| scope.decode_stencil(&bytes, &file, false));
    let was_used = known.is_some();
    let stencil = match known {
        Some(stencil) => Some(stencil),
        None => {
            let source = Source { line: 0, ..Source::new(&wrapped, &file) };
            let made = scope.compile_stencil(&source, false, false).ok();
            if made.is_none() {
                // the plain way words the error
                scope.take_exception();
            }
            made
        }
    };
    if let Some(stencil) = stencil {
        let script = scope.instantiate(&stencil, &file, 0, private)?;
        if let Some(function) = covering(scope, script, wrapped.len() - 2)? {
            let collects = scope.collect_delazifications(script, &stencil);
            let compiled = if collects {
                Compiled::Script(scope.persist_script(script))
            } else {
                Compiled::Stencil(stencil)
            };
            let handle = scope.wrap(compiled)?;
            return answer(scope, function.value(), was_used, Some(handle));
        }
    }
    let source = Source { line: 0, ..Source::new(&text, &file) };
    let function: Function<'s> =
        scope.compile_function(&source, "", &super::engine::WRAPPER, &[], private)?;
    answer(scope, function.value(), false, None)
}

/// `[module, whether the kept code was used, handle for encoding]`
#[op]
fn compile_module_cached<'s>(
    scope: &mut Scope<'s>,
    source: JsString<'s>,
    url: String,
    private: Value<'s>,
    kept: Option<Vec<u8>>,
) -> Result<Value<'s>, OpError> {
    let known = kept.and_then(|bytes| scope.decode_stencil(&bytes, &url, true));
    let was_used = known.is_some();
    let stencil = match known {
        Some(stencil) => stencil,
        None => {
            let text = scope.text(source)?;
            scope.compile_stencil(&Source::new(&text, &url), true, false)?
        }
    };
    let module = scope.instantiate_module(&stencil, &url, private)?;
    let handle = scope.wrap(Compiled::Stencil(stencil))?;
    answer(scope, module.value(), was_used, Some(handle))
}

fn answer<'s>(
    scope: &mut Scope<'s>,
    compiled: Value<'s>,
    was_used: bool,
    handle: Option<Object<'s>>,
) -> Result<Value<'s>, OpError> {
    let was_used = scope.boolean(was_used);
    let handle = match handle {
        Some(handle) => handle.value(),
        None => scope.undefined(),
    };
    Ok(scope.array(&[compiled, was_used, handle])?.value())
}

/// The code, with the functions that were compiled since.
#[op]
fn encode_compiled<'s>(scope: &mut Scope<'s>, handle: Wrapped<Compiled>) -> Result<Vec<u8>, OpError> {
    let bytes = match &*handle.shared() {
        Compiled::Stencil(stencil) => scope.encode_stencil(stencil),
        Compiled::Script(script) => {
            let script = scope.persisted_script(script);
            let stencil = scope.collected_stencil(script);
            stencil.and_then(|stencil| scope.encode_stencil(&stencil))
        }
    };
    bytes.ok_or_else(|| OpError::error("the engine cannot encode this code"))
}
