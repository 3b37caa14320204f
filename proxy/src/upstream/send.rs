//! One request to a server until there is an answer: past its breaker, again only where that is safe.

use std::time::{Duration, Instant};

use http::StatusCode;
use pingora::time::{sleep, timeout};

use super::{
    Server,
    attempts::{Attempts, End},
    breaker::{Breaker, Limits},
    connection::{Connection, Connections, Failure},
    request::Wire,
};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The breaker is open for so long.
    CircuitOpen(Duration),
    /// The server could not be reached, or broke off after it was sent the request.
    Failed {
        was_sent: bool,
        reason: String,
    },
    TimedOut,
}

/// Sends one request. A credential that the server refuses is renewed once, if it can be: what was refused was not
/// carried out (R7.8).
pub(crate) async fn send(
    connections: &Connections,
    server: &Server,
    wire: &mut Wire,
    may_repeat: bool,
    attempts: &mut Attempts,
) -> Result<Connection, Unanswered> {
    let connection = send_as_is(connections, server, wire.bytes(), may_repeat, attempts).await?;
    if connection.head().is_none_or(|head| head.status != StatusCode::UNAUTHORIZED) {
        return Ok(connection);
    }
    match server.credential.renewed(wire.credential(), connections).await {
        Ok(Some(credential)) => wire.replace_credential(&credential),
        // Then the refusal is what there is to say.
        Ok(None) | Err(_) => return Ok(connection),
    }
    send_as_is(connections, server, wire.bytes(), may_repeat, attempts).await
}

/// An answer of 502 to 504 is an answer once there are no more tries.
async fn send_as_is(
    connections: &Connections,
    server: &Server,
    wire: &[u8],
    may_repeat: bool,
    attempts: &mut Attempts,
) -> Result<Connection, Unanswered> {
    loop {
        let admitted = Admitted::by(&server.runtime.breaker, server.limits.breaker)?;
        let place = attempts.begin();
        let unanswered = match attempt(connections, server, wire).await {
            Ok(connection) => {
                let status = connection.head().map_or(0, |head| head.status.as_u16());
                if !matches!(status, 502..=504) {
                    attempts.ended(place, End::Answered);
                    admitted.succeeded();
                    server.runtime.presence.is_there();
                    return Ok(connection);
                }
                admitted.failed();
                let reason = format!("status {status}");
                if !may_repeat || attempts.retries >= server.limits.max_retries {
                    attempts.ended(place, End::Failed(reason));
                    return Ok(connection);
                }
                Unanswered::Failed { was_sent: true, reason }
            }
            Err(unanswered) => {
                admitted.failed();
                server.runtime.presence.is_gone();
                unanswered
            }
        };
        attempts.ended(place, End::from(&unanswered));
        let is_safe = match unanswered {
            Unanswered::Failed { was_sent, .. } => !was_sent || may_repeat,
            Unanswered::CircuitOpen(_) | Unanswered::TimedOut => false,
        };
        if !is_safe || attempts.retries >= server.limits.max_retries {
            return Err(unanswered);
        }
        sleep(server.limits.retry_backoff * 2u32.saturating_pow(attempts.retries)).await;
        attempts.retries += 1;
    }
}

async fn attempt(connections: &Connections, server: &Server, wire: &[u8]) -> Result<Connection, Unanswered> {
    let peer = server.address.peer().await.map_err(|error| Failure::Connect(error.to_string()))?;
    let mut connection = connections.send(peer, wire).await?;
    match timeout(server.limits.timeout, connection.answered()).await {
        Ok(answered) => answered?,
        Err(_) => return Err(Unanswered::TimedOut),
    }
    Ok(connection)
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Connect(reason) => Self::Failed { was_sent: false, reason },
            Failure::Sent(reason) => Self::Failed { was_sent: true, reason },
        }
    }
}

/// A call that the breaker let through; how it ends is told to the breaker exactly once.
struct Admitted<'a> {
    breaker: &'a Breaker,
    limits: Limits,
    is_told: bool,
}

impl<'a> Admitted<'a> {
    fn by(breaker: &'a Breaker, limits: Limits) -> Result<Self, Unanswered> {
        breaker.admit(limits, Instant::now()).map_err(Unanswered::CircuitOpen)?;
        Ok(Self { breaker, limits, is_told: false })
    }

    fn succeeded(mut self) {
        self.is_told = true;
        self.breaker.succeeded(self.limits);
    }

    fn failed(mut self) {
        self.is_told = true;
        self.breaker.failed(self.limits, Instant::now());
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            self.breaker.abandoned();
        }
    }
}
