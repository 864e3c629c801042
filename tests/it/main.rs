//! What leidraad promises, as tests: one module per behaviour, each saying what belongs there.

mod changes;
mod commands;
mod commonmark;
mod drift;
mod edit;
mod golden;
mod handbook;
mod hostile;
mod laws;
mod model;
mod pages;
mod project;
mod repository;
mod serve;
mod write;
