//! The registry over real sockets, in each way of keeping things.
//!
//! One executable: each one more would link the whole server once more.

mod bundles;
mod hostile;
mod identity;
mod operations;
mod pages_in_browser;
mod policy;
mod protocol;
mod proxy;
mod publishing;
mod reading;
mod search;
mod services;
mod serving;
mod settings;
mod storage;
mod web_pages;
