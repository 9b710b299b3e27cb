//! One message on its way through the pool: what is handed over, who waits for the answer, and until when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::body::Payload;
use crate::mail::envelope::Envelope;
use crate::mail::outcome::Outcome;

/// A message ready for the wire. Framing it costs a pass over the bytes, so it is done where messages are composed.
#[derive(Debug)]
pub struct Parcel {
    pub(super) envelope: Envelope,
    pub(super) payload: Payload,
}

impl Parcel {
    /// Frames `message`, complete RFC 5322 bytes, for the wire.
    #[must_use]
    pub fn new(envelope: Envelope, message: Vec<u8>) -> Self {
        Self { envelope, payload: Payload::frame(message) }
    }

    /// Who it is from and for.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// Whether anything was done about a message yet: exactly one side moves it on from `WAITING`.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU8>);

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Progress {
    /// A lane takes it, or takes it again; `false` when its sender has given it up.
    fn begin(&self) -> bool {
        !matches!(self.0.compare_exchange(WAITING, BEGUN, Ordering::AcqRel, Ordering::Acquire), Err(GIVEN_UP))
    }
    /// Its sender gives it up; `false` when a lane has it already.
    pub fn give_up(&self) -> bool {
        self.0.compare_exchange(WAITING, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A message in the pool's queue or in a lane's hands.
#[derive(Debug)]
pub struct Job {
    pub parcel: Parcel,
    progress: Progress,
    answer: oneshot::Sender<Outcome>,
    /// When its hand-over must be over.
    pub deadline: Option<Instant>,
    /// It met a connection that had gone stale, and gets one more, new one.
    pub second_try: bool,
}

impl Job {
    /// A job, and where its answer arrives.
    pub fn new(parcel: Parcel, deadline: Option<Instant>) -> (Self, oneshot::Receiver<Outcome>, Progress) {
        let (answer, heard) = oneshot::channel();
        let progress = Progress::default();
        (Self { parcel, progress: progress.clone(), answer, deadline, second_try: false }, heard, progress)
    }

    /// A lane takes it; `false` when nobody waits for it any more.
    pub fn begin(&self) -> bool {
        !self.answer.is_closed() && self.progress.begin()
    }

    /// Tells the sender what became of it.
    pub fn answer(self, outcome: Outcome) {
        // A sender that has gone away left it in doubt, as a crash would; nobody else is concerned.
        let _ = self.answer.send(outcome);
    }
}
