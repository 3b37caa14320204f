use gatewayops_proto::limit::Window;
use proptest::prelude::*;

use super::*;

#[tokio::test]
async fn two_proxies_let_pass_what_one_limit_allows() {
    let (store, proxies) = (store(), proxies(2));
    let org = Org::new(&[limit("api_key", "", 600)], 1_000_000);
    let offer = Offer::new(&proxies, &store, &org);
    let passed = offer.calls(3_000, 180).await;
    assert_near(passed, 1_800);
}

#[tokio::test]
async fn a_limit_too_small_to_share_out_is_kept_exactly() {
    let (store, proxies) = (store(), proxies(3));
    let org = Org::new(&[limit("tool", "github__get", 10)], 1_000_000);
    let offer = Offer::new(&proxies, &store, &org);
    assert_eq!(offer.calls(600, 30).await, 10);
    assert_eq!(offer.calls(600, 30).await, 0);
    assert_eq!(offer.calls(600, 30).await, 10, "the window has slid");
}

#[tokio::test]
async fn a_burst_on_all_proxies_at_once_is_at_most_a_twentieth_over() {
    let (store, proxies) = (store(), proxies(4));
    let org = Org::new(&[limit("organization", "", 400)], 1_000_000);
    let call = org.call();
    let calls = (0..2_000).map(|call| &proxies[call % 4]);
    let calls = calls.map(|proxy| proxy.check(&store, &org.rules, &call, START));
    let passed = futures::future::join_all(calls).await.iter().filter(|passed| passed.is_ok()).count();
    assert!((400..=420).contains(&passed), "{passed} passed");
}

#[tokio::test]
async fn who_is_far_from_the_limit_costs_the_store_no_command_of_its_own() {
    let (nowhere, proxies) = (Store::at("redis://127.0.0.1:1"), proxies(2));
    let org = Org::new(&[limit("api_key", "", 1_000), limit("server", "github", 1_000)], 1_000);
    for _ in 0..20 {
        // A store that is asked is missed, and the limit then decided alone.
        assert!(proxies[0].check(&nowhere, &org.rules, &org.call(), START).await.is_ok());
    }
    assert_eq!(proxies[0].decided_alone(), [("away", 0), ("slow", 0)]);
}

#[tokio::test]
async fn a_call_that_one_limit_refuses_counts_with_none() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[limit("server", "github", 50), limit("tool", "github__get", 5)], 1_000_000);
    let offer = Offer::new(&proxies, &store, &org);
    assert_eq!(offer.calls(600, 20).await, 5);
    let other = Call { tool: Some("put"), ..org.call() };
    let mut passed = 0;
    for _ in 0..100 {
        passed += u64::from(proxies[0].check(&store, &org.rules, &other, START + 20_000).await.is_ok());
    }
    assert_near(passed, 45);
}

#[tokio::test]
async fn a_refusal_says_which_limit_and_when_it_is_worth_coming_again() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[limit("tool", "", 2), limit("user", "", 1_000)], 1_000_000);
    let call = org.call();
    let check = |now_ms| proxies[0].check(&store, &org.rules, &call, now_ms);
    assert!(check(START).await.is_ok() && check(START + 10_000).await.is_ok());
    let refused = check(START + 20_000).await.unwrap_err();
    assert_eq!((refused.scope, refused.retry_after_ms()), (Scope::Tool, 41_000));
    let rejection = refused.of_call();
    assert_eq!(
        rejection.message,
        "limit of 2 requests per minute reached for this tool; retry after 41 seconds"
    );
    assert_eq!(rejection.details["limit"], 2);
    assert_eq!(
        (&rejection.details["window_seconds"], &rejection.details["scope_type"]),
        (&60.into(), &"tool".into())
    );
    assert!(check(START + 60_999).await.is_err());
    assert!(check(START + 61_000).await.is_ok(), "as it was said");
    assert!(check(START + 61_001).await.is_err());
}

