//! Bundles: what a registry would answer to many GETs, in the body of one answer. knit's own addition to npm's protocol.
//!
//! *Shape* of an answer: frames, one after the other. A frame is a byte that says its kind, the length of its payload
//! in four bytes (the highest first), and the payload. An entry is a head, any number of parts, and a frame that says
//! that it is whole or why it is not. The last frame is the end; a bundle without one was cut off.
//!
//! Owns the frames and the JSON of the two requests. Does not own who is asked and what is believed: an entry is worth
//! what the same bytes would be in the answer to a GET, and nobody takes a tarball without hashing it.

mod frame;
mod request;

pub use frame::{
    EntryHead, Frame, FrameReader, LONGEST_PART, NotABundle, broken_frame, end_frame, head_frame, part_frame,
    whole_frame,
};
pub use request::{ManifestName, MissingRequest, PackumentForm, ResolveRequest, TarballName, WantedPackage};

/// The header by which a registry says what it offers: names separated by commas.
pub const FEATURES_HEADER: &str = "knit-features";
/// Offers `POST /-/knit/v1/resolve`.
pub const RESOLVE: &str = "resolve";
/// Offers `POST /-/knit/v1/missing`.
pub const MISSING: &str = "missing";
/// Offers to say in a bundle which packument is there of names that the client has one of.
pub const CONFIRM: &str = "confirm";
/// The media type of a bundle.
pub const MEDIA_TYPE: &str = "application/vnd.knit.bundle";
