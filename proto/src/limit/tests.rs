use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const NOON: u64 = 1_700_000_000_000;

fn ms(text: &str) -> u64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis().try_into().unwrap()
}

#[test]
fn a_day_and_a_month_are_those_of_the_calendar() {
    let leap = ms("2028-02-29T23:59:59.999Z");
    assert_eq!(Window::Day.ends_ms(Window::Day.slot(leap)), ms("2028-03-01T00:00:00Z"));
    assert_eq!(Window::Month.ends_ms(Window::Month.slot(leap)), ms("2028-03-01T00:00:00Z"));
    assert_eq!(Window::Month.seconds(leap), 29 * 86_400);
    let december = ms("2026-12-01T00:00:00Z");
    assert_eq!(Window::Month.ends_ms(Window::Month.slot(december)), ms("2027-01-01T00:00:00Z"));
    assert_ne!(Window::Month.slot(december), Window::Month.slot(december - 1));
    assert_eq!(Window::Month.oldest(december), Window::Month.slot(december), "nothing of November counts");
}

#[test]
fn what_a_limit_says_is_understood_or_refused() {
    assert_eq!(Window::parse("rate", 60, ""), Some(Window::Seconds(60)));
    assert_eq!(Window::parse("quota", 60, "month"), Some(Window::Month));
    for (kind, seconds, period) in
        [("rate", 0, "day"), ("quota", 60, "year"), ("quota", 0, ""), ("", 60, "day")]
    {
        assert_eq!(Window::parse(kind, seconds, period), None, "{kind} {seconds} {period}");
    }
    assert_eq!(Metric::parse("tokens"), None);
}

#[test]
fn counters_of_other_limits_windows_and_members_have_other_names() {
    let org = Uuid::from_u128(1);
    let name = counter(org, &standard::API_KEY, Metric::Requests, Window::Seconds(60), &Uuid::from_u128(2));
    assert_eq!(
        name,
        "gwo:limit:{00000000-0000-0000-0000-000000000001}:api_key:requests:60s:00000000-0000-0000-0000-000000000002"
    );
    let others = [
        counter(org, &"x", Metric::Requests, Window::Day, &"github__get"),
        counter(org, &"x", Metric::InputTokens, Window::Day, &"github__get"),
        counter(org, &"x", Metric::Requests, Window::Month, &"github__get"),
        counter(org, &"x", Metric::Requests, Window::Day, &"github__put"),
    ];
    let distinct: std::collections::HashSet<_> = others.iter().collect();
    assert_eq!(distinct.len(), others.len());
}

#[test]
fn one_subscriber_is_one_address() {
    let of = |text: &str| address(text.parse().unwrap()).to_string();
    assert_eq!(of("203.0.113.9"), "203.0.113.9");
    assert_eq!(of("::ffff:203.0.113.9"), "203.0.113.9");
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
}

#[test]
fn usage_says_what_counts_and_until_when() {
    let window = Window::Seconds(60);
    let (now, slot) = (NOON, window.slot(NOON));
    let counts = [(slot, 2), (slot - 60, 3), (slot - 61, 5)];
    let usage = window.usage(now, counts);
    assert_eq!(usage, Usage { used: 5, resets_at_ms: window.ends_ms(slot) });
    assert_eq!(window.usage(now, []), Usage { used: 0, resets_at_ms: now });
    let day = Window::Day.usage(now, [(Window::Day.slot(now) - 1, 9)]);
    assert_eq!(day, Usage { used: 0, resets_at_ms: Window::Day.ends_ms(Window::Day.slot(now)) });
}

proptest! {
    /// The script's rule, on plain numbers.
    #[test]
    fn no_stretch_of_a_window_holds_more_than_the_limit_and_none_is_kept_closed(
        seconds in 1u32..=3600, limit in 1u64..20, gaps in prop::collection::vec(0u64..40, 1..400)
    ) {
        let window = Window::Seconds(seconds);
        let window_ms = u64::from(seconds) * 1000;
        let unit = (window_ms / 100).max(1);
        let (mut now, mut counts, mut passed) = (NOON, BTreeMap::<u64, u64>::new(), Vec::new());
        for gap in gaps {
            now += gap * unit / 10;
            let within = passed.iter().filter(|at| **at + window_ms > now).count() as u64;
            let just_before = passed.iter().filter(|at| **at + window_ms + slot_ms(seconds) + 60 > now).count() as u64;
            let used = window.usage(now, counts.iter().map(|(slot, count)| (*slot, *count))).used;
            prop_assert!(used >= within, "what lies within the window counts");
            prop_assert!(used <= just_before, "what lies a window and a slot back does not");
            if used < limit {
                *counts.entry(window.slot(now)).or_default() += 1;
                passed.push(now);
                prop_assert!(within < limit);
            }
        }
    }

    #[test]
    fn a_slot_counts_exactly_until_it_ends(seconds in 1u32..=3600, now in 1_000_000_000_000u64..2_000_000_000_000) {
        for window in [Window::Seconds(seconds), Window::Day, Window::Month] {
            let slot = window.slot(now);
            let ends = window.ends_ms(slot);
            prop_assert!(ends > now && window.oldest(ends - 1) <= slot && window.oldest(ends) > slot);
            prop_assert!(window.keep_ms(now) >= ends - now);
        }
    }
}
