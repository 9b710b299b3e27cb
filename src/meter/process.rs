//! What the system says of this process: memory, files, threads, processor time. Where it says nothing, nothing is told.

use std::fs;

use super::Meter;

/// Linux tells processor time in hundredths of a second to every program (`USER_HZ`).
const TICK_MS: u64 = 10;

/// Takes the figures now.
pub(super) fn look(meter: &Meter) {
    meter.set("gaung_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    meter.set("gaung_uptime_seconds", &[], meter.uptime().as_secs_f64());
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let kib = |name: &str| field(&status, name).map(|kib| kib * 1024);
        set(meter, "process_resident_memory_bytes", kib("VmRSS:"));
        set(meter, "process_peak_memory_bytes", kib("VmHWM:"));
        set(meter, "process_threads", field(&status, "Threads:"));
    }
    if let Ok(limits) = fs::read_to_string("/proc/self/limits") {
        set(meter, "process_max_fds", field(&limits, "Max open files"));
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        set(meter, "process_open_fds", u64::try_from(files.count()).ok());
    }
    if let Some(ticks) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_ticks) {
        meter.counted("process_cpu_milliseconds_total", &[], ticks.saturating_mul(TICK_MS));
    }
}

fn set(meter: &Meter, name: &'static str, value: Option<u64>) {
    if let Some(value) = value {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; bytes below 2^53 are exact")]
        meter.set(name, &[], value as f64);
    }
}

/// The first number of the line that begins with `name`.
fn field(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// User and system time: the 14th and 15th field; the second, a name in parentheses, may hold spaces.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_words_are_read() {
        assert_eq!(field("Name:\tgaung\nVmRSS:\t  123 kB\n", "VmRSS:"), Some(123));
        assert_eq!(
            field("Max open files            1024                 524288               files", "Max open files"),
            Some(1024)
        );
        let stat = "4242 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 70 30 0 0 20 0 4 0 99";
        assert_eq!(cpu_ticks(stat), Some(100));
    }
}
