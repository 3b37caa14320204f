//! People, as proxies know them.

use gatewayops_proto::control::{api_key, user::State};
use serde_json::json;

use super::*;

fn grants(user: &User) -> Vec<(Uuid, String)> {
    let grants = user.server_grants.iter();
    grants.map(|on| (Uuid::from_slice(&on.server_id).unwrap(), on.permissions.join(" "))).collect()
}

#[tokio::test]
async fn a_user_arrives_with_what_they_hold_everywhere_and_on_single_servers() {
    let house = House::open().await;
    let server = house.add_server("fs").await;
    let ann = house.test.add_user("ann@example.com", "developer").await;
    let mut proxy = house.proxy().await;
    assert_eq!(proxy.held.users.len(), 2, "and the administrator of the first start");
    assert_eq!(
        (proxy.user(ann).state(), proxy.user(ann).permissions.join(" ")),
        (State::Active, "mcp:read mcp:call".into())
    );
    assert_eq!(proxy.user(ann).org_id, house.org.as_bytes().as_slice());

    let bob = house.test.add_user("bob@example.com", "viewer").await;
    proxy.until(|held| held.has_user(bob)).await;
    assert!(proxy.user(bob).permissions.is_empty() && grants(proxy.user(bob)).is_empty());
    let role = house.test.role("developer").await;
    let on_server = json!({"user_id": bob, "role_id": role, "scope_type": "server", "scope_id": server});
    let assigned = house.test.post("/v1/role-assignments", on_server).await.expect(201);
    let bobs = |held: &Held| held.users[bob.as_bytes().as_slice()].clone();
    proxy.until(|held| !bobs(held).server_grants.is_empty()).await;
    assert_eq!(grants(proxy.user(bob)), [(server, "mcp:read mcp:call".to_owned())]);
    assert!(proxy.user(bob).permissions.is_empty(), "nowhere else");
    house
        .test
        .delete(&format!("/v1/role-assignments/{}", assigned["id"].as_str().unwrap()))
        .await
        .expect(204);
    proxy.until(|held| bobs(held).server_grants.is_empty()).await;

    let fresh = house.proxy().await;
    assert_eq!(fresh.held.users, proxy.held.users, "deltas lead where a full snapshot begins");
}

#[tokio::test]
async fn what_is_held_on_a_team_opens_nothing_to_a_token_that_names_no_team() {
    let house = House::open().await;
    let ann = house.test.add_user("ann@example.com", "viewer").await;
    let team = house.test.add_team("payments", &[ann]).await;
    house.test.assign_in_team(ann, "developer", team).await;
    let proxy = house.proxy().await;
    assert!(proxy.user(ann).permissions.is_empty() && proxy.user(ann).server_grants.is_empty());
}

#[tokio::test]
async fn the_teams_of_a_person_reach_them_and_their_keys_together() {
    let house = House::open().await;
    let ann = house.test.add_user("ann@example.com", "developer").await;
    let (key, _) = house.test.personal_key(ann).await;
    let service = house.add_key("of nobody").await;
    let mut proxy = house.proxy().await;
    proxy.settle(&house).await;
    assert!(proxy.user(ann).team_ids.is_empty() && proxy.key(key).user_team_ids.is_empty());

    let payments = house.test.add_team("payments", &[ann]).await;
    let search = house.test.add_team("search", &[ann]).await;
    let both = |held: &Held| held.users[ann.as_bytes().as_slice()].team_ids.len() == 2;
    while !both(&proxy.held) {
        proxy.apply().await;
        assert_eq!(proxy.user(ann).team_ids, proxy.key(key).user_team_ids, "never one without the other");
    }
    let mut teams = [payments, search].map(|team| Bytes::copy_from_slice(team.as_bytes()));
    teams.sort();
    assert_eq!(proxy.user(ann).team_ids, teams);
    assert!(proxy.key(service).user_team_ids.is_empty());
    let fresh = house.proxy().await;
    assert!(fresh.held.users == proxy.held.users && fresh.held.keys == proxy.held.keys);

    house.test.delete(&format!("/v1/teams/{payments}/members/{ann}")).await.expect(204);
    proxy.until(|held| !both(held)).await;
    assert_eq!(proxy.user(ann).team_ids, [search.as_bytes().as_slice()]);
    assert_eq!(proxy.key(key).user_team_ids, [search.as_bytes().as_slice()]);
    house.sql("delete from teams where id = $1", search).await;
    proxy.until(|held| held.users[ann.as_bytes().as_slice()].team_ids.is_empty()).await;
    assert!(proxy.key(key).user_team_ids.is_empty());
}

