use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    id::OrgId,
    store::audit::{self, AuditRow},
    testing::{ADMIN_KEY, TestApp, browser::Browser},
};

const PATH: &str = "/v1/organizations";

async fn audit_of(test: &TestApp, org: OrgId) -> Vec<AuditRow> {
    let mut tx = test.app.database.tenant(org).await.unwrap();
    audit::list_from(&mut tx, org, 1, 1000).await.unwrap()
}

fn actions(rows: &[AuditRow]) -> Vec<&str> {
    rows.iter().map(|row| row.action.as_str()).collect()
}

#[tokio::test]
async fn a_new_organization_is_joined_by_its_administrator_and_stands_apart() {
    let test = TestApp::start().await;
    let browser = Browser::log_in(&test).await;
    let body = json!({"name": "Acme & Sons", "admin_email": "ada@acme.example"});
    let made = browser.post(PATH, body).await.expect(201);
    let (organization, invite) = (&made["organization"], &made["invite"]);
    assert_eq!((&organization["slug"], &organization["plan"]), (&json!("acme-sons"), &json!("free")));
    assert_eq!(organization["created_by"], browser.get("/v1/auth/me").await.expect(200)["user"]["id"]);
    assert_eq!(
        (&invite["email"], &invite["role"], &invite["org_id"], &invite["invited_by"]),
        (&json!("ada@acme.example"), &json!("admin"), &organization["id"], &Value::Null)
    );

    let token = invite["accept_url"].as_str().unwrap().split_once("#token=").unwrap().1;
    let body = json!({"token": token, "name": "Ada", "password": "correct horse battery"});
    let me = test.post_as("", "/v1/users/invites/accept", body).await.expect(201);
    assert_eq!(
        (&me["organization"]["id"], &me["roles"][0]["name"], &me["permissions"]),
        (&organization["id"], &json!("admin"), &json!(["*"]))
    );
    let here = test.get("/v1/users").await.expect(200);
    assert_eq!(here["total"], 1, "and is nobody here: {here}");

    let org: OrgId = organization["id"].as_str().unwrap().parse().unwrap();
    let there = audit_of(&test, org).await;
    assert_eq!(
        actions(&there),
        ["organization.create", "user.invite", "user.join", "session.login"],
        "its log begins with itself"
    );
    let here = audit_of(&test, test.org).await;
    let made_here = here.iter().filter(|row| row.resource_id == Some(org.to_string()));
    assert_eq!(made_here.map(|row| row.action.as_str()).collect::<Vec<_>>(), ["organization.create"]);
    assert_eq!((there[0].seq, there[0].actor_id == here.last().unwrap().actor_id), (1, true));
}

#[tokio::test]
async fn slugs_are_given_once_and_one_from_a_name_is_free() {
    let test = TestApp::start().await;
    let browser = Browser::log_in(&test).await;
    let make = |name: &'static str, slug: Value| {
        browser.post(PATH, json!({"name": name, "slug": slug, "admin_email": "ada@acme.example"}))
    };
    assert_eq!(make("Acme", Value::Null).await.expect(201)["organization"]["slug"], "acme");
    assert_eq!(make("ACME!", Value::Null).await.expect(201)["organization"]["slug"], "acme-2");
    assert_eq!(make("Other", json!("acme-3")).await.expect(201)["organization"]["slug"], "acme-3");
    let taken = make("Acme", json!("acme")).await.expect(409);
    assert_eq!(
        (&taken["error"]["code"], &taken["error"]["details"]["field"]),
        (&json!("conflict"), &json!("slug"))
    );
    assert_eq!(browser.get(PATH).await.expect(200)["total"], 4, "nothing was left of what was refused");

    let body = json!({"name": "", "slug": "A b", "admin_email": "nobody", "plan": "gold"});
    let refused = browser.post(PATH, body).await.expect(400);
    let fields = refused["error"]["details"]["fields"].as_array().unwrap();
    let mut fields: Vec<_> = fields.iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["admin_email", "name", "plan", "slug"]);
}

#[tokio::test]
async fn all_organizations_are_listed_and_filtered() {
    let test = TestApp::start().await;
    let browser = Browser::log_in(&test).await;
    let (other, _) = test.other_organization().await;
    let list = browser.get("/v1/organizations?sort=name").await.expect(200);
    let names: Vec<_> =
        list["organizations"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((names, &list["total"]), (vec!["Other Org", "Test Org"], &json!(2)));
    for query in ["q=other", "name=Other%20Org", &format!("slug=other-{other}"), "limit=1"] {
        let list = browser.get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(list["organizations"].as_array().unwrap().len(), 1, "{query}");
        assert_eq!(list["organizations"][0]["id"], json!(other), "{query}");
    }
    assert_eq!(browser.get("/v1/organizations?plan=free").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn who_administers_one_organization_neither_sees_nor_makes_others() {
    let test = TestApp::start().await;
    let admin = test.user("ann", Some("admin")).await;
    let body = json!({"name": "Acme", "admin_email": "ada@acme.example"});
    for key in [ADMIN_KEY.to_owned(), test.key_of(admin).await] {
        let seen = test.get_as(&key, PATH).await.expect(403);
        assert_eq!(seen["error"]["details"]["permission"], "platform:admin");
        assert_eq!(test.post_as(&key, PATH, body.clone()).await.refused(403), "permission_denied");
    }
    let browser = Browser::log_in(&test).await;
    let key = json!({"name": "provisioning", "permissions": ["platform:admin"]});
    let key = browser.post("/v1/api-keys", key).await.expect(201)["key"].as_str().unwrap().to_owned();
    test.post_as(&key, PATH, body).await.expect(201);
    assert_eq!(test.get_as(&key, "/v1/users").await.refused(403), "permission_denied");
}

#[tokio::test]
async fn a_repeated_answer_does_not_show_the_link_again() {
    let test = TestApp::start().await;
    let browser = Browser::log_in(&test).await;
    let body = json!({"name": "Acme", "admin_email": "ada@acme.example"});
    let csrf = browser.csrf.clone();
    let headers = [("x-csrf-token", csrf.as_str()), ("idempotency-key", "o1")];
    let ask = || browser.send(Method::POST, PATH, &headers, Some(body.clone()));
    let first = ask().await.expect(201);
    let again = ask().await.expect(201);
    assert!(first["invite"]["accept_url"].is_string());
    assert_eq!(
        (&again["invite"]["accept_url"], &again["organization"]),
        (&Value::Null, &first["organization"])
    );
}
