//! `publishConfig` of a package.json: settings that hold when that package is published, unless the command line says
//! otherwise.

use diagnostics::Diagnostic;
use npm_formats::config::{Level, Value, definition};
use serde_json::{Map, Value as Json};

use crate::configuration::Configuration;

/// The configuration with `publishConfig` put over it.
pub fn applied(configuration: &Configuration, publish_config: &Map<String, Json>) -> Configuration {
    let mut config = configuration.config.clone();
    for (key, value) in publish_config {
        if config.get_at(key, Level::CommandLine).is_none()
            && let Some(value) = value_of(value)
        {
            config.set(key, value, Level::CommandLine);
        }
    }
    Configuration {
        config,
        local_prefix: configuration.local_prefix.clone(),
        global_prefix: configuration.global_prefix.clone(),
        current_workspace: configuration.current_workspace.clone(),
        warnings: Vec::new(),
    }
}

/// A warning for each key that means nothing.
pub fn warnings(publish_config: &Map<String, Json>) -> Vec<Diagnostic> {
    let is_known = |key: &str| definition(key).is_some() || key.contains(':');
    let unknown = publish_config.keys().filter(|key| !is_known(key));
    let warning = |key: &String| {
        Diagnostic::warning("EINVALIDCONFIG", format!("publishConfig has the key {key}, which means nothing"))
    };
    unknown.map(warning).collect()
}

fn value_of(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::Number(number) => Value::Number(number.as_f64()?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().filter_map(value_of).collect()),
        Json::Object(_) => return None,
    })
}
