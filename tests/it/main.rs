//! Every behaviour of leidraad in one binary: a module each.

mod write;
