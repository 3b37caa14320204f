//! The cheapest possible MCP server, as a process of its own; `GET /count` tells how many calls it saw. Or one that
//! keeps sessions, which `GET /sessions` counts.

use std::{net::SocketAddr, rc::Rc};

use clap::Parser;
use gatewayops_tests::load::{listing::tools, stateful, upstream::run_with};
use tokio::net::TcpSocket;

/// Answers MCP calls as cheaply as possible.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value = "127.0.0.1:8091")]
    listen: SocketAddr,
    /// Keeps legacy sessions, and answers nothing without one.
    #[arg(long)]
    stateful: bool,
    /// Lists so many tools in place of its own; a call of any of them is answered like one of `echo`.
    #[arg(long, conflicts_with = "stateful")]
    tools: Option<usize>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(arguments.listen)?;
    // Room for a thousand clients that all connect at once.
    let listener = socket.listen(4096)?;
    println!("listening on http://{}/mcp", listener.local_addr()?);
    match arguments.stateful {
        true => stateful::run(listener).await?,
        false => run_with(listener, Rc::default(), tools(arguments.tools)).await?,
    }
    Ok(())
}
