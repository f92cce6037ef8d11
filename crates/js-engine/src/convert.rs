//! Arguments from JavaScript, results to it.

use crate::error::OpError;
use crate::scope::Scope;
use crate::value::*;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A type that ops take as an argument.
pub trait FromJs<'s>: Sized {
    /// The argument, or a TypeError that names what was expected.
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError>;
}

/// A type that ops return.
pub trait ToJs {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError>;
}

fn expected(what: &str) -> OpError {
    OpError::type_error(format!("an internal function was called with something other than {what}"))
        .code("ERR_INVALID_ARG_TYPE")
}

impl<'s> FromJs<'s> for Value<'s> {
    fn from_js(_: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        Ok(value)
    }
}

impl<'s> FromJs<'s> for bool {
    fn from_js(_: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        Ok(value.as_bool().unwrap_or_else(|| value.truthy()))
    }
}

macro_rules! number {
    ($($type:ty),*) => { $(
        impl<'s> FromJs<'s> for $type {
            fn from_js(_: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
                let raw = value.raw();
                if raw.is_int32() {
                    return Ok(raw.to_int32() as $type);
                }
                match value.as_number() {
                    Some(number) => Ok(number as $type),
                    None => value.as_bigint().map(|n| n as $type).ok_or_else(|| expected("a number")),
                }
            }
        }

        impl ToJs for $type {
            fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
                Ok(scope.number(self as f64))
            }
        }
    )* };
}
number!(i32, u32, i64, u64, usize, f64, u8, u16);

impl<'s> FromJs<'s> for String {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        let string = value.as_string().ok_or_else(|| expected("a string"))?;
        Ok(scope.text(string)?)
    }
}

/// The bytes of an ArrayBuffer or a view, copied.
impl<'s> FromJs<'s> for Vec<u8> {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        scope.copy_bytes(value).ok_or_else(|| expected("an ArrayBuffer or a view"))
    }
}

impl<'s> FromJs<'s> for Vec<String> {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        let array = value.as_array(scope).ok_or_else(|| expected("an array of strings"))?;
        let length = array.length(scope)?;
        (0..length)
            .map(|index| {
                scope.nest(|scope| {
                    let item = array.get_index(scope, index)?;
                    String::from_js(scope, item)
                })
            })
            .collect()
    }
}

impl<'s> FromJs<'s> for Vec<f64> {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        let array = value.as_array(scope).ok_or_else(|| expected("an array of numbers"))?;
        let length = array.length(scope)?;
        (0..length)
            .map(|index| {
                scope.nest(|scope| {
                    let item = array.get_index(scope, index)?;
                    f64::from_js(scope, item)
                })
            })
            .collect()
    }
}

/// Several chunks of bytes, copied.
impl<'s> FromJs<'s> for Vec<Vec<u8>> {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        let array = value.as_array(scope).ok_or_else(|| expected("an array of views"))?;
        let length = array.length(scope)?;
        (0..length)
            .map(|index| {
                scope.nest(|scope| {
                    let item = array.get_index(scope, index)?;
                    Vec::<u8>::from_js(scope, item)
                })
            })
            .collect()
    }
}

impl<'s, T: FromJs<'s>> FromJs<'s> for Option<T> {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        if value.is_nullish() { Ok(None) } else { T::from_js(scope, value).map(Some) }
    }
}

macro_rules! kinds {
    ($($type:ident, $what:literal, $convert:expr;)*) => { $(
        impl<'s> FromJs<'s> for $type<'s> {
            fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
                let convert: fn(&mut Scope<'s>, Value<'s>) -> Option<$type<'s>> = $convert;
                convert(scope, value).ok_or_else(|| expected($what))
            }
        }
    )* };
}
kinds! {
    Object, "an object", |_, value| value.as_object();
    Function, "a function", |_, value| value.as_function();
    JsString, "a string", |_, value| value.as_string();
    Array, "an array", |scope, value| value.as_array(scope);
    Promise, "a promise", |scope, value| value.as_promise(scope);
}

/// A path of the file system: a string, or bytes where it is no valid text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsPath(PathBuf);

impl OsPath {
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    pub fn into_path_buf(self) -> PathBuf {
        self.0
    }
}

impl fmt::Display for OsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

impl<'s> FromJs<'s> for OsPath {
    fn from_js(scope: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        if value.is_string() {
            return Ok(OsPath(PathBuf::from(String::from_js(scope, value)?)));
        }
        let bytes = scope.copy_bytes(value).ok_or_else(|| expected("a path"))?;
        Ok(OsPath(PathBuf::from(OsString::from_vec(bytes))))
    }
}

/// Borrowed bytes of an argument: see [`crate::Call::bytes`].
pub type Bytes<'a> = &'a [u8];

/// Becomes a Float64Array.
pub struct Float64s(pub Vec<f64>);

/// Becomes a BigInt; outside the range of 64 bits it is cut to it.
pub struct BigInt(pub i128);

impl ToJs for () {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.undefined())
    }
}

impl ToJs for bool {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.boolean(self))
    }
}

impl ToJs for String {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.string(&self)?.value())
    }
}

impl ToJs for &str {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.string(self)?.value())
    }
}

/// A Uint8Array that takes the bytes over.
impl ToJs for Vec<u8> {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.uint8_array(self)?.value())
    }
}

impl ToJs for Float64s {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.float64_array(&self.0)?.value())
    }
}

impl ToJs for BigInt {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        Ok(scope.bigint(self.0)?)
    }
}

/// A string where the path is valid text, else a Uint8Array.
impl ToJs for OsPath {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        match self.0.to_str() {
            Some(text) => Ok(scope.string(text)?.value()),
            None => self.0.as_os_str().as_bytes().to_vec().to_js(scope),
        }
    }
}

impl From<PathBuf> for OsPath {
    fn from(path: PathBuf) -> OsPath {
        OsPath(path)
    }
}

/// `undefined` for none.
impl<T: ToJs> ToJs for Option<T> {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        match self {
            Some(value) => value.to_js(scope),
            None => Ok(scope.undefined()),
        }
    }
}

macro_rules! array_of {
    ($($type:ty),*) => { $(
        impl ToJs for Vec<$type> {
            fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
                array_from(scope, self)
            }
        }
    )* };
}
array_of!(String, i32, u32, f64, bool, BigInt, OsPath, Vec<u8>, Vec<String>, Option<String>);

/// An array of anything that converts. (A blanket impl for `Vec<T>` would collide with bytes.)
pub(crate) fn array_from<'s, T: ToJs>(scope: &mut Scope<'s>, items: Vec<T>) -> Result<Value<'s>, OpError> {
    let array = scope.array(&[])?;
    for (index, item) in items.into_iter().enumerate() {
        scope.nest(|scope| {
            let value = item.to_js(scope)?;
            array.set_index(scope, index as u32, value).map_err(OpError::from)
        })?;
    }
    Ok(array.value())
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: ToJs),*> ToJs for ($($name,)*) {
            #[allow(non_snake_case)]
            fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
                let ($($name,)*) = self;
                let values = [$($name.to_js(scope)?),*];
                Ok(scope.array(&values)?.value())
            }
        }

        impl<$($name: ToJs),*> ToJs for Vec<($($name,)*)> {
            fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
                array_from(scope, self)
            }
        }
    };
}
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);

macro_rules! itself {
    ($($type:ident),*) => { $(
        impl ToJs for $type<'_> {
            fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
                let value: Value<'_> = self.into();
                Ok(scope.push(value.raw()))
            }
        }
    )* };
}
itself!(Value, Object, Function, Array, JsString, Promise);
