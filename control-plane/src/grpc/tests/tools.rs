//! The catalogue: proxies know every tool that is there, so that they can refuse it, and no definition.

use super::*;

/// Tools of one server: name, last seen definition, approved definition, status.
const SOME: &str = r#"
    insert into mcp_tools (org_id, server_id, name, definition, schema_hash, approved_hash, approved_definition, status)
    select s.org_id, s.id, t.name, t.seen::jsonb, repeat('a', 64),
        case when t.approved is not null then repeat('b', 64) end, t.approved::jsonb, t.status
    from mcp_servers s, (values
        ('active', '{}', '{}', 'active'),
        ('blocked', '{}', '{}', 'blocked'),
        ('changed', '{"annotations": {"destructiveHint": true}}', '{"annotations": {"destructiveHint": false}}', 'changed'),
        ('gone', '{}', '{}', 'removed'),
        ('new', '{"annotations": {"destructiveHint": "true"}}', null, 'new'),
        ('tamed', '{"annotations": {}}', '{"annotations": {"destructiveHint": true}}', 'changed')
    ) t (name, seen, approved, status) where s.id = $1"#;

#[tokio::test]
async fn every_tool_arrives_with_its_state_but_those_that_are_gone() {
    let house = House::open().await;
    let server = house.add_server("fs").await;
    let mut proxy = house.proxy().await;
    house.sql(SOME, server).await;
    let tools_of = |held: &Held| held.servers[server.as_bytes().as_slice()].tools.clone();
    proxy.until(|held| !tools_of(held).is_empty()).await;
    let tools = tools_of(&proxy.held);
    let seen: Vec<_> =
        tools.iter().map(|tool| (tool.name.as_str(), tool.status.as_str(), tool.destructive)).collect();
    assert_eq!(
        seen,
        [
            ("active", "active", false),
            ("blocked", "blocked", false),
            ("changed", "changed", true),
            ("new", "new", false),
            ("tamed", "changed", true)
        ],
        "a hint counts whichever of the two definitions has it"
    );
    assert!(tools.iter().all(|tool| tool.seen_hash == "a".repeat(64)));
    assert!(tools.iter().all(|tool| tool.definition_hash.is_empty() == (tool.name == "new")));
    assert_eq!(house.proxy().await.held.servers, proxy.held.servers);

    house
        .sql("update mcp_tools set status = 'removed' where server_id = $1 and name = 'blocked'", server)
        .await;
    proxy.until(|held| tools_of(held).len() == 4).await;
    house
        .sql("update mcp_tools set status = 'active' where server_id = $1 and name = 'blocked'", server)
        .await;
    proxy.until(|held| tools_of(held).len() == 5).await;
}

#[tokio::test]
async fn a_thousand_long_definitions_make_no_long_update() {
    let house = House::open().await;
    let server = house.add_server("fs").await;
    let mut proxy = house.proxy().await;
    house
        .sql(
            "insert into mcp_tools (org_id, server_id, name, definition, schema_hash, approved_hash, approved_definition, status)
             select s.org_id, s.id, 'tool_' || n, long, repeat('a', 64), repeat('a', 64), long, 'active'
             from mcp_servers s, generate_series(1, 1000) n,
                jsonb_build_object('description', repeat('words ', 2000), 'inputSchema', '{}'::jsonb) long
             where s.id = $1",
            server,
        )
        .await;
    proxy.until(|held| held.servers[server.as_bytes().as_slice()].tools.len() == 1000).await;
    let bytes = prost::Message::encoded_len(&proxy.held.servers[server.as_bytes().as_slice()]);
    assert!(bytes < 200_000, "{bytes} bytes");
}