#[tokio::test]
async fn a_suspended_user_and_their_keys_arrive_in_one_revision() {
    let house = House::open().await;
    let ann = house.test.add_user("ann@example.com", "developer").await;
    let (key, _) = house.test.personal_key(ann).await;
    let mut proxy = house.proxy().await;
    let path = format!("/v1/users/{ann}");
    house.test.patch(&path, json!({"status": "suspended"})).await.expect(200);
    while proxy.user(ann).state() == State::Active {
        assert_eq!(
            proxy.key(key).state(),
            api_key::State::Active,
            "the key was not refused before its owner"
        );
        proxy.apply().await;
    }
    assert_eq!(proxy.key(key).state(), api_key::State::OwnerSuspended);
    let revision = proxy.held.revision;

    house.test.patch(&path, json!({"status": "active"})).await.expect(200);
    proxy
        .until(|held| {
            held.revision > revision && held.users[ann.as_bytes().as_slice()].state() == State::Active
        })
        .await;
    house.test.delete(&path).await.expect(204);
    proxy.until(|held| !held.has_user(ann)).await;
    assert!(!house.proxy().await.held.has_user(ann));
}

#[tokio::test]
async fn a_changed_role_reaches_everybody_who_has_it_and_nobody_else() {
    let house = House::open().await;
    let body = json!({"name": "caller", "permissions": ["mcp:call"]});
    let role = house.test.post("/v1/roles", body).await.expect(201);
    let ann = house.test.add_user("ann@example.com", "caller").await;
    let bob = house.test.add_user("bob@example.com", "developer").await;
    let mut proxy = house.proxy().await;
    assert_eq!(proxy.user(ann).permissions, ["mcp:call"]);
    // Changes arrive in their order: with this one, all that the snapshot had already.
    let last = house.test.add_user("last@example.com", "viewer").await;
    proxy.until(|held| held.users.contains_key(last.as_bytes().as_slice())).await;
    let revision = proxy.held.revision;
    let path = format!("/v1/roles/{}", role["id"].as_str().unwrap());
    house.test.patch(&path, json!({"permissions": ["mcp:read"]})).await.expect(200);
    proxy.until(|held| held.revision > revision).await;
    assert_eq!(proxy.user(ann).permissions, ["mcp:read"]);
    let told: Vec<_> = proxy
        .held
        .changes
        .iter()
        .filter_map(|change| match &change.entity {
            Some(Entity::User(user)) => Uuid::from_slice(&user.id).ok(),
            _ => None,
        })
        .collect();
    assert!(told == [ann] && !told.contains(&bob), "{told:?}");
}

#[tokio::test]
async fn a_person_is_found_by_what_their_provider_calls_them() {
    let house = House::open().await;
    let ann = house.test.add_user("ann@example.com", "developer").await;
    let mut proxy = house.proxy().await;
    assert!(proxy.user(ann).sso_provider_id.is_empty() && proxy.user(ann).sso_subject.is_empty());
    house
        .sql(
            "with idp as (
                insert into sso_providers (org_id, type, name, issuer_url, client_id, client_secret_encrypted)
                select org_id, 'oidc', 'idp', 'https://idp.example.com', 'id', '' from users where id = $1
                returning id)
             select 1 from idp",
            ann,
        )
        .await;
    house
        .sql(
            "update users set sso_provider_id = (select id from sso_providers), sso_subject = 'ann-7'
             where id = $1",
            ann,
        )
        .await;
    proxy.until(|held| !held.users[ann.as_bytes().as_slice()].sso_subject.is_empty()).await;
    assert_eq!((proxy.user(ann).sso_subject.as_str(), proxy.user(ann).sso_provider_id.len()), ("ann-7", 16));
}

#[tokio::test]
async fn what_people_do_in_the_dashboard_is_no_news() {
    let house = House::open().await;
    let ann = house.test.add_user("ann@example.com", "developer").await;
    let mut proxy = house.proxy().await;
    let revision = proxy.held.revision;
    house
        .sql(
            r#"update users set last_active_at = now(), last_login_at = now(), name = 'Ann B', avatar_url = 'https://a',
                preferences = '{"theme": "dark"}', password_hash = 'x', version = version + 1, updated_at = now()
             where id = $1"#,
            ann,
        )
        .await;
    house.add_server("fs").await;
    let held = proxy.until(|held| !held.servers.is_empty()).await;
    assert_eq!(held.revision, revision + 1, "only the server");
}
