//! SIGINT and SIGTERM: the end of whatever only reads, and a word to whatever is writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::Exit;

/// What a signal does.
pub struct Interrupt {
    ends: Arc<AtomicBool>,
    raised: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on a signal ends the process, with the exit code for it.
    pub fn listen() -> Interrupt {
        let (ends, raised) = (Arc::new(AtomicBool::new(true)), Arc::default());
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let code = i32::from(Exit::Interrupted.code());
            let _ = signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&ends));
            let _ = signal_hook::flag::register(signal, Arc::clone(&raised));
        }
        Interrupt { ends, raised }
    }

    /// From now on a signal raises this flag, for whoever has something to put away first.
    pub fn hold(&self) -> &AtomicBool {
        self.ends.store(false, Ordering::Relaxed);
        &self.raised
    }
}
