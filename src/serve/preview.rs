//! What the loop and the server share: the newest round, and who waits for the next.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::serve::bell::Bell;
use crate::serve::host::Hosts;
use crate::serve::listeners::Listeners;
use crate::serve::rounds::Round;
use crate::serve::server::Seat;

/// How long a request waits for a round that is being made; after that it is answered from the one before.
const PATIENCE: Duration = Duration::from_millis(250);

/// How many rounds before the newest are kept.
const EARLIER: usize = 2;

/// The newest round and those just before it, latest first.
struct Rounds {
    newest: Arc<Round>,
    earlier: VecDeque<Arc<Round>>,
}

/// A site that changes while it is looked at.
pub struct Preview {
    /// The project folder, for files that are streamed.
    pub project: PathBuf,
    /// The same, as an editor must be told.
    pub absolute: PathBuf,
    /// For whom there are answers.
    pub hosts: Hosts,
    /// What a page of ours knows and a page of another site does not.
    pub token: String,
    bell: Arc<Bell>,
    rounds: Mutex<Rounds>,
    /// Grows with everything new: a round, and later what is wrong with it.
    number: AtomicU64,
    listeners: Listeners,
}

impl Preview {
    /// A preview of a project that begins with a round. Fails only where the system gives no random bytes.
    pub fn new(project: PathBuf, hosts: Hosts, (bell, round): (Arc<Bell>, Arc<Round>)) -> std::io::Result<Preview> {
        let absolute = std::path::absolute(&project)?;
        Ok(Preview {
            project,
            absolute,
            hosts,
            token: token()?,
            bell,
            rounds: Mutex::new(Rounds { newest: round, earlier: VecDeque::new() }),
            number: AtomicU64::new(1),
            listeners: Listeners::default(),
        })
    }

    /// The newest round.
    pub fn round(&self) -> Arc<Round> {
        Arc::clone(&self.rounds().newest)
    }

    /// The newest round for a reader: the one that is being made, if that is soon done. Who asks for a page just
    /// after it was saved sees what was saved.
    pub fn next_round(&self) -> Arc<Round> {
        self.bell.wait_until_made(PATIENCE);
        self.round()
    }

    /// The rounds before the newest, latest first: a page that was sent a moment ago asks for its styles
    /// and images by the names that they had then.
    pub fn earlier(&self) -> Vec<Arc<Round>> {
        self.rounds().earlier.iter().cloned().collect()
    }

    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of what is newest.
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Puts a newer round in its place and tells everyone.
    pub fn show(&self, round: Arc<Round>) {
        let mut rounds = self.rounds();
        let before = std::mem::replace(&mut rounds.newest, round);
        rounds.earlier.push_front(before);
        let kept = EARLIER.min(rounds.earlier.len());
        let past = rounds.earlier.split_off(kept);
        drop(rounds);
        self.bell.made();
        self.tell();
        // Letting go of a large handbook takes a while, and nobody waits for it.
        rayon::spawn(|| drop(past));
    }

    /// Tells everyone that more is known.
    pub fn tell(&self) {
        let number = self.number.fetch_add(1, Ordering::AcqRel) + 1;
        self.listeners.tell(number);
    }

    /// Finds out who is gone.
    pub fn ping(&self) {
        self.listeners.ping();
    }

    /// Keeps a connection that waits for news.
    pub fn listen(&self, stream: TcpStream, seat: Seat) {
        self.listeners.add(stream, seat, || self.number());
    }
}

/// 128 random bits in hexadecimal.
fn token() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
