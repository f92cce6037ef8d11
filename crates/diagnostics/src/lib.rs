//! Error code, message, causes and hint; rendering for people and as JSON.
