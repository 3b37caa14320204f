//! Calls and questions about them, at random but the same each time.

use chrono::{DateTime, Duration, DurationRound, Utc};
use uuid::Uuid;

use crate::{
    id::{ApiKeyId, TeamId, UserId},
    store::dimensions::{Dimensions, Visible},
    testing::calls::Call,
};

const SERVERS: [&str; 3] = ["files", "github", "search"];
const TOOLS: [&str; 3] = ["read", "write", "list"];
const STATUSES: [&str; 8] =
    ["success", "success", "success", "success", "error", "timeout", "blocked", "cancelled"];

/// The same numbers each time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len() as u64) as usize]
    }

    /// Some minutes of the last hours, some of the last days, some older than minutes are kept.
    pub(super) fn time(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let within = self.one_of(&[600, 7200, 200_000, 900_000]);
        let seconds = self.roll(within) as i64;
        (now - Duration::seconds(seconds)).duration_trunc(Duration::seconds(1)).unwrap()
    }

    pub(super) fn call(&mut self, now: DateTime<Utc>) -> Call {
        let status = self.one_of(&STATUSES);
        Call {
            is_root: self.roll(10) > 0,
            mcp_server: self.one_of(&SERVERS),
            tool_name: self.one_of(&TOOLS),
            status,
            duration_ms: self.roll(3000) as i64,
            cost_usd: (status == "success").then(|| self.one_of(&["0.001", "0.000007", "12.5"])),
            user_id: (self.roll(3) > 0).then(|| Uuid::from_u128(self.roll(3).into())),
            team_id: (self.roll(3) > 0).then(|| Uuid::from_u128(self.roll(2).into())),
            api_key_id: (self.roll(3) > 0).then(|| Uuid::from_u128(self.roll(4).into())),
            started_at: self.time(now),
            ..Call::default()
        }
        .without_cost_of_children()
    }

    pub(super) fn filter(&mut self) -> Dimensions {
        let mut filter = Dimensions { visible: vec![Visible::all()], ..Dimensions::default() };
        match self.roll(10) {
            0 => filter.mcp_server = Some(vec!["files".into(), "github".into()]),
            1 => filter.tool_name = Some(vec!["read".into()]),
            2 => filter.user_id = Some(vec![UserId(Uuid::from_u128(1))]),
            5 => filter.team_id = Some(vec![TeamId(Uuid::from_u128(1))]),
            6 => filter.api_key_id = Some([1, 2].map(|id| ApiKeyId(Uuid::from_u128(id))).to_vec()),
            7 => {
                filter.mcp_server = Some(vec!["github".into()]);
                filter.tool_name = Some(vec!["read".into()]);
            }
            8 => {
                filter.mcp_server = Some(vec!["github".into()]);
                filter.user_id = Some(vec![UserId(Uuid::from_u128(0))]);
            }
            3 => filter.visible = vec![Visible { mcp_servers: vec!["search".into()], ..Visible::default() }],
            4 => {
                let user = Some(UserId(Uuid::from_u128(2)));
                filter.visible =
                    vec![Visible { user, mcp_servers: vec!["files".into()], ..Visible::default() }];
            }
            _ => {}
        }
        filter
    }
}
