//! Lets go what has been kept long enough, or only counts it: what else is done every hour.
//!
//! Everybody's goes, as by the clock; the result is about the organization that asked, and is its record of the run.

use chrono::Utc;
use serde_json::{Value, json};

use super::Work;
use crate::{
    app::App,
    error::Result,
    service::retention::{self, AskedBy},
};

pub(super) async fn run(app: &App, work: &Work<'_>) -> Result<Value> {
    let org = work.row.org_id;
    let is_dry = work.params.dry_run.unwrap_or(false);
    let report = if is_dry {
        retention::preview(app, Utc::now(), &work.progress).await?
    } else {
        let asked = AskedBy { org, job: work.row.id };
        retention::purge_asked(app, Utc::now(), asked, &work.progress).await?
    };
    let mut result = report.about(org);
    result["dry_run"] = json!(is_dry);
    Ok(result)
}
