//! A mail server of one test: speaks just enough SMTP to take letters, and keeps them. It takes none for `later@` yet,
//! and none for `nobody@` ever.

use secrecy::SecretString;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::config::Mail;

pub(crate) struct MailServer {
    pub(crate) settings: Mail,
    letters: mpsc::UnboundedReceiver<Received>,
}

/// A letter as it came over the wire.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    /// Header and body, as a mail program reads them.
    pub(crate) text: String,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = settings(&listener);
        let (sender, letters) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    let letter = converse(connection).await;
                    if !letter.text.is_empty() {
                        let _ = sender.send(letter);
                    }
                });
            }
        });
        Self { settings, letters }
    }

    pub(crate) async fn letter(&mut self) -> Received {
        let soon = std::time::Duration::from_secs(20);
        tokio::time::timeout(soon, self.letters.recv()).await.expect("a letter comes").unwrap()
    }
}

pub(crate) fn settings(listener: &TcpListener) -> Mail {
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    Mail { url: SecretString::from(url), from: "GatewayOps <gateway@example.com>".parse().unwrap() }
}

async fn converse(connection: TcpStream) -> Received {
    let mut connection = BufReader::new(connection);
    connection.write_all(b"220 test\r\n").await.unwrap();
    let mut letter = Received::default();
    let mut line = String::new();
    while connection.read_line(&mut line).await.unwrap_or(0) > 0 {
        let answer = match line.trim_end() {
            text if text.starts_with("MAIL FROM:") => {
                letter.sender = address(text);
                "250 ok\r\n"
            }
            text if text.starts_with("RCPT TO:<later@") => "451 come again\r\n",
            text if text.starts_with("RCPT TO:<nobody@") => "550 no such mailbox\r\n",
            text if text.starts_with("RCPT TO:") => {
                letter.recipients.push(address(text));
                "250 ok\r\n"
            }
            "DATA" => {
                connection.write_all(b"354 go on\r\n").await.unwrap();
                while !letter.text.ends_with("\r\n.\r\n") {
                    connection.read_line(&mut letter.text).await.unwrap();
                }
                "250 taken\r\n"
            }
            "QUIT" => break,
            _ => "250 ok\r\n",
        };
        connection.write_all(answer.as_bytes()).await.unwrap();
        line.clear();
    }
    letter.text = readable(&letter.text);
    letter
}

/// Undoes quoted-printable, as far as plain ASCII needs it.
fn readable(text: &str) -> String {
    text.replace("=\r\n", "").replace("=3D", "=")
}

fn address(command: &str) -> String {
    command.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
