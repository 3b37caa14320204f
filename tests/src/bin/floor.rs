//! The yardstick: the least a Pingora proxy can do, built with the same features and allocator as ours. It passes
//! every request on to one upstream and looks at nothing.

use async_trait::async_trait;
use clap::Parser;
use pingora::{
    prelude::{HttpPeer, ProxyHttp, Session},
    proxy::http_proxy_service,
    server::{Server, configuration::ServerConf},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Passes requests on, unread.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: String,
    #[arg(long, default_value = "127.0.0.1:8091")]
    upstream: String,
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

struct PassThrough {
    upstream: String,
}

#[async_trait]
impl ProxyHttp for PassThrough {
    type CTX = ();

    fn new_ctx(&self) -> Self::CTX {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> pingora::Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(self.upstream.as_str(), false, String::new())))
    }
}

fn main() {
    let arguments = Arguments::parse();
    let settings = ServerConf {
        threads: arguments.threads,
        grace_period_seconds: Some(0),
        graceful_shutdown_timeout_seconds: Some(1),
        ..ServerConf::default()
    };
    let mut server = Server::new_with_opt_and_conf(None, settings);
    server.bootstrap();
    let mut service = http_proxy_service(&server.configuration, PassThrough { upstream: arguments.upstream });
    service.add_tcp(&arguments.listen);
    server.add_service(service);
    server.run_forever();
}
