//! Verify, unpack, keep and link packages.
