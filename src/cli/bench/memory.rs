//! How much memory this process took at most, as the kernel counts it.

use std::fs;

/// Begins to count anew: what was taken before no longer shows.
pub(super) fn forget_peak() {
    // proc(5): 5 resets the peak resident set size. Where it can't be written, the peak is that of the whole run, which is more.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The most that was resident since the start or [`forget_peak`], in MiB; none where the system doesn't tell.
pub(super) fn peak_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kib / 102.4).round() / 10.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_given_back_is_forgotten() {
        // So much that what other tests take meanwhile makes no difference.
        let block = std::hint::black_box(vec![1_u8; 512 << 20]);
        let with = peak_mib().unwrap();
        drop(block);
        assert!(with > 512.0, "{with}");
        forget_peak();
        assert!(peak_mib().unwrap() < with);
    }
}
