//! What strangers and publishers with bad intentions send over HTTP: each is refused with a status and a sentence, the
//! registry goes on, and nothing of it is kept.

mod addresses;
mod connections;
mod publications;
mod random_mistakes;
mod shown;
mod tarballs;
mod target;
