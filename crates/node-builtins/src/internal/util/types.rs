//! Operations of `internal/util/types`: what kind of object a value is, asked of the engine.

use js_engine::{Binding, BuiltinClass, Scope, Value, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(is_any_array_buffer)
        .op(is_arguments_object)
        .op(is_array_buffer)
        .op(is_async_function)
        .op(is_big_int_object)
        .op(is_boolean_object)
        .op(is_date)
        .op(is_external)
        .op(is_generator_function)
        .op(is_generator_object)
        .op(is_map)
        .op(is_map_iterator)
        .op(is_module_namespace_object)
        .op(is_native_error)
        .op(is_number_object)
        .op(is_promise)
        .op(is_proxy)
        .op(is_reg_exp)
        .op(is_set)
        .op(is_set_iterator)
        .op(is_shared_array_buffer)
        .op(is_string_object)
        .op(is_symbol_object)
        .op(is_weak_map)
        .op(is_weak_set);
}

macro_rules! classes {
    ($($name:ident $class:ident;)*) => { $(
        #[op]
        fn $name<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
            scope.builtin_class(value) == Some(BuiltinClass::$class)
        }
    )* };
}
classes! {
    is_arguments_object Arguments;
    is_big_int_object BigInt;
    is_boolean_object Boolean;
    is_date Date;
    is_map Map;
    is_map_iterator MapIterator;
    is_native_error Error;
    is_number_object Number;
    is_promise Promise;
    is_reg_exp RegExp;
    is_set Set;
    is_set_iterator SetIterator;
    is_string_object String;
}

/// Classes that the engine tells apart by name only. No program can make a class of its own.
macro_rules! names {
    ($($name:ident $class:literal;)*) => { $(
        #[op]
        fn $name<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
            scope.class_name(value) == $class
        }
    )* };
}
names! {
    is_external "External";
    is_symbol_object "Symbol";
    is_weak_map "WeakMap";
    is_weak_set "WeakSet";
}

#[op]
fn is_array_buffer<'s>(_scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    value.is_array_buffer()
}

#[op]
fn is_shared_array_buffer<'s>(_scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    value.is_shared_array_buffer()
}

#[op]
fn is_any_array_buffer<'s>(_scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    value.is_array_buffer() || value.is_shared_array_buffer()
}

/// Asynchronous generators are both.
#[op]
fn is_async_function<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    matches!(scope.function_kind(value), 3 | 4)
}

#[op]
fn is_generator_function<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    matches!(scope.function_kind(value), 2 | 4)
}

#[op]
fn is_generator_object<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    matches!(scope.class_name(value), "Generator" | "AsyncGenerator")
}

#[op]
fn is_module_namespace_object<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    scope.is_module_namespace(value)
}

#[op]
fn is_proxy<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    scope.proxy_parts(value).is_some()
}
