//! What the control plane has said, as it said it: what the file keeps, and what a delta is a delta to.
//!
//! Messages stay encoded: with many keys they are the larger half of what a proxy holds.

use std::{collections::BTreeMap, io};

use gatewayops_proto::{
    SCHEMA,
    control::{Change, Deleted, Secret, Update, change::Entity, deleted::Kind},
};
use prost::Message;

use super::{Snapshot, from_proto, sealed::SealedFile};

/// Kind and id. Ordered, so that those of one kind stand together.
type Key = (i32, [u8; 16]);
/// A `Change` behind its length.
type Encoded = Box<[u8]>;

#[derive(Default)]
pub(super) struct Held {
    pub(super) revision: u64,
    lineage: Vec<u8>,
    /// The least that anybody knew of kinds and fields who said, kept or took in any of it.
    schema: u32,
    messages: BTreeMap<Key, Encoded>,
    /// An update of which not all parts have come.
    begun: Option<Begun>,
}

/// What will hold once the last part has come. Dropped with the stream that brought it.
struct Begun {
    next: Snapshot,
    replaces_everything: bool,
    schema: u32,
    /// None: deleted.
    messages: Vec<(Key, Option<Encoded>)>,
}

impl Held {
    /// The revision and lineage to go on from. None, when somebody on the way knew less than we do, or more: a delta
    /// would not say again what was lost there.
    pub(super) fn resumable(&self) -> Option<(u64, &[u8])> {
        (self.schema == SCHEMA).then_some((self.revision, &self.lineage))
    }

    /// Nothing more comes of an update that was broken off.
    pub(super) fn forget_begun(&mut self) {
        self.begun = None;
    }

    /// Takes one part in; the snapshot that follows from the update once it is whole.
    pub(super) fn take(&mut self, part: Update, current: &Snapshot) -> Option<Snapshot> {
        let mut begun = self.begun.take().unwrap_or_else(|| Begun::new(part.replaces_everything, current));
        begun.schema = begun.schema.min(part.schema);
        begun.next = from_proto::apply(begun.next, current, &part.changes);
        begun.messages.extend(part.changes.iter().filter_map(encoded));
        if part.more {
            self.begun = Some(begun);
            return None;
        }
        Some(self.put(begun, part.revision, &part.lineage))
    }

    fn put(&mut self, begun: Begun, revision: u64, lineage: &[u8]) -> Snapshot {
        if begun.replaces_everything {
            self.messages.clear();
            self.schema = begun.schema;
        }
        self.schema = self.schema.min(begun.schema);
        for (key, message) in begun.messages {
            match message {
                Some(message) => drop(self.messages.insert(key, message)),
                None => drop(self.messages.remove(&key)),
            }
        }
        (self.revision, self.lineage) = (revision, lineage.to_vec());
        let next = Snapshot { revision, lineage: lineage.to_vec(), ..begun.next };
        from_proto::with_secrets(next, &self.secrets())
    }

    /// Writes everything as a proxy starts from it: an update without changes, then change after change.
    pub(super) fn save(&self, file: &SealedFile, current_at_ms: i64) -> io::Result<()> {
        let head = Update {
            revision: self.revision,
            lineage: self.lineage.clone().into(),
            replaces_everything: true,
            schema: self.schema,
            ..Update::default()
        };
        let head = head.encode_length_delimited_to_vec();
        let changes = self.messages.values().map(|message| &**message);
        let messages: Vec<&[u8]> = std::iter::once(&*head).chain(changes).collect();
        file.save(&messages, current_at_ms)
    }

    /// Reads what [`Self::save`] wrote; the snapshot that follows from it.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<Snapshot, prost::DecodeError> {
        let head = Update::decode_length_delimited(&mut bytes)?;
        let none = Snapshot::default();
        let mut begun = Begun::new(true, &none);
        begun.schema = head.schema;
        while !bytes.is_empty() {
            let change = Change::decode_length_delimited(&mut bytes)?;
            begun.next = from_proto::apply(begun.next, &none, std::slice::from_ref(&change));
            begun.messages.extend(encoded(&change));
        }
        Ok(self.put(begun, head.revision, &head.lineage))
    }

    fn secrets(&self) -> Vec<Secret> {
        let kind = i32::from(Kind::Secret);
        let messages = self.messages.range((kind, [0; 16])..=(kind, [u8::MAX; 16]));
        let changes = messages.filter_map(|(_, message)| Change::decode_length_delimited(&**message).ok());
        let secrets = changes.filter_map(|change| match change.entity {
            Some(Entity::Secret(secret)) => Some(secret),
            _ => None,
        });
        secrets.collect()
    }
}

