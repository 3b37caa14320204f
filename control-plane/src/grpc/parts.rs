//! A revision cut into messages that pass every gRPC limit. A proxy applies them only when the last has come.

use bytes::Bytes;
use gatewayops_proto::{
    SCHEMA,
    control::{Change, Update},
};
use prost::Message;

/// Well below the 4 MiB that gRPC clients take. One change alone may be longer: it cannot be cut.
const PART_BYTES: usize = 1 << 20;

/// At least one part, also when nothing changed: it carries the revision.
pub(super) fn cut(
    revision: i64,
    lineage: &Bytes,
    replaces_everything: bool,
    changes: Vec<Change>,
) -> Vec<Update> {
    let mut parts = vec![Vec::new()];
    let mut room = PART_BYTES;
    for change in changes {
        let length = change.encoded_len() + 8;
        let begun = parts.last().is_some_and(|part| !part.is_empty());
        if length > room && begun {
            parts.push(Vec::new());
            room = PART_BYTES;
        }
        room = room.saturating_sub(length);
        if let Some(part) = parts.last_mut() {
            part.push(change);
        }
    }
    let count = parts.len();
    let update = |(index, changes)| Update {
        revision: revision.unsigned_abs(),
        lineage: lineage.clone(),
        replaces_everything,
        more: index + 1 < count,
        changes,
        schema: SCHEMA,
    };
    parts.into_iter().enumerate().map(update).collect()
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::control::{ApiKey, change::Entity};

    use super::*;

    fn key(name_bytes: usize) -> Change {
        Change { entity: Some(Entity::ApiKey(ApiKey { name: "x".repeat(name_bytes), ..ApiKey::default() })) }
    }

    #[test]
    fn nothing_is_one_empty_part() {
        let parts = cut(7, &Bytes::new(), false, vec![]);
        assert_eq!((parts.len(), parts[0].revision, parts[0].more), (1, 7, false));
        assert_eq!(parts[0].schema, SCHEMA);
    }

    #[test]
    fn parts_stay_below_the_limit_and_lose_nothing() {
        let changes: Vec<_> = (0..5000).map(|_| key(1000)).chain([key(3 << 20), key(10)]).collect();
        let parts = cut(7, &Bytes::new(), true, changes.clone());
        assert!(parts.len() > 5);
        assert!(parts.iter().all(|part| part.changes.len() == 1 || part.encoded_len() <= PART_BYTES + 64));
        assert!(parts.iter().rev().skip(1).all(|part| part.more) && !parts[parts.len() - 1].more);
        assert_eq!(parts.into_iter().flat_map(|part| part.changes).collect::<Vec<_>>(), changes);
    }
}
