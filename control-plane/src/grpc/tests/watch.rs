//! What arrives, when, and what does not.

use std::time::Instant;

use gatewayops_proto::control::api_key::State;
use tonic::Code;

use super::*;

#[tokio::test]
async fn a_new_proxy_gets_everything_and_then_every_change() {
    let house = House::open().await;
    let before = house.add_key("before").await;
    let mut proxy = house.proxy().await;
    assert!(proxy.held.replaced_everything && proxy.held.has_key(before));
    assert_eq!(proxy.held.organizations.len(), 1);
    let names: Vec<_> =
        proxy.held.secrets.values().map(|secret| (secret.name.as_str(), secret.current)).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for name in ["api_key_pepper", "session_seal", "mcp_token_key"] {
        assert!(names.contains(&(name, true)), "{names:?}");
    }

    let after = house.add_key("after").await;
    // The step may begin before what the proxy has, and then tells some of it again.
    let held = proxy.until(|held| held.has_key(after)).await;
    assert!(!held.replaced_everything && held.changes.len() <= 2);

    house.sql("delete from api_keys where id = $1", before).await;
    proxy.until(|held| !held.has_key(before)).await;
}

#[tokio::test]
async fn a_proxy_that_comes_back_gets_only_what_changed() {
    let house = House::open().await;
    house.add_key("old").await;
    let first = house.proxy().await;
    let (revision, lineage) = (first.held.revision, first.held.lineage.clone());
    drop(first);
    let new = house.add_key("new").await;

    let again = house.proxy_with(revision, lineage.clone()).await;
    assert!(!again.held.replaced_everything && again.held.changes.len() == 1 && again.held.has_key(new));
    let same = house.proxy_with(again.held.revision, lineage).await;
    assert!(!same.held.replaced_everything && same.held.changes.is_empty());
}

#[tokio::test]
async fn one_changed_key_is_a_small_update_however_many_there_are() {
    let house = House::open().await;
    let key = house.add_key("changes").await;
    house
        .sql(
            "insert into api_keys (org_id, name, key_prefix, key_hash, pepper_id)
             select k.org_id, 'key ' || n, k.key_prefix, sha256(n::text::bytea), k.pepper_id
             from api_keys k, generate_series(1, 2000) n where k.id = $1",
            key,
        )
        .await;
    let mut proxy = house.proxy().await;
    proxy.until(|held| held.keys.len() > 2000).await;
    // What the proxy found here the feed may still have before it: then it is told once more, with the next change.
    house.sql("update api_keys set servers = '{notes}' where id = $1", key).await;
    proxy.until(|held| held.keys[key.as_bytes().as_slice()].servers == ["notes"]).await;
    house.sql("update api_keys set servers = '{files}' where id = $1", key).await;
    proxy.until(|held| held.keys[key.as_bytes().as_slice()].servers == ["files"]).await;
    let bytes: usize = proxy.held.changes.iter().map(prost::Message::encoded_len).sum();
    assert!(
        proxy.held.changes.len() == 1 && bytes < 1024,
        "{} changes of {bytes} bytes",
        proxy.held.changes.len()
    );
}

#[tokio::test]
async fn a_revision_of_another_database_or_that_the_log_does_not_hold_gets_everything() {
    let house = House::open().await;
    let held = house.proxy().await.held;
    let other = house.proxy_with(held.revision, Bytes::from_static(b"another")).await;
    assert!(other.held.replaced_everything);
    let future = house.proxy_with(held.revision + 1000, held.lineage.clone()).await;
    assert!(future.held.replaced_everything);
    house.add_key("newer").await;
    house.sql("delete from policy_changes where revision < (select max(revision) from policy_changes) and $1 is not null", house.org).await;
    let mut pruned = house.proxy_with(held.revision, held.lineage).await;
    assert!(pruned.held.replaced_everything);
    pruned.until(|held| held.keys.len() == 2).await;
}

