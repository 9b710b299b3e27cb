//! What this process counts and times, for Prometheus. Each application has a recorder of its own: nothing here is global.

mod catalogue;
mod destinations;
mod process;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use metrics::{Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use uuid::Uuid;

pub use catalogue::{CATALOGUE, Kind, Metric};
use destinations::Destinations;

/// The upper edges of the histograms, in seconds: from a page's few milliseconds to a sweep's minutes.
const EDGES: [f64; 15] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 15.0, 60.0, 300.0];
/// Observations are kept one by one until somebody asks; after so many they are folded without being asked.
const FOLD_EVERY: u64 = 8_192;
const ORIGIN: Metadata<'static> = Metadata::new("gaung", Level::INFO, None);

/// The labels of one series, in the order in which they are written.
pub type Labels<'a> = &'a [(&'static str, &'a str)];

/// Counts, times and tells.
pub struct Meter {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    observed: AtomicU64,
    destinations: Mutex<Destinations>,
    started: Instant,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meter")
    }
}

impl Meter {
    /// A meter that has seen nothing. These destinations are told apart from the first mail on; others once they are large enough
    /// that no one of `small_group` people could be meant.
    #[must_use]
    pub fn new(named: impl IntoIterator<Item = String>, small_group: u32) -> Self {
        let builder = PrometheusBuilder::new();
        // Only an empty list of edges is refused.
        let builder = builder.set_buckets(&EDGES).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        for metric in CATALOGUE {
            let (name, help) = (metric.name.into(), metric.help.into());
            match metric.kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram => recorder.describe_histogram(name, None, help),
            }
        }
        Self {
            handle: recorder.handle(),
            recorder,
            observed: AtomicU64::new(0),
            destinations: Mutex::new(Destinations::new(named, small_group)),
            started: Instant::now(),
        }
    }

    /// Adds to a counter.
    pub fn count(&self, name: &'static str, labels: Labels<'_>, n: u64) {
        self.recorder.register_counter(&key(name, labels), &ORIGIN).increment(n);
    }
    /// Takes over a counter that somebody else keeps.
    pub fn counted(&self, name: &'static str, labels: Labels<'_>, total: u64) {
        self.recorder.register_counter(&key(name, labels), &ORIGIN).absolute(total);
    }
    /// Sets a gauge.
    pub fn set(&self, name: &'static str, labels: Labels<'_>, value: f64) {
        self.recorder.register_gauge(&key(name, labels), &ORIGIN).set(value);
    }
    /// Times something.
    pub fn time(&self, name: &'static str, labels: Labels<'_>, took: Duration) {
        self.recorder.register_histogram(&key(name, labels), &ORIGIN).record(took.as_secs_f64());
        if self.observed.fetch_add(1, Ordering::Relaxed) % FOLD_EVERY == FOLD_EVERY - 1 {
            self.handle.run_upkeep();
        }
    }

    /// A mail came to an end, or was put off. Its destination is named only where it may be; the person is forgotten at once when it is.
    pub fn mail(&self, outcome: &'static str, domain: Option<&str>, person: Option<Uuid>) {
        let named = domain.and_then(|domain| {
            // What it holds is whole at every instant.
            let mut destinations = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
            destinations.name(domain, person)
        });
        let destination = match (&named, domain) {
            (Some(name), _) => name.as_ref(),
            (None, Some(_)) => "other",
            (None, None) => "none",
        };
        self.count("gaung_mails_total", &[("outcome", outcome), ("destination", destination)], 1);
    }

    /// How long this process has run.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Everything, as Prometheus reads it; the process's own figures are taken now.
    #[must_use]
    pub fn render(&self) -> String {
        process::look(self);
        self.handle.render()
    }
}

fn key(name: &'static str, labels: Labels<'_>) -> Key {
    let labels: Vec<Label> = labels.iter().map(|(label, value)| Label::new(*label, (*value).to_owned())).collect();
    Key::from_parts(name, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_meters_know_nothing_of_each_other() {
        let (one, other) = (Meter::new([], 5), Meter::new([], 5));
        one.count("gaung_sweep_failures_total", &[("sweep", "beat")], 2);
        assert!(one.render().contains("gaung_sweep_failures_total{sweep=\"beat\"} 2"), "{}", one.render());
        assert!(!other.render().contains("gaung_sweep_failures_total{"));
    }

    #[test]
    fn a_time_falls_into_its_bucket() {
        let meter = Meter::new([], 5);
        for _ in 0..3 {
            meter.time("gaung_sweep_seconds", &[("sweep", "beat")], Duration::from_millis(7));
        }
        let text = meter.render();
        assert!(text.contains("gaung_sweep_seconds_bucket{sweep=\"beat\",le=\"0.005\"} 0"), "{text}");
        assert!(text.contains("gaung_sweep_seconds_bucket{sweep=\"beat\",le=\"0.01\"} 3"), "{text}");
    }

    #[test]
    fn every_figure_is_described_and_named_by_the_rules() {
        let mut names: Vec<&str> = CATALOGUE.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOGUE.len(), "each once");
        for Metric { name, kind, help } in CATALOGUE {
            assert!(name.starts_with("gaung_") || name.starts_with("process_"), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(help.len() > 15 && !help.ends_with('.'), "{name}: {help}");
        }
    }
}
