//! A registry that fetches from another, over real sockets: what it keeps, what it answers when the other one fails,
//! which names and versions it lets through. Failures are what the other one does, not what is pretended here.

mod bundles;
mod health;
mod hostile;
mod packuments;
mod passed_on;
mod proxied;
mod questions;
mod room;
mod rules;
mod searched;
mod tarballs;
