//! What leidraad promises, as tests: one module per behaviour, each saying what belongs there.

mod commonmark;
mod edit;
mod golden;
mod project;
mod write;
