//! When a delivery that failed is tried again (contract 6.3).

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::{HeaderMap, header};

/// After the first attempt, the second, and so on. When these are over it is given up.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(12 * 3600),
    Duration::from_secs(24 * 3600),
];
/// No receiver may put its deliveries off for longer.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Before the next attempt; none: there is no further one. A receiver that asks for more time than planned gets it,
/// within a day.
pub(super) fn pause(attempts: i32, asked: Option<Duration>, percent: u32) -> Option<Duration> {
    let done = usize::try_from(attempts).unwrap_or_default();
    let planned = PAUSES.get(done.saturating_sub(1))?;
    // A tenth more or less, so that what failed together is not tried together for ever.
    let planned = *planned * percent / 100;
    Some(planned.max(asked.unwrap_or_default()).min(LONGEST.max(planned)))
}

/// From 90 to 110, by chance.
pub(super) fn percent() -> u32 {
    90 + u32::try_from(RandomState::new().hash_one(0) % 21).unwrap_or_default()
}

/// What `Retry-After` says, in either of its forms (RFC 9110 §10.2.3).
pub(super) fn asked(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    (at.to_utc() - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_pauses_grow_from_seconds_to_a_day_and_then_end() {
        let seconds = |attempts| pause(attempts, None, 100).map(|pause| pause.as_secs());
        let all: Vec<_> = (1..=9).map(seconds).collect();
        let expected = [5, 60, 300, 1800, 7200, 21_600, 43_200, 86_400].map(Some);
        assert_eq!(all[..8], expected);
        assert_eq!(all[8], None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = DateTime::parse_from_rfc3339("2026-11-06T08:49:00Z").unwrap().to_utc();
        let read = |text: &'static str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(text))]);
            asked(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Fri, 06 Nov 2026 08:49:37 GMT"), Some(Duration::from_secs(37)));
        assert_eq!(read("Fri, 06 Nov 2026 08:00:00 GMT"), None, "that is past");
        assert_eq!(read("soon"), None);
    }

    proptest! {
        #[test]
        fn a_receiver_gets_the_time_it_asks_for_within_a_day(
            attempts in 1_i32..=8, asked in 0_u64..10_000_000, percent in 90_u32..=110,
        ) {
            let planned = pause(attempts, None, percent).unwrap();
            let given = pause(attempts, Some(Duration::from_secs(asked)), percent).unwrap();
            prop_assert!(given >= planned);
            prop_assert!(given <= LONGEST.max(planned));
            prop_assert!(given >= Duration::from_secs(asked).min(LONGEST));
        }
    }
}
