//! Secrets: the file never holds one, it names the environment variable or the file that does.

use registry_client::Secret;

use super::reader::Section;

/// The keys under which a secret is given, such as `token_env` and `token_file`.
pub(super) struct SecretKeys {
    pub env: &'static str,
    pub file: &'static str,
}

/// The secret that a section names; `None` where it names none. White space around it is no part of it.
pub(super) fn read(section: &Section<'_, '_>, keys: SecretKeys) -> Option<Secret> {
    let variable = section.optional::<String>(keys.env);
    let file = section.optional::<String>(keys.file);
    match (variable, file) {
        (None, None) => None,
        (Some(_), Some(file)) => {
            let message = format!("{} and {} are both given", keys.env, keys.file);
            section.report(&file.span, message, format!("keep one of {} and {}", keys.env, keys.file));
            None
        }
        (Some(variable), None) => {
            let value = section.variable(&variable.value).map(|value| value.trim().to_owned());
            let Some(value) = value.filter(|value| !value.is_empty()) else {
                let name = &variable.value;
                let message = format!("the environment variable {name} is not set");
                section.report(
                    &variable.span,
                    message,
                    format!("start with {name} set, or leave {} out", keys.env),
                );
                return None;
            };
            Some(Secret::new(value))
        }
        (None, Some(file)) => {
            let path = section.resolve(&file.value);
            let hint =
                format!("write the path of a file that holds the secret and nothing else as {}", keys.file);
            match std::fs::read_to_string(&path) {
                Err(error) => {
                    section.report(&file.span, format!("cannot read {}: {error}", path.display()), hint);
                    None
                }
                Ok(text) if text.trim().is_empty() => {
                    section.report(&file.span, format!("{} is empty", path.display()), hint);
                    None
                }
                Ok(text) => Some(Secret::new(text.trim())),
            }
        }
    }
}
