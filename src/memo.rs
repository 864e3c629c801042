//! The one mechanism for "incremental": what was computed for the same complete input is kept.
//!
//! A key is a value that holds everything its result depends on, and knows how to compute it: it
//! captures nothing else. Its digest stands for the whole input. What two rounds did not ask for
//! is dropped. Nothing is written to disk; a clean build uses the memo too.

use std::any::{Any, TypeId};
use std::collections::HashMap;
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

struct Kept {
    value: Arc<dyn Any + Send + Sync>,
    round: u64,
}

/// Values kept by the digest of their input; shared by all threads.
#[derive(Default)]
pub struct Memo {
    kept: Mutex<HashMap<(TypeId, Digest), Kept>>,
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
        let name = (TypeId::of::<K>(), key.digest());
        let round = self.round.load(Ordering::Relaxed);
        if let Some(kept) = self.lock().get_mut(&name) {
            kept.round = round;
            if let Ok(value) = Arc::clone(&kept.value).downcast() {
                return value;
            }
        }
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

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(TypeId, Digest), Kept>> {
        // A panic elsewhere cannot leave the map half changed: values are computed outside the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
