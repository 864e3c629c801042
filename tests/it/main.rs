//! What leidraad promises, as tests: one module per behaviour, each saying what belongs there.

mod changes;
mod commonmark;
mod drift;
mod edit;
mod golden;
mod laws;
mod model;
mod pages;
mod project;
mod repository;
mod write;
