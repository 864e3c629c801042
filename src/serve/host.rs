//! For whom the server answers: the rule that a page of another site cannot get round by a name of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The names under which the server may be asked.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The name given to `-n`.
    given: String,
}

impl Hosts {
    /// For a server that was started with this name.
    pub fn new(given: &str) -> Hosts {
        Hosts { given: given.trim_matches(['[', ']']).to_ascii_lowercase() }
    }

    /// Whether a request with this `Host` is for us: `local` is the address that the connection came to.
    pub fn allow(&self, host: &str, local: IpAddr) -> bool {
        let Some(name) = name_of(host) else { return false };
        if let Ok(address) = name.parse::<IpAddr>() {
            return address.to_canonical() == local.to_canonical();
        }
        // The given name may be an address that stands for all of them: as a name it is never sent.
        name == "localhost" || name.ends_with(".localhost") || (name == self.given && name.parse::<IpAddr>().is_err())
    }

    /// Whether an `Origin` is that of the request's own `Host`.
    pub fn is_same_origin(origin: &str, host: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|origin| origin.eq_ignore_ascii_case(host))
    }
}

/// The name or address in a `Host`, in lower case without brackets; nothing where it is none.
fn name_of(host: &str) -> Option<String> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            (address, after)
        }
        None => {
            let end = host.find(':').unwrap_or(host.len());
            let (name, after) = host.split_at(end);
            let is_label = |label: &str| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            };
            let is_name = name.split('.').all(is_label);
            (is_name.then_some(name)?, after)
        }
    };
    let is_number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    let digits = port.strip_prefix(':').unwrap_or(port);
    let port_is_right = digits.is_empty() || (port.starts_with(':') && is_number(digits));
    port_is_right.then(|| name.to_ascii_lowercase())
}

/// The address to type in a browser for a server that listens at `local`.
pub fn reachable(local: SocketAddr, given: &str) -> String {
    let host = match local.ip() {
        address if address.is_unspecified() => own_address().to_string(),
        _ if given.parse::<IpAddr>().is_err() => given.to_owned(),
        IpAddr::V6(address) => format!("[{address}]"),
        IpAddr::V4(address) => address.to_string(),
    };
    format!("http://{host}:{}/", local.port())
}

/// The address of this machine on its network. Nothing is sent: the system only chooses a route.
fn own_address() -> IpAddr {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0));
    let chosen = socket.and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    chosen.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}
