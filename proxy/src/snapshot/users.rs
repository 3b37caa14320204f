//! People, by id and by who they are at an identity provider.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use crate::principal::user::User;

#[derive(Clone, Default)]
pub(crate) struct Users {
    by_id: HashMap<Uuid, Arc<User>>,
    /// By `sub`, of every provider.
    by_subject: HashMap<Box<str>, Vec<Arc<User>>>,
}

impl Users {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Arc<User>> {
        self.by_id.get(&id)
    }

    /// Those of whom one of these providers (sorted) says that they are the subject: one of each organization.
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
            self.by_subject.entry(identity.subject.clone()).or_default().push(user.clone());
        }
        self.by_id.insert(user.id, user);
    }

    pub(super) fn take(&mut self, id: Uuid) {
        let Some(user) = self.by_id.remove(&id) else { return };
        let Some(identity) = &user.identity else { return };
        if let Some(namesakes) = self.by_subject.get_mut(&identity.subject) {
            namesakes.retain(|namesake| namesake.id != id);
            if namesakes.is_empty() {
                self.by_subject.remove(&identity.subject);
            }
        }
    }
}
