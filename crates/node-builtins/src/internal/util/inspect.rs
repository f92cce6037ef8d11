//! Operations of `internal/util/inspect`: the insides of values that no JavaScript can look into.

use js_engine::{Array, Binding, JsString, Object, OpError, PromiseState, Scope, Value, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(get_promise_details)
        .op(get_proxy_details)
        .op(preview_entries)
        .op(get_constructor_name)
        .op(get_own_non_index_properties);
}

/// `[0 pending | 1 fulfilled | 2 rejected, result]`; undefined for what is no promise.
#[op]
pub(crate) fn get_promise_details<'s>(
    scope: &mut Scope<'s>,
    value: Value<'s>,
) -> Result<Option<Array<'s>>, OpError> {
    let Some(promise) = value.as_promise(scope) else { return Ok(None) };
    let (state, result) = match promise.state(scope) {
        PromiseState::Pending => (0.0, scope.undefined()),
        PromiseState::Fulfilled(value) => (1.0, value),
        PromiseState::Rejected(reason) => (2.0, reason),
    };
    let state = scope.number(state);
    Ok(Some(scope.array(&[state, result])?))
}

/// `[target, handler]`, both null of a revoked proxy; undefined for what is none.
#[op]
pub(crate) fn get_proxy_details<'s>(
    scope: &mut Scope<'s>,
    value: Value<'s>,
) -> Result<Option<Array<'s>>, OpError> {
    let Some((target, handler)) = scope.proxy_parts(value) else { return Ok(None) };
    Ok(Some(scope.array(&[target, handler])?))
}

/// `[entries, whether keys and values take turns]` of an iterator of a Map or Set, a WeakMap or WeakSet.
#[op]
pub(crate) fn preview_entries<'s>(
    scope: &mut Scope<'s>,
    value: Value<'s>,
) -> Result<Option<Array<'s>>, OpError> {
    let Some((entries, pairs)) = scope.preview_entries(value)? else { return Ok(None) };
    let pairs = scope.boolean(pairs);
    Ok(Some(scope.array(&[entries.value(), pairs])?))
}

/// The name of the nearest class on the prototype chain; of the engine's class where the chain names none.
#[op]
pub(crate) fn get_constructor_name<'s>(
    scope: &mut Scope<'s>,
    object: Object<'s>,
) -> Result<Value<'s>, OpError> {
    const LONGEST_CHAIN: usize = 1000;
    let key = scope.string("constructor")?;
    let mut current = object;
    for _ in 0..LONGEST_CHAIN {
        if scope.proxy_parts(current.value()).is_some() {
            break;
        }
        if let Some(name) = own_class_name(scope, current, key)? {
            return Ok(name.value());
        }
        match current.prototype(scope)?.as_object() {
            Some(prototype) => current = prototype,
            None => break,
        }
    }
    let class = scope.class_name(object.value());
    Ok(scope.string(if class.is_empty() { "Object" } else { class })?.value())
}

fn own_class_name<'s>(
    scope: &mut Scope<'s>,
    object: Object<'s>,
    key: JsString<'s>,
) -> Result<Option<JsString<'s>>, OpError> {
    let Some(constructor) = object.own_data(scope, key.value())?.and_then(|value| value.as_function()) else {
        return Ok(None);
    };
    let name = scope.string("name")?;
    let name = constructor.own_data(scope, name.value())?.and_then(|value| value.as_string());
    Ok(name.filter(|name| name.length() > 0))
}

/// Own keys but array indices: strings and symbols.
#[op]
pub(crate) fn get_own_non_index_properties<'s>(
    scope: &mut Scope<'s>,
    object: Object<'s>,
    only_enumerable: bool,
) -> Result<Array<'s>, OpError> {
    Ok(object.own_non_index_keys(scope, only_enumerable)?)
}
