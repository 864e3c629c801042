//! leidraad
pub mod book;
pub mod diagnostic;
pub mod load;
pub mod memo;
pub mod write;
