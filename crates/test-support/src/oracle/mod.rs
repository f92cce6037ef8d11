//! npm itself as the measure: generated cases, and npm's commands run in them.

mod case;
mod generate;
mod npm;
mod random;

pub use case::{Case, Lost, Step, apply_by_hand, outcome, read_manifest};
pub use generate::{WIDE, generate};
pub use npm::{ENDLESS, Npm, Writes};
pub use random::Random;
