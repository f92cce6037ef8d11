//! What a registry does beside keeping packages, and who it believes about whom.

mod advisories;
mod forwarding;
mod served;
