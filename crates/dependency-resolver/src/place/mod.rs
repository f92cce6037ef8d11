//! Where a dependency goes: npm's placement, one dependency with its peers at a time.

mod can_place;
mod place_dep;

pub(crate) use can_place::{Answer, CanPlace, Check};
pub(crate) use place_dep::{Placement, PlacementOptions, place};