#[tokio::test]
async fn a_revoked_key_arrives_as_revoked_and_leaves_after_thirty_days() {
    let house = House::open().await;
    let id = house.add_key("k").await;
    let mut proxy = house.proxy().await;
    house.sql("update api_keys set revoked_at = now() where id = $1", id).await;
    proxy.until(|held| held.keys[id.as_bytes().as_slice()].state() == State::Revoked).await;
    assert!(house.proxy().await.held.has_key(id));
    house.sql("update api_keys set revoked_at = now() - interval '31 days' where id = $1", id).await;
    proxy.until(|held| !held.has_key(id)).await;
    assert!(!house.proxy().await.held.has_key(id));
}

#[tokio::test]
async fn keys_follow_their_owner_out_and_back_within_two_seconds() {
    let house = House::open().await;
    let owner = house.test.add_user("ann@example.com", "developer").await;
    let (key, _) = house.test.personal_key(owner).await;
    let mut proxy = house.proxy().await;
    assert_eq!(proxy.key(key).state(), State::Active);
    let user = format!("/v1/users/{owner}");
    for (status, state) in [("suspended", State::OwnerSuspended), ("active", State::Active)] {
        house.test.patch(&user, serde_json::json!({"status": status})).await.expect(200);
        let answered = Instant::now();
        proxy.until(|held| held.keys[key.as_bytes().as_slice()].state() == state).await;
        assert!(answered.elapsed() < Duration::from_secs(2), "{status}: {:?}", answered.elapsed());
    }
    house.test.delete(&user).await.expect(204);
    let answered = Instant::now();
    proxy.until(|held| held.keys[key.as_bytes().as_slice()].state() == State::Revoked).await;
    assert!(answered.elapsed() < Duration::from_secs(2), "deleted: {:?}", answered.elapsed());
}

#[tokio::test]
async fn what_was_rolled_back_never_arrives() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    let mut conn = house.app().database.worker().await.unwrap();
    sqlx::query("insert into mcp_servers (org_id, name, url) values ($1, 'ghost', 'http://localhost/')")
        .bind(house.org)
        .execute(&mut *conn)
        .await
        .unwrap();
    conn.rollback().await.unwrap();
    let real = house.add_key("real").await;
    let held = proxy.until(|held| held.has_key(real)).await;
    assert!(held.servers.is_empty());
}

