//! An MCP server that misbehaves on demand: the path of its URL says how.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Starts it; returns `http://127.0.0.1:PORT`.
pub fn start() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || drop(serve(stream)));
        }
    });
    Ok(format!("http://{address}"))
}

/// Answers one request and closes.
fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let path = read_request(&stream)?;
    match path.as_str() {
        "/html" => whole(&mut stream, "text/html", "<h1>hello</h1>"),
        "/lying" => whole(&mut stream, "application/json", "<h1>hello</h1>"),
        "/no-answer" => whole(&mut stream, "application/json", "{\"hello\":1}"),
        "/closes" => Ok(()),
        "/breaks-json" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"jsonrpc\"")
        }
        "/breaks-stream" => {
            let event = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}\n\ndata: {\"half";
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")?;
            stream.write_all(event.as_bytes())
        }
        "/slow" => {
            thread::sleep(Duration::from_secs(20));
            Ok(())
        }
        "/unauthorized" => stream.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer realm=upstream\r\ncontent-length: 0\r\n\r\n",
        ),
        _ => stream.write_all(b"HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops"),
    }
}

fn read_request(stream: &TcpStream) -> std::io::Result<String> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? <= 2 {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}

fn whole(stream: &mut TcpStream, content_type: &str, body: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
