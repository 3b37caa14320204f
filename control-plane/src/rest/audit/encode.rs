//! An export of the audit log as bytes: a table of its rows, or lines that prove them.

use crate::{
    rest::export::{Csv, Encoder, Exported, JsonLines},
    service::audit::{
        lines::{AuditLine, Line, Totals},
        log::Export,
    },
};

impl Exported for &AuditLine {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "org_id",
        "seq",
        "action",
        "outcome",
        "actor_type",
        "actor_id",
        "actor_name",
        "resource_type",
        "resource_id",
        "resource_name",
        "changes",
        "details",
        "ip_address",
        "user_agent",
        "request_id",
        "trace_id",
        "prev_hash",
        "hash",
        "created_at",
    ];
}

/// Rows only.
pub(super) struct Table;

impl Encoder<Line> for Table {
    fn content_type(&self) -> &'static str {
        Csv::<&AuditLine>::new().content_type()
    }

    fn begin(&mut self) -> Vec<u8> {
        Csv::<&AuditLine>::new().begin()
    }

    fn rows(&mut self, lines: &[Line], into: &mut Vec<u8>) -> anyhow::Result<()> {
        let rows: Vec<&AuditLine> = lines.iter().filter_map(Line::row).collect();
        Csv::new().rows(&rows, into)
    }
}

/// All lines there are, with what stands before the rows and behind them.
pub(super) struct Evidence {
    head: Vec<Line>,
    written: Totals,
}

impl Evidence {
    pub(super) fn new(export: &Export) -> Self {
        let mut head = vec![Line::Export(export.header.clone())];
        head.extend(export.keys.iter().map(|key| Line::Key(key.into())));
        head.extend(export.anchors.iter().map(|anchor| Line::Anchor(anchor.into())));
        Self { head, written: Totals::default() }
    }
}

impl Encoder<Line> for Evidence {
    fn content_type(&self) -> &'static str {
        Encoder::<Line>::content_type(&JsonLines)
    }

    fn begin(&mut self) -> Vec<u8> {
        written(&std::mem::take(&mut self.head))
    }

    fn rows(&mut self, lines: &[Line], into: &mut Vec<u8>) -> anyhow::Result<()> {
        for line in lines {
            match line {
                Line::Row(_) => self.written.rows += 1,
                _ => self.written.heads += 1,
            }
        }
        JsonLines.rows(lines, into)
    }

    fn end(&mut self) -> Vec<u8> {
        written(&[Line::End(self.written)])
    }
}

fn written(lines: &[Line]) -> Vec<u8> {
    let mut bytes = Vec::new();
    JsonLines.rows(lines, &mut bytes).expect("lines of texts and numbers can be written");
    bytes
}
