//! Reads a file to its end, or for a while: when its first byte came, how fast it flows, and how much memory the process took.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::client::Connection;
use super::pages::Page;
use super::report::FileFigures;

/// A figure of `/proc/self/status`, in MiB.
fn memory(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u32 = line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse().ok()?;
    Some((f64::from(kib) / 102.4).round() / 10.0)
}

/// The most memory that the process held since [`forget_peak`], or ever.
pub(super) fn peak() -> Option<f64> {
    memory("VmHWM")
}

/// Begins to look for the most memory anew (proc(5), clear_refs).
pub(super) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Measures one file.
pub(super) async fn measure(address: SocketAddr, file: &Page, cookie: Option<&str>, seconds: u32) -> anyhow::Result<FileFigures> {
    let mut connection = Connection::open(address).await?;
    forget_peak();
    let before = memory("VmRSS");
    let began = Instant::now();
    let longest = Duration::from_secs(seconds.into());
    let Ok(answer) = timeout(longest, connection.get(&file.path, cookie)).await else {
        // A workbook or an archive that is still being made: nothing of it came in this time.
        return Ok(figures(file, (began.elapsed(), None), (0, false), before));
    };
    let answer = answer?;
    ensure!(answer.status().is_success(), "{} ({}) was answered with {}", file.name, file.path, answer.status());
    let mut body = answer.into_body();
    let (mut bytes, mut first, mut whole) = (0_u64, None, true);
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        first.get_or_insert_with(|| began.elapsed());
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        if began.elapsed() > longest {
            whole = false;
            break;
        }
    }
    Ok(figures(file, (began.elapsed(), first), (bytes, whole), before))
}

fn figures(
    file: &Page,
    (took, first): (Duration, Option<Duration>),
    (bytes, whole): (u64, bool),
    before: Option<f64>,
) -> FileFigures {
    let mib = bytes as f64 / 1_048_576.0;
    FileFigures {
        file: file.name.clone(),
        whole,
        first_byte_ms: (first.unwrap_or(took).as_secs_f64() * 100_000.0).round() / 100.0,
        seconds: (took.as_secs_f64() * 100.0).round() / 100.0,
        mib: (mib * 100.0).round() / 100.0,
        mib_per_s: (mib / took.as_secs_f64() * 10.0).round() / 10.0,
        rss_before_mib: before,
        rss_peak_mib: peak(),
    }
}
