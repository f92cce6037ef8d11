//! What a registry does beside keeping packages, and who it believes about whom.

mod advisories;
mod bodies;
mod downloads;
mod forwarding;
mod hooks;
mod served;
