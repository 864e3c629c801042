//! Every behaviour of leidraad, one module each.

/// What a browser gets while a handbook is written.
mod serve;