impl Begun {
    fn new(replaces_everything: bool, current: &Snapshot) -> Self {
        let next = if replaces_everything { Snapshot::default() } else { current.clone() };
        Self { next, replaces_everything, schema: SCHEMA, messages: Vec::new() }
    }
}

/// None for what no id names: nothing could change or delete it later.
fn encoded(change: &Change) -> Option<(Key, Option<Encoded>)> {
    let kept = |kind: Kind, id: &[u8]| {
        Some(((kind.into(), id.try_into().ok()?), Some(change.encode_length_delimited_to_vec().into())))
    };
    match change.entity.as_ref()? {
        Entity::Organization(organization) => kept(Kind::Organization, &organization.id),
        Entity::ApiKey(key) => kept(Kind::ApiKey, &key.id),
        Entity::Server(server) => kept(Kind::Server, &server.id),
        Entity::Secret(secret) => kept(Kind::Secret, &secret.id),
        Entity::User(user) => kept(Kind::User, &user.id),
        Entity::TokenIssuer(issuer) => kept(Kind::TokenIssuer, &issuer.id),
        Entity::RateLimit(limit) => kept(Kind::RateLimit, &limit.id),
        Entity::Budget(budget) => kept(Kind::Budget, &budget.id),
        Entity::ToolClassification(classification) => kept(Kind::ToolClassification, &classification.id),
        Entity::ToolPermission(permission) => kept(Kind::ToolPermission, &permission.id),
        Entity::SafetyPolicy(policy) => kept(Kind::SafetyPolicy, &policy.id),
        Entity::Deleted(Deleted { kind, id }) => Some(((*kind, id.as_ref().try_into().ok()?), None)),
    }
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::control::ApiKey;

    use super::*;

    fn key(id: u8) -> Change {
        let key = ApiKey {
            id: vec![id; 16].into(),
            org_id: vec![100; 16].into(),
            hash: vec![id; 32].into(),
            ..Default::default()
        };
        Change { entity: Some(Entity::ApiKey(key)) }
    }

    fn pepper(id: u8) -> Change {
        let pepper = Secret {
            id: vec![id; 16].into(),
            name: "api_key_pepper".into(),
            key_id: id.into(),
            value: vec![id; 32].into(),
            current: true,
        };
        Change { entity: Some(Entity::Secret(pepper)) }
    }

    fn deleted(kind: Kind, id: u8) -> Change {
        Change { entity: Some(Entity::Deleted(Deleted { kind: kind.into(), id: vec![id; 16].into() })) }
    }

    fn part(revision: u64, replaces_everything: bool, more: bool, changes: Vec<Change>) -> Update {
        Update { revision, lineage: vec![7].into(), replaces_everything, more, changes, schema: SCHEMA }
    }

    #[test]
    fn an_update_counts_only_once_its_last_part_has_come() {
        let mut held = Held::default();
        let empty = Snapshot::default();
        assert!(held.take(part(1, true, true, vec![key(1)]), &empty).is_none());
        assert_eq!((held.revision, held.messages.len()), (0, 0));
        let first = held.take(part(1, true, false, vec![key(2)]), &empty).unwrap();
        assert_eq!((first.revision, first.counts(), held.revision), (1, (2, 0), 1));

        assert!(held.take(part(2, false, true, vec![deleted(Kind::ApiKey, 1)]), &first).is_none());
        held.forget_begun();
        let third = held.take(part(3, false, false, vec![key(3)]), &first).unwrap();
        assert_eq!(third.counts(), (3, 0), "what was broken off never happened");
        let fourth = held.take(part(4, false, false, vec![deleted(Kind::ApiKey, 1)]), &third).unwrap();
        assert_eq!((fourth.counts(), held.messages.len()), ((2, 0), 2));
        let fifth = held.take(part(5, true, false, vec![key(9)]), &fourth).unwrap();
        assert_eq!((fifth.counts(), held.messages.len()), ((1, 0), 1), "everything was replaced");
    }

    #[test]
    fn what_was_saved_is_what_a_start_reads() {
        let dir = tempfile::tempdir().unwrap();
        let file = SealedFile::new(&dir.path().join("config.bin"), &"a".repeat(32));
        let mut held = Held::default();
        let changes = (1..=20).map(key).chain([pepper(50), pepper(51)]).collect();
        let said = held.take(part(8, true, false, changes), &Snapshot::default()).unwrap();
        held.save(&file, 5).unwrap();

        let mut again = Held::default();
        let read = again.read(file.load().unwrap().messages()).unwrap();
        assert_eq!((read.revision, read.counts()), (8, said.counts()));
        assert_eq!(read.lineage, [7]);
        assert_eq!((again.messages, again.revision), (held.messages, 8));
        assert_eq!(read.peppers.len(), 2);
    }

    #[test]
    fn a_proxy_goes_on_only_from_what_everybody_understood_as_it_does() {
        let empty = Snapshot::default();
        for (said, whole, resumes) in [(SCHEMA, 8, true), (SCHEMA - 1, 8, false), (0, 8, false)] {
            let dir = tempfile::tempdir().unwrap();
            let file = SealedFile::new(&dir.path().join("config.bin"), &"a".repeat(32));
            let mut held = Held::default();
            held.take(Update { schema: said, ..part(whole, true, false, vec![key(1)]) }, &empty).unwrap();
            held.save(&file, 5).unwrap();
            let mut again = Held::default();
            let served = again.read(file.load().unwrap().messages()).unwrap();
            assert_eq!((served.revision, served.counts()), (8, (1, 0)), "good to serve from");
            assert_eq!(again.resumable().is_some(), resumes, "said by {said}");
            again.take(part(9, false, false, vec![key(2)]), &served).unwrap();
            assert_eq!(again.resumable().is_some(), resumes, "what was lost does not come with a delta");
            again.take(part(10, true, false, vec![key(2)]), &served).unwrap();
            assert_eq!(again.resumable(), Some((10, &[7][..])));
        }
        let mut newer = Held::default();
        let head = Update { schema: SCHEMA + 1, revision: 8, ..Update::default() };
        newer.read(&head.encode_length_delimited_to_vec()).unwrap();
        assert_eq!(newer.resumable(), None, "kept by a newer build, and cut when it was read");
    }

    #[test]
    fn a_delta_by_a_control_plane_that_knows_less_is_the_last_to_go_on_from() {
        let mut held = Held::default();
        let first = held.take(part(1, true, false, vec![key(1)]), &Snapshot::default()).unwrap();
        let parts = [(SCHEMA - 1, true), (SCHEMA, false)];
        for (schema, more) in parts {
            held.take(Update { schema, ..part(2, false, more, vec![key(1)]) }, &first);
        }
        assert_eq!((held.revision, held.resumable()), (2, None));
    }

    #[test]
    fn a_secret_that_comes_joins_those_that_are_there() {
        let mut held = Held::default();
        let first = held.take(part(1, true, false, vec![pepper(50)]), &Snapshot::default()).unwrap();
        let second = held.take(part(2, false, false, vec![pepper(51)]), &first).unwrap();
        assert_eq!((first.peppers.len(), second.peppers.len()), (1, 2));
        let third = held.take(part(3, false, false, vec![deleted(Kind::Secret, 50)]), &second).unwrap();
        assert_eq!(third.peppers.len(), 1);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_no_start() {
        assert!(Held::default().read(b"\xff\xff\xff").is_err());
        let mut cut = part(1, true, false, vec![]).encode_length_delimited_to_vec();
        cut.extend(key(1).encode_length_delimited_to_vec());
        assert!(Held::default().read(&cut[..cut.len() - 1]).is_err());
    }
}
