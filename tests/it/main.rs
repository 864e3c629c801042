//! What leidraad promises, as tests: one module per behaviour, each saying what belongs there.

mod commonmark;
mod golden;
mod handbook;
mod hostile;
mod laws;
mod model;
mod project;
mod repository;
