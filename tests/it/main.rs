//! What leidraad promises, as tests: one module per behaviour, each saying what belongs there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its size is set from outside"
)]

mod changes;
mod commands;
mod commonmark;
mod drift;
mod edit;
mod files;
mod golden;
mod handbook;
mod holes;
mod hostile;
mod include;
mod laws;
mod markdown;
mod model;
mod output;
mod overrides;
mod pages;
mod project;
mod publish;
mod repository;
mod serve;
mod silence;
mod translations;
mod values;
mod write;
