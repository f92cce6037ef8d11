//! What is done to a registry beside serving, in each way of keeping things, while a server runs over it.

mod backups;
mod garbage;
pub mod kept;
mod policies;
mod soundness;
mod verdaccio;
