//! npm's registry API, storage and pages.
