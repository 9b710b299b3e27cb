//! When to stop: SIGTERM, or Ctrl-C. The first asks for an orderly end; whoever sends a second does not want to wait.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::{Failure, Outcome};

/// The signals that ask the process to end, caught from the moment this is made.
pub struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Begins to catch them.
    pub fn catch() -> Result<Self, Failure> {
        let caught = |kind| signal(kind).map_err(|e| Failure::environment(format!("signals can't be caught: {e}")));
        Ok(Self { interrupt: caught(SignalKind::interrupt())?, terminate: caught(SignalKind::terminate())? })
    }

    /// Returns when one comes.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::ByHand,
            _ = self.terminate.recv() => Asked::BySupervisor,
        }
    }
}

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Somebody at a terminal, who waits: Ctrl-C.
    ByHand,
    /// A supervisor, which may have a balancer in front: SIGTERM.
    BySupervisor,
}

/// How long everything may take to end: longer than the web server's own share, and with the last wait of the process below 25 s, which
/// is less than supervisors wait before they kill.
const LONGEST_END: Duration = Duration::from_millis(23_500);

/// Waits for an orderly end, but not for ever, and not for those who ask twice.
pub async fn wind_down(end: impl Future<Output = Result<(), Failure>>, signals: &mut StopSignals) -> Result<Outcome, Failure> {
    let cut = "what was in hand was cut off: mails that were being sent become \"unknown\" once their claim runs out";
    tokio::select! {
        ended = end => ended.map(|()| Outcome::Done),
        () = tokio::time::sleep(LONGEST_END) => {
            Err(Failure::environment(format!("did not come to an end within {} seconds; {cut}", LONGEST_END.as_secs())))
        }
        _ = signals.next() => Err(Failure::environment(format!("asked to stop twice; {cut}"))),
    }
}
