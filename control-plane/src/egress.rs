//! Requests to URLs that came from outside the process: identity providers and what they point to, receivers of webhooks
//! (requirements R8.2).
//!
//! One client for all of them: https, resolved addresses checked and pinned, no redirects, time and size bounded. MCP
//! servers are not called by it: an administrator adds those, and they are private by nature.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use http::{Request, Response, header};
use reqwest::{Client, Url, redirect};
use tokio::{net::TcpStream, sync::Semaphore};

mod address;
mod resolver;
#[cfg(test)]
mod tests;

use address::{Reach, reach_of_host};
use resolver::Resolver;

/// From the first packet to the last byte.
const TOTAL: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(10);
const MAX_BODY: usize = 1 << 20;
/// Of an answer that nobody reads; so much, and for so long, to keep the connection for the next message.
const MAX_UNREAD: usize = 64 << 10;
const UNREAD: Duration = Duration::from_secs(1);
/// Requests under way at the same time; further ones wait, in their own time.
const AT_ONCE: usize = 64;
/// Of those to one host, so that one which never answers does not take all turns.
const AT_ONCE_PER_HOST: usize = 8;

/// Why a request was not made, or has no answer. The text is for administrators; it holds no part of the URL but the
/// host, for a query may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    #[error("{0}")]
    Url(&'static str),
    #[error(
        "{0} leads to an address that may not be called from here; EGRESS_ALLOW_PRIVATE allows private ones"
    )]
    Forbidden(String),
    #[error("{0} answered with a redirect, which is not followed; use the address it leads to")]
    Redirect(String),
    #[error("the answer of {0} is longer than {MAX_BODY} bytes")]
    TooLong(String),
    #[error("{0} did not answer in time")]
    TimedOut(String),
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
}

pub struct Egress {
    allow_private: bool,
    total: Duration,
    secure: Client,
    /// Only for private hosts, which have no certificate to show.
    plain: Client,
    turns: Semaphore,
    /// Of hosts with requests under way.
    host_turns: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Egress {
    /// # Errors
    /// The TLS library has no roots to trust.
    pub fn new(allow_private: bool) -> anyhow::Result<Self> {
        let reach = if allow_private { Reach::Anywhere } else { Reach::PublicOnly };
        Ok(Self {
            allow_private,
            total: TOTAL,
            secure: client(reach)?,
            plain: client(Reach::PrivateOnly)?,
            turns: Semaphore::new(AT_ONCE),
            host_turns: Mutex::default(),
        })
    }

    /// Sends one request and reads the whole answer, whatever its status, unless that is a redirect.
    ///
    /// # Errors
    /// It may not be called, does not answer in time, or answers too much.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, EgressError> {
        let url = self.check(&request.uri().to_string())?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let (parts, body) = request.into_parts();
        let sending = client.request(parts.method, url).headers(parts.headers).body(body).send();
        let host_turns = self.host_turns(&host);
        let exchange = async {
            let _host_turn = host_turns.acquire().await;
            let _turn = self.turns.acquire().await;
            let response = sending.await.map_err(|error| failed(&host, &error))?;
            read(&host, response).await
        };
        // The client's own limit begins with the request; this one with the wait for a turn.
        let outcome = tokio::time::timeout(self.total, exchange).await;
        outcome.unwrap_or_else(|_| Err(EgressError::TimedOut(host.clone())))
    }

    /// Sends one message and tells what was said to it, a redirect too, but not the text of the answer. It waits for no
    /// turn: whoever sends messages bounds them, and no number of receivers that never answer keeps people from signing in.
    ///
    /// # Errors
    /// It may not be called, or does not answer in time.
    pub async fn deliver(&self, request: Request<Vec<u8>>) -> Result<Response<()>, EgressError> {
        let url = self.check(&request.uri().to_string())?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let (parts, body) = request.into_parts();
        let sending = client.request(parts.method, url).headers(parts.headers).body(body).send();
        let answer = tokio::time::timeout(self.total, sending).await;
        let answer = answer.map_err(|_| EgressError::TimedOut(host.clone()))?;
        let mut answer = answer.map_err(|error| failed(&host, &error))?;
        let mut told = Response::new(());
        *told.status_mut() = answer.status();
        *told.headers_mut() = std::mem::take(answer.headers_mut());
        let _ = tokio::time::timeout(UNREAD, pass_over(answer)).await;
        Ok(told)
    }

