//! What streams promise without a browser at their end: bounds, lost ones, the end.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::{Item, Lens, Live, MOST_PER_CALLER, Stream, Wanted, announced::channel, seat::QUEUE};
use crate::{
    id::OrgId,
    metrics::Metrics,
    store::{Database, dimensions::Visible},
    testing::{TestApp, calls::Call},
};

const PATIENCE: Duration = Duration::from_secs(30);

fn everything() -> Lens {
    let visible = Visible { everything: true, ..Visible::default() };
    Lens { visible: visible.clone(), priced: visible, wanted: Wanted::default() }
}

async fn next(stream: &Stream) -> Item {
    timeout(PATIENCE, stream.next()).await.expect("something comes")
}

/// Makes calls and announces them as the ingester does.
async fn announce(app: &TestApp, calls: &[Call]) {
    let ids = app.record(calls).await;
    let mut redis = app.app.redis.get().await.unwrap();
    let mut pipe = redis::pipe();
    for (call, id) in calls.iter().zip(ids) {
        let event = json!({
            "id": id, "started_at": call.started_at, "user_id": call.user_id, "api_key_id": call.api_key_id,
            "team_id": call.team_id, "mcp_server": call.mcp_server, "tool_name": call.tool_name,
            "status": call.status, "environment": "prd", "metadata": {},
        });
        pipe.cmd("PUBLISH").arg(channel(app.org)).arg(event.to_string()).ignore();
    }
    let () = pipe.query_async(&mut redis).await.unwrap();
}

/// An organization of its own: channels are shared by all tests of one Redis, and are told apart by their organizations.
async fn start() -> TestApp {
    TestApp::start().await
}

#[tokio::test]
async fn a_slow_reader_keeps_the_newest_and_is_told_how_many_it_lost() {
    let app = start().await;
    let stream = app.app.live.open(app.org, "user:slow", everything()).unwrap();
    let quick = app.app.live.open(app.org, "user:quick", everything()).unwrap();
    assert!(stream.listens().await && quick.listens().await);
    let calls = vec![Call::default(); QUEUE + 20];
    announce(&app, &calls).await;
    // The quick one has all: then the slow one was offered all.
    let (mut seen, mut lost) = (0, 0);
    while seen + lost < calls.len() as u64 {
        match next(&quick).await {
            Item::Trace(_) => seen += 1,
            Item::Dropped(count) => lost += count,
            Item::Ended => panic!("it goes on"),
        }
    }
    let Item::Dropped(count) = next(&stream).await else { panic!("it is told first") };
    assert_eq!(count, 20);
    let mut last = None;
    for _ in 0..QUEUE {
        let Item::Trace(span) = next(&stream).await else { panic!("a trace") };
        assert!(last.is_none_or(|last| last <= (span.created_at, span.id)), "in the order they were stored");
        last = Some((span.created_at, span.id));
    }
    assert!(timeout(Duration::from_millis(1), stream.next()).await.is_err(), "that was all");
}

#[tokio::test]
async fn what_is_in_the_queue_is_judged_anew_when_less_may_be_seen() {
    let app = start().await;
    let stream = app.app.live.open(app.org, "user:a", everything()).unwrap();
    let witness = app.app.live.open(app.org, "user:b", everything()).unwrap();
    assert!(stream.listens().await);
    let of = |mcp_server| Call { mcp_server, ..Call::default() };
    announce(&app, &[of("files"), of("secret"), of("files")]).await;
    for _ in 0..3 {
        next(&witness).await;
    }
    let visible = Visible { mcp_servers: vec!["files".into()], ..Visible::default() };
    stream.look_through(Lens { visible, ..Lens::default() });
    for _ in 0..2 {
        let Item::Trace(span) = next(&stream).await else { panic!("a trace") };
        assert_eq!((span.mcp_server.as_str(), span.cost_usd), ("files", None));
    }
    assert!(timeout(Duration::from_millis(1), stream.next()).await.is_err());
}

#[tokio::test]
async fn a_caller_has_so_many_streams_and_gets_another_when_one_is_closed() {
    let app = start().await;
    let open = || app.app.live.open(app.org, "user:a", Lens::default());
    let mut streams: Vec<_> = (0..MOST_PER_CALLER).map(|_| open().unwrap()).collect();
    assert_eq!(open().err().map(|full| full.scope), Some("principal"));
    assert!(app.app.live.open(app.org, "user:b", Lens::default()).is_ok(), "somebody else");
    streams.pop();
    assert!(open().is_ok());
    streams.clear();
    assert_eq!(app.app.metrics.live_streams.get(), 0);
}

#[tokio::test]
async fn an_organization_has_so_many_streams() {
    let app = start().await;
    let open = |number: usize| app.app.live.open(app.org, &format!("user:{number}"), Lens::default());
    let streams: Vec<_> = (0..super::MOST_PER_ORGANIZATION).map(|number| open(number).unwrap()).collect();
    assert_eq!(open(1000).err().map(|full| full.scope), Some("organization"));
    assert!(app.app.live.open(OrgId::new(), "user:a", Lens::default()).is_ok(), "another organization");
    drop(streams);
}

#[tokio::test]
async fn without_redis_a_stream_ends_instead_of_staying_silent() {
    let app = start().await;
    let away = redis::Client::open("redis://127.0.0.1:1").unwrap();
    let database: Database = app.app.database.clone();
    let live = Live::new(database, away, Metrics::new().live_streams);
    let stream = live.open(app.org, "user:a", everything()).unwrap();
    assert!(matches!(next(&stream).await, Item::Ended));
    assert!(!stream.listens().await);
    assert!(live.open(app.org, "user:a", everything()).is_ok(), "and another one may be tried");
}
