//! Single keys on a terminal: `o` opens the browser, `q` ends.

use std::io::{IsTerminal, Read};
use std::sync::Arc;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

use crate::serve::bell::{Bell, Key};

/// A terminal that gives keys one by one; it is as it was when this is dropped.
pub struct Keys {
    before: Termios,
}

/// Passes keys on to the bell, where someone sits at a terminal; nothing elsewhere.
pub fn listen_to_keys(bell: Arc<Bell>) -> Option<Keys> {
    let stdin = std::io::stdin();
    // In the background, reading would stop the process.
    let in_front = tcgetpgrp(&stdin).is_ok_and(|group| group == rustix::process::getpgrp());
    if !stdin.is_terminal() || !in_front {
        return None;
    }
    let before = tcgetattr(&stdin).ok()?;
    let mut raw = before.clone();
    raw.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Now, &raw).ok()?;
    let keys = Keys { before };
    let listening = std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
        for byte in std::io::stdin().lock().bytes() {
            match byte {
                Ok(b'o' | b'O') => bell.press(Key::Open),
                Ok(b'q' | b'Q') => bell.press(Key::Quit),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    });
    listening.ok().map(|_| keys)
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}
