//! Connections in, answers out: a thread for each, and never more of them than there are seats.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::serve::answer::{Answer, answer};
use crate::serve::http::{self, NoRequest, Response};
use crate::serve::preview::Preview;

/// The most connections at a time, those that wait for news included.
const SEATS: usize = 1024;
/// How many ports are tried after the usual one.
const PORTS: u16 = 100;

/// A listening server.
pub struct Server {
    listener: TcpListener,
}

/// A connection's place; it is free again when this is dropped.
pub struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Listens at a host. Without a wish the port is `usual`, or the next one that is free; a wish is met or
/// it is an error.
pub fn bind(host: &str, wish: Option<u16>, usual: u16) -> io::Result<Server> {
    let mut addresses: Vec<SocketAddr> =
        (host.trim_matches(['[', ']']), wish.unwrap_or(usual)).to_socket_addrs()?.collect();
    // `localhost` is often both: browsers try either, tools the older one.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let Some(address) = addresses.first().copied() else { return Err(io::ErrorKind::AddrNotAvailable.into()) };
    let last = if wish.is_some() { address.port() } else { address.port().saturating_add(PORTS) };
    let mut tried = (address.port()..=last).map(|port| TcpListener::bind(SocketAddr::new(address.ip(), port)));
    let mut refused: io::Error = io::ErrorKind::AddrInUse.into();
    let listener = tried.find_map(|bound| match bound {
        Ok(listener) => Some(Ok(listener)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            refused = error;
            None
        }
        Err(error) => Some(Err(error)),
    });
    match listener {
        Some(listener) => Ok(Server { listener: listener? }),
        None => Err(refused),
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers from `preview` on threads of its own, until the process ends.
    pub fn start(self, preview: Arc<Preview>) -> io::Result<()> {
        let taken = Arc::new(AtomicUsize::new(0));
        std::thread::Builder::new().name("accept".to_owned()).spawn(move || {
            loop {
                match self.listener.accept() {
                    Ok((stream, _)) => welcome(stream, &taken, &preview),
                    // Too many open files, or a client that went before it was met: a moment later it is better.
                    Err(_) => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        })?;
        Ok(())
    }
}

fn welcome(stream: TcpStream, taken: &Arc<AtomicUsize>, preview: &Arc<Preview>) {
    let seat = Seat(Arc::clone(taken));
    if taken.fetch_add(1, Ordering::AcqRel) >= SEATS {
        // Perhaps those who wait for news are gone: their seats are free for whoever comes next.
        preview.ping();
        return;
    }
    let preview = Arc::clone(preview);
    // If no thread can be had, the connection closes: the browser tries again.
    let _ = std::thread::Builder::new().name("answer".to_owned()).spawn(move || converse(stream, seat, &preview));
}

fn converse(mut stream: TcpStream, seat: Seat, preview: &Preview) {
    let Ok(local) = stream.local_addr() else { return };
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    let mut patience = http::FIRST;
    loop {
        let read = http::read(&mut stream, &mut buffer, patience);
        patience = http::IDLE;
        let request = match read {
            Ok(request) => request,
            Err(NoRequest::Gone) => return,
            Err(NoRequest::Refused(status)) => {
                let mut response = Response::text(status, http::reason(status));
                if status == 405 {
                    response = response.with("Allow", "GET, HEAD");
                }
                let _ = http::write(&mut stream, response, None);
                hang_up(&mut stream);
                return;
            }
        };
        match answer(preview, &request, local.ip()) {
            Answer::Response(response) => {
                if http::write(&mut stream, response, Some(&request)).is_err() || !request.keep_alive {
                    return;
                }
            }
            Answer::News => {
                preview.listen(stream, seat);
                return;
            }
        }
    }
}

/// Reads a little of what a refused client still sends, so that it gets to see the refusal.
fn hang_up(stream: &mut TcpStream) {
    use std::io::Read;
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let mut rest = [0; 8192];
    for _ in 0..16 {
        match stream.read(&mut rest) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
