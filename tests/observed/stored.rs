//! A newer exporter than the one that is installed: its pages as they were scraped, with counters that grow.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::support::root;

/// Serves `/master`, `/replica` and `/sentinel` until the test ends, and returns its address.
pub fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for (count, stream) in (1_u32..).zip(listener.incoming()) {
            let _ = answer(stream.unwrap(), count);
        }
    });
    address
}

fn answer(mut stream: TcpStream, count: u32) -> std::io::Result<()> {
    let mut request = [0; 2048];
    let length = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let name = request.split(['/', ' ']).nth(2).unwrap_or_default();
    let body = page(name, count);
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The page of a process, whose counters have grown so many times.
pub fn page(name: &str, count: u32) -> String {
    let file = root().join(format!("tests/observed/{name}-1.88.txt"));
    let text = fs::read_to_string(&file).unwrap_or_default();
    let grown = |line: &str| {
        let is_counter = ["_total", "_bucket", "_count", "_sum"]
            .iter()
            .any(|end| line.split(['{', ' ']).next().unwrap().ends_with(end));
        let (series, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        format!("{series} {}\n", if is_counter { value * f64::from(count) } else { value })
    };
    text.lines().filter(|line| !line.starts_with('#')).map(grown).collect()
}
