//! Operations of `internal/modules/engine`: modules, wrappers and scripts as the engine knows them, and the callbacks by
//! which the engine asks the loader.

use js_engine::{
    Array, Binding, Function, ModuleStatus, Object, OpError, PendingImport, Persistent, PromiseState, Scope,
    Source, Text, Value, Wrapped, op,
};
use std::cell::Cell;

/// The loader's functions, of one runtime.
#[derive(Default)]
pub struct ModuleCallbacks {
    requested: Option<Persistent>,
    import: Option<Persistent>,
    meta: Option<Persistent>,
}

/// A dynamic import as JavaScript holds it.
pub type HeldImport = Cell<Option<PendingImport>>;

impl ModuleCallbacks {
    /// `(private, specifier, type, is source phase) => module`
    pub fn requested<'s>(scope: &mut Scope<'s>) -> Result<Function<'s>, OpError> {
        let state = scope.state_mut::<ModuleCallbacks>();
        kept(scope, state.requested.as_ref())
    }

    /// `(private, specifier, type, pending, is source phase, sandbox of the realm)`
    pub fn import<'s>(scope: &mut Scope<'s>) -> Result<Function<'s>, OpError> {
        let state = scope.state_mut::<ModuleCallbacks>();
        kept(scope, state.import.as_ref())
    }

    /// `(private, meta)`
    pub fn meta<'s>(scope: &mut Scope<'s>) -> Result<Function<'s>, OpError> {
        let state = scope.state_mut::<ModuleCallbacks>();
        kept(scope, state.meta.as_ref())
    }

    /// Whether a loader was installed.
    pub fn installed(&self) -> bool {
        self.import.is_some()
    }
}

/// The parameters of a CommonJS module.
pub(super) const WRAPPER: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

fn kept<'s>(scope: &mut Scope<'s>, function: Option<&Persistent>) -> Result<Function<'s>, OpError> {
    function
        .map(|function| function.function(scope))
        .ok_or_else(|| OpError::error("no module loader is installed yet"))
}

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(set_callbacks)
        .op(compile_module)
        .op(synthetic_module)
        .op(set_synthetic_export)
        .op(source_module)
        .op(module_requests)
        .op(link)
        .op(evaluate)
        .op(namespace)
        .op(module_of_namespace)
        .op(status)
        .op(module_error)
        .op(has_top_level_await)
        .op(finish_import)
        .op(fail_import)
        .op(compile_function)
        .op(compile_wrapper_file)
        .op(check_script)
        .op(run_script)
        .op(promise_state);
    super::compiled::ops(b);
}

#[op]
fn set_callbacks<'s>(
    scope: &mut Scope<'s>,
    requested: Function<'s>,
    import: Function<'s>,
    meta: Function<'s>,
) {
    let callbacks = ModuleCallbacks {
        requested: Some(scope.persist(requested)),
        import: Some(scope.persist(import)),
        meta: Some(scope.persist(meta)),
    };
    *scope.state_mut::<ModuleCallbacks>() = callbacks;
}

/// `private` comes back in the callbacks.
#[op]
fn compile_module<'s>(
    scope: &mut Scope<'s>,
    source: js_engine::JsString<'s>,
    url: String,
    private: Value<'s>,
    line: u32,
    column: u32,
) -> Result<Object<'s>, OpError> {
    let source = Source { text: Text::String(source), file: &url, line: line + 1, column: column + 1 };
    Ok(scope.compile_module(&source, private)?)
}

/// What `import source` of it gives is all that the module has.
#[op]
fn source_module<'s>(scope: &mut Scope<'s>, source: Object<'s>) -> Result<Object<'s>, OpError> {
    Ok(scope.source_module(source)?)
}

#[op]
fn synthetic_module<'s>(scope: &mut Scope<'s>, names: Array<'s>) -> Result<Object<'s>, OpError> {
    let length = names.length(scope)?;
    let mut values = Vec::with_capacity(length as usize);
    for index in 0..length {
        values.push(names.get_index(scope, index)?);
    }
    Ok(scope.synthetic_module(&values)?)
}

#[op]
fn set_synthetic_export<'s>(scope: &mut Scope<'s>, module: Object<'s>, index: u32, value: Value<'s>) {
    scope.set_synthetic_export(module, index as usize, value);
}

/// Rows of [specifier, type or undefined, phase, unsupported attribute or undefined, line, column].
#[op]
fn module_requests<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> Result<Value<'s>, OpError> {
    let requests = scope.module_requests(module)?;
    let rows: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let phase = if request.source_phase { "source" } else { "evaluation" };
            let attribute = request.module_type.attribute().map(str::to_owned);
            (request.specifier, attribute, phase, request.unsupported_attribute, request.line, request.column)
        })
        .collect();
    js_engine::ToJs::to_js(rows, scope)
}

