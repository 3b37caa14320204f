//! Names are resolved here and nowhere else, so that the address that was checked is the one that is called.

use std::{error::Error, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;

use super::address::Reach;

pub(super) struct Resolver {
    reach: Reach,
}

/// None of a name's addresses may be called.
#[derive(Debug, thiserror::Error)]
#[error("no address of the name may be called")]
pub(super) struct Forbidden;

impl Resolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let allowed = allowed(name.as_str(), 0, reach).await?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

type Failure = Box<dyn Error + Send + Sync>;

/// Connects to the first address that answers.
pub(super) async fn connect(host: &str, port: u16, reach: Reach) -> Result<TcpStream, Failure> {
    Ok(TcpStream::connect(&*allowed(host, port, reach).await?).await?)
}

/// The addresses of a name that may be called.
async fn allowed(host: &str, port: u16, reach: Reach) -> Result<Vec<SocketAddr>, Failure> {
    let found = tokio::net::lookup_host((host, port)).await?;
    let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
    if allowed.is_empty() { Err(Forbidden.into()) } else { Ok(allowed) }
}