#[tokio::test]
async fn a_proxy_that_starts_anew_finds_what_was_counted() {
    let (store, before) = (store(), proxies(1));
    let mut day = limit("api_key", "", 30);
    (day.kind, day.period) = ("quota".into(), "day".into());
    let org = Org::new(&[day], 1_000_000);
    let offer = Offer::new(&before, &store, &org);
    assert_eq!(offer.calls(60, 20).await, 20);
    before[0].close(&store, START + 20_000).await;
    let after = proxies(1);
    let offer = Offer::new(&after, &store, &org);
    let passed = offer.calls(600, 60).await;
    assert_near(passed, 10);
    let refused = after[0].check(&store, &org.rules, &org.call(), START + 60_000).await.unwrap_err();
    assert_eq!(refused.of_call().code, crate::rejection::Code::QuotaExceeded);
    assert_eq!(refused.retry_after_ms(), 24 * 60 * 60 * 1000 - 60_000, "the next day");
    let tomorrow = START + 24 * 60 * 60 * 1000;
    assert!(after[0].check(&store, &org.rules, &org.call(), tomorrow).await.is_ok());
}

#[tokio::test]
async fn proxies_hear_of_each_other_and_of_the_time() {
    let (store, proxies) = (store(), proxies(3));
    let now_ms = u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap();
    for proxy in &proxies {
        // One whose clock is an hour late.
        assert!(proxy.presence.beat(&store, now_ms - 3_600_000).await);
    }
    assert_eq!(proxies[2].presence.replicas(), 3);
    let told = proxies[0].presence.store_time(now_ms - 3_600_000);
    assert!(told.abs_diff(now_ms) < 1_000, "windows are those of the store: {told} {now_ms}");
    proxies[1].presence.leave(&store).await;
    assert!(proxies[0].presence.beat(&store, now_ms).await);
    assert_eq!(proxies[0].presence.replicas(), 2);
}

/// What plain counting decides.
#[derive(Default)]
struct Plain(std::collections::BTreeMap<u64, u64>);

impl Plain {
    fn passes(&mut self, window: Window, limit: u64, now_ms: u64) -> bool {
        let used = window.usage(now_ms, self.0.iter().map(|(slot, count)| (*slot, *count))).used;
        if used < limit {
            *self.0.entry(window.slot(now_ms)).or_default() += 1;
        }
        used < limit
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn what_is_decided_is_what_plain_counting_decides(
        seconds in 1u32..200, most in 1u64..20, gaps in prop::collection::vec((0u64..3, 0u64..30), 1..150)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (store, proxies) = (store(), proxies(2));
            let rule = proto::RateLimit { window_seconds: seconds, ..limit("user", "", most) };
            let org = Org::new(&[rule], 1_000_000);
            let (mut plain, mut now_ms) = (Plain::default(), START);
            for (proxy, gap) in gaps {
                now_ms += gap * u64::from(seconds) * 10;
                let proxy = &proxies[usize::try_from(proxy % 2).unwrap()];
                let passed = proxy.check(&store, &org.rules, &org.call(), now_ms).await.is_ok();
                assert_eq!(passed, plain.passes(Window::Seconds(seconds), most, now_ms), "at {now_ms}");
            }
        });
    }

    #[test]
    fn no_window_holds_more_than_a_twentieth_over_however_calls_come(
        most in 100u64..1_000, bursts in prop::collection::vec((0usize..4, 1u64..200, 0u64..10_000, any::<bool>()), 1..15)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (store, proxies) = (store(), proxies(4));
            let org = Org::new(&[limit("user", "", most)], 1_000_000);
            let (mut passed, mut now_ms) = (Vec::new(), START);
            for (proxy, calls, gap_ms, tells) in bursts {
                now_ms += gap_ms;
                for _ in 0..calls {
                    if proxies[proxy].check(&store, &org.rules, &org.call(), now_ms).await.is_ok() {
                        passed.push(now_ms);
                    }
                }
                if tells {
                    proxies[proxy].tell_since(&store, now_ms, 0).await;
                }
                let within = passed.iter().filter(|at| **at + 60_000 > now_ms).count() as u64;
                assert!(within * 20 <= most * 21, "{within} of {most} at {now_ms}");
            }
            assert!(proxies.iter().all(|proxy| proxy.decided_alone() == [("away", 0), ("slow", 0)]));
        });
    }
}
