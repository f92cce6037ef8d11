//! Names of users, organisations and teams.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Characters of a name.
const MAX_LENGTH: usize = 64;

/// Why a text is no name of an account or a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameRefusal {
    #[error("name cannot be empty")]
    Empty,
    #[error("name cannot be longer than {} characters", MAX_LENGTH)]
    TooLong,
    #[error("name must begin with a letter or a digit")]
    FirstCharacter,
    #[error("name can only contain lowercase letters, digits, hyphens, periods and underscores")]
    Character,
}

macro_rules! name {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Errors: anything but lowercase letters, digits, `-`, `.` and `_`, or one of those marks in front.
            pub fn parse(text: &str) -> Result<$name, NameRefusal> {
                check(text)?;
                Ok($name(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameRefusal;

            fn try_from(text: String) -> Result<$name, NameRefusal> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

name! {
    /// The name of a user or an organisation. Both are scopes of packages, so they share one set of names.
    AccountName
}

name! {
    /// The name of a team within an organisation.
    TeamName
}

fn check(text: &str) -> Result<(), NameRefusal> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match text.bytes().next() {
        None => Err(NameRefusal::Empty),
        Some(_) if text.len() > MAX_LENGTH => Err(NameRefusal::TooLong),
        Some(first) if b"-._".contains(&first) => Err(NameRefusal::FirstCharacter),
        Some(_) if !text.bytes().all(|byte| letter(byte) || b"-._".contains(&byte)) => {
            Err(NameRefusal::Character)
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountName, NameRefusal};

    #[test]
    fn names_are_those_that_can_be_scopes() {
        let long = "a".repeat(65);
        for (text, expected) in [
            ("ada", Ok(())),
            ("0x.y-z_1", Ok(())),
            ("", Err(NameRefusal::Empty)),
            (long.as_str(), Err(NameRefusal::TooLong)),
            ("__proto__", Err(NameRefusal::FirstCharacter)),
            ("..", Err(NameRefusal::FirstCharacter)),
            ("-x", Err(NameRefusal::FirstCharacter)),
            ("Ada", Err(NameRefusal::Character)),
            ("a/b", Err(NameRefusal::Character)),
            ("a:b", Err(NameRefusal::Character)),
            ("é", Err(NameRefusal::Character)),
            ("a\0", Err(NameRefusal::Character)),
        ] {
            assert_eq!(AccountName::parse(text).map(|_| ()), expected, "{text:?}");
        }
    }
}
