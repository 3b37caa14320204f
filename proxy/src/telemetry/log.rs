//! Logs for people (text) or machines (JSON), on standard error.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::Config;

/// # Errors
/// `LOG_LEVEL` is no level and no filter, in one line.
pub fn start(config: &Config) -> Result<(), String> {
    let level = &config.log_level;
    // Pingora tells more of its own life than anyone wants to read.
    let filter = if level.contains('=') {
        level.clone()
    } else {
        format!("{level},pingora=warn,pingora_core=warn,pingora_runtime=warn")
    };
    let filter = EnvFilter::try_new(filter).map_err(|_| {
        format!("LOG_LEVEL: {level:?} is no level (error, warn, info, debug, trace) and no filter")
    })?;
    let subscriber = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = if config.log_json { subscriber.json().try_init() } else { subscriber.try_init() };
    started.map_err(|error| format!("logging cannot start: {error}"))
}
