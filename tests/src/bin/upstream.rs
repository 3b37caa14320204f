//! The cheapest possible MCP server, as a process of its own; `GET /count` tells how many calls it saw.

use std::{net::SocketAddr, rc::Rc};

use clap::Parser;
use gatewayops_tests::load::upstream::{Counts, run};
use tokio::net::TcpSocket;

/// Answers MCP calls as cheaply as possible.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value = "127.0.0.1:8091")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(Arguments::parse().listen)?;
    // Room for a thousand clients that all connect at once.
    let listener = socket.listen(4096)?;
    println!("listening on http://{}/mcp", listener.local_addr()?);
    Ok(run(listener, Rc::new(Counts::default())).await?)
}
