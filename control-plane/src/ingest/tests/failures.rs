//! What crashes, outages and late events do to what is stored: nothing.

use super::*;

#[tokio::test]
async fn what_a_dead_consumer_held_is_taken_over() {
    let bench = Bench::with(|options| options.claim_after = Duration::from_millis(200)).await;
    for _ in 0..3 {
        bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    }
    read_as(&bench, "dead").await;
    bench.run().await;
    assert_eq!(bench.count("traces").await, 3);
}

#[tokio::test]
async fn a_restarted_consumer_finishes_what_it_held_at_once() {
    let bench = Bench::with(|options| options.batch = 2).await;
    for _ in 0..5 {
        bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    }
    read_as(&bench, "ingest").await;
    bench.run().await;
    assert_eq!(bench.count("traces").await, 5);
}

/// Has a consumer read everything and do no more.
async fn read_as(bench: &Bench, consumer: &str) {
    let mut redis = bench.redis.clone();
    let () = redis.xgroup_create_mkstream(&bench.stream, "ingest", "0").await.unwrap();
    let options = redis::streams::StreamReadOptions::default().group("ingest", consumer);
    let read: Option<redis::streams::StreamReadReply> =
        redis.xread_options(&[&bench.stream], &[">"], &options).await.unwrap();
    assert!(read.is_some());
}

#[tokio::test]
async fn poison_that_is_never_stored_is_put_aside_after_five_deliveries() {
    let bench = Bench::new().await;
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    read_as(&bench, "ingest").await;
    let options = redis::streams::StreamReadOptions::default().group("ingest", "ingest");
    for _ in 0..4 {
        let again: Option<redis::streams::StreamReadReply> =
            bench.redis.clone().xread_options(&[&bench.stream], &["0"], &options).await.unwrap();
        assert!(again.is_some());
    }
    bench.run().await;
    assert_eq!(bench.reasons().await, ["was delivered 6 times and never stored"]);
}

#[tokio::test]
async fn an_event_that_comes_weeks_late_finds_a_partition() {
    let bench = Bench::new().await;
    let late = Utc::now() - chrono::Duration::days(100);
    bench.send("span", &span(bench.org, late).to_string()).await;
    bench.run().await;
    assert_eq!((bench.count("traces").await, bench.count("costs").await), (1, 1));
}

#[tokio::test]
async fn a_partition_that_was_dropped_is_made_again() {
    let bench = Bench::new().await;
    let late = Utc::now() - chrono::Duration::days(100);
    bench.send("span", &span(bench.org, late).to_string()).await;
    bench.run().await;
    let drop = "select drop_partitions('traces', now() - interval '90 days')";
    sqlx::query(drop).execute(&bench.pool).await.unwrap();
    assert_eq!(bench.count("traces").await, 0);
    bench.send("span", &span(bench.org, late).to_string()).await;
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    bench.settle().await;
    assert_eq!(bench.count("traces").await, 2);
    assert!(bench.reasons().await.is_empty());
}

#[tokio::test]
async fn nothing_is_lost_while_postgres_is_away() {
    let bench = Bench::new().await;
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    bench.run().await;
    let pool = bench.pool.clone();
    let database: String = sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let elsewhere = (*pool.connect_options()).clone().database("postgres");
    let elsewhere = sqlx::PgPool::connect_with(elsewhere).await.unwrap();
    let close = format!("alter database \"{database}\" allow_connections false");
    sqlx::query(sqlx::AssertSqlSafe(close)).execute(&elsewhere).await.unwrap();
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
    sqlx::query(end).bind(&database).execute(&elsewhere).await.unwrap();

    for _ in 0..10 {
        bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    }
    let start = tokio::time::Instant::now();
    while bench.ingester.progress().await.unwrap().waiting < 10 {
        assert!(start.elapsed() < PATIENCE);
    }
    let open = format!("alter database \"{database}\" allow_connections true");
    sqlx::query(sqlx::AssertSqlSafe(open)).execute(&elsewhere).await.unwrap();
    bench.settle().await;
    assert_eq!(bench.count("traces").await, 11);
    assert!(bench.reasons().await.is_empty());
}

#[tokio::test]
async fn a_stream_that_redis_lost_is_begun_anew() {
    let bench = Bench::new().await;
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    bench.run().await;
    let _: i64 = bench.redis.clone().del(&bench.stream).await.unwrap();
    bench.send("span", &span(bench.org, Utc::now()).to_string()).await;
    let start = tokio::time::Instant::now();
    while bench.count("traces").await < 2 {
        assert!(start.elapsed() < PATIENCE, "the second span is not stored");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
