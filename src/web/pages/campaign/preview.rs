//! What a campaign will do, before anyone is mailed: how many, where, when, who not and why; and what still stands in the way.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::compose::missing::{self, Missing};
use super::read_id;
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::id::WaveId;
use crate::domain::role::Act;
use crate::domain::zone;
use crate::service::campaign::{self, CampaignCheck, CampaignView};
use crate::service::preview::{self, CampaignPreview, Collision, SkipCount, WavePreview, ZoneCount};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::page;
use crate::web::view::View;
use crate::web::when;

#[derive(Template)]
#[template(path = "pages/campaign_preview.html")]
struct PreviewPage {
    v: View,
    campaign: CampaignView,
    check: CampaignCheck,
    preview: CampaignPreview,
    missing: Vec<Missing>,
    near: Vec<Missing>,
    total: i64,
    small_group: i64,
    may_submit: bool,
    may_review: bool,
    may_edit: bool,
}

/// A row of the summary: a layer, or a zone, with its number.
struct Sum {
    class: String,
    label: String,
    asked: i64,
}

impl PreviewPage {
    fn collisions(&self, wave: &WaveId) -> Vec<&Collision> {
        self.preview.collisions.iter().filter(|collision| collision.wave_id == *wave).collect()
    }
    /// A reason that is a person's own choice is not told by number where few are concerned.
    fn is_told(&self, skip: &SkipCount) -> bool {
        skip.accounts >= self.small_group
    }
    fn layers(&self) -> Vec<Sum> {
        let mut sums: BTreeMap<i16, i64> = BTreeMap::new();
        for wave in &self.preview.waves {
            *sums.entry(wave.layer.number()).or_default() += wave.asked;
        }
        let sum = |(layer, asked)| Sum { class: format!("layer-{layer}"), label: self.v.word("composer-layer", layer), asked };
        sums.into_iter().map(sum).collect()
    }
    fn zones(&self) -> Vec<Sum> {
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        for zone in self.preview.waves.iter().flat_map(|wave| &wave.zones) {
            *sums.entry((zone.label.clone(), zone.zone.clone())).or_default() += zone.asked;
        }
        sums.into_iter()
            .map(|((label, zone), asked)| Sum { class: String::new(), label: format!("{label} · {zone}"), asked })
            .collect()
    }
    /// The opening on the clocks of a zone.
    fn local(&self, wave: &WavePreview, at: &ZoneCount) -> String {
        match (wave.opens_at, zone::parse(&at.zone)) {
            (Some(opens_at), Ok(tz)) => when::absolute(self.v.locale, opens_at, tz),
            _ => String::new(),
        }
    }
    fn submit_words(&self) -> String {
        self.v.a("preview-submit", "n", self.v.num(&self.total))
    }
}

/// The page.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let campaign = campaign::get(&app, &signed.caller, id).await?;
    let check = campaign::check(&app, &signed.caller, id).await?;
    let found = preview::preview(&app, &signed.caller, id).await?;
    let v = View::of_user(&req, &signed);
    let state = campaign.state;
    let runs = v.may(Act::RunCampaigns);
    page(&PreviewPage {
        missing: missing::list(&v, id, &campaign.content, &check.faults),
        near: missing::near(&v, id, &campaign.content, &check),
        total: found.waves.iter().map(|wave| wave.asked).sum(),
        small_group: i64::from(app.config.privacy.small_group),
        may_submit: runs && state == CampaignState::Draft && check.faults.is_empty(),
        may_review: v.may(Act::ReleaseCampaigns) && state == CampaignState::Submitted,
        may_edit: runs && matches!(state, CampaignState::Draft | CampaignState::Submitted | CampaignState::Released),
        preview: found,
        v,
        campaign,
        check,
    })
}
