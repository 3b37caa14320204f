//! What each organization has decided about calls: as it was said, and compiled for the call path.
//!
//! An update touches few rows. Only the sections that they belong to are compiled anew, once for the update.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, LazyLock},
    time::Duration,
};

use gatewayops_proto::control::{self as proto, change::Entity};
use uuid::Uuid;

use super::from_proto::id;
use crate::{
    limit::{Rules, budgets::Budgets},
    policies::{Policies, safety, tools},
    telemetry::payload::Capture,
};

#[derive(Clone, Default)]
pub(crate) struct ByOrganization {
    compiled: Arc<HashMap<Uuid, Arc<Policies>>>,
    said: Arc<HashMap<Uuid, Arc<Said>>>,
    /// Whose a row is: what is deleted is named by its id alone.
    owners: Arc<HashMap<Uuid, (Uuid, Section)>>,
    touched: BTreeSet<(Uuid, Section)>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Section {
    Limits,
    Budgets,
    Tools,
    Safety,
}

/// The rows of one organization, by id.
#[derive(Clone, Default)]
struct Said {
    organization: proto::Organization,
    rate_limits: BTreeMap<Uuid, proto::RateLimit>,
    budgets: BTreeMap<Uuid, proto::Budget>,
    classifications: BTreeMap<Uuid, proto::ToolClassification>,
    permissions: BTreeMap<Uuid, proto::ToolPermission>,
    safety: BTreeMap<Uuid, proto::SafetyPolicy>,
}

impl ByOrganization {
    pub(crate) fn of(&self, org: Uuid) -> &Arc<Policies> {
        /// Of an organization of which nothing was said: what holds by default.
        static DEFAULT: LazyLock<Arc<Policies>> = LazyLock::new(Arc::default);
        self.compiled.get(&org).unwrap_or(&DEFAULT)
    }

    pub(super) fn put_organization(&mut self, org: Uuid, message: &proto::Organization) {
        self.said_of(org).organization = message.clone();
        self.touched.extend([(org, Section::Limits), (org, Section::Tools)]);
    }

    pub(super) fn take_organization(&mut self, org: Uuid) {
        Arc::make_mut(&mut self.said).remove(&org);
        Arc::make_mut(&mut self.compiled).remove(&org);
        Arc::make_mut(&mut self.owners).retain(|_, (owner, _)| *owner != org);
    }

    pub(super) fn put(&mut self, entity: &Entity) {
        let known = match entity {
            Entity::RateLimit(row) => self.row(&row.id, &row.org_id, Section::Limits, |said, id| {
                said.rate_limits.insert(id, row.clone());
            }),
            Entity::Budget(row) => self.row(&row.id, &row.org_id, Section::Budgets, |said, id| {
                said.budgets.insert(id, row.clone());
            }),
            Entity::ToolClassification(row) => self.row(&row.id, &row.org_id, Section::Tools, |said, id| {
                said.classifications.insert(id, row.clone());
            }),
            Entity::ToolPermission(row) => self.row(&row.id, &row.org_id, Section::Tools, |said, id| {
                said.permissions.insert(id, row.clone());
            }),
            Entity::SafetyPolicy(row) => self.row(&row.id, &row.org_id, Section::Safety, |said, id| {
                said.safety.insert(id, row.clone());
            }),
            _ => Some(()),
        };
        if known.is_none() {
            tracing::error!("a policy of the control plane names no organization, it is left out");
        }
    }

    fn row(
        &mut self,
        row: &[u8],
        org: &[u8],
        section: Section,
        put: impl FnOnce(&mut Said, Uuid),
    ) -> Option<()> {
        let (row, org) = (id(row)?, id(org)?);
        put(self.said_of(org), row);
        Arc::make_mut(&mut self.owners).insert(row, (org, section));
        self.touched.insert((org, section));
        Some(())
    }

    pub(super) fn take(&mut self, row: Uuid) {
        let Some((org, section)) = Arc::make_mut(&mut self.owners).remove(&row) else { return };
        let said = self.said_of(org);
        said.rate_limits.remove(&row);
        said.budgets.remove(&row);
        said.classifications.remove(&row);
        said.permissions.remove(&row);
        said.safety.remove(&row);
        self.touched.insert((org, section));
    }

    fn said_of(&mut self, org: Uuid) -> &mut Said {
        Arc::make_mut(Arc::make_mut(&mut self.said).entry(org).or_default())
    }

    /// Makes what was said since the last time hold.
    pub(super) fn compile(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        if touched.is_empty() {
            return;
        }
        let compiled = Arc::make_mut(&mut self.compiled);
        for (org, section) in touched {
            let Some(said) = self.said.get(&org) else { continue };
            let policies = Arc::make_mut(compiled.entry(org).or_default());
            let organization = &said.organization;
            match section {
                Section::Limits => {
                    let rules = Rules::new(said.rate_limits.values(), organization.default_rates.as_ref());
                    policies.limits = Arc::new(rules);
                }
                Section::Budgets => policies.budgets = Arc::new(Budgets::new(said.budgets.values())),
                Section::Tools => {
                    policies.approval_hold =
                        Duration::from_secs(u64::from(organization.approval_hold_seconds));
                    policies.capture = Capture::named(&organization.payload_capture).unwrap_or_default();
                    policies.tools = Arc::new(tools::compiled(
                        organization.tool_policy.as_ref(),
                        said.classifications.values(),
                        said.permissions.values(),
                    ));
                }
                Section::Safety => policies.safety = Arc::new(safety::compiled(said.safety.values())),
            }
        }
    }
}
