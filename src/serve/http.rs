//! HTTP/1.1 as far as a preview needs it: a request's head in, a response out.
//!
//! Only GET and HEAD, no bodies, no ranges, no compression. What is unclear is refused, and every wait
//! ends: a head that does not arrive and a reader that does not read are cut off.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The most bytes of a request's head, and of its first line.
const MAX_HEAD: usize = 16 << 10;
const MAX_LINE: usize = 8 << 10;
const MAX_HEADERS: usize = 64;
/// How long a connection may be silent before its first request, and between two.
pub const FIRST: Duration = Duration::from_secs(4);
pub const IDLE: Duration = Duration::from_secs(15);
/// How long a head may take from its first byte to its last.
const HEAD: Duration = Duration::from_secs(10);
/// How long a response may take.
const RESPONSE: Duration = Duration::from_secs(30);

/// A request that was understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// Whether the body is left out of the answer.
    pub is_head: bool,
    /// The path and query, as sent: it begins with a slash.
    pub target: String,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whether the client may send another request.
    pub keep_alive: bool,
}

impl Request {
    /// A header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A value of the query, percent-decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| decoded(value))?
        })
    }
}

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub enum NoRequest {
    /// The client is gone, or took too long: there is nobody to answer.
    Gone,
    /// The request is refused with this status.
    Refused(u16),
}

/// Reads the next head, whose first byte comes within `patience`; `buffer` keeps what came after it.
pub fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>, patience: Duration) -> Result<Request, NoRequest> {
    let mut end = Instant::now() + if buffer.is_empty() { patience } else { HEAD };
    let mut chunk = [0; 4096];
    loop {
        if let Some(length) = head_length(buffer) {
            let request = parse(&buffer[..length]).map_err(NoRequest::Refused)?;
            buffer.drain(..length);
            return Ok(request);
        }
        if buffer.len() > MAX_HEAD {
            return Err(NoRequest::Refused(431));
        }
        if buffer.len() > MAX_LINE && !buffer.contains(&b'\n') {
            return Err(NoRequest::Refused(414));
        }
        // What cannot become a request is refused before it is whole: a TLS hello, another protocol.
        refuse_beginning(buffer).map_err(NoRequest::Refused)?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return Err(NoRequest::Gone);
        }
        match stream.read(&mut chunk) {
            Ok(0) => return Err(NoRequest::Gone),
            Ok(count) => {
                if buffer.is_empty() {
                    end = Instant::now() + HEAD;
                }
                buffer.extend_from_slice(&chunk[..count]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(NoRequest::Gone),
        }
    }
}

fn head_length(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(end + 4)
}

/// What is wrong already with a head that is not whole yet.
fn refuse_beginning(buffer: &[u8]) -> Result<(), u16> {
    if buffer.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
        return Err(400);
    }
    let is_bare = |(at, byte): (usize, &u8)| *byte == b'\n' && (at == 0 || buffer[at - 1] != b'\r');
    if buffer.iter().enumerate().any(is_bare) {
        return Err(400);
    }
    match buffer.windows(2).position(|window| window == b"\r\n") {
        Some(end) => first_line(std::str::from_utf8(&buffer[..end]).map_err(|_| 400_u16)?).map(|_| ()),
        None => Ok(()),
    }
}

/// The parts of a request's first line that matter: whether only the head is wanted, the target, and whether the
/// connection stays.
fn first_line(line: &str) -> Result<(bool, &str, bool), u16> {
    if line.len() > MAX_LINE {
        return Err(414);
    }
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(400);
    };
    let persistent = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ if version.starts_with("HTTP/") => return Err(505),
        _ => return Err(400),
    };
    if !is_token(method) {
        return Err(400);
    }
    if method != "GET" && method != "HEAD" {
        return Err(405);
    }
    if !target.starts_with('/') || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(400);
    }
    Ok((method == "HEAD", target, persistent))
}

