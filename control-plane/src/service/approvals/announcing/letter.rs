//! The letter to somebody who may review. What a caller wrote is quoted, so that it cannot pass for our words.

use chrono::SubsecRound;

use super::{super::requester, super::url, shown_arguments};
use crate::{mail::Letter, store::approvals::ApprovalRow};

const MOST_ARGUMENTS: usize = 2_000;

pub(super) fn of(row: &ApprovalRow, to: &str, public_url: &str) -> Letter {
    let (tool, server) = (one_line(&row.tool_name), one_line(&row.mcp_server));
    let until = row.expires_at.trunc_subsecs(0).format("%Y-%m-%d %H:%M UTC");
    let mut text = format!(
        "{who} asks to call {tool} on {server}, with these arguments (secrets are masked):\n\n{arguments}\n",
        who = one_line(&requester(row)),
        arguments = quoted(&shown_arguments(row, MOST_ARGUMENTS)),
    );
    if !row.reason.is_empty() {
        text.push_str(&format!("\nThe reason given:\n\n{}\n", quoted(&row.reason)));
    }
    text.push_str(&format!(
        "\nTo approve or deny it, open this page until {until}:\n\n{}\n\n\
         Everybody who may decide was told; the first decision counts.\n",
        url(public_url, row.id),
    ));
    Letter { to: to.to_owned(), subject: format!("Approval wanted: {tool} on {server}"), text }
}

fn quoted(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n")
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
