//! The UserInfo endpoint (Core §5.3): many providers put little into the ID token and the rest here.

use http::{Request, StatusCode, header};
use openidconnect::AccessToken;
use serde_json::Value;

use super::{Metadata, Refusal, claims::Claims, metadata::unreachable};
use crate::egress::Egress;

/// What the provider says here about `subject`; nothing when it has no such endpoint.
///
/// # Errors
/// It does not answer, or about somebody else.
pub async fn fetch(
    egress: &Egress,
    metadata: &Metadata,
    token: &AccessToken,
    subject: &str,
) -> Result<Claims, Refusal> {
    let Some(url) = &metadata.userinfo_endpoint else { return Ok(Claims::default()) };
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token.secret()))
        .body(Vec::new());
    let request = request.map_err(|_| Refusal::provider("the UserInfo endpoint cannot be asked"))?;
    let answer = egress.send(request).await.map_err(|error| unreachable("the UserInfo endpoint", &error))?;
    if answer.status() != StatusCode::OK {
        let detail = format!("the UserInfo endpoint answered with status {}", answer.status().as_u16());
        return Err(Refusal::provider(detail));
    }
    let Ok(Value::Object(claims)) = serde_json::from_slice(answer.body()) else {
        return Err(Refusal::provider("the UserInfo endpoint's answer is no JSON object"));
    };
    // Core §5.3.4: another's claims must not be used.
    if claims.get("sub").and_then(Value::as_str) != Some(subject) {
        return Err(Refusal::provider("the UserInfo endpoint answered about somebody else"));
    }
    Ok(Claims(claims))
}