/// Whether a text may be a method or the name of a header field (RFC 9110, token).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Reads a whole head; what is wrong with it as a status.
pub fn parse(head: &[u8]) -> Result<Request, u16> {
    if head.len() > MAX_HEAD {
        return Err(431);
    }
    // Bytes above ASCII have no place in what we read: a path is percent-encoded.
    let text = std::str::from_utf8(head).map_err(|_| 400_u16)?.strip_suffix("\r\n\r\n").ok_or(400_u16)?;
    let mut lines = text.split("\r\n");
    let (is_head, target, persistent) = first_line(lines.next().unwrap_or_default())?;
    let mut headers = Vec::new();
    for line in lines {
        if headers.len() == MAX_HEADERS {
            return Err(431);
        }
        let (name, value) = line.split_once(':').ok_or(400_u16)?;
        let value = value.trim_matches([' ', '\t']);
        if !is_token(name) || value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(400);
        }
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let count = |name: &str| headers.iter().filter(|(known, _)| known == name).count();
    let bodies = headers.iter().filter(|(name, _)| name == "content-length");
    let has_body = bodies.clone().any(|(_, value)| value != "0") || count("transfer-encoding") > 0;
    if has_body || bodies.count() > 1 || count("host") > 1 || (persistent && count("host") == 0) {
        return Err(400);
    }
    let connection = headers.iter().find(|(name, _)| name == "connection").map(|(_, value)| value.to_ascii_lowercase());
    let keep_alive = persistent && connection.is_none_or(|value| !value.contains("close"));
    Ok(Request { is_head, target: target.to_owned(), headers, keep_alive })
}

/// What is sent back.
pub struct Response {
    /// The status.
    pub status: u16,
    /// Header fields besides those that every response has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

/// The body of a response.
pub enum Body {
    /// In memory.
    Bytes(Vec<u8>),
    /// So many bytes, streamed.
    Stream(Box<dyn Read>, u64),
}

impl Response {
    /// A short text.
    pub fn text(status: u16, text: &str) -> Response {
        let headers = vec![("Content-Type", "text/plain; charset=utf-8".to_owned())];
        Response { status, headers, body: Body::Bytes(text.as_bytes().to_vec()) }
    }

    /// The response with one more header field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }
}

/// The header fields of every response: nothing is kept, shared with other sites or guessed.
pub const ALWAYS: &str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n";

/// Sends a response.
pub fn write(stream: &mut TcpStream, response: Response, request: Option<&Request>) -> io::Result<()> {
    let length = match &response.body {
        Body::Bytes(bytes) => bytes.len() as u64,
        Body::Stream(_, length) => *length,
    };
    let keep_alive = request.is_some_and(|request| request.keep_alive);
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let mut head = format!("HTTP/1.1 {} {}\r\n{ALWAYS}", response.status, reason(response.status));
    for (name, value) in &response.headers {
        // A value comes from file names and digests: a line break in one must not end the field.
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {length}\r\nConnection: {connection}\r\n\r\n"));
    let mut out = Patient { stream, end: Instant::now() + RESPONSE };
    let mut bytes = head.into_bytes();
    if request.is_some_and(|request| request.is_head) {
        return out.write_all(&bytes);
    }
    match response.body {
        Body::Bytes(body) => {
            bytes.extend_from_slice(&body);
            out.write_all(&bytes)
        }
        Body::Stream(bytes_to_come, length) => {
            out.write_all(&bytes)?;
            let sent = io::copy(&mut bytes_to_come.take(length), &mut out)?;
            // A file that shrank meanwhile cannot fill the promised length: the connection ends.
            if sent == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }
    }
}

/// Writes as long as the reader reads, and not beyond the end.
struct Patient<'s> {
    stream: &'s mut TcpStream,
    end: Instant,
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_write_timeout(Some(left))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The words of a status.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        414 => "URI Too Long",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}

/// A percent-decoded text, decoded once; nothing where it is no text.
pub fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}
