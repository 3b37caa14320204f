//! What a receiver makes of a batch.

use std::time::Duration;

use chrono::{DateTime, Utc};
use prost::Message;

/// It took the batch, perhaps without some of the spans.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Accepted {
    pub rejected: u64,
    pub message: String,
}

/// It did not take it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    pub message: String,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Never: this batch is not what it takes.
    Final,
    /// Later, not before what it asked for. An administrator may have to do something first.
    Later(Option<Duration>),
}

impl Refusal {
    pub(super) fn later(message: impl Into<String>) -> Self {
        Self { message: message.into(), verdict: Verdict::Later(None) }
    }
}

/// A receiver that asks for more is not believed.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// `Retry-After` as seconds or as a date (RFC 9110 §10.2.3).
pub(super) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let at = DateTime::parse_from_rfc2822(value.trim()).ok()?;
    Some((at.to_utc() - now).to_std().unwrap_or_default().min(LONGEST_WAIT))
}

/// What OTLP says of a status of HTTP; a batch is at fault where nothing an administrator does would change the answer.
pub(super) fn verdict_of_http(status: ::http::StatusCode, wait: Option<Duration>) -> Verdict {
    match status.as_u16() {
        400 | 413 | 422 => Verdict::Final,
        _ => Verdict::Later(wait),
    }
}

/// And of a status of gRPC.
pub(super) fn verdict_of_grpc(code: tonic::Code, wait: Option<Duration>) -> Verdict {
    match code {
        tonic::Code::InvalidArgument => Verdict::Final,
        _ => Verdict::Later(wait.map(|wait| wait.min(LONGEST_WAIT))),
    }
}

/// What goes with a refusal: google.rpc.Status, as far as it is read.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Status {
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Any>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

/// google.rpc.RetryInfo: when to come again.
#[derive(Clone, PartialEq, prost::Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// When the details of a gRPC status say to come again.
pub(super) fn retry_info(details: &[u8]) -> Option<Duration> {
    let status = Status::decode(details).ok()?;
    let info = status.details.iter().find(|one| one.type_url.ends_with("google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(&*info.value).ok()?.delay?;
    Some(Duration::new(u64::try_from(delay.seconds).ok()?, u32::try_from(delay.nanos).ok()?))
}

/// What somebody else wrote, short enough to be kept and shown.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_may_say_when_to_come_again() {
        let now = "2026-11-30T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after("30", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Mon, 30 Nov 2026 10:01:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Mon, 30 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO), "it is past");
        assert_eq!(retry_after("99999999", now), Some(LONGEST_WAIT));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn over_grpc_it_says_so_in_the_details() {
        let info = RetryInfo { delay: Some(Delay { seconds: 2, nanos: 500_000_000 }) };
        let any =
            Any { type_url: "type.googleapis.com/google.rpc.RetryInfo".into(), value: info.encode_to_vec() };
        let status = Status { message: "busy".into(), details: vec![any] };
        assert_eq!(retry_info(&status.encode_to_vec()), Some(Duration::from_millis(2500)));
        assert_eq!(retry_info(b""), None);
    }

    #[test]
    fn only_what_no_retry_could_mend_is_given_up() {
        let of = |code: u16| verdict_of_http(::http::StatusCode::from_u16(code).unwrap(), None);
        assert_eq!([400, 413, 422].map(of), [Verdict::Final; 3]);
        assert_eq!([401, 403, 404, 408, 429, 500, 502, 503, 504].map(of), [Verdict::Later(None); 9]);
        assert_eq!(verdict_of_grpc(tonic::Code::InvalidArgument, None), Verdict::Final);
        assert_eq!(verdict_of_grpc(tonic::Code::Unavailable, None), Verdict::Later(None));
    }
}
