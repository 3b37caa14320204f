//! What the open approvals of a call mean for it now. Pure.

use chrono::{DateTime, Utc};

use crate::{
    id::ApprovalId,
    store::approvals::{Expiry, calls::OpenRow},
};

/// How a call stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// It was let through and has uses left.
    Approved(ApprovalId),
    Pending(ApprovalId, DateTime<Utc>),
    Unasked,
}

/// What is to be ended, and how the call stands without it.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) over: Vec<ApprovalId>,
    pub(super) void: Vec<ApprovalId>,
    pub(super) standing: Standing,
}

/// Another definition than the one it was asked under voids an approval, also when only one of the two is known.
pub(super) fn judge(open: &[OpenRow], definition: Option<&str>, now: DateTime<Utc>) -> Judgement {
    let mut judgement = Judgement { over: Vec::new(), void: Vec::new(), standing: Standing::Unasked };
    for row in open {
        match expiry(row, definition, now) {
            Some(Expiry::Time) => judgement.over.push(row.id),
            Some(Expiry::DefinitionChanged) => judgement.void.push(row.id),
            // Of several the oldest is used up first.
            None if row.is_approved && matches!(judgement.standing, Standing::Approved(_)) => {}
            None if row.is_approved => judgement.standing = Standing::Approved(row.id),
            None if judgement.standing == Standing::Unasked => {
                judgement.standing = Standing::Pending(row.id, row.ends_at);
            }
            None => {}
        }
    }
    judgement
}

fn expiry(row: &OpenRow, definition: Option<&str>, now: DateTime<Utc>) -> Option<Expiry> {
    if row.ends_at <= now {
        Some(Expiry::Time)
    } else if row.definition.as_deref() != definition {
        Some(Expiry::DefinitionChanged)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-15T12:00:00Z".parse().unwrap()
    }

    fn open(is_approved: bool, definition: Option<&str>, seconds: i64) -> OpenRow {
        OpenRow {
            id: ApprovalId::new(),
            is_approved,
            definition: definition.map(str::to_owned),
            ends_at: now() + Duration::seconds(seconds),
        }
    }

    #[test]
    fn an_approval_goes_before_a_question_and_the_oldest_first() {
        let rows = [open(false, Some("a"), 60), open(true, Some("a"), 60), open(true, Some("a"), 60)];
        assert_eq!(judge(&rows, Some("a"), now()).standing, Standing::Approved(rows[1].id));
        assert_eq!(
            judge(&rows[..1], Some("a"), now()).standing,
            Standing::Pending(rows[0].id, rows[0].ends_at)
        );
        assert_eq!(judge(&[], None, now()).standing, Standing::Unasked);
    }

    #[test]
    fn what_is_over_or_was_asked_under_another_definition_counts_for_nothing() {
        for is_approved in [false, true] {
            let over = open(is_approved, Some("a"), 0);
            let judged = judge(std::slice::from_ref(&over), Some("a"), now());
            assert_eq!(
                (judged.standing, judged.over, judged.void),
                (Standing::Unasked, vec![over.id], vec![])
            );
            for (was, is) in [(Some("a"), Some("b")), (Some("a"), None), (None, Some("a"))] {
                let row = open(is_approved, was, 60);
                let judged = judge(std::slice::from_ref(&row), is, now());
                assert_eq!(
                    (judged.standing, judged.over, judged.void),
                    (Standing::Unasked, vec![], vec![row.id])
                );
            }
        }
        let unknown = open(true, None, 60);
        assert_eq!(
            judge(std::slice::from_ref(&unknown), None, now()).standing,
            Standing::Approved(unknown.id)
        );
    }
}
