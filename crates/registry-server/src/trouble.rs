//! What is wrong when a registry cannot do its own work: whether it is worth to try again, and who can help.

use std::error::Error;
use std::io;

use crate::RegistryError;

/// Why something failed that is nobody's fault who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The database or the store of tarballs does not answer: later it may.
    Unreachable,
    /// There is no room for more.
    NoRoom,
    /// Something else, which the log tells.
    Other,
}

/// Codes of SQLite (13: `SQLITE_FULL`) and PostgreSQL (class 53: insufficient resources) for a lack of room.
const NO_ROOM: [&str; 2] = ["13", "53100"];

/// Classes of PostgreSQL's codes that say that it cannot be talked to: connections, too many of them, its end or beginning.
const UNREACHABLE: [&str; 5] = ["08", "53300", "57P", "25P03", "58"];

impl RegistryError {
    /// What kind of trouble it tells of.
    pub(crate) fn trouble(&self) -> Trouble {
        if causes(self).any(is_no_room) {
            return Trouble::NoRoom;
        }
        match self {
            RegistryError::Database { source } if is_unreachable(source) => Trouble::Unreachable,
            RegistryError::Blobs { source: object_store::Error::Generic { store, .. } }
                if *store != "LocalFileSystem" =>
            {
                Trouble::Unreachable
            }
            _ => Trouble::Other,
        }
    }
}

fn is_unreachable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        // a connection that ends before its first answer is told of like this
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| UNREACHABLE.iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

fn is_no_room(cause: &(dyn Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        return matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge);
    }
    match cause.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Database(error)) => {
            error.code().is_some_and(|code| NO_ROOM.contains(&code.as_ref()))
        }
        _ => false,
    }
}

/// An error with its causes.
pub(crate) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let told: Vec<String> = causes(error).map(ToString::to_string).collect();
    told.join(": ")
}

/// An error and what caused it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let cause =
        |error: &&'a (dyn Error + 'static)| -> Option<&'a (dyn Error + 'static)> { (*error).source() };
    std::iter::successors(Some(error), cause)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Trouble;
    use crate::RegistryError;

    #[test]
    fn errors_tell_what_kind_of_trouble_there_is() {
        let blobs = |store, kind: io::ErrorKind| RegistryError::Blobs {
            source: object_store::Error::Generic { store, source: Box::new(io::Error::from(kind)) },
        };
        let rows = [
            (RegistryError::from(sqlx::Error::PoolTimedOut), Trouble::Unreachable),
            (sqlx::Error::Io(io::ErrorKind::ConnectionReset.into()).into(), Trouble::Unreachable),
            (sqlx::Error::Io(io::ErrorKind::StorageFull.into()).into(), Trouble::NoRoom),
            (sqlx::Error::RowNotFound.into(), Trouble::Other),
            (blobs("S3", io::ErrorKind::TimedOut), Trouble::Unreachable),
            (blobs("LocalFileSystem", io::ErrorKind::PermissionDenied), Trouble::Other),
            (blobs("LocalFileSystem", io::ErrorKind::StorageFull), Trouble::NoRoom),
            (blobs("LocalFileSystem", io::ErrorKind::FileTooLarge), Trouble::NoRoom),
            (RegistryError::Interrupted, Trouble::Other),
        ];
        for (error, trouble) in rows {
            assert_eq!(error.trouble(), trouble, "{error:?}");
        }
    }
}
