//! What a registry does beside keeping packages, and who it believes about whom.

mod advisories;
mod downloads;
mod forwarding;
mod hooks;
mod served;
