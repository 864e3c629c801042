//! What leidraad promises, as tests: one module per behaviour, each saying what belongs there.

mod commonmark;
mod golden;
mod pages;
mod project;
mod write;
