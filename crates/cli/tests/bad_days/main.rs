//! Installations on bad days: killed, crowded, out of space, offline, lied to and attacked. All of it through the
//! built executable, against a registry on loopback. What must hold is in `shared` order of importance: nothing that
//! was there is lost, nothing hostile gets in, the next run ends as an undisturbed one would have, and the message
//! says what to do.

mod attacks;
mod clean_install;
mod killed;
mod no_space;
mod nothing_to_do;
mod offline;
mod registry_trouble;
mod together;
mod world;
