//! The frame of a draw as the database's sealed entries say it: the same as an export of them gives.

use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::CampaignId;
use crate::domain::text_enum::TextEnum as _;
use crate::ledger::draw::{COUNTED, Drawn, Frame, LEARNED, Picks, Plan, said};
use crate::service::ServiceError;
use crate::store::sample;
use crate::store::seal::{self, LogRow};

/// Leaves that one read looks at.
const PIECE: i64 = 10_000;

/// Draws from the first entries of a log, as many as the plan says.
pub(super) async fn draw(app: &App, log: &LogRow, plan: &Plan, seed: &str) -> Result<Drawn<()>, ServiceError> {
    let (mut frame, mut picks) = (Frame::of(plan), Picks::new(seed.to_owned(), plan.asked));
    each(app, log, (plan, &LEARNED), |said| frame.learn(said)).await?;
    each(app, log, (plan, &COUNTED), |said| frame.count(said, &mut picks)).await?;
    frame.end(&mut picks);
    Ok(picks.end())
}

async fn each(
    app: &App,
    log: &LogRow,
    (plan, kinds): (&Plan, &[&str]),
    mut take: impl FnMut(crate::ledger::draw::Said),
) -> Result<(), ServiceError> {
    let kinds: Vec<EventKind> = kinds.iter().filter_map(|kind| EventKind::parse(kind).ok()).collect();
    let campaign = plan.campaign.map(CampaignId::from_uuid);
    let end = log.first_leaf + i64::try_from(plan.size).unwrap_or(i64::MAX);
    let mut first = log.first_leaf;
    while first < end {
        let (next, kinds) = (end.min(first + PIECE), kinds.clone());
        let rows = app.db.read(move |conn| sample::entries(conn, (first, next), &kinds, campaign)).await?;
        for row in rows {
            if let Some(said) = said(&seal::leaf(row)?) {
                take(said);
            }
        }
        first = next;
    }
    Ok(())
}
