//! Exports: the rows of a list as a download, read page by page and sent as they are read (contract 1.2).

use std::{marker::PhantomData, sync::Arc};

use axum::{body::Body, extract::FromRequestParts, response::Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, header, request::Parts};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    list::{Filters, List},
    query::Parameters,
};
use crate::{
    app::App,
    error::{Error, Result},
    store::page::{Found, Page, Start},
};

/// Rows read at a time.
const PAGE: i64 = 2000;
/// They make no sense for a download, which is always whole.
const PAGING: [&str; 5] = ["limit", "cursor", "offset", "include_total", "sort"];

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Csv,
    Jsonl,
    /// OpenTelemetry's JSON; traces only.
    Otlp,
}

impl Format {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Otlp => "otlp",
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read by hand")]
pub struct ExportParameters {
    #[param(inline, default = "csv")]
    format: Option<Format>,
}

/// What an export was asked for: a format, and the filters and times of the list.
pub struct Export<F> {
    pub format: Format,
    pub page: Page,
    pub filters: F,
}

impl<F: Filters> FromRequestParts<Arc<App>> for Export<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let mut parameters = Parameters::parse(parts.uri.query().unwrap_or_default())?;
        let format = parameters.take_as("format")?.unwrap_or_default();
        for name in PAGING {
            if parameters.take(name).is_some() {
                return Err(Error::invalid_request(format!("there is no parameter {name} here")));
            }
        }
        let List { page, filters, .. } =
            List::<F>::read(parts.uri.path(), &parameters.canonical(), &app.derived, chrono::Utc::now())?;
        Ok(Self { format, page: Page { limit: PAGE, ..page }, filters })
    }
}

/// A row as an export shows it: its JSON, and the order of its fields in a table.
pub trait Exported: Serialize + Send {
    const FIELDS: &'static [&'static str];
}

/// How rows become bytes.
pub trait Encoder<T>: Send {
    fn content_type(&self) -> &'static str;
    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }
    /// # Errors
    /// A row that cannot be written.
    fn rows(&mut self, rows: &[T], into: &mut Vec<u8>) -> anyhow::Result<()>;
    fn end(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

pub struct Csv<T>(PhantomData<fn(T)>);
pub struct JsonLines;

impl<T> Csv<T> {
    #[expect(clippy::new_without_default, reason = "there is only one way to make it")]
    #[must_use]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Exported> Encoder<T> for Csv<T> {
    fn content_type(&self) -> &'static str {
        "text/csv; charset=utf-8; header=present"
    }

    fn begin(&mut self) -> Vec<u8> {
        let mut head = T::FIELDS.join(",");
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn rows(&mut self, rows: &[T], into: &mut Vec<u8>) -> anyhow::Result<()> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(into);
        for row in rows {
            let row = serde_json::to_value(row)?;
            writer.write_record(T::FIELDS.iter().map(|field| cell(&row[field])))?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// A spreadsheet takes what starts like a formula for one: a quote before it keeps it a text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl<T: Serialize + Send> Encoder<T> for JsonLines {
    fn content_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn rows(&mut self, rows: &[T], into: &mut Vec<u8>) -> anyhow::Result<()> {
        for row in rows {
            serde_json::to_writer(&mut *into, row)?;
            into.push(b'\n');
        }
        Ok(())
    }
}

/// The answer: pages are read while they are sent. One that cannot be read breaks the connection off, so that nobody
/// takes a part for the whole.
pub fn download<T, Next, Read>(
    name: &str,
    format: Format,
    page: Page,
    mut encoder: Box<dyn Encoder<T>>,
    next: Next,
) -> Response
where
    T: Send + 'static,
    Next: FnMut(Page) -> Read + Send + 'static,
    Read: Future<Output = Result<Found<T>>> + Send + 'static,
{
    let content_type = HeaderValue::from_static(encoder.content_type());
    let head = encoder.begin();
    let pages = Pages { waiting: Some((page, head)), encoder, next };
    let chunks = stream::try_unfold(pages, |mut pages| async move {
        let chunk = pages.chunk().await?;
        Ok::<_, anyhow::Error>(chunk.map(|chunk| (chunk, pages)))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    let ending = if format == Format::Otlp { "json" } else { format.name() };
    if let Ok(file) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{ending}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    response
}

struct Pages<T, Next> {
    /// The page to read next, and what goes before it.
    waiting: Option<(Page, Vec<u8>)>,
    encoder: Box<dyn Encoder<T>>,
    next: Next,
}

impl<T, Next, Read> Pages<T, Next>
where
    Next: FnMut(Page) -> Read,
    Read: Future<Output = Result<Found<T>>>,
{
    async fn chunk(&mut self) -> anyhow::Result<Option<Bytes>> {
        let Some((page, mut chunk)) = self.waiting.take() else { return Ok(None) };
        let found = (self.next)(page.clone()).await?;
        self.encoder.rows(&found.rows, &mut chunk)?;
        match found.next {
            Some((key, id)) => {
                self.waiting = Some((Page { start: Start::After { key, id }, ..page }, Vec::new()))
            }
            None => chunk.extend(self.encoder.end()),
        }
        Ok(Some(Bytes::from(chunk)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Row {
        name: &'static str,
        count: i32,
        tags: Option<Vec<&'static str>>,
    }

    impl Exported for Row {
        const FIELDS: &'static [&'static str] = &["count", "name", "tags"];
    }

    fn written(encoder: &mut dyn Encoder<Row>, rows: &[Row]) -> String {
        let mut bytes = encoder.begin();
        encoder.rows(rows, &mut bytes).unwrap();
        bytes.extend(encoder.end());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        let names = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain", "a\"b,c"];
        let rows = names.map(|name| Row { name, count: -1, tags: None });
        let expected = "count,name,tags\r\n-1,'=1+1,\r\n-1,'+1,\r\n-1,'-1,\r\n-1,'@x,\r\n-1,'\tx,\r\n-1,\"'\rx\",\r\n\
            -1,plain,\r\n-1,\"a\"\"b,c\",\r\n";
        assert_eq!(written(&mut Csv::new(), &rows), expected);
    }

    #[test]
    fn json_lines_are_the_objects_of_the_list() {
        let row = Row { name: "=1", count: 2, tags: Some(vec!["a"]) };
        assert_eq!(written(&mut JsonLines, &[row]), "{\"name\":\"=1\",\"count\":2,\"tags\":[\"a\"]}\n");
    }
}
