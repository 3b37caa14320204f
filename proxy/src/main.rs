//! `proxy`: reads its settings from the environment and serves until it is told to stop.

use clap::Parser;
use gatewayops_proto::settings::Settings;
use gatewayops_proxy::{Config, log, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The GatewayOps data plane. All settings are environment variables; the README lists them.
#[derive(Parser)]
#[command(version)]
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
    if let Err(fault) = log::start(&config) {
        eprintln!("{fault}");
        return 2.into();
    }
    if arguments.check {
        return 0.into();
    }
    match run(config) {
        Ok(()) => 0.into(),
        Err(error) => {
            eprintln!("{error:#}");
            1.into()
        }
    }
}
