//! People, by id and by who they are at an identity provider.

use std::sync::Arc;

use uuid::Uuid;

use super::shards::Shards;
use crate::principal::user::User;

#[derive(Clone, Default)]
pub(crate) struct Users {
    by_id: Shards<Uuid, Arc<User>>,
    /// By `sub`, of every provider.
    by_subject: Shards<Box<str>, Vec<Arc<User>>>,
}

impl Users {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Arc<User>> {
        self.by_id.get(&id)
    }

    /// Those of whom one of these providers (sorted) says that they are the subject: one of each provider.
    pub(crate) fn of_subject<'a>(
        &'a self,
        subject: &str,
        providers: &'a [Uuid],
    ) -> impl Iterator<Item = &'a Arc<User>> {
        self.by_subject.get(subject).into_iter().flatten().filter(|user| {
            user.identity.as_ref().is_some_and(|identity| providers.binary_search(&identity.provider).is_ok())
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn put(&mut self, user: User) {
        self.take(user.id);
        let user = Arc::new(user);
        if let Some(identity) = &user.identity {
            let mut namesakes = self.by_subject.remove(&*identity.subject).unwrap_or_default();
            namesakes.push(user.clone());
            self.by_subject.insert(identity.subject.clone(), namesakes);
        }
        self.by_id.insert(user.id, user);
    }

    pub(super) fn take(&mut self, id: Uuid) {
        let Some(user) = self.by_id.remove(&id) else { return };
        let Some(identity) = &user.identity else { return };
        let mut namesakes = self.by_subject.remove(&*identity.subject).unwrap_or_default();
        namesakes.retain(|namesake| namesake.id != id);
        if !namesakes.is_empty() {
            self.by_subject.insert(identity.subject.clone(), namesakes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::user::Identity;

    fn user(number: u128, subject: &str) -> User {
        User {
            id: Uuid::from_u128(number),
            org: Uuid::from_u128(2),
            identity: Some(Identity { provider: Uuid::from_u128(7), subject: subject.into() }),
            access: Arc::default(),
            teams: Arc::default(),
            is_active: true,
            usage: Arc::default(),
        }
    }

    #[test]
    fn a_change_of_one_person_copies_little_of_what_is_known_of_all() {
        let mut before = Users::default();
        for number in 0..5_000 {
            before.put(user(number, &format!("auth0|{number}")));
        }
        let mut after = before.clone();
        after.put(user(17, "auth0|17"));
        assert_eq!(before.by_id.parts_apart(&after.by_id), 1);
        assert_eq!(before.by_subject.parts_apart(&after.by_subject), 1);
    }

    #[test]
    fn namesakes_come_and_go_one_by_one() {
        let mut users = Users::default();
        users.put(user(1, "alice"));
        users.put(user(2, "alice"));
        let found = |users: &Users| users.of_subject("alice", &[Uuid::from_u128(7)]).count();
        assert_eq!((found(&users), users.len()), (2, 2));
        users.take(Uuid::from_u128(1));
        users.take(Uuid::from_u128(9));
        assert_eq!((found(&users), users.len()), (1, 1));
        users.take(Uuid::from_u128(2));
        assert_eq!((found(&users), users.by_subject.len()), (0, 0));
    }
}
