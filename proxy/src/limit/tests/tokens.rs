use super::*;

fn tokens(metric: &str, most: u64) -> proto::RateLimit {
    proto::RateLimit { metric: metric.into(), ..limit("api_key", "", most) }
}

#[tokio::test]
async fn a_call_passes_while_tokens_are_left_and_pays_afterwards() {
    let (store, proxies) = (store(), proxies(2));
    let org = Org::new(&[tokens("output_tokens", 1_000)], 1_000_000);
    let (call, rules) = (org.call(), &org.rules);
    for number in 0..4 {
        let proxy = &proxies[number % 2];
        assert!(proxy.check(&store, rules, &call, START).await.is_ok(), "{number}");
        proxy.charge(rules, &call, 9_999, 300, START);
        proxy.tell_hurrying(&store, START).await;
    }
    for proxy in &proxies {
        proxy.tell_since(&store, START + 500, 0).await;
        let refused = proxy.check(&store, rules, &call, START + 6_000).await.unwrap_err();
        assert_eq!(refused.of_call().details["metric"], "output_tokens");
    }
    assert!(proxies[0].check(&store, rules, &call, START + 61_000).await.is_ok());
}

#[tokio::test]
async fn a_call_that_goes_on_does_not_count_again_but_not_for_ever() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[limit("tool", "", 1)], 30);
    let call = org.call();
    assert!(proxies[0].check(&store, &org.rules, &call, START).await.is_ok());
    let next = Call { is_continued: true, ..call };
    let mut passed = 0;
    for _ in 0..100 {
        passed += u64::from(proxies[0].check(&store, &org.rules, &next, START).await.is_ok());
    }
    assert_near(passed, 30);
    assert!(proxies[0].check(&store, &org.rules, &call, START).await.is_err());
}

#[tokio::test]
async fn headers_tell_all_limits_of_requests_and_what_the_tightest_leaves() {
    let (store, proxies) = (store(), proxies(1));
    let org = Org::new(&[limit("server", "", 50), tokens("input_tokens", 1_000)], 1_000);
    let passed = proxies[0].check(&store, &org.rules, &org.call(), START).await.unwrap();
    let headers = passed.headers().unwrap().map(|(name, value)| format!("{name}: {value}"));
    assert_eq!(
        headers,
        [
            "ratelimit-policy: \"server 50\";q=50;w=60, \"key\";q=1000;w=60, \"org\";q=1000000;w=60",
            "ratelimit: \"server 50\";r=49;t=60",
            "x-ratelimit-limit: 50",
            "x-ratelimit-remaining: 49",
            "x-ratelimit-reset: 1796083260",
        ]
    );
}
