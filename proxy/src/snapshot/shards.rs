//! A map that is cheap to change a little: it is cut into parts, and snapshots share each part until it differs. A
//! changed key then costs the copy of a part, not of a map of 100,000.

use std::{borrow::Borrow, collections::HashMap, hash::Hash, sync::Arc};

use gatewayops_proto::api_key::Digest;
use uuid::Uuid;

const PARTS: usize = 256;

/// What is random enough in one of its bytes to be spread by it.
pub(super) trait Spread {
    fn byte(&self) -> u8;
}

impl Spread for Digest {
    fn byte(&self) -> u8 {
        self[0]
    }
}

/// Of a UUIDv7 the end is random.
impl Spread for Uuid {
    fn byte(&self) -> u8 {
        self.as_bytes()[15]
    }
}

impl Spread for str {
    fn byte(&self) -> u8 {
        self.bytes().fold(0, |spread: u8, byte| spread.wrapping_mul(31).wrapping_add(byte))
    }
}

impl Spread for Box<str> {
    fn byte(&self) -> u8 {
        (**self).byte()
    }
}

#[derive(Clone)]
pub(super) struct Shards<K, V>(Vec<Arc<HashMap<K, V>>>);

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self(vec![Arc::default(); PARTS])
    }
}

impl<K: Spread + Eq + Hash + Clone, V: Clone> Shards<K, V> {
    pub(super) fn get<Q: Spread + Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0[usize::from(key.byte())].get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        Arc::make_mut(&mut self.0[usize::from(key.byte())]).insert(key, value)
    }

    pub(super) fn remove<Q: Spread + Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let part = &mut self.0[usize::from(key.byte())];
        // Nothing is copied to find that it is not there.
        part.contains_key(key).then(|| Arc::make_mut(part).remove(key)).flatten()
    }

    /// How many parts are not the same in both.
    #[cfg(test)]
    pub(super) fn parts_apart(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).filter(|(one, other)| !Arc::ptr_eq(one, other)).count()
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|part| part.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_copies_its_own_part_and_no_other() {
        let mut first = Shards::default();
        for n in 0..=u8::MAX {
            first.insert([n; 32], n);
        }
        let mut second = first.clone();
        assert_eq!(second.remove(&[7; 32]), Some(7));
        assert_eq!(second.insert([9; 32], 100), Some(9));
        assert_eq!((first.get(&[7; 32]), second.get(&[7; 32])), (Some(&7), None));
        assert_eq!((first.len(), second.len()), (256, 255));
        assert_eq!(first.parts_apart(&second), 2);
        assert_eq!(second.remove(&[7; 32]), None);
    }
}
