use super::*;

fn caller(call: Call<'_>, number: u128) -> Call<'_> {
    Call { caller: Caller { api_key: Some(Uuid::from_u128(number)), ..call.caller }, ..call }
}

#[tokio::test]
async fn a_hundred_thousand_callers_take_no_more_memory_than_there_is_room_for() {
    let (nowhere, proxies) = (Store::at("redis://127.0.0.1:1"), proxies(1));
    let org = Org::new(&[], 1_000);
    for number in 0..100_000 {
        assert!(proxies[0].check(&nowhere, &org.rules, &caller(org.call(), number), START).await.is_ok());
    }
    let room = 1_000usize.div_ceil(64) * 64;
    assert!(proxies[0].members.len() <= room, "{}", proxies[0].members.len());
}

#[tokio::test]
async fn whoever_made_room_for_others_is_not_forgotten_by_the_store() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[], 100);
    let first = caller(org.call(), 1);
    for _ in 0..3 {
        assert!(proxies[0].check(&store, &org.rules, &first, START).await.is_ok());
    }
    for number in 2..5_000 {
        assert!(proxies[0].check(&store, &org.rules, &caller(org.call(), number), START).await.is_ok());
    }
    assert!(proxies[0].tell_since(&store, START, 0).await);
    let mut counter = redis::cmd("HVALS");
    let key = Uuid::from_u128(1);
    counter.arg(format!("gwo:limit:{{{}}}:api_key:requests:60s:{key}", org.id));
    assert_eq!(store.ask::<Vec<u64>>(&counter).await.unwrap(), [3]);
}

#[tokio::test]
async fn who_is_not_seen_any_more_is_dropped() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[], 1_000);
    assert!(proxies[0].check(&store, &org.rules, &org.call(), START).await.is_ok());
    let later = START + 2 * 60 * 60 * 1000;
    assert!(proxies[0].tell_since(&store, later, START).await);
    assert_eq!(proxies[0].members.len(), 0);
}

#[test]
fn strangers_are_held_off_by_each_proxy_alone() {
    let proxies = proxies(2);
    let (one, other) = ("203.0.113.9".parse().unwrap(), "2001:db8::1".parse().unwrap());
    let passed = |address| (0..200).filter(|_| proxies[0].flood(None, address, START).is_ok()).count();
    assert_eq!((passed(one), passed(other)), (50, 50), "its share of 100");
    assert_eq!(passed("2001:db8::2".parse().unwrap()), 0, "the same subscriber");
    let refused = proxies[0].flood(None, one, START).unwrap_err().of_stranger();
    assert_eq!((refused.code.status(), refused.retry_after_seconds), (429, Some(61)));
    let org = Org::new(&[], 1);
    assert!(proxies[0].flood(Some(&org.rules), one, START + 61_000).is_ok());
    let strict = Limiter::new(3);
    let passed = (0..200).filter(|_| strict.flood(None, one, START).is_ok()).count();
    assert_eq!(passed, 3, "as the setting says");
}

/// No promise but a figure: what a call costs that is far from its limits.
#[tokio::test]
async fn far_from_the_limit_it_is_quick() {
    let (nowhere, proxies) = (Store::at("redis://127.0.0.1:1"), proxies(1));
    let limits: Vec<_> =
        ["organization", "api_key", "server"].iter().map(|scope| limit(scope, "", 1 << 40)).collect();
    let org = Org::new(&limits, 1_000);
    let call = org.call();
    let count = 20_000;
    let begun = std::time::Instant::now();
    for _ in 0..count {
        assert!(proxies[0].check(&nowhere, &org.rules, &call, START).await.is_ok());
    }
    let passing = begun.elapsed() / count;
    let full = Org::new(&[limit("api_key", "", 1)], 1_000);
    proxies[0].presence.lost(START);
    let _ = proxies[0].check(&nowhere, &full.rules, &full.call(), START).await;
    let begun = std::time::Instant::now();
    for _ in 0..count {
        assert!(proxies[0].check(&nowhere, &full.rules, &full.call(), START).await.is_err());
    }
    println!("three limits: {passing:?} to pass, {:?} to be refused", begun.elapsed() / count);
}
