//! How rows look to a proxy.

use gatewayops_proto::control::{api_key::State, upstream_auth};

use super::*;
use crate::{id::OrgId, seal::Place, store::secrets};

#[tokio::test]
async fn credentials_arrive_open_and_are_stored_sealed() {
    let house = House::open().await;
    let id = house.add_server("fs").await;
    let mut proxy = house.proxy().await;
    let place =
        Place { table: "mcp_servers", column: "auth_encrypted", row: id, org: Some(OrgId(house.org)) };
    let sealed = house.app().sealer.seal(&place, b"hush-hush");
    assert!(!sealed.windows(9).any(|window| window == b"hush-hush"));
    let mut conn = house.app().database.worker().await.unwrap();
    sqlx::query(r#"update mcp_servers set auth = '{"type": "bearer"}', auth_encrypted = $2 where id = $1"#)
        .bind(id)
        .bind(&sealed)
        .execute(&mut *conn)
        .await
        .unwrap();
    conn.commit().await.unwrap();
    proxy.apply().await;
    let server = &proxy.held.servers[id.as_bytes().as_slice()];
    let auth = server.auth.as_ref().and_then(|auth| auth.kind.clone());
    assert_eq!(auth, Some(upstream_auth::Kind::BearerToken("hush-hush".into())));
    let logged: bool = sqlx::query_scalar(
        "select exists (select from policy_changes where position('hush' in coalesce(after::text, '')) > 0)",
    )
    .fetch_one(house.app().database.pool())
    .await
    .unwrap();
    assert!(!logged);

    // Sealed for another row: the server is sent, but cannot be called.
    let elsewhere = house.app().sealer.seal(&Place { row: Uuid::nil(), ..place }, b"hush-hush");
    let mut conn = house.app().database.worker().await.unwrap();
    sqlx::query("update mcp_servers set auth_encrypted = $2 where id = $1")
        .bind(id)
        .bind(elsewhere)
        .execute(&mut *conn)
        .await
        .unwrap();
    conn.commit().await.unwrap();
    proxy.apply().await;
    let server = &proxy.held.servers[id.as_bytes().as_slice()];
    assert!(!server.enabled && server.auth.is_none());
}

#[tokio::test]
async fn a_server_comes_with_its_prices_and_tools() {
    let house = House::open().await;
    let id = house.add_server("fs").await;
    let mut proxy = house.proxy().await;
    house
        .sql(
            "insert into mcp_server_prices (org_id, server_id, tool_name, per_call, per_input_token, per_output_token, valid_from)
             select s.org_id, s.id, p.tool_name, p.per_call, p.per_call, p.per_call, now() + p.begins
             from mcp_servers s, (values
                (null, 0.001, interval '-2 days'), (null, 0.002, interval '-1 day'), (null, 9, interval '1 day'),
                ('read_*', 0.5, interval '-2 days'), ('gone', 1, interval '-2 days'), ('gone', null, interval '-1 day')
             ) p (tool_name, per_call, begins) where s.id = $1",
            id,
        )
        .await;
    let prices = &proxy.apply().await.servers[id.as_bytes().as_slice()].prices;
    let prices: Vec<_> =
        prices.iter().map(|price| (price.tool_name.as_str(), price.per_call.as_str())).collect();
    assert_eq!(prices, [("", "0.002000000000"), ("read_*", "0.500000000000")]);

    house
        .sql(
            r#"insert into mcp_tools (org_id, server_id, name, definition, schema_hash, approved_hash, approved_definition, status)
             select s.org_id, s.id, t.name, t.definition::jsonb, repeat('a', 64), t.hash, t.approved::jsonb, t.status
             from mcp_servers s, (values
                ('new', '{"inputSchema": {"properties": {"r": {"type": "string", "x-mcp-header": "Region"}}},
                    "annotations": {"readOnlyHint": true}}', null, null, 'new'),
                ('read', '{}', repeat('b', 64), '{"annotations": {"readOnlyHint": true}}', 'active'),
                ('gone', '{}', null, null, 'removed')
             ) t (name, definition, hash, approved, status) where s.id = $1"#,
            id,
        )
        .await;
    let tools = &proxy.apply().await.servers[id.as_bytes().as_slice()].tools;
    let seen: Vec<_> = tools
        .iter()
        .map(|tool| (tool.name.as_str(), tool.repeatable, tool.header_parameters.len()))
        .collect();
    assert_eq!(seen, [("new", false, 1), ("read", true, 0)], "nobody has approved the hint of the new one");
    assert_eq!((tools[0].definition_hash.as_str(), tools[1].definition_hash.len()), ("", 64));
    assert!(tools[0].input_schema.contains("x-mcp-header") && tools[1].input_schema.is_empty());
}

#[tokio::test]
async fn a_personal_key_is_bounded_by_its_owner() {
    let house = House::open().await;
    let key = house.add_key("mine").await;
    let mut proxy = house.proxy().await;
    assert_eq!(proxy.key(key).permissions, ["mcp:read", "mcp:call"], "a service key has no owner");

    let owner = Uuid::now_v7();
    house.sql("insert into users (id, org_id, email, name) select $1, id, 'a@b.example', 'A' from organizations", owner).await;
    house
        .sql(
            "update api_keys set user_id = (select id from users where email = 'a@b.example') where id = $1",
            key,
        )
        .await;
    proxy.until(|held| !held.keys[key.as_bytes().as_slice()].user_id.is_empty()).await;
    assert!(proxy.key(key).permissions.is_empty(), "the owner holds nothing");

    house.sql("insert into user_roles (org_id, user_id, role_id) select u.org_id, u.id, r.id from users u, roles r where u.id = $1 and r.name = 'developer'", owner).await;
    proxy.apply().await;
    assert_eq!(proxy.key(key).permissions, ["mcp:read", "mcp:call"]);

    house.sql("update users set status = 'suspended' where id = $1", owner).await;
    proxy.apply().await;
    assert_eq!(proxy.key(key).state(), State::OwnerSuspended);

    house.sql("delete from users where id = $1", owner).await;
    proxy.until(|held| held.keys[key.as_bytes().as_slice()].state() == State::Revoked).await;
}

#[tokio::test]
async fn what_an_owner_may_do_on_one_server_is_sent_for_that_server() {
    let house = House::open().await;
    let (key, server) = (house.add_key("mine").await, house.add_server("fs").await);
    let mut proxy = house.proxy().await;
    let owner = Uuid::now_v7();
    house.sql("insert into users (id, org_id, email, name) select $1, id, 'a@b.example', 'A' from organizations", owner).await;
    house.sql("update api_keys set user_id = (select id from users where email = 'a@b.example'), permissions = '{mcp:call}' where id = $1", key).await;
    house
        .sql(
            "insert into user_roles (org_id, user_id, role_id, scope_type, scope_id)
             select u.org_id, u.id, r.id, 'server', $1 from users u, roles r
             where u.email = 'a@b.example' and r.name in ('developer', 'billing')",
            server,
        )
        .await;
    let granted = |held: &Held| held.keys[key.as_bytes().as_slice()].server_grants.clone();
    proxy.until(|held| !granted(held).is_empty()).await;
    let grants = granted(&proxy.held);
    assert_eq!(grants.len(), 1);
    assert_eq!(
        (grants[0].server_id.as_ref(), grants[0].permissions.join(" ")),
        (server.as_bytes().as_slice(), "mcp:call".into())
    );
    assert!(proxy.key(key).permissions.is_empty(), "elsewhere the owner may nothing");

    house.sql("delete from user_roles where scope_id = $1", server).await;
    proxy.until(|held| granted(held).is_empty()).await;
}

#[tokio::test]
async fn replicas_that_start_together_share_their_secrets() {
    let house = House::open().await;
    house.sql("delete from system_secrets where $1 is not null", house.org).await;
    let start = || async {
        let app = house.app();
        let mut conn = app.database.worker().await.unwrap();
        secrets::ensure(&mut conn, &app.sealer).await.unwrap();
        conn.commit().await.unwrap();
        let mut conn = app.database.worker().await.unwrap();
        let live = secrets::live(&mut conn, &app.sealer).await.unwrap();
        live.into_iter().map(|secret| (secret.name, secret.value)).collect::<Vec<_>>()
    };
    let (one, two, three) = tokio::join!(start(), start(), start());
    assert_eq!(one.len(), 4);
    assert!(one == two && two == three);
}

#[tokio::test]
async fn a_new_pepper_arrives_beside_the_old_one() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    let mut conn = house.app().database.worker().await.unwrap();
    secrets::insert(&mut conn, &house.app().sealer, secrets::API_KEY_PEPPER, 2, &[7; 32]).await.unwrap();
    conn.commit().await.unwrap();
    let held = proxy.apply().await;
    let peppers: Vec<_> = held.secrets.values().filter(|secret| secret.name == "api_key_pepper").collect();
    assert_eq!(peppers.len(), 2);
    assert!(peppers.iter().all(|secret| secret.current == (secret.key_id == 2)));
    house.sql("update system_secrets set retired_at = now() where name = 'api_key_pepper' and key_id = 1 and $1 is not null", house.org).await;
    let held = proxy.apply().await;
    assert_eq!(held.secrets.values().filter(|secret| secret.name == "api_key_pepper").count(), 1);
}
