//! Which of several roles is the highest (contract 3.3): the one that allows most. For the built-in ones this is the
//! order in which contract 4.2 lists them.

use std::cmp::Reverse;

use crate::auth::permission::{PERMISSIONS, implies};

/// Sorts the highest role first.
pub(super) fn rank(permissions: &[String], name: &str) -> (Reverse<usize>, String) {
    let allows = |permission: &str| permissions.iter().any(|grant| implies(grant, permission));
    let weights = PERMISSIONS.iter().map(|&(permission, has_own, ..)| match () {
        () if allows(permission) => 2,
        () if has_own && allows(&format!("{permission}:own")) => 1,
        () => 0,
    });
    (Reverse(weights.sum()), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{store::users::directory, testing::TestApp};

    #[tokio::test]
    async fn the_built_in_roles_rank_as_the_contract_lists_them() {
        let test = TestApp::start().await;
        let mut tx = test.app.database.tenant(test.org).await.unwrap();
        let mut roles = directory::roles(&mut tx, test.org).await.unwrap();
        roles.retain(|role| !role.name.starts_with("team_"));
        roles.sort_by_cached_key(|role| rank(&role.permissions, &role.name));
        let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names, ["admin", "security", "developer", "viewer", "billing"]);
    }
}
