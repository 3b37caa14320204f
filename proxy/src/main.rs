//! `proxy`: reads its settings from the environment and serves until it is told to stop.

use clap::Parser;
use gatewayops_proto::settings::Settings;
use gatewayops_proxy::{Config, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The GatewayOps data plane. All settings are environment variables; the README lists them.
#[derive(Parser)]
#[command(name = "proxy", version)]
struct Arguments {
    /// Check the settings and end.
    #[arg(long)]
    check: bool,
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::read(Settings::from_environment()) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("{faults}");
            return 2.into();
        }
    };
    // Pingora tells more of its own life than anyone wants to read.
    let quiet = ["pingora", "pingora_core", "pingora_runtime"];
    let started = gatewayops_telemetry::start(&config.log, &quiet, &config.otlp, env!("CARGO_PKG_VERSION"));
    let running = match started {
        Ok(running) => running,
        Err(fault) => {
            eprintln!("{fault}");
            return 2.into();
        }
    };
    if arguments.check {
        return 0.into();
    }
    match run(config, running.own()) {
        Ok(()) => 0.into(),
        Err(error) => {
            eprintln!("{error:#}");
            1.into()
        }
    }
}
