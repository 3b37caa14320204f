//! What a process and its children have used, as the kernel counts it.

use std::{fs, path::Path};

/// CPU time and memory of a process tree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    pub cpu_seconds: f64,
    /// Highest resident size since [`forget_peak`], summed over the tree.
    pub peak_rss_bytes: u64,
}

/// Usage of `root` and everything below it; zero once it is gone.
#[must_use]
pub fn usage(root: u32) -> Usage {
    let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
    tree(root).into_iter().filter_map(stat).fold(Usage::default(), |sum, stat| Usage {
        cpu_seconds: sum.cpu_seconds + stat.ticks as f64 / ticks_per_second,
        peak_rss_bytes: sum.peak_rss_bytes + peak_rss(stat.pid).unwrap_or_default(),
    })
}

/// Lets the peak of the tree's memory start anew from what it holds now; needs the same user, or root.
pub fn forget_peak(root: u32) {
    for pid in tree(root) {
        // Another user's process keeps its peak since start, which is only ever higher.
        let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
    }
}

/// What the machine's cores did since start, in ticks: all of it, and what a host kept for its other guests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cores {
    total: u64,
    stolen: u64,
}

impl Cores {
    #[must_use]
    pub fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// Share of the time since `before` that was stolen.
    #[must_use]
    pub fn stolen_since(self, before: Self) -> f64 {
        (self.stolen - before.stolen) as f64 / (self.total - before.total).max(1) as f64
    }

    /// The first line: user, nice, system, idle, iowait, irq, softirq, steal, and guests, who are users already.
    fn parse(text: &str) -> Option<Self> {
        let ticks = text.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = ticks.split_ascii_whitespace().map_while(|field| field.parse().ok()).collect();
        Some(Self { total: ticks.iter().take(8).sum(), stolen: *ticks.get(7)? })
    }
}

struct Stat {
    pid: u32,
    parent: u32,
    ticks: u64,
}

fn tree(root: u32) -> Vec<u32> {
    let all: Vec<Stat> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| stat(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .collect();
    let mut tree = vec![root];
    let mut next = 0;
    while next < tree.len() {
        let parent = tree[next];
        tree.extend(all.iter().filter(|stat| stat.parent == parent).map(|stat| stat.pid));
        next += 1;
    }
    tree
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Fields 4 (parent), 14 and 15 (user and system ticks), counted behind the name, which may hold anything.
fn parse_stat(pid: u32, text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat { pid, parent: u32::try_from(number(4)?).ok()?, ticks: number(14)? + number(15)? })
}

/// Resident bytes of this process alone, now; `None` once it is gone.
#[must_use]
pub fn rss(pid: u32) -> Option<u64> {
    status_bytes(pid, "VmRSS:")
}

fn peak_rss(pid: u32) -> Option<u64> {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_is_no_obstacle() {
        let text = "7 (a) b (c)) S 3 7 7 0 -1 4194304 90 0 0 0 11 22 5 6 20 0 1 0 99 1000 25";
        let stat = parse_stat(7, text).unwrap();
        assert_eq!((stat.pid, stat.parent, stat.ticks), (7, 3, 33));
    }

    #[test]
    fn stolen_time_is_a_share_of_all_time() {
        let before = Cores::parse("cpu  10 0 10 70 0 0 0 10 5 0\ncpu0 1").unwrap();
        let after = Cores::parse("cpu  20 0 10 100 0 0 0 70 5 0\n").unwrap();
        assert_eq!((before.total, after.stolen_since(before)), (100, 0.6));
        assert!(Cores::now().is_some());
    }

    #[test]
    fn the_children_count_too() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let tree = tree(std::process::id());
        assert!(tree.contains(&child.id()) && tree[0] == std::process::id(), "{tree:?}");
        assert!(usage(std::process::id()).peak_rss_bytes > usage(child.id()).peak_rss_bytes);
        assert!(rss(child.id()).is_some_and(|bytes| bytes > 0));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
