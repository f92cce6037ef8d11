//! The sources of all builtins, and the operations by which `internal/builtins` loads them.

use crate::bindings::binding_of;
use js_engine::{Binding, Function, Object, OpError, Persistent, Scope, Script, Source, op};

/// (id, source), sorted by id.
static SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The parameters of a builtin's body.
const PARAMETERS: [&str; 4] = ["exports", "require", "module", "binding"];

/// Source text of a builtin.
#[cfg(not(feature = "live-builtins"))]
pub fn source(id: &str) -> Option<&'static str> {
    SOURCES.binary_search_by_key(&id, |(id, _)| id).ok().map(|row| SOURCES[row].1)
}

/// Source text of a builtin as its file stands now, below the folder that `KNIT_BUILTINS` names, else this crate's `js/`.
#[cfg(feature = "live-builtins")]
pub fn source(id: &str) -> Option<&'static str> {
    let root =
        std::env::var("KNIT_BUILTINS").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/js").into());
    std::fs::read_to_string(format!("{root}/{id}.js")).ok().map(|text| &*text.leak())
}

/// Ids of all builtins, private ones included.
pub fn ids() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(id, _)| *id)
}

/// Looks bytecode up by the id of a builtin.
pub type KnownBytecode = Box<dyn Fn(&str) -> Option<&'static [u8]>>;

/// Bytecode of builtins: what earlier processes left, and what this one compiled itself.
#[derive(Default)]
pub struct BuiltinBytecode {
    /// Gives the bytecode of a builtin.
    pub known: Option<KnownBytecode>,
    /// Whether to keep what is compiled here.
    pub record: bool,
    compiled: Vec<(String, Persistent)>,
}

impl BuiltinBytecode {
    /// Ids and bytecode of what was compiled here, with the functions that ran so far.
    pub fn take_compiled(scope: &mut Scope<'_>) -> Vec<(String, Vec<u8>)> {
        let compiled = std::mem::take(&mut scope.state_mut::<BuiltinBytecode>().compiled);
        let mut encoded = Vec::new();
        for (id, script) in compiled {
            scope.nest(|scope| {
                let script = scope.persisted_script(&script);
                let bytes =
                    scope.collected_stencil(script).and_then(|stencil| scope.encode_stencil(&stencil));
                encoded.extend(bytes.map(|bytes| (id, bytes)));
            });
        }
        encoded
    }

    /// How many builtins were compiled here.
    pub fn compiled(&self) -> usize {
        self.compiled.len()
    }
}

/// The function that a builtin's file is the body of.
pub fn compile_builtin<'s>(scope: &mut Scope<'s>, id: &str) -> Result<Function<'s>, OpError> {
    let text = source(id).ok_or_else(|| OpError::error(format!("no builtin is called {id}")))?;
    let file = format!("node:{id}");
    let none = scope.undefined();
    let state = scope.state_mut::<BuiltinBytecode>();
    // what is edited between two runs has no bytecode from the run before
    let known = state.known.as_ref().filter(|_| !cfg!(feature = "live-builtins")).and_then(|known| known(id));
    let record = state.record;
    drop(state);
    let stencil = match known.and_then(|bytes| scope.decode_lasting_stencil(bytes, &file, false)) {
        Some(stencil) => stencil,
        None => {
            // one line above line 1, so that the file's own lines keep their numbers
            let wrapped = format!("(function ({}) {{\n{text}\n}})", PARAMETERS.join(", "));
            let stencil =
                scope.compile_stencil(&Source { line: 0, ..Source::new(&wrapped, &file) }, false, false)?;
            if record {
                let script = scope.instantiate(&stencil, &file, 0, none)?;
                if scope.collect_delazifications(script, &stencil) {
                    let kept = scope.persist_script(script);
                    scope.state_mut::<BuiltinBytecode>().compiled.push((id.to_owned(), kept));
                }
                return as_function(scope, script);
            }
            stencil
        }
    };
    let script = scope.instantiate(&stencil, &file, 0, none)?;
    as_function(scope, script)
}

fn as_function<'s>(scope: &mut Scope<'s>, script: Script<'s>) -> Result<Function<'s>, OpError> {
    scope.run(script)?.as_function().ok_or_else(|| OpError::error("a builtin is a function"))
}

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(compile).op(binding_for).op(exists);
}

#[op]
fn compile<'s>(scope: &mut Scope<'s>, id: String) -> Result<Option<Function<'s>>, OpError> {
    if source(&id).is_none() {
        return Ok(None);
    }
    compile_builtin(scope, &id).map(Some)
}

#[op]
fn binding_for<'s>(scope: &mut Scope<'s>, id: String) -> Result<Option<Object<'s>>, OpError> {
    Ok(binding_of(scope, &id)?)
}

#[op]
fn exists(id: String) -> bool {
    SOURCES.binary_search_by_key(&id.as_str(), |(id, _)| id).is_ok()
}