    /// A connection to the host of a URL, for protocols that are no plain HTTP. TLS is for the caller to speak.
    ///
    /// # Errors
    /// It may not be called, or does not answer in time.
    pub async fn connect(&self, url: &Url) -> Result<TcpStream, EgressError> {
        let url = self.check(url.as_str())?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let reach = match (url.scheme(), self.allow_private) {
            ("https", true) => Reach::Anywhere,
            ("https", false) => Reach::PublicOnly,
            _ => Reach::PrivateOnly,
        };
        let port = url.port_or_known_default().unwrap_or_default();
        let connecting = resolver::connect(host.trim_matches(['[', ']']), port, reach);
        match tokio::time::timeout(CONNECT.min(self.total), connecting).await {
            Err(_) => Err(EgressError::TimedOut(host)),
            Ok(Err(error)) if error.is::<resolver::Forbidden>() => Err(EgressError::Forbidden(host)),
            Ok(outcome) => outcome.map_err(|error| EgressError::Unreachable(host, error.to_string())),
        }
    }

    fn host_turns(&self, host: &str) -> Arc<Semaphore> {
        let mut turns = self.host_turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turns| Arc::strong_count(turns) > 1);
        let turns = turns.entry(host.to_owned());
        Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_PER_HOST))))
    }

    /// GET for a JSON document.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn get(&self, url: &str) -> Result<Response<Vec<u8>>, EgressError> {
        let request = Request::get(url).header(header::ACCEPT, "application/json").body(Vec::new());
        self.send(request.map_err(|_| EgressError::Url(NO_URL))?).await
    }

    /// The URL, when it is one that may be called, as far as that can be told without asking the DNS.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, url: &str) -> Result<Url, EgressError> {
        let url = Url::parse(url).map_err(|_| EgressError::Url(NO_URL))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::Url("the URL must not hold a user or password"));
        }
        let reach = match url.scheme() {
            "https" if self.allow_private => Reach::Anywhere,
            "https" => Reach::PublicOnly,
            "http" if self.allow_private => Reach::PrivateOnly,
            _ => return Err(EgressError::Url("the URL must begin with https://")),
        };
        match url.host() {
            Some(host) if reach_of_host(&host, reach) => Ok(url),
            Some(host) => Err(EgressError::Forbidden(host.to_string())),
            None => Err(EgressError::Url(NO_URL)),
        }
    }
}

const NO_URL: &str = "it is no URL such as https://login.example.com";

fn client(reach: Reach) -> anyhow::Result<Client> {
    Client::builder()
        .dns_resolver(Arc::new(Resolver::new(reach)))
        .redirect(redirect::Policy::none())
        // A proxy of the environment would resolve names itself, unchecked.
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .pool_max_idle_per_host(2)
        .build()
        .context("egress client")
}

async fn read(host: &str, mut response: reqwest::Response) -> Result<Response<Vec<u8>>, EgressError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(EgressError::Redirect(host.to_owned()));
    }
    if response.content_length().is_some_and(|length| length > MAX_BODY as u64) {
        return Err(EgressError::TooLong(host.to_owned()));
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(host, &error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(EgressError::TooLong(host.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

async fn pass_over(mut answer: reqwest::Response) {
    let mut passed = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        passed += chunk.len();
        if passed > MAX_UNREAD {
            return;
        }
    }
}

/// The innermost cause: what stands around it repeats the URL.
fn failed(host: &str, error: &reqwest::Error) -> EgressError {
    if error.is_timeout() {
        return EgressError::TimedOut(host.to_owned());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        if inner.is::<resolver::Forbidden>() {
            return EgressError::Forbidden(host.to_owned());
        }
        cause = inner;
    }
    EgressError::Unreachable(host.to_owned(), cause.to_string())
}
