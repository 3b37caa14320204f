use super::*;
use rules::LimitId;

fn of<'a>(rules: &'a Rules, call: &Call<'a>) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    rules.each(call, |matched| {
        let name = match matched.id {
            LimitId::Standard(name) => format!("standard {name}"),
            LimitId::Rule(_) => format!("{}={}", matched.place.scope().as_str(), matched.place),
        };
        found.push((name, matched.terms.limit));
        true
    });
    found.sort();
    found
}

fn names(rules: &Rules, call: &Call<'_>) -> Vec<String> {
    of(rules, call).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_limit_concerns_its_member_or_each() {
    let org = Org::new(&[], 100);
    let teams = [Uuid::from_u128(20), Uuid::from_u128(21)];
    let call = org.call();
    let call = Call { caller: Caller { teams: &teams, ..call.caller }, ..call };
    let (key, user) = (Uuid::from_u128(7).to_string(), Uuid::from_u128(8).to_string());
    let quota = |scope: &str, value: &str| {
        let mut quota = limit(scope, value, 5);
        (quota.kind, quota.period) = ("quota".into(), "day".into());
        quota
    };
    for (scope, value, found) in [
        ("organization", "", vec![format!("organization={}", org.id)]),
        ("organization", "anything", vec![format!("organization={}", org.id)]),
        ("api_key", "", vec![format!("api_key={key}")]),
        ("api_key", &*key, vec![format!("api_key={key}")]),
        ("api_key", &*user, vec![]),
        ("user", &*user, vec![format!("user={user}")]),
        ("team", "", vec![format!("team={}", teams[0]), format!("team={}", teams[1])]),
        ("team", &*teams[1].to_string(), vec![format!("team={}", teams[1])]),
        ("server", "github", vec!["server=github".into()]),
        ("server", "git", vec![]),
        ("tool", "github__get", vec!["tool=github__get".into()]),
        ("tool", "github__get_all", vec![]),
        ("tool", "", vec!["tool=github__get".into()]),
        ("ip", "203.0.113.9", vec!["ip=203.0.113.9".into()]),
        ("ip", "203.0.113.8", vec![]),
        ("ip", "203.0.113.0/24", vec!["ip=203.0.113.0/24".into()]),
        ("ip", "203.0.112.0/24", vec![]),
        ("ip", "", vec!["ip=203.0.113.9".into()]),
    ] {
        let rules = Rules::new(&[quota(scope, value)], None);
        let mut expected = found;
        expected.extend(["standard api_key".into(), "standard organization".into()]);
        expected.sort();
        assert_eq!(names(&rules, &call), expected, "{scope} {value}");
    }
}

#[test]
fn many_limits_of_members_are_told_apart() {
    let members = (0..500u128).map(|number| limit("api_key", &Uuid::from_u128(number).to_string(), 1));
    let servers = (0..500).map(|number| limit("server", &format!("server-{number}"), 1));
    let tools = (0..500).map(|number| limit("tool", &format!("github__tool_{number}"), 1));
    let limits: Vec<_> = members.chain(servers).chain(tools).collect();
    let org = Org::new(&limits, 100);
    let call = Call { server: Some("server-77"), tool: Some("get"), ..org.call() };
    let key = format!("api_key={}", Uuid::from_u128(7));
    assert_eq!(names(&org.rules, &call), [&key, "server=server-77", "standard organization"]);
    let call = Call { tool: Some("tool_9"), ..org.call() };
    assert_eq!(names(&org.rules, &call), [&key, "standard organization", "tool=github__tool_9"]);
}

#[test]
fn a_limit_of_one_environment_leaves_the_others_alone() {
    let stg = proto::RateLimit { environment: "stg".into(), ..limit("api_key", "", 5) };
    let org = Org::new(&[stg], 100);
    let in_stg = Caller { environment: Some(Environment::Stg), ..org.call().caller };
    let no_key = Caller { environment: None, api_key: None, ..org.call().caller };
    let found = |caller| of(&org.rules, &Call { caller, ..org.call() });
    assert_eq!(found(in_stg)[0].1, 5);
    assert_eq!(found(org.call().caller)[0], ("standard api_key".into(), 100));
    assert_eq!(found(no_key)[1], ("standard user".into(), 100));
}

#[test]
fn the_standard_holds_where_nothing_more_special_is_said() {
    let org = Org::new(&[], 100);
    let rules = |limits: &[proto::RateLimit]| Rules::new(limits, None);
    let found = |rules: &Rules, caller| of(rules, &Call { caller, ..org.call() });
    let caller = org.call().caller;
    let standard =
        |key| vec![("standard api_key".to_owned(), key), ("standard organization".to_owned(), 10_000)];
    assert_eq!(
        found(&rules(&[]), caller),
        standard(1_000),
        "what the contract says, where nobody says anything"
    );
    for (environment, rpm) in [(Some(Environment::Stg), 300), (Some(Environment::Dev), 100), (None, 100)] {
        assert_eq!(found(&rules(&[]), Caller { environment, ..caller }), standard(rpm));
    }
    assert_eq!(found(&rules(&[]), Caller { rpm: 5, ..caller }), standard(5));
    let by_token = Caller { api_key: None, environment: None, ..caller };
    assert_eq!(found(&rules(&[]), by_token)[1], ("standard user".into(), 600));

    let of_keys = rules(&[limit("api_key", "", 5_000)]);
    assert_eq!(found(&of_keys, caller).len(), 2, "said for keys");
    assert_eq!(found(&of_keys, Caller { rpm: 5, ..caller }).len(), 3, "a key's own holds in any case");
    let of_org = rules(&[limit("organization", "", 50_000)]);
    assert_eq!(found(&of_org, caller).len(), 2);
    let mut quota = limit("organization", "", 50_000);
    (quota.kind, quota.period) = ("quota".into(), "month".into());
    assert_eq!(found(&rules(&[quota]), caller).len(), 3, "a quota says nothing about a minute");
}

#[test]
fn what_makes_no_sense_limits_nobody_else() {
    let broken = [
        proto::RateLimit { scope_type: "moon".into(), ..limit("api_key", "", 1) },
        proto::RateLimit { environment: "moon".into(), ..limit("api_key", "", 1) },
        proto::RateLimit { metric: "moons".into(), ..limit("api_key", "", 1) },
        proto::RateLimit { window_seconds: 0, ..limit("api_key", "", 1) },
        proto::RateLimit { id: vec![1].into(), ..limit("api_key", "", 1) },
        limit("api_key", "moon", 1),
        limit("tool", "github", 1),
        limit("ip", "moon", 1),
    ];
    let org = Org::new(&broken, 100);
    assert_eq!(names(&org.rules, &org.call()), ["standard api_key", "standard organization"]);
}