#[tokio::test]
async fn two_transactions_that_end_in_the_other_order_both_arrive() {
    let house = House::open().await;
    let (slow, quick) = (house.add_key("slow").await, house.add_key("quick").await);
    let mut proxy = house.proxy().await;
    for round in 0..5 {
        let mut first = house.app().database.worker().await.unwrap();
        let slow_name = format!("slow {round}");
        sqlx::query("update api_keys set name = $2 where id = $1")
            .bind(slow)
            .bind(&slow_name)
            .execute(&mut *first)
            .await
            .unwrap();
        // Begun later; whether it may end before the first is up to the change log.
        let database = house.app().database.clone();
        let quick_name = format!("quick {round}");
        let name = quick_name.clone();
        let mut second = tokio::spawn(async move {
            let mut conn = database.worker().await.unwrap();
            sqlx::query("update api_keys set name = $2 where id = $1")
                .bind(quick)
                .bind(name)
                .execute(&mut *conn)
                .await
                .unwrap();
            conn.commit().await.unwrap();
        });
        let ended = tokio::time::timeout(Duration::from_millis(300), &mut second).await.is_ok();
        first.commit().await.unwrap();
        if !ended {
            second.await.unwrap();
        }
        let name_of = |held: &Held, id: Uuid| held.keys[id.as_bytes().as_slice()].name.clone();
        proxy.until(|held| name_of(held, slow) == slow_name && name_of(held, quick) == quick_name).await;
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_no_news() {
    let house = House::open().await;
    let id = house.add_key("k").await;
    let mut proxy = house.proxy().await;
    let revision = proxy.held.revision;
    house.sql("update api_keys set last_used_at = now() where id = $1", id).await;
    house.add_server("fs").await;
    // The step that brings the server may begin before the key: what counts is that the use made no revision.
    let held = proxy.until(|held| !held.servers.is_empty()).await;
    assert_eq!(held.revision, revision + 1, "only the server");
}

#[tokio::test]
async fn without_the_token_nothing_is_said() {
    let house = House::open().await;
    let right = house.app().config.proxy_token.expose_secret().to_owned();
    for wrong in ["", "wrong", &right[1..], &format!("{right}x")] {
        let mut client = house.client_with(wrong).await;
        let refused = client.watch(WatchRequest::default()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{wrong}");
    }
}

#[tokio::test]
async fn ten_thousand_keys_arrive_in_parts_that_every_client_takes() {
    let house = House::open().await;
    house
        .sql(
            "insert into api_keys (org_id, name, key_prefix, key_hash, pepper_id, servers)
             select $1, 'key ' || n, 'gwo_prd_00000000', sha256(n::text::bytea), 1,
                array(select repeat('x', 30) || '-*' from generate_series(1, 10))
             from generate_series(1, 10000) n",
            house.org,
        )
        .await;
    let mut proxy = house.proxy().await;
    assert_eq!(proxy.held.keys.len(), 10_001, "and the first start's");
    assert!(proxy.held.parts > 2, "{} parts", proxy.held.parts);
    house.sql("update api_keys set environment = 'prd' where org_id = $1", house.org).await;
    let held = proxy.apply().await;
    assert!(held.parts > 2 && held.keys.values().all(|key| key.environment == "prd"));
}

#[tokio::test]
async fn when_the_control_plane_stops_every_stream_ends() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    house.stop.cancel();
    let ended = tokio::time::timeout(SOON, proxy.updates.message()).await.unwrap();
    assert_eq!(ended.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn watchers_are_counted_while_they_watch() {
    let house = House::open().await;
    let watchers = house.app().metrics.grpc_watchers.clone();
    let (one, two) = (house.proxy().await, house.proxy().await);
    assert_eq!(watchers.get(), 2);
    drop((one, two));
    let gone = async {
        while watchers.get() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, gone).await.expect("the count returns to zero");
}

#[tokio::test]
async fn while_the_database_is_away_the_stream_stays_open_and_then_goes_on() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    for _ in 0..3 {
        // Every connection of this database, the listening one too.
        let _ = sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .execute(house.app().database.pool())
        .await;
        let key = loop {
            let mut conn = match house.app().database.worker().await {
                Ok(conn) => conn,
                Err(_) => continue,
            };
            let added: sqlx::Result<Uuid> = sqlx::query_scalar(
                "insert into mcp_servers (org_id, name, url)
                 values ($1, 'after-' || (select count(*) from mcp_servers), 'http://localhost/') returning id",
            )
            .bind(house.org)
            .fetch_one(&mut *conn)
            .await;
            if let Ok(id) = added
                && conn.commit().await.is_ok()
            {
                break id;
            }
        };
        proxy.until(|held| held.servers.contains_key(key.as_bytes().as_slice())).await;
        assert!(!proxy.held.replaced_everything);
    }
}

#[tokio::test]
async fn a_change_is_there_at_once() {
    let house = House::open().await;
    let id = house.add_key("k").await;
    let mut proxy = house.proxy().await;
    let mut took = Vec::new();
    for round in 0..200 {
        let mut conn = house.app().database.worker().await.unwrap();
        let name = format!("k {round}");
        sqlx::query("update api_keys set name = $2 where id = $1")
            .bind(id)
            .bind(&name)
            .execute(&mut *conn)
            .await
            .unwrap();
        conn.commit().await.unwrap();
        let committed = Instant::now();
        proxy.until(|held| held.keys[id.as_bytes().as_slice()].name == name).await;
        took.push(committed.elapsed());
    }
    took.sort();
    println!("from commit to arrival: p50 {:?}, p99 {:?}, max {:?}", took[100], took[197], took[199]);
    assert!(took[100] < Duration::from_millis(100), "half of them within 100 ms: {:?}", took[100]);
}

#[tokio::test]
async fn watchers_that_come_together_share_one_snapshot() {
    let house = House::open().await;
    let feed = super::super::feed::Feed::new(house.app().clone()).await.unwrap();
    let (one, two) = tokio::join!(feed.whole(0), feed.whole(0));
    assert!(Arc::ptr_eq(&one.unwrap(), &two.unwrap()));
}
