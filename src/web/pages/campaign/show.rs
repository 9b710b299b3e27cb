//! One campaign, live: the cascade over time, each layer's progress, what was done, what is stuck and why, and what can be done now.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::live::{LayerSum, by_layer};
use super::plan::{self, PlannedWave};
use super::{act, list, picture, read_id};
use crate::app::App;
use crate::domain::breaker::Tripped;
use crate::domain::campaign::CampaignState;
use crate::domain::id::{UnitId, WaveId};
use crate::domain::role::Act;
use crate::domain::wave::WaveState;
use crate::service::Caller;
use crate::service::campaign::{
    self, CampaignCheck, CampaignProgress, CascadeWave, CorrectionView, Evidence, ProposalView, Stuck, UnitCounts, WaveProgress,
};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/campaign.html")]
struct CampaignPage {
    v: View,
    c: CampaignProgress,
    check: Option<CampaignCheck>,
    cascade: Vec<CascadeWave>,
    picture: String,
    curve: String,
    layers: Vec<LayerSum>,
    evidence: Evidence,
    next_mail_at: Option<chrono::DateTime<chrono::Utc>>,
    last_mail_at: Option<chrono::DateTime<chrono::Utc>>,
    stuck: Vec<Stuck>,
    waves: Vec<PlannedWave>,
    units: HashMap<UnitId, String>,
    acts: Vec<&'static str>,
    correction: Option<CorrectionView>,
    proposal: Option<ProposalView>,
    may_edit: bool,
    may_run: bool,
}

/// Units that a wave's table shows at most.
const MOST_UNITS: usize = 40;

impl CampaignPage {
    /// The units with the most tasks, in the order of their codes.
    fn largest(wave: &WaveProgress) -> Vec<&UnitCounts> {
        let mut units: Vec<(usize, &UnitCounts)> = wave.units.iter().enumerate().collect();
        units.sort_by_key(|(place, unit)| (-unit.planned, *place));
        units.truncate(MOST_UNITS);
        units.sort_by_key(|(place, _)| *place);
        units.into_iter().map(|(_, unit)| unit).collect()
    }
    /// How many a table shows where it does not show all.
    fn shown(wave: &WaveProgress) -> Option<i64> {
        (wave.units.len() > MOST_UNITS).then(|| i64::try_from(MOST_UNITS).unwrap_or(i64::MAX))
    }
    fn unit(&self) -> &str {
        self.units.get(&self.c.campaign.unit_id).map_or("", String::as_str)
    }
    /// Who issued the correction, and when.
    fn issued(&self, k: &CorrectionView) -> String {
        let when = self.v.when(&k.created_at);
        self.v.two("correction-by", ("who", k.created_by.clone()), ("when", when))
    }
    /// Who proposed a correction that waits, and when.
    fn proposed(&self, proposal: &ProposalView) -> String {
        let when = self.v.when(&proposal.proposed_at);
        self.v.two("correct-proposed", ("who", proposal.proposed_by.clone()), ("when", when))
    }
    /// How many have not answered.
    const fn silent(k: &CorrectionView) -> i64 {
        k.asked - k.fixed - k.removed
    }
    /// How the wave goes, once it is released.
    fn progress(&self, id: &WaveId) -> Option<&WaveProgress> {
        self.c.waves.iter().find(|wave| wave.id == *id)
    }
    fn is_held(wave: &WaveProgress) -> bool {
        wave.state == WaveState::Held
    }
    fn may_skip(&self, wave: &WaveProgress) -> bool {
        self.may_run
            && matches!(wave.state, WaveState::Planned | WaveState::Held)
            && !matches!(self.c.campaign.state, CampaignState::Cancelled | CampaignState::Corrected)
    }
    /// Whether something may still move while somebody looks.
    fn is_live(&self) -> bool {
        matches!(self.c.campaign.state, CampaignState::Released | CampaignState::Running | CampaignState::Paused)
    }
    /// Everybody asked in the waves whose figures are shown.
    fn asked(&self) -> i64 {
        self.c.waves.iter().filter(|wave| wave.outcome.is_some()).map(|wave| wave.planned).sum()
    }
    fn paused_for_mail(&self, why: &Tripped) -> String {
        self.v.two("stuck-paused-mail", ("refused", self.v.num(&why.refused)), ("of", self.v.num(&why.of)))
    }
    /// The next wave to open, and when.
    fn next_wave(&self) -> Option<&CascadeWave> {
        let waiting = self.cascade.iter().filter(|wave| wave.state == WaveState::Planned && wave.opens_at.is_some());
        waiting.min_by_key(|wave| wave.opens_at)
    }
}

/// The class of a state's tag.
#[must_use]
pub const fn tone(state: &CampaignState) -> &'static str {
    match state {
        CampaignState::Released | CampaignState::Running => "live",
        CampaignState::Submitted | CampaignState::Paused => "wait",
        CampaignState::Cancelled | CampaignState::Corrected => "stop",
        CampaignState::Draft | CampaignState::Finished => "",
    }
}

/// What the state and the caller's roles leave open; the use cases decide in the end.
fn acts(caller: &Caller, state: CampaignState) -> Vec<&'static str> {
    let may = |right| caller.reach(right).is_ok();
    act::ACTS.iter().filter(|act| may(act.right) && act.from.contains(&state)).map(|act| act.word).collect()
}

/// The page.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let found = campaign::dashboard(&app, &signed.caller, id).await?;
    let c = found.progress;
    let state = c.campaign.state;
    let unreleased = matches!(state, CampaignState::Draft | CampaignState::Submitted);
    let check = if unreleased { Some(campaign::check(&app, &signed.caller, id).await?) } else { None };
    let v = View::of_user(&req, &signed);
    let may_run = signed.caller.reach(Act::RunCampaigns).is_ok();
    let may_edit = may_run && matches!(state, CampaignState::Draft | CampaignState::Submitted | CampaignState::Released);
    let correction = match state {
        CampaignState::Corrected => campaign::correction(&app, &signed.caller, id).await?,
        _ => None,
    };
    let proposals = campaign::proposals(&app, &signed.caller, id).await?;
    let proposal = proposals.into_iter().find(|proposal| proposal.ended_at.is_none());
    let mut acts = acts(&signed.caller, state);
    // Where no wave has opened, nobody has published anything.
    acts.retain(|word| *word != "correct" || c.campaign.started_at.is_some());
    page(&CampaignPage {
        correction,
        proposal,
        picture: picture::cascade_of(&v, &found.cascade),
        curve: picture::curve_of(&v, &found.cascade),
        layers: by_layer(&c.waves),
        cascade: found.cascade,
        evidence: found.evidence,
        next_mail_at: found.next_mail_at,
        last_mail_at: found.last_mail_at,
        stuck: found.stuck,
        waves: plan::waves(&v, &c.campaign.content),
        units: list::unit_names(&app, &signed).await?,
        acts,
        may_edit,
        may_run,
        check,
        c,
        v,
    })
}
