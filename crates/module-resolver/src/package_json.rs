//! The members of a package.json that resolution looks at.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The "type" of a package: what its `.js` files are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageType {
    /// No "type", or one that Node does not know.
    #[default]
    None,
    CommonJs,
    Module,
}

/// One package.json, read.
#[derive(Clone, Debug)]
pub struct PackageJson {
    /// The file.
    pub path: Arc<str>,
    pub name: Option<Box<str>>,
    pub main: Option<Box<str>>,
    pub package_type: PackageType,
    exports: Option<Mapping>,
    imports: Option<Mapping>,
}

/// A string, array or object, parsed when it is first looked into: of most packages only the rest is needed, and
/// "exports" can be most of the file.
#[derive(Clone, Debug)]
struct Mapping {
    text: Box<RawValue>,
    value: OnceLock<Value>,
}

impl Mapping {
    /// Other values count as absent.
    fn new(text: Box<RawValue>) -> Option<Self> {
        text.get().starts_with(['"', '[', '{']).then(|| Self { text, value: OnceLock::new() })
    }

    fn value(&self) -> &Value {
        // the text was parsed once to find its end; only nesting beyond the parser's limit can still fail
        self.value.get_or_init(|| serde_json::from_str(self.text.get()).unwrap_or_default())
    }
}

impl PackageJson {
    /// The folder of the package.
    pub fn folder(&self) -> &str {
        let end = self.path.len() - "/package.json".len();
        if end == 0 { "/" } else { &self.path[..end] }
    }

    pub fn has_exports(&self) -> bool {
        self.exports.is_some()
    }

    pub fn has_imports(&self) -> bool {
        self.imports.is_some()
    }

    /// A string, array or object; other values count as absent.
    pub fn exports(&self) -> Option<&Value> {
        self.exports.as_ref().map(Mapping::value)
    }

    /// As [`PackageJson::exports`].
    pub fn imports(&self) -> Option<&Value> {
        self.imports.as_ref().map(Mapping::value)
    }

    /// READ_PACKAGE_JSON, the parsing half. `None` where Node throws ERR_INVALID_PACKAGE_CONFIG: the text is no
    /// JSON object in UTF-8, or "name" or "type" is no string.
    pub(crate) fn parse(path: Arc<str>, text: &[u8]) -> Option<Self> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let members: Members = serde_json::from_slice(text).ok()?;
        let name = match members.name {
            Some(Value::String(name)) => Some(name.into_boxed_str()),
            Some(_) => return None,
            None => None,
        };
        let package_type = match members.package_type {
            Some(Value::String(name)) if name == "module" => PackageType::Module,
            Some(Value::String(name)) if name == "commonjs" => PackageType::CommonJs,
            Some(Value::String(_)) | None => PackageType::None,
            Some(_) => return None,
        };
        let main = match members.main {
            Some(Value::String(main)) => Some(main.into_boxed_str()),
            _ => None,
        };
        let exports = members.exports.and_then(Mapping::new);
        let imports = members.imports.and_then(Mapping::new);
        Some(Self { path, name, main, package_type, exports, imports })
    }
}

/// By hand, because of a member that stands twice the last counts, where a derived visitor would refuse it.
#[derive(Default)]
struct Members {
    name: Option<Value>,
    main: Option<Value>,
    package_type: Option<Value>,
    exports: Option<Box<RawValue>>,
    imports: Option<Box<RawValue>>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(key) = map.next_key::<Key>()? {
            let member = match key {
                Key::Name => &mut members.name,
                Key::Main => &mut members.main,
                Key::Type => &mut members.package_type,
                Key::Exports => {
                    members.exports = Some(map.next_value()?);
                    continue;
                }
                Key::Imports => {
                    members.imports = Some(map.next_value()?);
                    continue;
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *member = Some(map.next_value()?);
        }
        Ok(members)
    }
}

enum Key {
    Name,
    Main,
    Type,
    Exports,
    Imports,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "name" => Key::Name,
                    "main" => Key::Main,
                    "type" => Key::Type,
                    "exports" => Key::Exports,
                    "imports" => Key::Imports,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
