//! Asking for an approval.

use gatewayops_proto::control::{ApprovalRequest, ProxyStatus};
use tonic::Code;

use super::*;

fn call(house: &House, key: Uuid) -> ApprovalRequest {
    ApprovalRequest {
        org_id: Bytes::copy_from_slice(house.org.as_bytes()),
        api_key_id: Bytes::copy_from_slice(key.as_bytes()),
        mcp_server: "fs".into(),
        tool_name: "delete_file".into(),
        arguments_hash: vec![7; 32].into(),
        arguments_redacted: r#"{"path": "/tmp/\u0000x"}"#.into(),
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
        ..ApprovalRequest::default()
    }
}

#[tokio::test]
async fn the_same_call_asks_only_once() {
    let house = House::open().await;
    let key = house.add_key("k").await;
    let mut client = house.client().await;
    let first = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    assert_eq!(first.status, "pending");
    let again = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    assert_eq!(first, again);
    let (mut other, another) =
        (house.client().await, ApprovalRequest { tool_name: "rm".into(), ..call(&house, key) });
    let (one, two) = tokio::join!(client.request_approval(another.clone()), other.request_approval(another));
    let (one, two) = (one.unwrap().into_inner(), two.unwrap().into_inner());
    assert_eq!(one, two);
    assert_ne!(one.approval_id, first.approval_id);
}

#[tokio::test]
async fn an_answered_or_expired_approval_is_asked_for_anew() {
    let house = House::open().await;
    let key = house.add_key("k").await;
    let mut client = house.client().await;
    let first = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    house.sql("update tool_approvals set status = 'denied' where org_id = $1", house.org).await;
    let second = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    assert_ne!(first.approval_id, second.approval_id);
    house.sql("update tool_approvals set expires_at = now() where org_id = $1", house.org).await;
    let third = client.request_approval(call(&house, key)).await.unwrap().into_inner();
    assert_ne!(second.approval_id, third.approval_id);
    let expired: i64 = sqlx::query_scalar("select count(*) from tool_approvals where status = 'expired'")
        .fetch_one(house.app().database.pool())
        .await
        .unwrap();
    assert_eq!(expired, 1);
}

#[tokio::test]
async fn a_request_that_is_too_long_or_names_nobody_is_refused() {
    let house = House::open().await;
    let key = house.add_key("k").await;
    let good = call(&house, key);
    let bad = [
        ApprovalRequest { org_id: Bytes::new(), ..good.clone() },
        ApprovalRequest { api_key_id: Bytes::from_static(b"short"), ..good.clone() },
        ApprovalRequest { api_key_id: Bytes::new(), ..good.clone() },
        ApprovalRequest { arguments_hash: Bytes::from_static(b"x"), ..good.clone() },
        ApprovalRequest { tool_name: "t".repeat(256), ..good.clone() },
        ApprovalRequest { tool_name: "a\0b".into(), ..good.clone() },
        ApprovalRequest { mcp_server: String::new(), ..good.clone() },
        ApprovalRequest { reason: "r".repeat(1001), ..good.clone() },
        ApprovalRequest { arguments_redacted: "{".into(), ..good.clone() },
        ApprovalRequest { arguments_redacted: format!("\"{}\"", "x".repeat(70_000)), ..good.clone() },
        ApprovalRequest { trace_id: "7".into(), ..good.clone() },
    ];
    let mut client = house.client().await;
    for request in bad {
        let refused = client.request_approval(request.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{request:?}");
    }
    let foreign = ApprovalRequest { org_id: Bytes::copy_from_slice(Uuid::now_v7().as_bytes()), ..good };
    assert_eq!(client.request_approval(foreign).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn the_last_report_of_a_proxy_is_remembered() {
    let house = House::open().await;
    let reports =
        [1, 2, 3].map(|revision| ProxyStatus { proxy_id: "p1".into(), revision, ..ProxyStatus::default() });
    house.client().await.report(futures::stream::iter(reports)).await.unwrap();
    let seen = house.app().proxies.list();
    assert_eq!(seen.iter().map(|seen| seen.status.revision).collect::<Vec<_>>(), [3]);
    let nameless = [ProxyStatus::default()];
    let refused = house.client().await.report(futures::stream::iter(nameless)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}
