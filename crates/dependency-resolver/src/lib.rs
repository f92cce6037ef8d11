//! npm's dependency tree from metadata, without I/O.
