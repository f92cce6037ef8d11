//! One function for each command of the package manager.
