//! How a process reads its settings: from the environment alone, once, with all faults reported together.
//!
//! A secret may also be given as a file (`<NAME>_FILE`). A `GATEWAYOPS_*` name is nobody's setting
//! (contract 7), so one that is set is a mistake, except the few that `./dev up` writes for clients.

use std::{collections::BTreeMap, fmt, net::SocketAddr, str::FromStr, time::Duration};

use secrecy::SecretString;

/// Set for scripts that talk to the gateway; not settings of the gateway.
const CLIENT_VARIABLES: [&str; 6] = [
    "GATEWAYOPS_URL",
    "GATEWAYOPS_MCP_URL",
    "GATEWAYOPS_API_KEY",
    "GATEWAYOPS_ADMIN_EMAIL",
    "GATEWAYOPS_ADMIN_PASSWORD",
    "GATEWAYOPS_IDP_URL",
];

/// Why a process does not start: one line a fault.
#[derive(Debug, Eq, PartialEq)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Faults {}

/// The environment while it is being read.
pub struct Settings {
    variables: BTreeMap<String, String>,
    faults: Vec<String>,
}

impl Settings {
    #[must_use]
    pub fn from_environment() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::new(variables)
    }

    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: BTreeMap<_, _> =
            variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let faults = variables
            .keys()
            .filter(|name| name.starts_with("GATEWAYOPS_") && !CLIENT_VARIABLES.contains(&name.as_str()))
            .map(|name| {
                format!("{name} is not a setting; settings have no GATEWAYOPS_ prefix, see the README")
            })
            .collect();
        Self { variables, faults }
    }

    /// An optional text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// An optional value of any type that reads itself from text.
    pub fn value<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        text.trim().parse().map_err(|error| self.fault(format!("{name}: {error}"))).ok()
    }

    pub fn value_or<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, default: T) -> T {
        self.value(name).unwrap_or(default)
    }

    /// A listener, `127.0.0.1:8080`.
    pub fn listener(&mut self, name: &str, default: &str) -> SocketAddr {
        let text = self.text(name).unwrap_or_else(|| default.to_owned());
        text.parse().unwrap_or_else(|_| {
            self.fault(format!("{name}: {text:?} is no address and port such as 127.0.0.1:8080"));
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    /// A duration such as `500ms`, `30s`, `5m`, `24h`.
    pub fn duration(&mut self, name: &str, default: Duration) -> Duration {
        let Some(text) = self.text(name) else { return default };
        parse_duration(text.trim()).unwrap_or_else(|| {
            self.fault(format!("{name}: {text:?} is no duration such as 500ms, 30s, 5m or 24h"));
            default
        })
    }

    /// A number of bytes such as `1048576`, `64 KiB`, `1 GiB`.
    pub fn bytes(&mut self, name: &str, default: u64) -> u64 {
        let Some(text) = self.text(name) else { return default };
        parse_bytes(text.trim()).unwrap_or_else(|| {
            self.fault(format!("{name}: {text:?} is no size such as 1048576, 64 KiB or 1 GiB"));
            default
        })
    }

    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.text(name).as_deref().map(str::trim) {
            None => default,
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(other) => {
                self.fault(format!("{name}: {other:?} is neither true nor false"));
                default
            }
        }
    }

    /// Comma-separated values; empty when unset.
    pub fn list<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        let mut values = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match item.parse() {
                Ok(value) => values.push(value),
                Err(error) => self.fault(format!("{name}: {item:?}: {error}")),
            }
        }
        values
    }

    /// A secret from the variable or from the file that `<NAME>_FILE` names.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        let file_variable = format!("{name}_FILE");
        match (self.text(name), self.text(&file_variable)) {
            (Some(_), Some(_)) => {
                self.fault(format!("{name} and {file_variable} are both set; keep one"));
                None
            }
            (Some(value), None) => Some(value.into()),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(value) => Some(value.trim_end_matches(['\r', '\n']).to_owned().into()),
                Err(error) => {
                    self.fault(format!("{file_variable}: {path}: {error}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// A secret without which the process does not start.
    pub fn required_secret(&mut self, name: &str, meaning: &str) -> SecretString {
        let faults = self.faults.len();
        match self.secret(name) {
            Some(secret) => secret,
            None => {
                if self.faults.len() == faults {
                    self.fault(format!("{name} is missing: {meaning}"));
                }
                SecretString::default()
            }
        }
    }

    /// Every variable of the form `<prefix><middle><suffix>`, with its middle.
    pub fn family(&self, prefix: &str, suffix: &str) -> Vec<(String, String)> {
        self.variables
            .iter()
            .filter_map(|(name, value)| {
                let middle = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
                (!middle.is_empty()).then(|| (middle.to_owned(), value.clone()))
            })
            .collect()
    }

    /// Notes what is wrong; the reading goes on, so that all faults are reported at once.
    pub fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// # Errors
    /// Every fault that was noted.
    pub fn finish<T>(self, config: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(config) } else { Err(Faults(self.faults)) }
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text)?;
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        Settings::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let mut settings =
            settings(&[("GATEWAYOPS_PORT", "1"), ("A", "five"), ("B", "5 parsecs"), ("C", "maybe")]);
        settings.value::<u16>("A");
        settings.duration("B", Duration::ZERO);
        settings.flag("C", false);
        settings.required_secret("D", "the key");
        let Faults(faults) = settings.finish(()).unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:#?}");
        assert!(faults[0].starts_with("GATEWAYOPS_PORT is not a setting"));
        assert!(faults[4].starts_with("D is missing: the key"));
    }

    #[test]
    fn what_scripts_are_given_stops_nothing() {
        assert!(settings(&[("GATEWAYOPS_API_KEY", "x"), ("GATEWAYOPS_URL", "y")]).finish(()).is_ok());
    }

    #[test]
    fn durations_and_sizes_have_units() {
        for (text, milliseconds) in [("500ms", 500), ("30s", 30_000), ("24h", 86_400_000), ("5m", 300_000)] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(milliseconds)));
        }
        assert_eq!([parse_duration("5"), parse_duration("x"), parse_duration("")], [None; 3]);
        assert_eq!(
            [parse_bytes("1 GiB"), parse_bytes("7"), parse_bytes("1 GB")],
            [Some(1 << 30), Some(7), None]
        );
    }

    #[test]
    fn a_secret_may_come_from_a_file_but_not_from_both() {
        let path = std::env::temp_dir().join(format!("secret-{}", std::process::id()));
        std::fs::write(&path, "hush\n").unwrap();
        let file = path.to_str().unwrap();
        use secrecy::ExposeSecret;
        assert_eq!(settings(&[("S_FILE", file)]).required_secret("S", "").expose_secret(), "hush");
        let mut both = settings(&[("S", "x"), ("S_FILE", file)]);
        both.required_secret("S", "");
        assert_eq!(both.finish(()).unwrap_err().0.len(), 1);
        std::fs::remove_file(path).unwrap();
    }
}
