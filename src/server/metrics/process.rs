//! The process as the system sees it, by the names that Prometheus' own clients use.
//!
//! <https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>

use super::text::{Kind, Text};

/// Adds what this system says.
pub(super) fn add_to(text: &mut Text) {
    for (kind, name, help, value) in figures() {
        if let Some(value) = value {
            text.add(kind, name, help, &[], value);
        }
    }
}

type Figure = (Kind, &'static str, &'static str, Option<f64>);

#[cfg(target_os = "linux")]
fn figures() -> [Figure; 7] {
    let memory = linux::memory_in_pages();
    let page = rustix::param::page_size() as f64;
    let fields = linux::fields_of_status();
    let field = |number| linux::field(&fields, number);
    [
        (Kind::Counter, "process_cpu_seconds_total", "CPU time, of user and system.", Some(linux::cpu_seconds())),
        (
            Kind::Gauge,
            "process_start_time_seconds",
            "When the process began, in seconds since 1970.",
            field(linux::START_TIME).and_then(linux::start_time),
        ),
        (
            Kind::Gauge,
            "process_resident_memory_bytes",
            "Memory that is in use.",
            memory.map(|[_, resident]| resident * page),
        ),
        (
            Kind::Gauge,
            "process_virtual_memory_bytes",
            "Memory that was asked for.",
            memory.map(|[size, _]| size * page),
        ),
        (Kind::Gauge, "process_threads", "Threads.", field(linux::THREADS)),
        (Kind::Gauge, "process_open_fds", "Open file descriptors.", linux::open_descriptors()),
        (Kind::Gauge, "process_max_fds", "The limit on open file descriptors.", linux::limit_on_descriptors()),
    ]
}

#[cfg(not(target_os = "linux"))]
fn figures() -> [Figure; 0] {
    []
}

/// The files of `/proc/self` (proc(5)), and system calls.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{read_dir, read_to_string};

    use rustix::process::{Resource, getrlimit};
    use rustix::time::{ClockId, clock_gettime};

    /// Fields of `/proc/self/stat`, by their numbers there.
    pub(super) const THREADS: usize = 20;
    pub(super) const START_TIME: usize = 22;
    /// The name of the program, in parentheses, is the second field, and the only one that may hold spaces.
    const FIRST_AFTER_NAME: usize = 3;

    pub(super) fn cpu_seconds() -> f64 {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    }

    /// In all, and resident.
    pub(super) fn memory_in_pages() -> Option<[f64; 2]> {
        let text = read_to_string("/proc/self/statm").ok()?;
        let mut numbers = text.split_whitespace().map(str::parse);
        Some([numbers.next()?.ok()?, numbers.next()?.ok()?])
    }

    /// The text of `/proc/self/stat` after the name of the program.
    pub(super) fn fields_of_status() -> String {
        let text = read_to_string("/proc/self/stat").unwrap_or_default();
        text.rsplit_once(')').map(|(_, fields)| fields.to_owned()).unwrap_or_default()
    }

    pub(super) fn field(fields: &str, number: usize) -> Option<f64> {
        fields.split_whitespace().nth(number - FIRST_AFTER_NAME)?.parse().ok()
    }

    /// From clock ticks since the system's start to seconds since 1970.
    pub(super) fn start_time(ticks: f64) -> Option<f64> {
        let text = read_to_string("/proc/stat").ok()?;
        let system = text.lines().find_map(|line| line.strip_prefix("btime "))?;
        Some(system.trim().parse::<f64>().ok()? + ticks / rustix::param::clock_ticks_per_second() as f64)
    }

    /// Without the one that is open for counting them.
    pub(super) fn open_descriptors() -> Option<f64> {
        Some(read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64)
    }

    /// Infinite where there is no limit.
    pub(super) fn limit_on_descriptors() -> Option<f64> {
        Some(getrlimit(Resource::Nofile).current.map_or(f64::INFINITY, |limit| limit as f64))
    }
}
