//! npm's versions and ranges.
