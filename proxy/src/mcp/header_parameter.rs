//! Arguments that a modern client repeats in `Mcp-Param-*` headers, where the tool's schema asks for it (R2.5, R2.8).

use gatewayops_proto::control as proto;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, value::RawValue};

use super::header::{self, Single};

/// One `x-mcp-header` of a tool.
#[derive(Debug)]
pub(crate) struct HeaderParameter {
    /// `mcp-param-…`.
    header: HeaderName,
    /// Property names from the arguments down.
    path: Vec<String>,
    is_integer: bool,
}

impl HeaderParameter {
    /// None: no header can have that name, so no client sends it.
    pub(crate) fn from_proto(message: &proto::HeaderParameter) -> Option<Self> {
        let name = format!("{}{}", header::PARAMETER_PREFIX, message.header.to_ascii_lowercase());
        Some(Self {
            header: HeaderName::from_bytes(name.as_bytes()).ok()?,
            path: message.path.clone(),
            is_integer: message.r#type == "integer",
        })
    }

    /// What the arguments say, as text; none where they say nothing, or what no header can.
    fn in_body(&self, arguments: &Value) -> Option<String> {
        match self.path.iter().try_fold(arguments, |value, name| value.get(name))? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn is_same(&self, header: &str, body: &str) -> bool {
        header == body || (self.is_integer && integer(header).is_some_and(|it| Some(it) == integer(body)))
    }
}

/// `42`, `42.0` and `4.2e1` are one number.
fn integer(text: &str) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and within what a float holds exactly")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i128)
}

/// Checks the headers of a call against its arguments.
///
/// # Errors
/// What contradicts what, for -32020 `HeaderMismatch`.
pub(crate) fn check(
    declared: &[HeaderParameter],
    arguments: Option<&RawValue>,
    headers: &HeaderMap,
) -> Result<(), String> {
    if declared.is_empty() {
        return Ok(());
    }
    let arguments = parsed(arguments);
    for parameter in declared {
        let Some(in_body) = parameter.in_body(&arguments) else { continue };
        let name = parameter.header.as_str();
        let values = headers.get_all(&parameter.header);
        match Single::<'_>::of(values.iter().map(HeaderValue::as_bytes)) {
            Single::Value(raw) => {
                let decoded =
                    header::decode(raw).ok_or_else(|| format!("{name} is not valid Base64 of UTF-8 text"))?;
                if !parameter.is_same(&decoded, &in_body) {
                    return Err(format!("{name} differs from arguments.{}", parameter.path.join(".")));
                }
            }
            Single::Absent => return Err(format!("{name} is missing")),
            Single::Unusable => return Err(format!("{name} is repeated, too long or not text")),
        }
    }
    Ok(())
}

/// Whether the header is one of those that the tool declares.
pub(crate) fn declares(declared: &[HeaderParameter], name: &HeaderName) -> bool {
    declared.iter().any(|parameter| parameter.header == *name)
}

/// The header lines that a call of our own making needs (R2.8).
pub(crate) fn mirror(declared: &[HeaderParameter], arguments: Option<&RawValue>) -> String {
    let mut lines = String::new();
    if declared.is_empty() {
        return lines;
    }
    let arguments = parsed(arguments);
    for parameter in declared {
        if let Some(value) = parameter.in_body(&arguments) {
            for part in [parameter.header.as_str(), ": ", &header::encode(&value), "\r\n"] {
                lines.push_str(part);
            }
        }
    }
    lines
}

fn parsed(arguments: Option<&RawValue>) -> Value {
    arguments.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Vec<HeaderParameter> {
        [
            ("Region", "string", &["region"][..]),
            ("Floor", "integer", &["where", "floor"]),
            ("Dry", "boolean", &["dry"]),
        ]
        .map(|(header, kind, path)| {
            let path = path.iter().map(|&name| name.to_owned()).collect();
            let message = proto::HeaderParameter { header: header.into(), path, r#type: kind.into() };
            HeaderParameter::from_proto(&message).unwrap()
        })
        .into()
    }

    fn checked(arguments: &str, headers: &[(&'static str, &'static str)]) -> Result<(), String> {
        let raw: &RawValue = serde_json::from_str(arguments).unwrap();
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        check(&declared(), Some(raw), &headers)
    }

    const ALL: &str = r#"{"region":"köln","where":{"floor":42},"dry":true}"#;

    #[test]
    fn headers_that_say_what_the_arguments_say_pass() {
        for floor in ["42", "42.0", "4.2e1"] {
            let headers = [
                ("mcp-param-region", "=?base64?a8O2bG4=?="),
                ("mcp-param-floor", floor),
                ("mcp-param-dry", "true"),
            ];
            assert_eq!(checked(ALL, &headers), Ok(()), "{floor}");
        }
        assert_eq!(
            checked(r#"{"region":null}"#, &[("mcp-param-dry", "true")]),
            Ok(()),
            "absent or null: no error"
        );
    }

    #[test]
    fn missing_contradicting_and_unreadable_headers_are_refused() {
        let region = ("mcp-param-region", "=?base64?a8O2bG4=?=");
        for (headers, reason) in [
            (vec![region, ("mcp-param-floor", "42")], "mcp-param-dry is missing"),
            (vec![region, ("mcp-param-floor", "43")], "mcp-param-floor differs"),
            (vec![region, ("mcp-param-floor", "x")], "mcp-param-floor differs"),
            (vec![], "mcp-param-region is missing"),
            (vec![("mcp-param-region", "=?base64?a8O2bG4?=")], "mcp-param-region is not valid Base64"),
            (vec![region, ("mcp-param-floor", "42"), ("mcp-param-dry", "True")], "mcp-param-dry differs"),
        ] {
            let error = checked(ALL, &headers).unwrap_err();
            assert!(error.starts_with(reason), "{error} / {reason}");
        }
    }

    #[test]
    fn what_is_mirrored_passes_the_check() {
        let raw: &RawValue = serde_json::from_str(ALL).unwrap();
        let lines = mirror(&declared(), Some(raw));
        let headers: HeaderMap = lines
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(headers.len(), 3);
        assert_eq!(check(&declared(), Some(raw), &headers), Ok(()));
    }
}
