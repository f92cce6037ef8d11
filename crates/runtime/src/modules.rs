//! What the engine asks about modules, answered by the loader in `internal/modules/esm`.

use js_engine::{JsString, ModuleHooks, ModuleType, Object, OpError, PendingImport, Scope, Value};
use node_builtins::ModuleCallbacks;
use std::cell::Cell;

#[derive(Default)]
pub(crate) struct Loader(Cell<()>);

impl ModuleHooks for Loader {
    fn requested<'s>(
        &self,
        scope: &mut Scope<'s>,
        referrer: Value<'s>,
        specifier: JsString<'s>,
        module_type: ModuleType,
        source_phase: bool,
    ) -> Result<Object<'s>, OpError> {
        let callback = ModuleCallbacks::requested(scope)?;
        let attribute = attribute(scope, module_type)?;
        let phase = scope.boolean(source_phase);
        let module = callback.call_plain(scope, &[referrer, specifier.value(), attribute, phase])?;
        module.as_object().ok_or_else(|| OpError::error("the module loader did not know a requested module"))
    }

    fn import<'s>(
        &self,
        scope: &mut Scope<'s>,
        referrer: Value<'s>,
        specifier: JsString<'s>,
        module_type: ModuleType,
        source_phase: bool,
        import: PendingImport,
    ) -> Result<(), OpError> {
        let callback = ModuleCallbacks::import(scope)?;
        let attribute = attribute(scope, module_type)?;
        let pending = scope.wrap(Cell::new(Some(import)))?;
        let (phase, none) = (scope.boolean(source_phase), scope.undefined());
        let sandbox = scope.current_sandbox().map_or(none, |sandbox| sandbox.value());
        callback
            .call_plain(scope, &[referrer, specifier.value(), attribute, pending.value(), phase, sandbox])?;
        Ok(())
    }

    fn meta<'s>(&self, scope: &mut Scope<'s>, private: Value<'s>, meta: Object<'s>) -> Result<(), OpError> {
        let callback = ModuleCallbacks::meta(scope)?;
        callback.call_plain(scope, &[private, meta.value()])?;
        Ok(())
    }
}

fn attribute<'s>(scope: &mut Scope<'s>, module_type: ModuleType) -> Result<Value<'s>, OpError> {
    match module_type.attribute() {
        Some(name) => Ok(scope.string(name)?.value()),
        None => Ok(scope.undefined()),
    }
}
