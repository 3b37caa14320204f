//! What groups grant.

use serde_json::json;

use crate::testing::sign_in::{SsoHouse, provider_form};

/// A house whose groups `admins`, `billing` and `payments` grant something; the id of the team.
async fn mapped() -> (SsoHouse, String) {
    map(SsoHouse::open().await).await
}

async fn map(house: SsoHouse) -> (SsoHouse, String) {
    let team = house.test.add_team("Payments", &[]).await.to_string();
    let (admin, billing) = (house.test.role("admin").await, house.test.role("billing").await);
    house
        .change(json!({"group_mappings": [
            {"group": "admins", "role_id": admin},
            {"group": "billing", "role_id": billing},
            {"group": "payments", "team_id": team},
        ]}))
        .await;
    house.idp.claim(json!({"groups": []}));
    (house, team)
}

async fn holds(house: &SsoHouse) -> (Vec<String>, usize) {
    let user = house.user("ann@example.com").await;
    let names =
        user["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap().to_owned());
    (names.collect(), user["teams"].as_array().unwrap().len())
}

fn roles(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn groups_grant_and_take_away_at_every_sign_in() {
    let (house, _) = mapped().await;
    house.idp.claim(json!({"groups": ["billing", "payments", "others"]}));
    let me = house.me(&house.session().await).await.expect(200);
    assert!(me["permissions"].as_array().unwrap().contains(&json!("budgets:*")), "already in this session");
    assert_eq!(holds(&house).await, (roles(&["billing", "viewer"]), 1));
    house.idp.claim(json!({"groups": ["admins"]}));
    house.session().await;
    assert_eq!(holds(&house).await, (roles(&["admin", "viewer"]), 0));
    // Somebody in no group: most providers leave the claim out then.
    house.idp.claim(json!({"groups": null}));
    house.session().await;
    assert_eq!(holds(&house).await, (roles(&["viewer"]), 0));
    let user = house.user("ann@example.com").await["id"].as_str().unwrap().to_owned();
    let audited = house.test.audited(&user).await;
    let of = |action: &str| audited.iter().filter(|one| *one == action).count();
    assert_eq!((of("role_assignment.create"), of("role_assignment.delete")), (2, 2));
    assert_eq!((of("team_member.create"), of("team_member.delete")), (1, 1));
}

#[tokio::test]
async fn what_was_granted_by_hand_stays() {
    let (house, team) = mapped().await;
    house.session().await;
    let user = house.user("ann@example.com").await["id"].clone();
    let role = house.test.role("billing").await;
    house.test.post("/v1/role-assignments", json!({"user_id": user, "role_id": role})).await.expect(201);
    house
        .test
        .post(&format!("/v1/teams/{team}/members"), json!({"user_id": user, "role": "lead"}))
        .await
        .expect(201);
    for groups in [json!(["billing", "payments"]), json!([])] {
        house.idp.claim(json!({"groups": groups}));
        house.session().await;
        assert_eq!(holds(&house).await, (roles(&["billing", "viewer"]), 1), "{groups}");
    }
    assert_eq!(house.user("ann@example.com").await["teams"][0]["role"], "lead");
}

#[tokio::test]
async fn what_groups_granted_is_not_kept_by_being_in_too_many() {
    let tenant = "/11111111-2222-3333-4444-555555555555/v2.0";
    let (house, _) = map(SsoHouse::open_at(tenant, json!({"type": "azure_ad"})).await).await;
    house.idp.claim(json!({"groups": ["billing"]}));
    house.session().await;
    let too_many = json!({"_claim_names": {"groups": "src1"}});
    house.idp.claim(too_many.clone());
    assert_eq!(house.refused().await, "sso_groups_unknown");
    house.idp.claim(json!({"groups": []}));
    house.session().await;
    house.idp.claim(too_many);
    house.session().await;
    assert_eq!(holds(&house).await.0, roles(&["viewer"]), "who holds nothing by groups comes in without");
}

#[tokio::test]
async fn groups_that_cannot_be_asked_for_are_not_taken_for_granted() {
    let (house, _) = mapped().await;
    house.idp.claim(json!({"groups": ["billing"]}));
    house.session().await;
    house.idp.claim(json!({"groups": null}));
    house.idp.says().user_info_status = http::StatusCode::UNAUTHORIZED;
    assert_eq!(house.refused().await, "sso_groups_unknown");
}

#[tokio::test]
async fn the_last_administrator_stays_one_whatever_their_groups_say() {
    let (house, _) = mapped().await;
    house.idp.claim(json!({"groups": ["admins"]}));
    house.session().await;
    let admin = house.user("admin@example.com").await["id"].as_str().unwrap().to_owned();
    house.test.delete(&format!("/v1/users/{admin}")).await.expect(204);
    house.idp.claim(json!({"groups": []}));
    house.session().await;
    assert_eq!(holds(&house).await.0, roles(&["admin", "viewer"]));
    let path = format!("/v1/sso/providers/{}", house.provider);
    assert_eq!(house.test.delete(&path).await.refused(409), "in_use");
    let narrower = json!({"group_mappings": []});
    assert_eq!(house.test.patch(&path, narrower).await.refused(409), "in_use");
}

#[tokio::test]
async fn what_a_provider_granted_goes_with_it() {
    let (house, _) = mapped().await;
    house.idp.claim(json!({"groups": ["billing", "payments"]}));
    house.session().await;
    house.test.delete(&format!("/v1/sso/providers/{}", house.provider)).await.expect(204);
    assert_eq!(holds(&house).await, (roles(&["viewer"]), 0));
}

#[tokio::test]
async fn groups_are_asked_for_where_the_token_has_none() {
    let (house, _) = mapped().await;
    house.idp.claim(json!({"groups": null}));
    house.idp.says().user_info = json!({"groups": ["billing"]});
    house.session().await;
    assert_eq!(holds(&house).await.0, roles(&["billing", "viewer"]));
}

#[tokio::test]
async fn what_is_mapped_no_longer_is_taken_from_everybody_at_once() {
    let (house, team) = mapped().await;
    house.idp.claim(json!({"groups": ["billing", "payments"]}));
    house.session().await;
    house.change(json!({"group_mappings": [{"group": "payments", "team_id": team}]})).await;
    assert_eq!(holds(&house).await, (roles(&["viewer"]), 1));
    let rows = house.test.audit_rows().await;
    let changed = rows.iter().rfind(|row| row.action == "sso_provider.update").unwrap();
    assert_eq!(
        (&changed.details["roles_removed"], &changed.details["members_removed"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn another_directory_leaves_nothing_that_the_first_ones_groups_granted() {
    let (house, _) = mapped().await;
    house.idp.claim(json!({"groups": ["billing", "payments"]}));
    house.session().await;
    house.change(json!({"issuer_url": "http://127.0.0.1:1", "client_secret": "another"})).await;
    assert_eq!(holds(&house).await, (roles(&["viewer"]), 0));
}

#[tokio::test]
async fn who_moves_to_another_provider_leaves_the_groups_of_the_first() {
    let (mut house, _) = mapped().await;
    house.idp.claim(json!({"groups": ["admins", "payments"]}));
    house.session().await;
    let mut form = provider_form(&house.idp.issuer);
    form["name"] = json!("Other");
    let other = house.test.post("/v1/sso/providers", form).await.expect(201);
    house.change(json!({"enabled": false})).await;
    other["id"].as_str().unwrap().clone_into(&mut house.provider);
    let me = house.me(&house.session().await).await.expect(200);
    assert!(!me["permissions"].as_array().unwrap().contains(&json!("*")), "not in this session any more");
    assert_eq!(holds(&house).await, (roles(&["viewer"]), 0));
}
