//! A server on this machine, of which a test says what it answers: requests without a body, one a
//! connection, with ranges of bytes.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What a client asks for.
pub struct Request {
    /// `GET` or `HEAD`.
    pub method: String,
    /// The path, and the query behind its `?`.
    pub target: String,
    /// The first byte that is asked for, and the last one where it is named.
    pub range: Option<(usize, Option<usize>)>,
    /// Where the server listens.
    pub port: u16,
}

/// What it gets.
pub struct Answer {
    /// Such as `200 OK`.
    pub status: String,
    /// Lines such as `ETag: "1"`.
    pub headers: Vec<String>,
    /// The length that is announced: more than there is where the connection is to be cut.
    pub length: usize,
    /// What is sent, unless only the head was asked for.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer with the length of its body.
    pub fn new(status: &str, headers: Vec<String>, body: Vec<u8>) -> Self {
        Self {
            status: status.to_owned(),
            headers,
            length: body.len(),
            body,
        }
    }
}

/// Answers every request until the test ends, and returns the port.
pub fn serve(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            thread::spawn(move || {
                if let Some(request) = read(&stream, port) {
                    // A client that went away is no matter.
                    let _ = send(&stream, &request, &answer(&request));
                }
            });
        }
    });
    port
}

fn read(stream: &TcpStream, port: u16) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let range = head.iter().find_map(|line| {
        let line = line.to_lowercase();
        let (first, last) = line.strip_prefix("range: bytes=")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()))
    });
    Some(Request {
        method,
        target,
        range,
        port,
    })
}

fn send(mut stream: &TcpStream, request: &Request, answer: &Answer) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {}\r\nConnection: close\r\n",
        answer.status
    )?;
    for header in &answer.headers {
        write!(stream, "{header}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n", answer.length)?;
    if request.method != "HEAD" {
        stream.write_all(&answer.body)?;
    }
    stream.flush()
}
