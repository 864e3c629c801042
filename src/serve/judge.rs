//! What is wrong is found behind the pages: judging never keeps a reader or the loop waiting.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use rustix::process::setpriority_process;
use rustix::thread::gettid;

use crate::serve::rounds::Round;

/// How much judging gives way, as `nice` counts.
const PATIENCE: i32 = 10;

/// How long a round is left to those who ask for its pages.
const AFTER_PAGES: Duration = Duration::from_millis(20);

/// Starts to judge the rounds that are sent: the newest of those that wait, each whole before the next.
/// `tell` is called with every round that was judged.
pub fn judge(tell: impl Fn(&Arc<Round>) + Send + 'static) -> io::Result<Sender<Arc<Round>>> {
    let (sender, receiver): (Sender<Arc<Round>>, Receiver<Arc<Round>>) = channel();
    // Threads of its own: a page or a round that is asked for does not queue behind the editions.
    let threads: ThreadPool = ThreadPoolBuilder::new()
        .thread_name(|_| "judge".to_owned())
        .start_handler(|_| give_way())
        .build()
        .map_err(io::Error::other)?;
    thread::Builder::new().name("judge".to_owned()).spawn(move || {
        give_way();
        while let Ok(first) = receiver.recv() {
            // Who waits for a page asks for it now.
            thread::sleep(AFTER_PAGES);
            let round = receiver.try_iter().last().unwrap_or(first);
            threads.install(|| {
                round.whole();
            });
            tell(&round);
        }
    })?;
    Ok(sender)
}

/// Lets whoever answers go first; where the system does not allow it, nothing is lost but time.
fn give_way() {
    let _ = setpriority_process(Some(gettid()), PATIENCE);
}