#[op]
fn link<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> Result<(), OpError> {
    Ok(scope.link_module(module)?)
}

#[op]
fn evaluate<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> Result<Value<'s>, OpError> {
    Ok(scope.evaluate_module(module)?.value())
}

#[op]
fn namespace<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> Result<Object<'s>, OpError> {
    Ok(scope.module_namespace(module)?)
}

#[op]
fn module_of_namespace<'s>(scope: &mut Scope<'s>, namespace: Object<'s>) -> Option<Object<'s>> {
    scope.module_of_namespace(namespace)
}

/// 0 new, 1 unlinked, 2 linking, 3 linked, 4 evaluating, 5 evaluating asynchronously, 6 evaluated, 7 failed.
#[op]
fn status<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> i32 {
    match scope.module_status(module) {
        ModuleStatus::New => 0,
        ModuleStatus::Unlinked => 1,
        ModuleStatus::Linking => 2,
        ModuleStatus::Linked => 3,
        ModuleStatus::Evaluating => 4,
        ModuleStatus::EvaluatingAsync => 5,
        ModuleStatus::Evaluated => 6,
        ModuleStatus::Failed => 7,
    }
}

#[op]
fn module_error<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> Value<'s> {
    scope.module_error(module)
}

#[op]
fn has_top_level_await<'s>(scope: &mut Scope<'s>, module: Object<'s>) -> bool {
    scope.module_has_top_level_await(module)
}

#[op]
fn finish_import<'s>(
    scope: &mut Scope<'s>,
    pending: Wrapped<HeldImport>,
    module: Object<'s>,
) -> Result<(), OpError> {
    match pending.take() {
        Some(import) => Ok(import.finish(scope, module)?),
        None => Ok(()),
    }
}

#[op]
fn fail_import<'s>(
    scope: &mut Scope<'s>,
    pending: Wrapped<HeldImport>,
    error: Value<'s>,
) -> Result<(), OpError> {
    match pending.take() {
        Some(import) => Ok(import.fail(scope, error)?),
        None => Ok(()),
    }
}

/// A function with the given parameters over a text whose lines keep their numbers. `private` as in `compile_module`.
#[op]
fn compile_function<'s>(
    scope: &mut Scope<'s>,
    source: js_engine::JsString<'s>,
    file: String,
    parameters: Vec<String>,
    private: Value<'s>,
) -> Result<Function<'s>, OpError> {
    let source = Source { text: Text::String(source), file: &file, line: 0, column: 0 };
    let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
    Ok(scope.compile_function(&source, "", &parameters, &[], private)?)
}

/// The CommonJS wrapper over the text of a file.
#[op]
fn compile_wrapper_file<'s>(
    scope: &mut Scope<'s>,
    file: String,
    private: Value<'s>,
) -> Result<Function<'s>, OpError> {
    if let Some(function) = super::bytecode::wrapper(scope, &file, private)? {
        return Ok(function);
    }
    let text = super::sources::body_of(std::path::Path::new(&file))?;
    let source = Source { line: 0, ..Source::new(&text, &file) };
    Ok(scope.compile_function(&source, "", &WRAPPER, &[], private)?)
}

/// Compiles a text as a script and throws its SyntaxError.
#[op]
fn check_script<'s>(
    scope: &mut Scope<'s>,
    source: js_engine::JsString<'s>,
    file: String,
) -> Result<(), OpError> {
    let none = scope.undefined();
    scope.compile(&Source { text: Text::String(source), file: &file, line: 1, column: 0 }, none)?;
    Ok(())
}

/// Runs a text as a script of the main realm; its completion value.
#[op]
fn run_script<'s>(
    scope: &mut Scope<'s>,
    source: js_engine::JsString<'s>,
    file: String,
    private: Value<'s>,
) -> Result<Value<'s>, OpError> {
    let source = Source { text: Text::String(source), file: &file, line: 1, column: 0 };
    let script = scope.compile(&source, private)?;
    Ok(scope.run(script)?)
}

/// [0 pending | 1 fulfilled | 2 rejected, result].
#[op]
fn promise_state<'s>(scope: &mut Scope<'s>, promise: js_engine::Promise<'s>) -> Result<Value<'s>, OpError> {
    let (state, result) = match promise.state(scope) {
        PromiseState::Pending => (0.0, scope.undefined()),
        PromiseState::Fulfilled(value) => (1.0, value),
        PromiseState::Rejected(reason) => (2.0, reason),
    };
    let state = scope.number(state);
    Ok(scope.array(&[state, result])?.value())
}
