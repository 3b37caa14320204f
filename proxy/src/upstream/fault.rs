//! What a client is told when a server is at fault, in words a model can act on (R10.8, R10.11).

use super::{Server, send::Unanswered};
use crate::rejection::{Code, Rejection};

impl Server {
    /// A request of ours was not answered.
    pub(crate) fn unanswered(&self, unanswered: &Unanswered, may_repeat: bool) -> Rejection {
        match unanswered {
            Unanswered::TimedOut => self.timed_out(may_repeat),
            Unanswered::Failed { was_sent, reason } => self.failed(*was_sent, reason),
            Unanswered::CircuitOpen(wait) => Rejection::new(
                Code::CircuitOpen,
                format!("{} has failed too often and is left alone for a while; try again later", self.name),
            )
            .with("mcp_server", &*self.name)
            .retry_after(wait.as_secs().max(1)),
        }
    }

    /// The server could not be reached, or broke off.
    pub(crate) fn failed(&self, was_sent: bool, reason: &str) -> Rejection {
        let message = if was_sent {
            format!("{} did not answer; the outcome is unknown, so check before calling again", self.name)
        } else {
            format!("{} cannot be reached; nothing was sent, so calling again later is safe", self.name)
        };
        Rejection::new(Code::UpstreamError, message)
            .with("mcp_server", &*self.name)
            .with("reason", reason)
            .with("retryable", !was_sent)
    }

    pub(crate) fn timed_out(&self, may_repeat: bool) -> Rejection {
        let limit = self.limits.timeout.as_millis();
        Rejection::new(
            Code::UpstreamTimeout,
            format!("{} did not answer within {limit} ms; the outcome is unknown", self.name),
        )
        .with("mcp_server", &*self.name)
        .with("retryable", may_repeat)
    }

    pub(crate) fn refused(&self, status: u16) -> Rejection {
        Rejection::new(
            Code::UpstreamError,
            format!("{} refused the gateway's credential; tell its administrator", self.name),
        )
        .with("mcp_server", &*self.name)
        .with("reason", format!("status {status}"))
        .with("retryable", false)
    }

    /// The server's answer is not what its protocol promises.
    pub(crate) fn unusable(&self, reason: &str) -> Rejection {
        Rejection::new(
            Code::UpstreamError,
            format!("{} answered with something that is no MCP; the outcome is unknown", self.name),
        )
        .with("mcp_server", &*self.name)
        .with("reason", reason)
        .with("retryable", false)
    }
}
