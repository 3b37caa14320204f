//! `LOG_LEVEL` and `LOG_FORMAT`: one line an event, for people (text) or machines (JSON).

use gatewayops_proto::settings::Settings;
use tracing_subscriber::EnvFilter;

use crate::TARGET;

#[derive(Clone, Debug)]
pub struct Log {
    level: String,
    pub(crate) json: bool,
}

impl Log {
    pub fn read(settings: &mut Settings) -> Self {
        let log = Self {
            level: settings.text("LOG_LEVEL").unwrap_or_else(|| "info".to_owned()),
            json: match settings.text("LOG_FORMAT").as_deref() {
                None | Some("json") => true,
                Some("text") => false,
                Some(other) => {
                    settings.fault(format!("LOG_FORMAT: {other:?} is neither json nor text"));
                    true
                }
            },
        };
        if EnvFilter::try_new(&log.level).is_err() {
            settings.fault(format!(
                "LOG_LEVEL: {:?} is no level (error, warn, info, debug, trace) and no filter",
                log.level
            ));
        }
        log
    }

    /// `quiet`: what says more of its own life than anyone wants to read, unless the level is a filter.
    pub(crate) fn filter(&self, quiet: &[&str]) -> EnvFilter {
        let mut directives = format!("{},{TARGET}=off", self.level);
        if !self.level.contains('=') {
            quiet.iter().for_each(|target| directives.push_str(&format!(",{target}=warn")));
        }
        EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new("info"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(level: &str, format: &str) -> Result<Log, String> {
        let named = [("LOG_LEVEL", level), ("LOG_FORMAT", format)];
        let mut settings = Settings::new(named.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let log = Log::read(&mut settings);
        settings.finish(log).map_err(|faults| faults.to_string())
    }

    #[test]
    fn a_level_or_a_filter_is_read_and_anything_else_is_refused() {
        assert!(read("", "").unwrap().json);
        assert!(!read("debug", "text").unwrap().json);
        assert!(read("info,sqlx=debug", "json").is_ok());
        assert!(read("loud==", "").unwrap_err().starts_with("LOG_LEVEL"));
        assert!(read("", "xml").unwrap_err().starts_with("LOG_FORMAT"));
    }

    #[test]
    fn what_is_noisy_is_quiet_unless_a_filter_says_otherwise() {
        let filter = |level: &str| read(level, "").unwrap().filter(&["noisy"]).to_string();
        assert!(filter("debug").contains("noisy=warn"));
        assert!(!filter("info,noisy=debug").contains("noisy=warn"));
    }
}
