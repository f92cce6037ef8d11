//! Scripts and functions from source text, and their bytecode.

use crate::error::Thrown;
use crate::scope::{Chars, Scope};
use crate::sys::*;
use crate::value::*;
use std::ffi::{CString, c_char, c_void};

/// Source text, and the name and position it is known by.
pub struct Source<'a> {
    pub text: Text<'a>,
    /// Name of the file or URL, as stacks show it.
    pub file: &'a str,
    /// Line of the first line, 1-based. For functions with given parameters 0 makes line 1 of the body line 1.
    pub line: u32,
    /// Column of the first character, 1-based; 0 means 1.
    pub column: u32,
}

/// Text from Rust, or a JavaScript string that is read in place.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    Utf8(&'a str),
    Utf16(&'a [u16]),
    String(JsString<'a>),
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str, file: &'a str) -> Source<'a> {
        Source { text: Text::Utf8(text), file, line: 1, column: 0 }
    }

    /// Calls `body` with the engine's view of the text. JavaScript strings are copied: compiling may move them.
    pub(crate) fn with_raw<'s, R>(
        &self,
        scope: &mut Scope<'s>,
        body: impl FnOnce(&mut Scope<'s>, *const RawSource) -> R,
    ) -> Result<R, Thrown> {
        let file = CString::new(self.file.replace('\0', "")).expect("NULs were taken out");
        let mut units = Vec::new();
        let mut latin = Vec::new();
        let (text, length, width): (*const c_char, usize, u32) = match self.text {
            Text::Utf8(text) => (text.as_ptr().cast(), text.len(), 1),
            Text::Utf16(units) => (units.as_ptr().cast(), units.len(), 2),
            Text::String(string) => {
                scope.with_chars(string, |chars| match chars {
                    Chars::Latin1(bytes) if bytes.is_ascii() => latin = bytes.to_vec(),
                    Chars::Latin1(bytes) => units = bytes.iter().map(|&byte| u16::from(byte)).collect(),
                    Chars::Utf16(chars) => units = chars.to_vec(),
                })?;
                if units.is_empty() {
                    (latin.as_ptr().cast(), latin.len(), 1)
                } else {
                    (units.as_ptr().cast(), units.len(), 2)
                }
            }
        };
        let raw =
            RawSource { text, length, width, file: file.as_ptr(), line: self.line, column: self.column };
        Ok(body(scope, &raw))
    }
}

/// A compiled script or module apart from any realm, as it can be written to disk.
pub struct Stencil(*mut RawStencil);

impl Drop for Stencil {
    fn drop(&mut self) {
        // SAFETY: holds one reference.
        unsafe { sm_stencil_release(self.0) };
    }
}

impl<'s> Scope<'s> {
    /// Compiles a script. `private` is the referrer of its `import()` calls.
    pub fn compile(&mut self, source: &Source<'_>, private: Value<'_>) -> Result<Script<'s>, Thrown> {
        let made = source.with_raw(self, |scope, raw| {
            // SAFETY: the source lives for the call, the private value is rooted.
            scope.produce(|cx, out| unsafe { sm_compile(cx, raw, false, private.pointer(), out) })
        })?;
        made.map(Script)
    }

    /// Runs a script in the current realm; its completion value.
    pub fn run(&mut self, script: Script<'_>) -> Result<Value<'s>, Thrown> {
        // SAFETY: the value holds a script.
        self.produce(|cx, out| unsafe { sm_run(cx, script.0.pointer(), out) })
    }

    /// Compiles and runs text of Rust's.
    pub fn eval(&mut self, text: &str, file: &str) -> Result<Value<'s>, Thrown> {
        let none = self.undefined();
        let script = self.compile(&Source::new(text, file), none)?;
        self.run(script)
    }

    /// A function with the given parameters and body. `scopes`: objects whose properties it sees as variables.
    pub fn compile_function(
        &mut self,
        source: &Source<'_>,
        name: &str,
        parameters: &[&str],
        scopes: &[Value<'_>],
        private: Value<'_>,
    ) -> Result<Function<'s>, Thrown> {
        let name = CString::new(name.replace('\0', "")).expect("NULs were taken out");
        let parameters: Vec<CString> = parameters
            .iter()
            .map(|p| CString::new(p.replace('\0', "")).expect("NULs were taken out"))
            .collect();
        // the engine takes the bytes of a function's body for Latin-1
        let units: Vec<u16>;
        let text = match source.text {
            Text::Utf8(text) if !text.is_ascii() => {
                units = text.encode_utf16().collect();
                Text::Utf16(&units)
            }
            text => text,
        };
        let source = Source { text, ..*source };
        let pointers: Vec<*const c_char> = parameters.iter().map(|p| p.as_ptr()).collect();
        source.with_raw(self, |scope, raw| {
            let out = scope.out();
            let base = scope.handles().top();
            let first = scope.arguments(scopes);
            // SAFETY: all pointers live for the call, the scopes lie in a row and are objects.
            let ok = unsafe {
                sm_compile_function(
                    scope.cx(),
                    raw,
                    name.as_ptr(),
                    pointers.len() as u32,
                    pointers.as_ptr(),
                    first.as_ptr(),
                    scopes.len(),
                    private.pointer(),
                    out.as_ptr(),
                )
            };
            scope.handles().truncate(base);
            if ok { Ok(Function(Object(Value::at(out)))) } else { Err(Thrown::new()) }
        })?
    }

    /// Whether text that does not compile could by more lines.
    pub fn is_compilable_unit(&mut self, text: &str) -> bool {
        // SAFETY: the text lives for the call.
        unsafe { sm_is_compilable_unit(self.cx(), text.as_ptr(), text.len()) }
    }

    /// Compiles to a stencil. `eager`: every function now, not at its first call.
    pub fn compile_stencil(
        &mut self,
        source: &Source<'_>,
        module: bool,
        eager: bool,
    ) -> Result<Stencil, Thrown> {
        // SAFETY: the source lives for the call.
        let made = source
            .with_raw(self, |scope, raw| unsafe { sm_stencil_compile(scope.cx(), raw, module, eager) })?;
        if made.is_null() { Err(Thrown::new()) } else { Ok(Stencil(made)) }
    }

    /// The script of a stencil in the current realm.
    pub fn instantiate(
        &mut self,
        stencil: &Stencil,
        file: &str,
        line: u32,
        private: Value<'_>,
    ) -> Result<Script<'s>, Thrown> {
        let source = Source { text: Text::Utf8(""), file, line, column: 0 };
        let made = source.with_raw(self, |scope, raw| {
            // SAFETY: the stencil is held, the private value rooted.
            scope.produce(|cx, out| unsafe { sm_stencil_script(cx, raw, stencil.0, private.pointer(), out) })
        })?;
        made.map(Script)
    }

    /// The module of a stencil in the current realm.
    pub fn instantiate_module(
        &mut self,
        stencil: &Stencil,
        file: &str,
        private: Value<'_>,
    ) -> Result<Object<'s>, Thrown> {
        let source = Source { text: Text::Utf8(""), file, line: 1, column: 0 };
        let made = source.with_raw(self, |scope, raw| {
            // SAFETY: the stencil is held.
            scope.produce(|cx, out| unsafe { sm_stencil_module(cx, raw, stencil.0, out) })
        })??;
        self.set_module_private(Object(made), private);
        Ok(Object(made))
    }

    /// The stencil as bytes: only the same build of the engine reads them.
    pub fn encode_stencil(&mut self, stencil: &Stencil) -> Option<Vec<u8>> {
        unsafe extern "C" fn take(sink: *mut c_void, data: *const u8, length: usize) {
            // SAFETY: the sink is the vector below, the bytes live for the call.
            unsafe { (*sink.cast::<Vec<u8>>()).extend_from_slice(std::slice::from_raw_parts(data, length)) };
        }
        let mut bytes = Vec::<u8>::new();
        // SAFETY: the stencil is held, the sink outlives the call.
        unsafe { sm_stencil_encode(self.cx(), stencil.0, take, (&raw mut bytes).cast()) }.then_some(bytes)
    }

    /// None for bytes of another build, or damaged ones.
    pub fn decode_stencil(&mut self, bytes: &[u8], file: &str, module: bool) -> Option<Stencil> {
        self.decode(bytes, file, module, false)
    }

    /// The same for bytes that stay where they are: the engine uses them in place, where they begin at a multiple of eight.
    pub fn decode_lasting_stencil(
        &mut self,
        bytes: &'static [u8],
        file: &str,
        module: bool,
    ) -> Option<Stencil> {
        self.decode(bytes, file, module, bytes.as_ptr().addr().is_multiple_of(8))
    }

    /// `forever`: the bytes live as long as the process.
    fn decode(&mut self, bytes: &[u8], file: &str, module: bool, forever: bool) -> Option<Stencil> {
        let source = Source { text: Text::Utf8(""), file, line: 1, column: 0 };
        // SAFETY: the engine checks the header, and copies what it keeps of bytes that do not last.
        let made = source
            .with_raw(self, |scope, raw| unsafe {
                sm_stencil_decode(scope.cx(), raw, module, forever, bytes.as_ptr(), bytes.len())
            })
            .ok()?;
        (!made.is_null()).then(|| Stencil(made))
    }

    /// From now on functions of the script that are compiled at their first call go into the stencil too.
    pub fn collect_delazifications(&mut self, script: Script<'_>, stencil: &Stencil) -> bool {
        // SAFETY: the value holds a script made from this stencil.
        unsafe { sm_collect_delazifications(self.cx(), script.0.pointer(), stencil.0) }
    }

    /// The stencil with all that was compiled since [`Scope::collect_delazifications`].
    pub fn collected_stencil(&mut self, script: Script<'_>) -> Option<Stencil> {
        // SAFETY: the value holds a script.
        let made = unsafe { sm_collected_stencil(self.cx(), script.0.pointer()) };
        (!made.is_null()).then(|| Stencil(made))
    }

    /// Keeps a script beyond this scope.
    pub fn persist_script(&mut self, script: Script<'_>) -> crate::Persistent {
        crate::Persistent::new(self.inner, script.0.pointer())
    }

    /// The script that [`Scope::persist_script`] kept.
    pub fn persisted_script(&mut self, script: &crate::Persistent) -> Script<'s> {
        Script(script.get(self))
    }
}
