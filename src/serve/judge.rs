//! What is wrong is found behind the pages: judging never keeps a reader or the loop waiting.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::serve::rounds::Round;

/// Starts to judge the rounds that are sent: the newest of those that wait, each whole before the next.
/// `tell` is called with every round that was judged.
pub fn judge(tell: impl Fn(&Arc<Round>) + Send + 'static) -> io::Result<Sender<Arc<Round>>> {
    let (sender, receiver): (Sender<Arc<Round>>, Receiver<Arc<Round>>) = channel();
    std::thread::Builder::new().name("judge".to_owned()).spawn(move || {
        while let Ok(first) = receiver.recv() {
            let round = receiver.try_iter().last().unwrap_or(first);
            round.whole();
            tell(&round);
        }
    })?;
    Ok(sender)
}
