//! A webhook: the same envelope that webhooks of events get, signed if the channel has a secret (contract 6.3).

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, Request};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Event, Notice, json_post};
use crate::{rest::value::Time, standard_webhooks};

pub(super) fn request(
    url: &str,
    headers: &BTreeMap<String, SecretString>,
    secret: Option<&SecretString>,
    notice: &Notice,
    now: i64,
) -> Result<Request<Vec<u8>>, http::Error> {
    let mut request = json_post(url, &envelope(notice))?;
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value.expose_secret())?;
        value.set_sensitive(true);
        request.headers_mut().insert(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    // What only looks like a secret of the standard's was refused when it was set.
    let keys: Vec<_> = secret
        .and_then(|secret| standard_webhooks::key_in(secret.expose_secret()).ok())
        .into_iter()
        .collect();
    let signed = standard_webhooks::headers(&event_id(notice), now, request.body(), &keys)?;
    // Last: what a channel's own headers say of them does not count.
    request.headers_mut().extend(signed);
    Ok(request)
}

pub(super) fn envelope(notice: &Notice) -> Value {
    let kind = match notice.event {
        Event::Firing | Event::Renotified => "alert.firing",
        Event::Acknowledged => "alert.acknowledged",
        Event::Resolved => "alert.resolved",
    };
    json!({
        "id": event_id(notice),
        "type": kind,
        "created_at": Time(notice.at),
        "org_id": notice.org,
        "data": notice.alert(),
    })
}

fn event_id(notice: &Notice) -> String {
    format!("evt_{}", notice.id)
}
