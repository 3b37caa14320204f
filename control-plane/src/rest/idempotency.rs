//! `Idempotency-Key`: the result of a POST is kept and given again (contract 1.3).
//!
//! A repeat has the same status and body, with one-time secrets `null`; another body under the same key is refused,
//! and so is a repeat while the first still runs. Results that a later try may better (5xx, 401, 403, 429) are not kept.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use ring::digest;
use serde_json::{Value, json};

use super::{edge, form::read_body, identity::Identity, respond::Once};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    store::idempotency::{self, Kept, Slot},
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers that belong to a result.
const KEPT_HEADERS: [HeaderName; 2] = [header::LOCATION, header::ETAG];

pub async fn replay(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Identity>().cloned();
    match (request.method(), request.headers().get(&KEY).cloned(), identity) {
        (&Method::POST, Some(key), Some(Identity::Known(principal))) => {
            // On its own task: a client that goes away does not leave the work half done and unrecorded.
            let work = tokio::spawn(async move { once(&app, &principal, &key, request, next).await });
            work.await.map_err(Error::internal).and_then(|outcome| outcome).into_response()
        }
        _ => next.run(request).await,
    }
}

async fn once(
    app: &App,
    principal: &Principal,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response> {
    let slot = Slot {
        principal: principal.label(),
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        key: key_text(key)?.to_owned(),
    };
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body).await?;
    let hash = request_hash(parts.uri.query(), &body);

    let mut tx = app.database.tenant(principal.org).await?;
    let kept = idempotency::begin(&mut tx, principal.org, &slot, &hash).await?;
    tx.commit().await?;
    if let Some(kept) = kept {
        return replayed(kept, &hash);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(app, principal, &slot, response).await
}

fn key_text(key: &HeaderValue) -> Result<&str> {
    let text = key
        .to_str()
        .ok()
        .filter(|text| (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()));
    text.ok_or_else(|| Error::invalid_request("Idempotency-Key must be 1 to 255 visible ASCII characters"))
}

fn request_hash(query: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(query.unwrap_or_default().as_bytes());
    context.update(b"\0");
    context.update(body);
    context.finish().as_ref().to_vec()
}

fn replayed(kept: Kept, hash: &[u8]) -> Result<Response> {
    if kept.request_hash != hash {
        return Err(Error::new(
            Code::IdempotencyKeyReused,
            "this Idempotency-Key was used with another body",
        ));
    }
    let (Some(status), Some(response)) = (kept.status, kept.response) else {
        return Err(Error::new(
            Code::IdempotencyInProgress,
            "the first request with this Idempotency-Key still runs",
        ));
    };
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut headers = HeaderMap::from_iter([(REPLAYED, HeaderValue::from_static("true"))]);
    for name in KEPT_HEADERS {
        let value =
            response["headers"][name.as_str()].as_str().and_then(|value| HeaderValue::from_str(value).ok());
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    let status = status.unwrap_or(StatusCode::OK);
    match &response["body"] {
        Value::Null => Ok((status, headers).into_response()),
        body => Ok((status, headers, axum::Json(body)).into_response()),
    }
}

async fn keep(app: &App, principal: &Principal, slot: &Slot, response: Response) -> Result<Response> {
    let status = response.status();
    let is_final = status.is_success()
        || (status.is_client_error()
            && !matches!(
                status,
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
            ));
    let mut tx = app.database.tenant(principal.org).await?;
    if !is_final {
        idempotency::give_up(&mut tx, principal.org, slot).await?;
        tx.commit().await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
    let mut kept = match parts.extensions.get::<Arc<Error>>() {
        Some(error) => edge::envelope(error, &principal.origin.request_id),
        None => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    };
    for field in parts.extensions.get::<Once>().map(|once| once.0).unwrap_or_default() {
        if let Some(secret) = kept.pointer_mut(&format!("/{}", field.replace('.', "/"))) {
            *secret = Value::Null;
        }
    }
    let headers: serde_json::Map<_, _> = KEPT_HEADERS
        .iter()
        .filter_map(|name| Some((name.to_string(), json!(parts.headers.get(name)?.to_str().ok()?))))
        .collect();
    let kept = json!({"body": kept, "headers": headers});
    let code = i16::try_from(status.as_u16()).unwrap_or_default();
    idempotency::finish(&mut tx, principal.org, slot, code, &kept).await?;
    tx.commit().await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::testing::{ADMIN_KEY, Answer, TestApp};

    async fn post(test: &TestApp, key: &str, body: Value) -> Answer {
        let headers = [("idempotency-key", key)];
        test.request(ADMIN_KEY, Method::POST, "/v1/api-keys", &headers, Some(body)).await
    }

    #[tokio::test]
    async fn a_repeat_answers_the_same_without_the_secret_and_does_nothing() {
        let test = TestApp::start().await;
        let first = post(&test, "k1", json!({"name": "once"})).await;
        let again = post(&test, "k1", json!({"name": "once"})).await;
        assert_eq!((again.header("idempotency-replayed"), again.status), ("true", first.status));
        assert_eq!(again.header("location"), first.header("location"));
        let mut expected = first.expect(201);
        assert!(expected["key"].is_string());
        expected["key"] = Value::Null;
        assert_eq!(again.expect(201), expected);
        assert_eq!(test.get("/v1/api-keys?q=once").await.expect(200)["total"], 1);
    }

    #[tokio::test]
    async fn a_refusal_is_repeated_with_its_first_request_id() {
        let test = TestApp::start().await;
        let first = post(&test, "k1", json!({"name": ""})).await.expect(400);
        let again = post(&test, "k1", json!({"name": ""})).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.expect(400), first);
    }

    #[tokio::test]
    async fn another_body_under_the_same_key_is_refused() {
        let test = TestApp::start().await;
        post(&test, "k1", json!({"name": "once"})).await.expect(201);
        assert_eq!(post(&test, "k1", json!({"name": "b"})).await.refused(422), "idempotency_key_reused");
    }

    #[tokio::test]
    async fn of_two_at_once_one_runs() {
        let test = TestApp::start().await;
        let (one, two) = tokio::join!(
            post(&test, "k1", json!({"name": "once"})),
            post(&test, "k1", json!({"name": "once"}))
        );
        let statuses = [one.status.as_u16(), two.status.as_u16()];
        assert!(statuses.contains(&201), "{statuses:?}");
        assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
        assert_eq!(test.get("/v1/api-keys?q=once").await.expect(200)["total"], 1);
    }

    #[tokio::test]
    async fn a_key_belongs_to_its_principal_and_must_be_plain() {
        let test = TestApp::start().await;
        let other = test.key_with(&["keys:*", "mcp:*"]).await;
        post(&test, "k1", json!({"name": "once"})).await.expect(201);
        let headers = [("idempotency-key", "k1")];
        let answer =
            test.request(&other, Method::POST, "/v1/api-keys", &headers, Some(json!({"name": "once"}))).await;
        assert_eq!((answer.status.as_u16(), answer.header("idempotency-replayed")), (201, ""));
        assert_eq!(post(&test, "a b", json!({"name": "once"})).await.refused(400), "invalid_request");
    }
}
