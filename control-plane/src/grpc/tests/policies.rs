//! Limits, classifications, permissions and safety policies.

use super::*;

/// How a row of a table is made, changed, put out of force (unless only by deletion) and deleted; each about one id.
struct Table {
    kind: Kind,
    insert: &'static str,
    update: &'static str,
    end: Option<&'static str>,
    resume: &'static str,
    delete: &'static str,
    held: fn(&Held) -> Vec<Bytes>,
}

const TABLES: [Table; 5] = [
    Table {
        kind: Kind::RateLimit,
        insert: r#"insert into rate_limits (id, org_id, name, scope_type, "limit") select $1, id, 'r ' || $1, 'user', 5 from organizations"#,
        update: r#"update rate_limits set "limit" = 6 where id = $1"#,
        end: Some("update rate_limits set enabled = false where id = $1"),
        resume: "update rate_limits set enabled = true where id = $1",
        delete: "delete from rate_limits where id = $1",
        held: |held| held.rate_limits.keys().cloned().collect(),
    },
    Table {
        kind: Kind::Budget,
        insert: "insert into budgets (id, org_id, name, scope_type, amount, enforce) select $1, id, 'b ' || $1, 'organization', 5, true from organizations",
        update: "update budgets set amount = 6 where id = $1",
        end: Some("update budgets set enforce = false where id = $1"),
        resume: "update budgets set enforce = true where id = $1",
        delete: "delete from budgets where id = $1",
        held: |held| held.budgets.keys().cloned().collect(),
    },
    Table {
        kind: Kind::ToolClassification,
        insert: "insert into tool_classifications (id, org_id, mcp_server, tool_name, classification) select $1, id, '*', 't-' || $1, 'safe' from organizations",
        update: "update tool_classifications set classification = 'dangerous' where id = $1",
        end: None,
        resume: "",
        delete: "delete from tool_classifications where id = $1",
        held: |held| held.tool_classifications.keys().cloned().collect(),
    },
    Table {
        kind: Kind::ToolPermission,
        insert: "insert into tool_permissions (id, org_id, subject_type, subject_id, mcp_server, tool_name) select $1, org_id, 'user', id, '*', '*' from users limit 1",
        update: "update tool_permissions set effect = 'deny' where id = $1",
        end: Some("update tool_permissions set expires_at = now() - interval '1 second' where id = $1"),
        resume: "update tool_permissions set expires_at = now() + interval '1 day' where id = $1",
        delete: "delete from tool_permissions where id = $1",
        held: |held| held.tool_permissions.keys().cloned().collect(),
    },
    Table {
        kind: Kind::SafetyPolicy,
        insert: "insert into safety_policies (id, org_id, name) select $1, id, 's ' || $1 from organizations",
        update: "update safety_policies set mode = 'warn' where id = $1",
        end: Some("update safety_policies set enabled = false where id = $1"),
        resume: "update safety_policies set enabled = true where id = $1",
        delete: "delete from safety_policies where id = $1",
        held: |held| held.safety_policies.keys().cloned().collect(),
    },
];

/// What the last update said of which ids: true is there, false is gone.
fn last(held: &Held) -> Vec<(Kind, Bytes, bool)> {
    let said = held.changes.iter().map(|change| match change.entity.clone().unwrap() {
        Entity::RateLimit(it) => (Kind::RateLimit, it.id, true),
        Entity::Budget(it) => (Kind::Budget, it.id, true),
        Entity::ToolClassification(it) => (Kind::ToolClassification, it.id, true),
        Entity::ToolPermission(it) => (Kind::ToolPermission, it.id, true),
        Entity::SafetyPolicy(it) => (Kind::SafetyPolicy, it.id, true),
        Entity::Deleted(gone) => (gone.kind(), gone.id, false),
        other => panic!("nothing else changed: {other:?}"),
    });
    said.collect()
}

#[tokio::test]
async fn one_changed_row_is_one_change_of_its_id() {
    let house = House::open().await;
    for table in &TABLES {
        for _ in 0..20 {
            house.sql(table.insert, Uuid::now_v7()).await;
        }
    }
    let mut proxy = house.proxy().await;
    proxy.settle(&house).await;
    for Table { kind, insert, update, end, resume, delete, held } in &TABLES {
        let id = Uuid::now_v7();
        let bytes = Bytes::copy_from_slice(id.as_bytes());
        let mut steps = vec![(*insert, true), (*update, true)];
        steps.extend(end.iter().flat_map(|end| [(*end, false), (*resume, true)]));
        steps.push((*delete, false));
        for (statement, there) in steps {
            house.sql(statement, id).await;
            proxy.apply().await;
            assert_eq!(last(&proxy.held), [(*kind, bytes.clone(), there)], "{statement}");
            assert_eq!(held(&proxy.held).contains(&bytes), there, "{statement}");
            let size: usize = proxy.held.changes.iter().map(prost::Message::encoded_len).sum();
            assert!(size < 600, "{size} bytes for {statement}");
        }
        assert!(held(&proxy.held).len() >= 20, "the others are as they were");
    }
}

