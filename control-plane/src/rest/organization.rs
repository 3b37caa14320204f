//! `/v1/organization` (contract 3.2).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::Patch,
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{OrgId, UserId},
    service::organization::{self, OrganizationForm},
    store::organizations::OrganizationRow,
};

#[derive(Serialize, ToSchema)]
pub struct Organization {
    id: OrgId,
    /// Itself.
    org_id: OrgId,
    name: String,
    slug: String,
    #[schema(required)]
    billing_email: Option<String>,
    plan: String,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<OrganizationRow> for Organization {
    fn from(row: OrganizationRow) -> Self {
        Self {
            id: row.id,
            org_id: row.id,
            name: row.name,
            slug: row.slug,
            billing_email: row.billing_email,
            plan: row.plan,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get, update))
}

/// The organization of the caller.
#[utoipa::path(get, path = "/v1/organization", operation_id = "getOrganization", tag = "organization",
    responses((status = 200, body = Organization)))]
async fn get(State(app): State<Arc<App>>, principal: Principal) -> Result<Tagged<Organization>> {
    let row = organization::get(&app, &principal).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Change the name or the billing address.
#[utoipa::path(patch, path = "/v1/organization", operation_id = "updateOrganization", tag = "organization",
    request_body = OrganizationForm, responses((status = 200, body = Organization)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    if_match: IfMatch,
    patch: Patch<OrganizationForm>,
) -> Result<Tagged<Organization>> {
    let row = organization::update(&app, &principal, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::testing::{ADMIN_KEY, TestApp};

    #[tokio::test]
    async fn a_patch_changes_what_it_names_and_the_tag_moves() {
        let test = TestApp::start().await;
        let before = test.get("/v1/organization").await;
        assert_eq!(before.header("etag"), "\"1\"");
        let body = json!({"billing_email": "money@example.com"});
        let after = test.patch("/v1/organization", body).await;
        assert_eq!(after.header("etag"), "\"2\"");
        let (before, after) = (before.expect(200), after.expect(200));
        assert_eq!((&after["name"], &after["version"]), (&before["name"], &json!(2)));
        assert_eq!(after["billing_email"], "money@example.com");
        let cleared = test.patch("/v1/organization", json!({"billing_email": null})).await.expect(200);
        assert_eq!(cleared["billing_email"], json!(null));
    }

    #[tokio::test]
    async fn a_stale_tag_is_refused_and_a_known_one_saves_the_answer() {
        let test = TestApp::start().await;
        let patch = |tag: &'static str, name: &'static str| {
            let body = Some(json!({"name": name}));
            let headers = [("if-match", tag)];
            let test = &test;
            async move { test.request(ADMIN_KEY, Method::PATCH, "/v1/organization", &headers, body).await }
        };
        patch("\"1\"", "New").await.expect(200);
        let stale = patch("\"1\"", "Newer").await.expect(412);
        assert_eq!(stale["error"]["details"]["current_version"], 2);
        let known = test
            .request(ADMIN_KEY, Method::GET, "/v1/organization", &[("if-none-match", "\"2\"")], None)
            .await;
        assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    }

    #[tokio::test]
    async fn all_faults_of_a_patch_are_told_at_once() {
        let test = TestApp::start().await;
        let body = json!({"slug": "x", "plan": "y", "name": "", "billing_email": "nobody", "color": 1});
        let fields =
            test.patch("/v1/organization", body).await.expect(400)["error"]["details"]["fields"].clone();
        let codes: Vec<_> =
            fields.as_array().unwrap().iter().map(|fault| fault["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["read_only", "read_only", "unknown", "length", "format"], "{fields}");
    }

    #[tokio::test]
    async fn reading_and_changing_need_their_permissions() {
        let test = TestApp::start().await;
        let reader = test.key_with(&["settings:read"]).await;
        test.get_as(&reader, "/v1/organization").await.expect(200);
        let answer =
            test.request(&reader, Method::PATCH, "/v1/organization", &[], Some(json!({"name": "x"}))).await;
        assert_eq!(answer.refused(403), "permission_denied");
        let nobody = test.key_with(&["mcp:*"]).await;
        assert_eq!(test.get_as(&nobody, "/v1/organization").await.refused(403), "permission_denied");
    }
}
