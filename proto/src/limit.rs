//! How calls are counted against limits in the Redis that everybody shares: names, windows, and the one script that
//! decides (contract 3.9).
//!
//! A rate has a window that slides. Time is cut into slots of a sixtieth of it, a slot counts what happened in it, and
//! counts whole until all of it lies a window back. So no stretch of time of that length, wherever it begins, holds more
//! than the limit, and what is full opens again at most a sixtieth late. A quota is one slot: its day or month, UTC.
//!
//! A counter is a hash in Redis, slot → count. It ends by itself when nothing in it counts any more.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate};
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// A window of a rate is counted in so many slots.
pub const SLOTS: u64 = 60;

/// Nothing is counted beyond: so far Redis and its scripts count exactly.
pub const MAX: u64 = 1 << 53;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The limits of `settings.rate_limits` have no id; this is what stands in its place.
pub mod standard {
    pub const API_KEY: &str = "api_key";
    pub const USER: &str = "user";
    pub const ORGANIZATION: &str = "organization";
}

/// Settles and decides for any number of counters in one step: all of them let the call pass, or none counts it. What
/// has passed before it was told is counted in any case.
///
/// `KEYS`: the counters. `ARGV`, for each: slot of now, oldest slot that counts, milliseconds to keep it, limit, how
/// much is asked for, how much has passed and is not told yet, how many pairs follow, and so many pairs of a slot and
/// what to add to it. Asking for nothing means: as long as the limit is not reached.
///
/// It answers 1 or 0, whether all have let it pass, and for each counter what it holds now, and the slot with whose end
/// there is room again, or −1 if there is.
pub const SCRIPT: &str = r"
local passed, at, held, reply = 1, 1, {}, {}
for i, key in ipairs(KEYS) do
  local oldest, limit = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 3])
  local asked, pending = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local counter = { key = key, slot = ARGV[at], keep = ARGV[at + 2], asked = asked }
  local told = tonumber(ARGV[at + 6])
  at = at + 7
  for _ = 1, told do
    redis.call('HINCRBY', key, ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  if told > 0 then redis.call('PEXPIRE', key, counter.keep) end
  local fields, slots, used = redis.call('HGETALL', key), {}, 0
  for f = 1, #fields, 2 do
    local slot, count = tonumber(fields[f]), tonumber(fields[f + 1])
    if slot < oldest then
      redis.call('HDEL', key, fields[f])
    else
      used = used + count
      slots[#slots + 1] = { slot, count }
    end
  end
  local over, frees = used + pending + math.max(asked, 1) - limit, -1
  if over > 0 then
    passed, frees = 0, tonumber(counter.slot)
    table.sort(slots, function(a, b) return a[1] < b[1] end)
    for _, slot in ipairs(slots) do
      over = over - slot[2]
      if over <= 0 then
        frees = slot[1]
        break
      end
    end
  end
  counter.used, counter.frees = used, frees
  held[i] = counter
end
reply[1] = passed
for i, counter in ipairs(held) do
  if passed == 1 and counter.asked > 0 then
    redis.call('HINCRBY', counter.key, counter.slot, counter.asked)
    redis.call('PEXPIRE', counter.key, counter.keep)
    counter.used = counter.used + counter.asked
  end
  reply[2 * i], reply[2 * i + 1] = counter.used, counter.frees
end
return reply
";

/// What is counted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Metric {
    Requests,
    InputTokens,
    OutputTokens,
}

impl Metric {
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "requests" => Some(Self::Requests),
            "input_tokens" => Some(Self::InputTokens),
            "output_tokens" => Some(Self::OutputTokens),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
        }
    }
}

/// The time in which a limit counts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Window {
    /// Slides.
    Seconds(u32),
    /// Of the calendar, UTC.
    Day,
    Month,
}

impl Window {
    /// As a limit is written (contract 3.9). None: nobody can count by that.
    #[must_use]
    pub fn parse(kind: &str, window_seconds: u32, period: &str) -> Option<Self> {
        match (kind, period) {
            ("rate", _) if window_seconds > 0 => Some(Self::Seconds(window_seconds)),
            ("quota", "day") => Some(Self::Day),
            ("quota", "month") => Some(Self::Month),
            _ => None,
        }
    }

    #[must_use]
    pub fn is_quota(self) -> bool {
        !matches!(self, Self::Seconds(_))
    }

