//! The OpenAPI document: generated from the handlers, committed as `control-plane/openapi.json`.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(title = "GatewayOps", description = "The control plane of GatewayOps.", license(name = "proprietary")),
    modifiers(&Credentials),
)]
pub struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("gwo_...").build();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-gwo_session")));
        components.add_security_scheme("session", cookie);
        let none: [String; 0] = [];
        document.security = Some(vec![
            SecurityRequirement::new("api_key", none.clone()),
            SecurityRequirement::new("session", none),
        ]);
    }
}
