//! stub
use crate::cli::{Exit, args::Rename};
/// stub
pub fn run(_: &Rename, _: bool) -> Exit { Exit::Usage }
