//! The users of an htpasswd file. Of their passwords it has digests of kinds that are not kept here.

use std::path::Path;

use serde::Serialize;

use crate::RegistryError;
use crate::identity::AccountName;

/// A user whose name nobody may have here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedUser {
    pub name: String,
    pub problem: String,
}

/// The users of a file.
#[derive(Debug, Default)]
pub(super) struct Users {
    pub names: Vec<AccountName>,
    pub refused: Vec<RefusedUser>,
}

/// Reads a file: `name:digest`, a line for each user.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn read(path: &Path) -> Result<Users, RegistryError> {
    let text = std::fs::read_to_string(path).map_err(|source| RegistryError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    let mut users = Users::default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        let name = line.split(':').next().unwrap_or_default();
        match AccountName::parse(name) {
            Ok(name) if users.names.contains(&name) => {}
            Ok(name) => users.names.push(name),
            Err(refusal) => {
                users.refused.push(RefusedUser { name: name.to_owned(), problem: refusal.to_string() });
            }
        }
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn each_line_is_a_user_whatever_the_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("htpasswd");
        let text = "# users\nann:$2a$10$abc:autocreated 2026-01-01T00:00:00.000Z\nBob:{SHA}xyz\n\nann:again\n\
                    cy:$6$x$y\r\nd:e4\n:x\n";
        std::fs::write(&path, text).expect("a file");
        let users = read(&path).expect("users");
        assert_eq!(users.names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["ann", "cy", "d"]);
        let refused: Vec<&str> = users.refused.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(refused, ["Bob", ""]);
        let shown = format!("{users:?}");
        assert!(!shown.contains("$2a$") && !shown.contains("xyz"), "{shown}");
    }
}
