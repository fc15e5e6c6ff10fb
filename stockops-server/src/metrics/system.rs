//! Processor, memory and disk of this machine, and the memory of this process.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use prometheus::{Gauge, IntGaugeVec, Opts, Registry};
use sysinfo::{Disks, ProcessRefreshKind, ProcessesToUpdate, get_current_pid};
use tokio::task::JoinHandle;

use super::{Metrics, enter};

const MEGABYTE: f64 = 1024.0 * 1024.0;

#[derive(Debug)]
pub(super) struct System {
    cpu: Gauge,
    ram: Gauge,
    disk: Gauge,
    disk_size: Gauge,
    disk_free: Gauge,
    own: Gauge,
}

impl System {
    pub(super) fn new(r: &Registry) -> Self {
        let gauge = |name: &str, help: &str| enter(r, Gauge::new(name, help));
        let built = Opts::new("stockops_build_info", "1, with the version of the program.");
        enter(r, IntGaugeVec::new(built, &["version"])).with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let began = gauge("process_start_time_seconds", "When this process began, in seconds since 1970.");
        began.set(UNIX_EPOCH.elapsed().unwrap_or_default().as_secs_f64());
        Self {
            cpu: gauge("system_cpu_percent", "Use of all processors of this machine, 0 to 100."),
            ram: gauge("system_ram_used_mb", "Memory in use on this machine, in megabytes of 2^20 bytes."),
            disk: gauge("system_disk_used_mb", "Disk in use where the home is, in megabytes of 2^20 bytes."),
            disk_size: gauge("stockops_disk_size_bytes", "Size of the disk where the home is, in bytes."),
            disk_free: gauge("stockops_disk_free_bytes", "What may still be written to that disk, in bytes."),
            own: gauge("process_resident_memory_bytes", "Memory of this process, in bytes."),
        }
    }
}

impl Metrics {
    /// Look at the machine every `every` from now on, beside the async threads; a scrape shows the last look. It ends when the
    /// handle is aborted, or with the runtime. `home` says which disk is looked at.
    pub fn watch_machine(&self, home: &Path, every: Duration) -> JoinHandle<()> {
        let (metrics, home) = (self.clone(), home.to_owned());
        tokio::spawn(async move {
            let mut machine = Some(Machine::new(home));
            let mut ticks = tokio::time::interval(every);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while let Some(mut look) = machine.take() {
                ticks.tick().await;
                let metrics = metrics.clone();
                let looked = tokio::task::spawn_blocking(move || {
                    look.at(&metrics.0.system);
                    look
                });
                machine = looked.await.ok();
            }
        })
    }
}

/// What is looked at.
struct Machine {
    system: sysinfo::System,
    home: PathBuf,
}

impl Machine {
    fn new(home: PathBuf) -> Self {
        Self { system: sysinfo::System::new(), home }
    }

    fn at(&mut self, gauges: &System) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        gauges.cpu.set(self.system.global_cpu_usage().into());
        gauges.ram.set(self.system.used_memory() as f64 / MEGABYTE);
        if let Some((size, free)) = disk(&self.home) {
            gauges.disk.set(size.saturating_sub(free) as f64 / MEGABYTE);
            gauges.disk_size.set(size as f64);
            gauges.disk_free.set(free as f64);
        }
        if let Ok(own) = get_current_pid() {
            let kind = ProcessRefreshKind::nothing().with_memory();
            self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), true, kind);
            gauges.own.set(self.system.process(own).map_or(0.0, |process| process.memory() as f64));
        }
    }
}

/// Size in bytes, and bytes that are free, of the disk that holds `home`: that with the longest mount point above it.
fn disk(home: &Path) -> Option<(u64, u64)> {
    let home = home.canonicalize().ok()?;
    let disks = Disks::new_with_refreshed_list();
    let holder = disks.iter().filter(|disk| home.starts_with(disk.mount_point()));
    let holder = holder.max_by_key(|disk| disk.mount_point().as_os_str().len())?;
    Some((holder.total_space(), holder.available_space()))
}
