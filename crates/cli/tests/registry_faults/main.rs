//! Registries on bad days: killed, without room, cut off from what they keep things in. All of it through the built
//! executable. What must hold: what was acknowledged is there, what was not is there whole or not at all, the others
//! hear a clear word within a bounded time, and everything works again when the bad day is over.

mod cut_off;
mod killed;
mod link;
mod no_room;
mod place;