    /// Where a count of this moment goes. All times are Unix milliseconds.
    #[must_use]
    pub fn slot(self, now_ms: u64) -> u64 {
        match self {
            Self::Seconds(seconds) => now_ms / slot_ms(seconds),
            Self::Day => now_ms / DAY_MS,
            Self::Month => month_of(now_ms),
        }
    }

    /// The oldest slot that counts.
    #[must_use]
    pub fn oldest(self, now_ms: u64) -> u64 {
        let slot = self.slot(now_ms);
        if self.is_quota() { slot } else { slot.saturating_sub(SLOTS) }
    }

    /// When a slot counts no more.
    #[must_use]
    pub fn ends_ms(self, slot: u64) -> u64 {
        match self {
            Self::Seconds(seconds) => (slot + SLOTS + 1) * slot_ms(seconds),
            Self::Day => (slot + 1) * DAY_MS,
            Self::Month => month_begins_ms(slot + 1),
        }
    }

    /// How long a counter is worth keeping that was written now.
    #[must_use]
    pub fn keep_ms(self, now_ms: u64) -> u64 {
        // A little longer, for clocks that differ.
        self.ends_ms(self.slot(now_ms)).saturating_sub(now_ms) + 5_000
    }

    /// How long it is, now.
    #[must_use]
    pub fn seconds(self, now_ms: u64) -> u64 {
        match self {
            Self::Seconds(seconds) => seconds.into(),
            Self::Day => DAY_MS / 1000,
            Self::Month => {
                let month = month_of(now_ms);
                (month_begins_ms(month + 1) - month_begins_ms(month)) / 1000
            }
        }
    }

    /// What the counter holds that was read as these slots and counts.
    pub fn usage(self, now_ms: u64, counts: impl IntoIterator<Item = (u64, u64)>) -> Usage {
        let oldest = self.oldest(now_ms);
        let mut usage = Usage { used: 0, resets_at_ms: now_ms };
        if self.is_quota() {
            usage.resets_at_ms = self.ends_ms(self.slot(now_ms));
        }
        for (slot, count) in counts {
            if slot >= oldest && count > 0 {
                usage.used += count;
                usage.resets_at_ms = usage.resets_at_ms.max(self.ends_ms(slot));
            }
        }
        usage
    }
}

/// `60s`, `day`, `month`: part of a counter's name, so that a limit which is given another window counts anew.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
            Self::Day => f.write_str("day"),
            Self::Month => f.write_str("month"),
        }
    }
}

/// What a counter holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Usage {
    pub used: u64,
    /// When nothing of it counts any more.
    pub resets_at_ms: u64,
}

/// The name of a counter in Redis. `limit` is the limit's id, or one of [`standard`]; `member` is what `scope_value`
/// would say: the id of an organization, team, user or key, the name of a server, `server__tool`, an address as
/// [`address`] writes it.
#[must_use]
pub fn counter(
    org: Uuid,
    limit: &impl fmt::Display,
    metric: Metric,
    window: Window,
    member: &impl fmt::Display,
) -> String {
    format!("gwo:limit:{{{org}}}:{limit}:{}:{window}:{member}", metric.as_str())
}

/// Who counts as one caller by address: an address of IPv4; of IPv6 a /64, which is what one subscriber has.
#[must_use]
pub fn address(address: std::net::IpAddr) -> std::net::IpAddr {
    match address.to_canonical() {
        std::net::IpAddr::V6(v6) => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            std::net::Ipv6Addr::from(network).into()
        }
        v4 => v4,
    }
}

fn slot_ms(seconds: u32) -> u64 {
    (u64::from(seconds) * 1000).div_ceil(SLOTS).max(1)
}

/// Months since the year 0.
fn month_of(now_ms: u64) -> u64 {
    let now = i64::try_from(now_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
    u64::try_from(now.year()).unwrap_or_default() * 12 + u64::from(now.month0())
}

fn month_begins_ms(month: u64) -> u64 {
    let year = i32::try_from(month / 12).unwrap_or(i32::MAX);
    let first = NaiveDate::from_ymd_opt(year, u32::try_from(month % 12).unwrap_or_default() + 1, 1);
    let begins = first.unwrap_or(NaiveDate::MAX).and_time(chrono::NaiveTime::MIN).and_utc();
    u64::try_from(begins.timestamp_millis()).unwrap_or_default()
}
