//! The loop for authors: the site is there before they look up.
//!
//! A change wakes the loop, which reads what changed and makes a [`rounds::Round`]: a state of the project
//! whose pages are made when they are asked for. `serve` answers requests from the newest round; `watch`
//! writes each to a folder. Nothing here writes into the project.

mod answer;
mod author;
mod bell;
mod host;
mod http;
mod journal;
mod judge;
mod keys;
mod listeners;
mod pace;
mod preview;
mod rounds;
mod server;
mod sheet;
mod watcher;

pub use author::{Author, News, Notices};
pub use bell::{Bell, Key};
pub use host::{Hosts, reachable};
pub use journal::line;
pub use judge::judge;
pub use keys::{Keys, listen_to_keys};
pub use preview::Preview;
pub use rounds::{Eyes, Round, Whole};
pub use server::{Server, bind};
