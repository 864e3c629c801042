//! The browsers that wait for news: each is told a number when there is something new, and nothing else.
//!
//! A waiting browser costs a socket and no thread. Whatever it sends is ignored.

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};

use crate::serve::http::ALWAYS;
use crate::serve::server::Seat;

/// Everyone who waits.
#[derive(Default)]
pub struct Listeners {
    waiting: Mutex<Vec<(TcpStream, Seat)>>,
}

impl Listeners {
    /// Adds a connection and tells it the number of now. Its seat is kept as long as it waits.
    pub fn add(&self, mut stream: TcpStream, seat: Seat, number: impl FnOnce() -> u64) {
        // Asked under the lock: whoever tells a later number waits until this listener is among the others.
        let mut waiting = self.lock();
        let number = number();
        let head = format!("HTTP/1.1 200 OK\r\n{ALWAYS}Content-Type: text/event-stream\r\nConnection: close\r\n\r\n");
        let greeting = format!("{head}retry: 500\n\ndata: {number}\n\n");
        if stream.set_nonblocking(true).is_ok() && stream.write_all(greeting.as_bytes()).is_ok() {
            waiting.push((stream, seat));
        }
    }

    /// Tells everyone a number; who is gone or does not read is let go.
    pub fn tell(&self, number: u64) {
        self.send(&format!("data: {number}\n\n"));
    }

    /// Finds out who is gone: who hung up is known at once, whose machine went when nothing can be sent any more.
    pub fn ping(&self) {
        self.lock().retain(|(stream, _)| !matches!(stream.peek(&mut [0]), Ok(0)));
        self.send(":\n\n");
    }

    fn send(&self, text: &str) {
        self.lock().retain_mut(|(stream, _)| stream.write_all(text.as_bytes()).is_ok());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(TcpStream, Seat)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
