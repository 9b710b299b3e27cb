//! Every figure that is told, with what it means. A figure that is not listed here has no description; a test says so.

/// What a figure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A figure.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// What it means.
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help }
}
const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help }
}
const fn histogram(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, help }
}

/// Every figure.
pub const CATALOGUE: &[Metric] = &[
    gauge("gaung_build_info", "Always 1; the label says which version runs"),
    gauge("gaung_uptime_seconds", "For how long this process has run"),
    gauge("gaung_ready", "Whether /readyz answers 200"),
    gauge("gaung_check_ok", "Whether one check of /readyz is as it must be"),
    gauge("gaung_last_tick_age_seconds", "Since when no scheduler has ticked, on any replica; -1 where none ever did"),
    gauge(
        "gaung_lane_round_timestamp_seconds",
        "When a lane of this process's own scheduler last came round, or began; absent in a process that runs none",
    ),
    gauge("gaung_dispatch_held", "Whether nothing is sent because the database was restored and nobody has released it yet"),
    gauge("gaung_scrape_age_seconds", "How old the figures are that were read from the database"),
    gauge("gaung_disk_free_bytes", "Free space beside the SQLite file; absent on PostgreSQL"),
    gauge(
        "gaung_queue_mails",
        "Mails in the outbox by state, counted up to a cap: due (pending), waiting, deferred, sending, held, unknown",
    ),
    gauge("gaung_queue_cap", "Where the counting of gaung_queue_mails stops"),
    gauge("gaung_queue_oldest_due_seconds", "For how long the oldest due mail of this state has waited; 0 where none is due"),
    gauge("gaung_waves", "Waves by state: opening, open, held, overdue"),
    gauge(
        "gaung_wave_mails",
        "Mails of the waves that are opening or open, by what became of them, from the maintained counters",
    ),
    gauge("gaung_schedules_overdue", "Schedules whose next occurrence should have happened already"),
    gauge("gaung_schedule_lag_seconds", "How late the latest overdue schedule is; 0 where none is"),
    gauge("gaung_destinations_resting", "Destination domains that rest because they refused or put off too many mails"),
    gauge("gaung_relay_resting", "Whether mail rests because the relay as a whole fails, as this process saw it"),
    gauge(
        "gaung_data_requests",
        "Requests about personal data without an answer, by the statutory clock: running, soon (due within a day), overdue",
    ),
    gauge("gaung_campaigns_stopped", "Campaigns that the service paused by itself because too many of their mails were refused"),
    counter("gaung_mails_total", "Mails that this process settled, by outcome and destination; small destinations are \"other\""),
    histogram("gaung_sweep_seconds", "How long each sweep of the scheduler took"),
    counter("gaung_sweep_items_total", "What sweeps moved on"),
    counter("gaung_sweep_failures_total", "Sweeps that failed as a whole, and items that failed within one"),
    counter("gaung_http_requests_total", "Answered requests by route, method and status"),
    histogram("gaung_http_request_seconds", "From a request's head to its answer's head, by route and method"),
    gauge("gaung_database_connections", "Connections of the pool"),
    gauge("gaung_database_connections_in_use", "Connections that are in use"),
    gauge("gaung_database_waiting", "Threads that wait for a connection now"),
    counter("gaung_database_waits_total", "How often somebody waited longer than a millisecond for a connection"),
    counter("gaung_database_wait_milliseconds_total", "For how long in all somebody waited for a connection"),
    counter("gaung_database_refusals_total", "How often no connection came in time"),
    counter("gaung_write_lock_waits_total", "How often a write waited longer than a millisecond until it could begin"),
    counter("gaung_write_lock_wait_milliseconds_total", "For how long in all writes waited until they could begin"),
    counter("gaung_log_entries_total", "Entries that this process appended to the log"),
    histogram(
        "gaung_seal_lag_seconds",
        "From an entry's event to the signed checkpoint that holds it, of entries that this process sealed",
    ),
    counter("gaung_sealed_entries_total", "Log entries that this process sealed"),
    gauge(
        "gaung_seal_stopped",
        "Whether this process seals nothing because something is wrong with the key or the record of what was signed",
    ),
    gauge("gaung_seal_waiting_seconds", "For how long the oldest entry has waited to be sealed; 0 where none waits"),
    gauge("gaung_log_broken", "Whether an entry of the log was found not to be what was sealed"),
    gauge("process_resident_memory_bytes", "Memory in use by this process"),
    gauge("process_peak_memory_bytes", "The most memory that this process has used"),
    gauge("process_open_fds", "Open files and connections of this process"),
    gauge("process_max_fds", "How many files and connections this process may open"),
    gauge("process_threads", "Threads of this process"),
    counter("process_cpu_milliseconds_total", "Processor time that this process has used"),
];
