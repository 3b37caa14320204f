//! Compiles the `.proto` files with a pure-Rust compiler, so that no `protoc` is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["gatewayops/v1/control_plane.proto"];
    println!("cargo:rerun-if-changed=gatewayops");
    let descriptors = protox::compile(files, ["."])?;
    tonic_prost_build::configure().bytes(".").compile_fds(descriptors)?;
    Ok(())
}
