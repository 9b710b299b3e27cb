//! What a campaign's page follows while somebody looks: absolute counts by layer, sent as server-sent events (HTML Living Standard).

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::ready;
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use super::read_id;
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::service::campaign::{self, WaveProgress};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::view::View;

/// After so many beats the stream ends and the browser comes back: within the time that a stopping server waits, and a session
/// that ended in between ends the stream too.
const BEATS: u32 = 10;

/// A layer's counts over its waves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerSum {
    /// The layer's number.
    pub layer: i16,
    /// Assignments made.
    pub asked: i64,
    /// Done, over the waves whose figures are shown.
    pub done: i64,
    /// Declined, likewise.
    pub declined: i64,
    /// Expired, likewise.
    pub expired: i64,
    /// Whether a wave's figures are withheld.
    pub withheld: bool,
    /// Mails handed over.
    pub sent: i64,
    /// Mails still to be sent.
    pub open: i64,
    /// Mails that failed or are of unknown fate.
    pub trouble: i64,
}

impl LayerSum {
    const fn of(layer: i16) -> Self {
        Self { layer, asked: 0, done: 0, declined: 0, expired: 0, withheld: false, sent: 0, open: 0, trouble: 0 }
    }
    /// What can be done at most, for the bar; never zero.
    #[must_use]
    pub fn most(&self) -> i64 {
        self.asked.max(1)
    }
    /// Not answered yet.
    #[must_use]
    pub const fn waiting(&self) -> i64 {
        self.asked - self.done - self.declined - self.expired
    }
}

/// The counts by layer, of the layers that have a wave.
#[must_use]
pub fn by_layer(waves: &[WaveProgress]) -> Vec<LayerSum> {
    let mut sums: Vec<LayerSum> = Vec::new();
    for wave in waves {
        if !sums.iter().any(|sum| sum.layer == wave.layer) {
            sums.push(LayerSum::of(wave.layer));
        }
        let Some(sum) = sums.iter_mut().find(|sum| sum.layer == wave.layer) else { continue };
        sum.asked += wave.planned;
        match wave.outcome {
            Some(outcome) => {
                sum.done += outcome.done;
                sum.declined += outcome.declined;
                sum.expired += outcome.expired;
            }
            None => sum.withheld |= wave.planned > 0,
        }
        sum.sent += wave.mail.sent;
        sum.open += wave.mail.open;
        sum.trouble += wave.mail.failed + wave.mail.unknown;
    }
    sums.sort_by_key(|sum| sum.layer);
    sums
}

/// One event: texts by the name of the place that shows them, bars by their value and most, and a mark that changes whenever the
/// page's other parts should be drawn again.
fn event(v: &View, state: CampaignState, waves: &[WaveProgress]) -> String {
    let mut texts = serde_json::Map::new();
    let mut bars = serde_json::Map::new();
    for sum in by_layer(waves) {
        let layer = sum.layer;
        for (name, n) in [("done", sum.done), ("asked", sum.asked), ("sent", sum.sent), ("open", sum.open)] {
            texts.insert(format!("{name}-{layer}"), v.num(&n).into());
        }
        bars.insert(format!("layer-{layer}"), json!([sum.done, sum.most()]));
    }
    let states: Vec<String> = waves.iter().map(|wave| wave.state.to_string()).collect();
    let done: i64 = waves.iter().filter_map(|wave| wave.outcome).map(|outcome| outcome.done).sum();
    let trouble: i64 = waves.iter().map(|wave| wave.mail.failed + wave.mail.unknown).sum();
    let mark = format!("{state} {} {done} {trouble}", states.join(" "));
    format!("retry: 1000\ndata: {}\n\n", json!({ "texts": texts, "bars": bars, "mark": mark }))
}

/// What is left of a stream, and what was sent last.
struct Looking {
    counts: watch::Receiver<campaign::Counts>,
    last: String,
    beats: u32,
    v: View,
}

/// The stream. It ends by itself; the browser opens it again.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn events(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let v = View::of_user(&req, &signed);
    let (first, counts) = campaign::follow(&app, &signed.caller, id).await?;
    let first = event(&v, first.0, &first.1);
    let start = Looking { counts, last: first.clone(), beats: 0, v };
    let beats = stream::unfold(start, |mut looking| async move {
        looking.beats += 1;
        if looking.beats > BEATS {
            return None;
        }
        match timeout(campaign::BEAT, looking.counts.changed()).await {
            // The reader ended: the service stops, or the counts can't be read.
            Ok(Err(_)) => return None,
            Ok(Ok(())) => {}
            // Nothing new is a comment, which keeps the connection alive.
            Err(_) => return Some((Ok::<_, actix_web::Error>(Bytes::from_static(b":\n\n")), looking)),
        }
        let next = {
            let now = looking.counts.borrow_and_update();
            event(&looking.v, now.0, &now.1)
        };
        let bytes = if next == looking.last { Bytes::from_static(b":\n\n") } else { Bytes::from(next.clone()) };
        looking.last = next;
        Some((Ok(bytes), looking))
    });
    let all = stream::once(ready(Ok::<_, actix_web::Error>(Bytes::from(first)))).chain(beats);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // A compressor would hold events back.
        .insert_header((header::CONTENT_ENCODING, ContentEncoding::Identity))
        .insert_header((header::HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(Box::pin(all)))
}
