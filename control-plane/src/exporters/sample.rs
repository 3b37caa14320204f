//! Which traces are sent when not all of them are: decided by their id, so that every span of a trace, on every replica
//! and at every receiver with the same ratio, shares its fate.

/// The random part of an id is its last 56 bits (W3C Trace Context, level 2).
const BITS: u32 = 56;

/// Whether a trace is among the part that is sent.
pub(super) fn is_sampled(trace_id: &str, ratio: f64) -> bool {
    if ratio >= 1.0 {
        return true;
    }
    let random =
        trace_id.get(trace_id.len().saturating_sub(14)..).and_then(|end| u64::from_str_radix(end, 16).ok());
    // What has no random part is rather sent than lost.
    random.is_none_or(|random| random < (ratio * (1_u64 << BITS) as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_traces_is_sent_and_a_larger_part_holds_the_smaller() {
        let ids: Vec<_> = (0..20_000).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
        let of = |ratio: f64| ids.iter().filter(|id| is_sampled(id, ratio)).collect::<Vec<_>>();
        let (tenth, half) = (of(0.1), of(0.5));
        assert!((1_700..2_300).contains(&tenth.len()) && (9_400..10_600).contains(&half.len()));
        assert!(tenth.iter().all(|id| half.contains(id)));
        assert_eq!((of(0.0).len(), of(1.0).len()), (0, ids.len()));
    }

    #[test]
    fn an_id_of_another_kind_is_sent() {
        assert!(is_sampled("not hex at all", 0.5) && is_sampled("", 0.5));
    }
}
