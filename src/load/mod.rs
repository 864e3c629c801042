//! 1. Disk → [`Sources`](crate::book::Sources) → [`Handbook`](crate::book::Handbook).

mod changes;
mod collisions;
pub mod config;
mod declarations;
pub mod edit;
mod embedded;
mod files;
mod front_matter;
pub mod handbook;
mod include;
pub mod layers;
pub mod links;
pub mod markdown;
mod outline;
pub mod page;
mod reader;
pub mod relabel;
pub mod retarget;
pub mod sources;
pub mod splice;
pub mod summary;
pub mod terms;
pub mod text;
mod theme;
mod translation;
mod values;
pub mod yaml;