#[tokio::test]
async fn deltas_lead_where_a_full_snapshot_begins() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    let mut ids = Vec::new();
    for table in &TABLES {
        for step in 0..5 {
            let id = Uuid::now_v7();
            house.sql(table.insert, id).await;
            match step {
                0 => house.sql(table.update, id).await,
                1 => house.sql(table.delete, id).await,
                2 => house.sql(table.end.unwrap_or(table.update), id).await,
                _ => {}
            }
            ids.push(id);
        }
    }
    proxy.settle(&house).await;
    let fresh = house.proxy().await.held;
    assert_eq!(fresh.rate_limits, proxy.held.rate_limits);
    assert_eq!(fresh.budgets, proxy.held.budgets);
    assert_eq!(fresh.tool_classifications, proxy.held.tool_classifications);
    assert_eq!(fresh.tool_permissions, proxy.held.tool_permissions);
    assert_eq!(fresh.safety_policies, proxy.held.safety_policies);
    assert_eq!((fresh.rate_limits.len(), fresh.tool_classifications.len()), (3, 4), "what ended is not told");
    assert_eq!(fresh.safety_policies.len(), 4, "and the organization's first one");
}

#[tokio::test]
async fn a_limit_arrives_with_all_that_it_says() {
    let house = House::open().await;
    let id = Uuid::now_v7();
    house
        .sql(
            r#"insert into rate_limits (id, org_id, name, kind, scope_type, scope_value, environment, metric, "limit", window_seconds, period)
               select $1, id, 'tokens', 'quota', 'tool', 'fs__read', 'prd', 'input_tokens', 5000000000, 3600, 'month' from organizations"#,
            id,
        )
        .await;
    let proxy = house.proxy().await;
    let expected = RateLimit {
        id: Bytes::copy_from_slice(id.as_bytes()),
        org_id: Bytes::copy_from_slice(house.org.as_bytes()),
        name: "tokens".into(),
        kind: "quota".into(),
        scope_type: "tool".into(),
        scope_value: "fs__read".into(),
        environment: "prd".into(),
        metric: "input_tokens".into(),
        limit: 5_000_000_000,
        window_seconds: 3600,
        period: "month".into(),
    };
    assert_eq!(proxy.held.rate_limits.into_values().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_permission_arrives_with_its_bounds_and_goes_with_its_subject() {
    let house = House::open().await;
    let key = house.add_key("k").await;
    house
        .sql(
            r#"insert into tool_permissions (org_id, subject_type, subject_id, mcp_server, tool_name, effect, argument_rules, max_uses_per_day, expires_at)
               select org_id, 'api_key', id, 'fs', 'write_*', 'allow',
                  '[{"pointer": "/path", "op": "prefix", "values": ["/tmp/"]}, {"pointer": "/n", "op": "in", "values": [1, "1"]}]',
                  3, '2100-01-01T00:00:00Z' from api_keys where id = $1"#,
            key,
        )
        .await;
    let mut proxy = house.proxy().await;
    let permission = proxy.held.tool_permissions.values().next().unwrap().clone();
    assert_eq!(
        (permission.subject_type.as_str(), permission.subject_id.as_ref()),
        ("api_key", key.as_bytes().as_slice())
    );
    assert_eq!((permission.max_uses_per_day, permission.expires_at_ms), (3, 4_102_444_800_000));
    let rules: Vec<_> =
        permission.argument_rules.iter().map(|rule| (rule.op.as_str(), rule.values.join(" "))).collect();
    assert_eq!(rules, [("prefix", r#""/tmp/""#.to_owned()), ("in", r#"1 "1""#.to_owned())]);
    house.sql("delete from api_keys where id = $1", key).await;
    proxy.until(|held| !held.has_key(key)).await;
    assert!(proxy.held.tool_permissions.is_empty());
}

#[tokio::test]
async fn a_safety_policy_arrives_with_its_patterns() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    let first = proxy.held.safety_policies.values().next().unwrap().clone();
    assert_eq!(
        (first.name.as_str(), first.mode.as_str(), first.sensitivity.as_str()),
        ("default", "block", "moderate")
    );
    assert_eq!((first.detectors.len(), first.directions.join(" ")), (11, "request response".into()));
    assert_eq!(
        (first.mcp_servers.join(" "), first.tools.join(" "), first.min_severity.as_str()),
        ("*".into(), "*".into(), "medium")
    );
    house
        .sql(
            r#"update safety_policies set patterns = '{"block": ["a\"b", "\\d+"], "allow": ["ok"]}' where org_id = $1"#,
            house.org,
        )
        .await;
    proxy.until(|held| held.safety_policies.values().any(|policy| policy.allow_patterns == ["ok"])).await;
    assert_eq!(proxy.held.safety_policies.values().next().unwrap().block_patterns, ["a\"b", "\\d+"]);
}
