//! Bodies of POST and PATCH: one typed form per resource, all faults at once, RFC 7396 merge patches (contract 1.3).
//!
//! A form holds the editable fields. POST reads it over the defaults; PATCH merges into the current form and reads
//! the result again, so both are checked by the same code and `null` clears to the default.

use std::{fmt::Display, ops::RangeInclusive};

use axum::{body::Bytes, extract::FromRequest, extract::Request, response::IntoResponse};
use http::{HeaderMap, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::error::{Code, Error, Fault, Result};

/// Bodies are no longer than this (contract 1.1).
pub const BODY_LIMIT: usize = 1 << 20;

/// Fields that no form has and every resource shows; in a PATCH they are `read_only`, not `unknown`.
const ALWAYS_READ_ONLY: [&str; 7] =
    ["id", "org_id", "created_at", "updated_at", "version", "created_by", "managed_by"];

/// The editable fields of a resource. Put `#[serde(default, deny_unknown_fields)]` on the struct.
pub trait Form: Serialize + DeserializeOwned + Default {
    /// Fields a POST cannot leave out.
    const REQUIRED: &'static [&'static str] = &[];
    /// Fields a PATCH cannot change: **ro** ones, and **im** ones of the form.
    const READ_ONLY: &'static [&'static str] = &[];
    /// Fields of a POST that are JSON of the caller's own: a `null` inside them is a value like any other.
    const VERBATIM: &'static [&'static str] = &[];

    /// What the types do not say: lengths, ranges, combinations.
    fn check(&self, faults: &mut Faults);
}

/// What is wrong with a body; one fault a field.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        let field = field.into();
        let known = |fault: &Fault| {
            field.strip_prefix(&fault.field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if !self.0.iter().any(known) {
            self.0.push(Fault { field, code, message: message.into() });
        }
    }

    pub fn length(&mut self, field: &str, text: &str, allowed: RangeInclusive<usize>) {
        let (least, most) = (allowed.start(), allowed.end());
        if !allowed.contains(&text.chars().count()) || (*least > 0 && text.trim().is_empty()) {
            self.add(field, "length", format!("must have {least} to {most} characters"));
        }
    }

    pub fn range<T: PartialOrd + Display>(&mut self, field: &str, value: &T, allowed: RangeInclusive<T>) {
        if !allowed.contains(value) {
            self.add(field, "range", format!("must be from {} to {}", allowed.start(), allowed.end()));
        }
    }

    /// What is wrong inside a field that is a form itself.
    pub fn within(&mut self, field: &str, check: impl FnOnce(&mut Self)) {
        let mut inside = Self::default();
        check(&mut inside);
        for fault in inside.0 {
            self.add(format!("{field}.{}", fault.field), fault.code, fault.message);
        }
    }

    /// # Errors
    /// `validation_error` with every fault, when there is one.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::validation(self.0)) }
    }
}

/// The body of a POST.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: Form> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        Self::read(read_object(request, &["application/json"]).await?)
    }
}

impl<T: Form> Body<T> {
    /// # Errors
    /// `validation_error` with every fault.
    pub fn read(mut body: Map<String, Value>) -> Result<Self> {
        let verbatim: Vec<_> = T::VERBATIM.iter().filter_map(|field| body.remove_entry(*field)).collect();
        let mut form = Value::Object(Map::new());
        merge(&mut form, Value::Object(body));
        for (field, value) in verbatim.into_iter().filter(|(_, value)| !value.is_null()) {
            form[field] = value;
        }
        read(form, Faults::default()).map(Self)
    }
}

/// The body of a PATCH, until it is applied [`onto`](Self::onto) the current form.
pub struct Patch<T> {
    changes: Map<String, Value>,
    form: std::marker::PhantomData<fn() -> T>,
}

impl<S: Send + Sync, T: Form> FromRequest<S> for Patch<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let changes = read_object(request, &["application/merge-patch+json", "application/json"]).await?;
        Ok(Self::new(changes))
    }
}

impl<T: Form> Patch<T> {
    #[must_use]
    pub fn new(changes: Map<String, Value>) -> Self {
        Self { changes, form: std::marker::PhantomData }
    }

    /// The raw changes: for secrets, which the current form does not hold.
    #[must_use]
    pub fn changes(&self) -> &Map<String, Value> {
        &self.changes
    }

    /// # Errors
    /// `validation_error` with every fault.
    ///
    /// # Panics
    /// Never: a form is a JSON object.
    pub fn onto(mut self, current: &T) -> Result<T> {
        let mut faults = Faults::default();
        for field in ALWAYS_READ_ONLY.iter().chain(T::READ_ONLY) {
            if self.changes.remove(*field).is_some() {
                faults.add(*field, "read_only", "cannot be changed");
            }
        }
        let mut form = serde_json::to_value(current).expect("a form is a JSON object");
        merge(&mut form, Value::Object(self.changes));
        read(form, faults)
    }
}

/// RFC 7396.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(&name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// Reads a form, taking out what is wrong until the rest can be read, so that every fault is found.
fn read<T: Form>(mut form: Value, mut faults: Faults) -> Result<T> {
    for field in T::REQUIRED {
        if form.get(field).is_none() {
            faults.add(*field, "required", "is missing");
        }
    }
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&form) {
            Ok(form) => {
                form.check(&mut faults);
                return faults.finish().map(|()| form);
            }
            Err(error) => error,
        };
        let (path, fault) = describe(&error);
        faults.add(path.join("."), fault.0, fault.1);
        if !take_out(&mut form, &path) {
            return Err(faults
                .finish()
                .err()
                .unwrap_or_else(|| Error::invalid_field("", "type", "is not valid")));
        }
    }
}

fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> (Vec<String>, (&'static str, String)) {
    let mut path: Vec<String> = Vec::new();
    for segment in error.path() {
        match segment {
            Segment::Map { key } => path.push(key.clone()),
            Segment::Seq { index } => path.push(index.to_string()),
            Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    let message = error.inner().to_string();
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    let fault = if message.starts_with("unknown field") {
        if path.last() != Some(&quoted()) {
            path.push(quoted());
        }
        ("unknown", "is not a field here".to_owned())
    } else if message.starts_with("missing field") {
        path.push(quoted());
        ("required", "is missing".to_owned())
    } else if message.starts_with("unknown variant") {
        (
            "enum",
            message
                .split_once(", expected ")
                .map_or(message.clone(), |(_, expected)| format!("must be {expected}")),
        )
    } else if message.starts_with("invalid type") {
        ("type", message)
    } else if message.starts_with("invalid value") {
        ("range", message)
    } else if message.starts_with("invalid length") {
        ("length", message)
    } else {
        ("format", message)
    };
    (path, fault)
}

/// Removes the member at `path`, or the array that holds it; false when nothing is there.
fn take_out(form: &mut Value, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let Value::Object(fields) = form else { return false };
    let inside = !rest.is_empty() && fields.get_mut(first).is_some_and(|inner| take_out(inner, rest));
    inside || fields.remove(first).is_some()
}

/// Reads a JSON object of at most [`BODY_LIMIT`]; an empty body is an empty object.
///
/// # Errors
/// `unsupported_media_type`, `payload_too_large`, `invalid_json`, `validation_error`.
pub async fn read_object(request: Request, media_types: &[&str]) -> Result<Map<String, Value>> {
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body).await?;
    if body.is_empty() {
        return Ok(Map::new());
    }
    let media_type =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !media_types.iter().any(|accepted| accepted.eq_ignore_ascii_case(essence)) {
        let message = format!("send the body as {}", media_types.join(" or "));
        return Err(Error::new(Code::UnsupportedMediaType, message));
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::invalid_field("", "type", "must be a JSON object")),
        Err(error) => Err(Error::new(Code::InvalidJson, format!("the body is not JSON: {error}"))),
    }
}

/// The whole body, of at most [`BODY_LIMIT`].
///
/// # Errors
/// `payload_too_large`, or it did not come whole.
pub async fn read_body(headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes> {
    let too_large = || {
        Error::new(Code::PayloadTooLarge, format!("the body is longer than {BODY_LIMIT} bytes"))
            .with("limit_bytes", BODY_LIMIT)
    };
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|error| {
        let over = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if over { too_large() } else { Error::invalid_request("the body could not be read") }
    })
}

impl IntoResponse for Error {
    /// The edge writes the body, because it knows the request id.
    fn into_response(self) -> axum::response::Response {
        let mut response = self.code.http().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Car {
        name: String,
        doors: u8,
        color: Option<String>,
        engine: Engine,
        tags: Vec<String>,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Engine {
        power: u32,
    }

    impl Default for Car {
        fn default() -> Self {
            Self { name: String::new(), doors: 4, color: None, engine: Engine::default(), tags: vec![] }
        }
    }

    impl Form for Car {
        const REQUIRED: &'static [&'static str] = &["name"];
        const READ_ONLY: &'static [&'static str] = &["name"];

        fn check(&self, faults: &mut Faults) {
            faults.length("name", &self.name, 1..=10);
            faults.range("doors", &self.doors, 1..=5);
        }
    }

    fn post(body: Value) -> Result<Car> {
        let mut form = json!({});
        merge(&mut form, body);
        read(form, Faults::default())
    }

    fn faults(result: Result<Car>) -> Vec<(String, String)> {
        let details = result.unwrap_err().details;
        let fields = details["fields"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        fields.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
    }

    #[test]
    fn a_post_reads_over_the_defaults_and_null_is_as_if_absent() {
        let car = post(json!({"name": "a", "doors": null})).unwrap();
        assert_eq!((car.doors, car.color), (4, None));
    }

    #[test]
    fn every_fault_of_a_body_is_told_at_once() {
        let body = json!({"doors": 9, "color": 5, "wheels": 3, "engine": {"power": "much", "fuel": 1}, "tags": [1, "a"]});
        let mut found = faults(post(body));
        found.sort();
        let expected = [
            ("color", "type"),
            ("doors", "range"),
            ("engine.fuel", "unknown"),
            ("engine.power", "type"),
            ("name", "required"),
            ("tags.0", "type"),
            ("wheels", "unknown"),
        ];
        assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn a_patch_keeps_what_it_does_not_name_and_null_clears() {
        let current = Car { name: "a".into(), doors: 2, color: Some("red".into()), ..Car::default() };
        let Value::Object(changes) = json!({"color": null, "doors": null, "engine": {"power": 7}}) else {
            panic!()
        };
        let car = Patch::<Car>::new(changes).onto(&current).unwrap();
        assert_eq!((car.name.as_str(), car.doors, car.color, car.engine.power), ("a", 4, None, 7));
    }

    #[test]
    fn fixed_and_unknown_fields_of_a_patch_are_refused_together() {
        let Value::Object(changes) = json!({"id": 1, "name": "b", "wheels": 3}) else { panic!() };
        let current = Car { name: "a".into(), ..Car::default() };
        let found = faults(Patch::<Car>::new(changes).onto(&current));
        let codes: Vec<_> = found.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
        assert_eq!(codes, [("id", "read_only"), ("name", "read_only"), ("wheels", "unknown")]);
    }
}
