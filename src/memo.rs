//! The one mechanism for "incremental": what was computed for the same complete input is kept.
//!
//! A key is a value that holds everything its result depends on, and knows how to compute it: it
//! captures nothing else. Its digest stands for the whole input. What two rounds did not ask for
//! is dropped. Nothing is written to disk; a clean build uses the memo too.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::book::Digest;

/// A complete input together with the pure function of it.
pub trait Key: 'static {
    /// What is computed.
    type Value: Send + Sync + 'static;

    /// A digest of everything that [`Key::compute`] reads.
    fn digest(&self) -> Digest;

    /// The value: a pure function of the key.
    fn compute(&self) -> Self::Value;
}

/// A digest is as good as random: eight bytes of it are a hash.
#[derive(Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

struct Kept {
    value: Arc<dyn Any + Send + Sync>,
    round: u64,
}

type Table = HashMap<(TypeId, Digest), Kept, BuildHasherDefault<DigestHasher>>;

/// Values kept by the digest of their input; shared by all threads.
#[derive(Default)]
pub struct Memo {
    kept: Mutex<Table>,
    round: AtomicU64,
    computed: AtomicU64,
}

impl Memo {
    /// An empty memo.
    pub fn new() -> Memo {
        Memo::default()
    }

    /// The value of `key`, computed now or kept from before. Two threads that ask for the same new
    /// key may both compute it; the value is the same.
    pub fn get<K: Key>(&self, key: &K) -> Arc<K::Value> {
        self.recall::<K>(key.digest()).unwrap_or_else(|| self.keep(key))
    }

    /// The same for a key that is asked for once per page in every round: it is made only where nothing is
    /// kept under its `digest`.
    pub fn get_or_make<K: Key>(&self, digest: Digest, key: impl FnOnce() -> K) -> Arc<K::Value> {
        self.recall::<K>(digest).unwrap_or_else(|| {
            let key = key();
            debug_assert_eq!(key.digest(), digest);
            self.keep(&key)
        })
    }

    fn recall<K: Key>(&self, digest: Digest) -> Option<Arc<K::Value>> {
        let round = self.round.load(Ordering::Relaxed);
        let mut table = self.lock();
        let kept = table.get_mut(&(TypeId::of::<K>(), digest))?;
        kept.round = round;
        Arc::clone(&kept.value).downcast().ok()
    }

    fn keep<K: Key>(&self, key: &K) -> Arc<K::Value> {
        let name = (TypeId::of::<K>(), key.digest());
        let round = self.round.load(Ordering::Relaxed);
        self.computed.fetch_add(1, Ordering::Relaxed);
        let value = Arc::new(key.compute());
        self.lock().insert(name, Kept { value: Arc::clone(&value) as _, round });
        value
    }

    /// Ends a round: drops what neither this round nor the one before it asked for.
    pub fn end_round(&self) {
        let round = self.round.fetch_add(1, Ordering::Relaxed);
        self.lock().retain(|_, kept| kept.round + 1 >= round);
    }

    /// How many values were computed so far: what a test counts to show that shared work is done once.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        // A panic elsewhere cannot leave the map half changed: values are computed outside the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
