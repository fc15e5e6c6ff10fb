//! What `--version -v` tells: the build and what it can do on this machine.

use stockops_core::Device;

/// Version, commit, features, devices and the kernel of the CPU, a line each.
pub(crate) fn words() -> String {
    let features = [
        ("network", cfg!(feature = "network")),
        ("otlp", cfg!(feature = "otlp")),
        ("redis", cfg!(feature = "redis")),
        ("tch", cfg!(feature = "tch")),
        ("cuda", cfg!(feature = "cuda")),
    ];
    let features: Vec<&str> = features.into_iter().filter_map(|(name, is_in)| is_in.then_some(name)).collect();
    let devices: Vec<&str> = Device::built().into_iter().map(Device::as_str).collect();
    let lines = [
        format!("stockops {}", env!("CARGO_PKG_VERSION")),
        format!("commit: {}", env!("STOCKOPS_COMMIT")),
        format!("features: {}", if features.is_empty() { "none".to_owned() } else { features.join(", ") }),
        format!("devices: {}", devices.join(", ")),
        format!("kernel of the CPU: {}", Device::cpu_kernel()),
    ];
    lines.join("\n")
}
