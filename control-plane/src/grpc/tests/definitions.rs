//! What proxies meet in servers' lists reaches the catalogue.

use chrono::{DateTime, Utc};
use gatewayops_proto::{control::DefinitionsReport, definition};
use serde_json::{Value, json};
use tonic::Code;

use super::*;

fn report(house: &House, server: Uuid, definitions: &[Value], is_incomplete: bool) -> DefinitionsReport {
    DefinitionsReport {
        org_id: Bytes::copy_from_slice(house.org.as_bytes()),
        server_id: Bytes::copy_from_slice(server.as_bytes()),
        definitions: definitions.iter().map(Value::to_string).collect(),
        is_incomplete,
    }
}

async fn catalogue(house: &House) -> Vec<(String, String, String)> {
    let mut conn = house.app().database.worker().await.unwrap();
    sqlx::query_as("select name, status, schema_hash from mcp_tools order by name")
        .fetch_all(&mut *conn)
        .await
        .unwrap()
}

async fn wanted_at(house: &House) -> Option<DateTime<Utc>> {
    let mut conn = house.app().database.worker().await.unwrap();
    sqlx::query_scalar("select visit_wanted_at from mcp_servers").fetch_one(&mut *conn).await.unwrap()
}

fn tool(name: &str, description: &str) -> Value {
    json!({"name": name, "description": description, "inputSchema": {"type": "object"}})
}

#[tokio::test]
async fn what_a_proxy_met_is_new_or_changed_and_nothing_is_gone_by_it() {
    let house = House::open().await;
    let server = house.add_server("files").await;
    let mut client = house.client().await;
    let both = [tool("a", "does a"), tool("b", "does b")];
    client.report_definitions(report(&house, server, &both, false)).await.unwrap();
    let hash = |definition: &Value| definition::hash(definition).unwrap();
    let row = |definition: &Value, status: &str| {
        (definition["name"].as_str().unwrap().to_owned(), status.to_owned(), hash(definition))
    };
    assert_eq!(catalogue(&house).await, [row(&both[0], "active"), row(&both[1], "active")]);

    let other = tool("a", "does evil");
    client.report_definitions(report(&house, server, std::slice::from_ref(&other), false)).await.unwrap();
    assert_eq!(catalogue(&house).await, [row(&other, "changed"), row(&both[1], "active")]);
    assert_eq!(wanted_at(&house).await, None, "nothing was missing");
}

#[tokio::test]
async fn a_visit_is_asked_for_at_most_twice_a_minute_and_is_no_news_to_proxies() {
    let house = House::open().await;
    let server = house.add_server("files").await;
    let before = house.proxy().await.held.revision;
    let mut client = house.client().await;
    client.report_definitions(report(&house, server, &[], true)).await.unwrap();
    let first = wanted_at(&house).await;
    assert!(first.is_some());
    client.report_definitions(report(&house, server, &[], true)).await.unwrap();
    assert_eq!(wanted_at(&house).await, first);
    house.sql("update mcp_servers set visit_wanted_at = now() - interval '31 s' where id = $1", server).await;
    client.report_definitions(report(&house, server, &[], true)).await.unwrap();
    assert!(wanted_at(&house).await > first);
    assert_eq!(house.proxy().await.held.revision, before);
}

#[tokio::test]
async fn a_report_about_somebody_elses_server_is_refused() {
    let house = House::open().await;
    let server = house.add_server("files").await;
    let (other, _) = house.test.other_organization().await;
    let mut client = house.client().await;
    let foreign = DefinitionsReport {
        org_id: Bytes::copy_from_slice(other.0.as_bytes()),
        ..report(&house, server, &[tool("a", "")], true)
    };
    assert_eq!(client.report_definitions(foreign).await.unwrap_err().code(), Code::NotFound);
    let unknown = report(&house, Uuid::now_v7(), &[tool("a", "")], true);
    assert_eq!(client.report_definitions(unknown).await.unwrap_err().code(), Code::NotFound);
    assert_eq!((catalogue(&house).await.len(), wanted_at(&house).await), (0, None));
}

#[tokio::test]
async fn a_report_that_is_too_much_or_makes_no_sense_is_refused_whole() {
    let house = House::open().await;
    let server = house.add_server("files").await;
    let mut client = house.client().await;
    let good = report(&house, server, &[tool("a", "")], false);
    let with = |definition: &str| DefinitionsReport {
        definitions: vec![tool("a", "").to_string(), definition.to_owned()],
        ..good.clone()
    };
    let many = DefinitionsReport { definitions: vec!["{}".into(); 513], ..good.clone() };
    let long = with(&tool("b", &"x".repeat(256 << 10)).to_string());
    let no_server = DefinitionsReport { server_id: Bytes::from_static(b"files"), ..good.clone() };
    for bad in [many, long, with("{"), with("5"), no_server] {
        let refused = client.report_definitions(bad).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    }
    assert!(catalogue(&house).await.is_empty());
    let odd = with(r#"{"name": "n\u0000l", "description": "\u0000"}"#);
    client.report_definitions(odd).await.unwrap();
    assert_eq!(
        catalogue(&house).await.len(),
        2,
        "what Postgres cannot keep is kept as a replacement character"
    );
}
