//! 1. Disk → [`Sources`](crate::book::Sources) → [`Handbook`](crate::book::Handbook).

pub mod config;
pub mod links;
pub mod markdown;
mod reader;
pub mod sources;
pub mod text;
pub mod yaml;
