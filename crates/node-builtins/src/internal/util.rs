//! Operations of `internal/util`, the same that `internal/util/inspect` has.

pub(crate) mod inspect;
pub(crate) mod types;

pub(crate) use inspect::binding;
