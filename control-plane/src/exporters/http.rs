//! OTLP over HTTP: a POST of protobuf or of its JSON.

use ::http::{HeaderMap, Request, Response, StatusCode, header};
use chrono::Utc;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;

use super::{
    answer::{self, Accepted, Refusal},
    send::Receiver,
};
use crate::egress::Egress;

const USER_AGENT: &str = concat!("gatewayops/", env!("CARGO_PKG_VERSION"));
const DEFAULT_PATH: &str = "/v1/traces";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Protobuf,
    Json,
}

pub(super) async fn send(
    egress: &Egress,
    receiver: &Receiver,
    request: &ExportTraceServiceRequest,
    form: Form,
) -> Result<Accepted, Refusal> {
    let (content_type, body) = match form {
        Form::Protobuf => ("application/x-protobuf", request.encode_to_vec()),
        Form::Json => {
            let body = serde_json::to_vec(request).map_err(|error| Refusal::later(error.to_string()))?;
            ("application/json", body)
        }
    };
    let mut post = Request::post(url(&receiver.endpoint))
        .header(header::CONTENT_TYPE, content_type)
        .header(header::USER_AGENT, USER_AGENT);
    for (name, value) in &receiver.headers {
        post = post.header(name, value);
    }
    let post = post.body(body).map_err(|_| Refusal::later("the endpoint is no URL"))?;
    match egress.send(post).await {
        Ok(answer) => read(&answer, form),
        Err(error) => Err(Refusal::later(error.to_string())),
    }
}

/// An endpoint without a path has the one of OTLP.
fn url(endpoint: &str) -> String {
    match url::Url::parse(endpoint) {
        Ok(mut url) if url.path() == "/" && url.query().is_none() => {
            url.set_path(DEFAULT_PATH);
            url.to_string()
        }
        _ => endpoint.to_owned(),
    }
}

fn read(answer: &Response<Vec<u8>>, form: Form) -> Result<Accepted, Refusal> {
    if answer.status().is_success() {
        return Ok(accepted(answer.body(), form));
    }
    let wait = retry_after(answer.headers());
    Err(Refusal {
        message: message(answer.status(), answer.body(), form),
        verdict: answer::verdict_of_http(answer.status(), wait),
    })
}

fn retry_after(headers: &HeaderMap) -> Option<std::time::Duration> {
    answer::retry_after(headers.get(header::RETRY_AFTER)?.to_str().ok()?, Utc::now())
}

/// What it says of spans that it did not take. Many answer nothing at all.
fn accepted(body: &[u8], form: Form) -> Accepted {
    let (rejected, message) = match form {
        Form::Protobuf => {
            let response = ExportTraceServiceResponse::decode(body).unwrap_or_default();
            let partial = response.partial_success.unwrap_or_default();
            (u64::try_from(partial.rejected_spans).unwrap_or(0), partial.error_message)
        }
        Form::Json => {
            let response: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            let partial = &response["partialSuccess"];
            // 64 bits are a string in protobuf's JSON; not everybody knows.
            let rejected = &partial["rejectedSpans"];
            let rejected = rejected.as_u64().or_else(|| rejected.as_str()?.parse().ok());
            (rejected.unwrap_or(0), partial["errorMessage"].as_str().unwrap_or_default().to_owned())
        }
    };
    Accepted { rejected, message: answer::shown(&message) }
}

fn message(status: StatusCode, body: &[u8], form: Form) -> String {
    let said = match form {
        Form::Protobuf => answer::Status::decode(body).map(|status| status.message).unwrap_or_default(),
        Form::Json => serde_json::from_slice::<serde_json::Value>(body)
            .ok()
            .and_then(|body| body["message"].as_str().map(str::to_owned))
            .unwrap_or_default(),
    };
    let said = answer::shown(&said);
    let colon = if said.is_empty() { "" } else { ": " };
    format!("the receiver answered {}{colon}{said}", status.as_u16())
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;

    use super::{super::answer::Verdict, *};

    #[test]
    fn an_endpoint_without_a_path_has_that_of_otlp() {
        assert_eq!(url("https://otel.example.com"), "https://otel.example.com/v1/traces");
        assert_eq!(url("https://otel.example.com:4318/"), "https://otel.example.com:4318/v1/traces");
        assert_eq!(url("https://example.com/otlp/x"), "https://example.com/otlp/x");
    }

    #[test]
    fn what_a_receiver_did_not_take_is_read_in_both_forms() {
        let json = br#"{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "too old\n"}}"#;
        let expected = Accepted { rejected: 3, message: "too old".into() };
        assert_eq!(accepted(json, Form::Json), expected);
        let partial = ExportTracePartialSuccess { rejected_spans: 3, error_message: "too old".into() };
        let response = ExportTraceServiceResponse { partial_success: Some(partial) };
        assert_eq!(accepted(&response.encode_to_vec(), Form::Protobuf), expected);
        assert_eq!(accepted(b"<html>", Form::Json), Accepted::default());
    }

    #[test]
    fn a_refusal_names_the_status_and_what_was_said() {
        let answer = |status: u16, body: &[u8]| {
            let mut answer = Response::new(body.to_vec());
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            answer.headers_mut().insert(header::RETRY_AFTER, "7".parse().unwrap());
            read(&answer, Form::Json).unwrap_err()
        };
        let busy = answer(429, br#"{"message": "slower"}"#);
        assert_eq!(busy.message, "the receiver answered 429: slower");
        assert_eq!(busy.verdict, Verdict::Later(Some(std::time::Duration::from_secs(7))));
        assert_eq!(answer(400, b"").verdict, Verdict::Final);
    }
}
