//! Fixture packages, a registry on loopback and faults for tests; never shipped.
