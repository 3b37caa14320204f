use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::*;

/// A way to the store that can be cut, blocked and mended.
struct Way {
    store: Store,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    Open,
    Cut,
    /// What is sent arrives nowhere.
    Blocked,
}

impl Way {
    async fn new() -> Self {
        let url = std::env::var("REDIS_URL").unwrap();
        let (before, after) = url.rsplit_once('@').map_or(("redis://", ""), |(user, host)| (user, host));
        let host = if after.is_empty() { url.strip_prefix("redis://").unwrap() } else { after };
        let (target, database) = host.split_once('/').unwrap_or((host, "0"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = if after.is_empty() { String::new() } else { "@".to_owned() };
        let store = Store::at(&format!("{before}{at}{}/{database}", listener.local_addr().unwrap()));
        let (state, told) = watch::channel(State::Open);
        let target = target.to_owned();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (target, mut told) = (target.clone(), told.clone());
                tokio::spawn(async move {
                    let state = *told.borrow_and_update();
                    if state == State::Blocked {
                        let _ = told.wait_for(|state| *state != State::Blocked).await;
                    }
                    if state != State::Open {
                        return;
                    }
                    let mut far = TcpStream::connect(&target).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = told.changed() => {}
                    }
                    if *told.borrow() == State::Blocked {
                        let _ = told.wait_for(|state| *state != State::Blocked).await;
                    }
                });
            }
        });
        Self { store, state }
    }

    fn is(&self, state: State) {
        self.state.send_replace(state);
    }

    async fn is_found_by(&self, proxies: &[Limiter], now_ms: u64) {
        for proxy in proxies {
            while !proxy.presence.beat_without_time(&self.store, now_ms).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[tokio::test]
async fn without_the_store_each_proxy_keeps_to_its_share() {
    let (nowhere, proxies) = (Store::at("redis://127.0.0.1:1"), proxies(2));
    let org = Org::new(&[limit("api_key", "", 600)], 1_000_000);
    let offer = Offer::new(&proxies, &nowhere, &org);
    assert_near(offer.calls(3_000, 180).await, 1_800);
    let [(_, away), _] = proxies[0].decided_alone();
    assert!(away > 0, "which is counted");
    let alone = Offer::new(&proxies[..1], &nowhere, &org);
    alone.now_ms.set(START + 600_000);
    assert_near(alone.calls(3_000, 60).await, 300);
}

#[tokio::test]
async fn a_share_is_never_nothing_and_never_everything() {
    let (nowhere, proxies) = (Store::at("redis://127.0.0.1:1"), proxies(5));
    let org = Org::new(&[limit("api_key", "", 2)], 1_000_000);
    let offer = Offer::new(&proxies[..1], &nowhere, &org);
    assert_eq!(offer.calls(600, 50).await, 1);
}

#[tokio::test]
async fn a_store_that_dies_midway_changes_neither_the_limit_nor_an_answer() {
    let (way, proxies) = (Way::new().await, proxies(2));
    let org = Org::new(&[limit("api_key", "", 600)], 1_000_000);
    let offer = Offer::new(&proxies, &way.store, &org);
    let before = offer.calls(3_000, 90).await;
    way.is(State::Cut);
    let during = offer.calls(3_000, 90).await;
    assert_near(before + during, 1_800);
    way.is(State::Open);
    way.is_found_by(&proxies, offer.now_ms.get()).await;
    offer.tell().await;
    let after = offer.calls(3_000, 120).await;
    assert_near(before + during + after, 3_000);
}

#[tokio::test]
async fn what_passed_meanwhile_counts_once_the_store_is_back() {
    let (way, proxies) = (Way::new().await, proxies(2));
    let org = Org::new(&[limit("api_key", "", 600)], 1_000_000);
    way.is(State::Cut);
    let offer = Offer::new(&proxies[..1], &way.store, &org);
    assert_near(offer.calls(3_000, 20).await, 300);
    way.is(State::Open);
    way.is_found_by(&proxies, offer.now_ms.get()).await;
    offer.tell().await;
    let other = Offer::new(&proxies[1..], &way.store, &org);
    other.now_ms.set(offer.now_ms.get());
    assert_near(300 + other.calls(3_000, 20).await, 600);
}

#[tokio::test]
async fn a_store_that_lost_its_memory_is_told_again() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[limit("api_key", "", 600)], 1_000_000);
    let offer = Offer::new(&proxies, &store, &org);
    assert_eq!(offer.calls(600, 30).await, 300);
    let mut keys = redis::cmd("KEYS");
    keys.arg(format!("gwo:limit:{{{}}}:*", org.id));
    for key in store.ask::<Vec<String>>(&keys).await.unwrap() {
        store.ask::<u64>(redis::cmd("DEL").arg(key)).await.unwrap();
    }
    assert_near(300 + offer.calls(3_000, 30).await, 600);
}

#[tokio::test]
async fn nobody_waits_long_for_a_slow_store() {
    let (way, proxies) = (Way::new().await, with_patience(1, PATIENCE));
    let org = Org::new(&[limit("api_key", "", 20)], 1_000_000);
    while !proxies[0].presence.beat_without_time(&way.store, START).await {}
    let call = org.call();
    let check = |now_ms| proxies[0].check(&way.store, &org.rules, &call, now_ms);
    assert!(check(START).await.is_ok());
    way.is(State::Blocked);
    let begun = std::time::Instant::now();
    let mut passed = 0;
    for _ in 0..100 {
        passed += u64::from(check(START + 1).await.is_ok());
    }
    assert_eq!(passed, 19, "by its own count");
    let [_, (_, slow)] = proxies[0].decided_alone();
    assert_eq!(slow, 1, "the others did not even ask");
    assert!(begun.elapsed() < Duration::from_millis(450), "{:?}", begun.elapsed());
}
