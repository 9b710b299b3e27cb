//! What a campaign will do, before anyone is mailed: how many, where, when, who not and why, and the mail itself.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::id::{AccountId, WaveId};
use crate::service::ServiceError;
use crate::service::campaign::{self, CampaignCheck, CampaignView};
use crate::service::preview::{self, CampaignPreview, Collision, MailPreview};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/campaign_preview.html")]
struct PreviewPage {
    v: View,
    campaign: CampaignView,
    check: CampaignCheck,
    preview: CampaignPreview,
    mail: Option<MailPreview>,
    shown_wave: Option<WaveId>,
}

impl PreviewPage {
    fn collisions(&self, wave: &WaveId) -> Vec<&Collision> {
        self.preview.collisions.iter().filter(|collision| collision.wave_id == *wave).collect()
    }
    fn is_shown(&self, wave: &WaveId) -> bool {
        self.shown_wave == Some(*wave)
    }
}

/// The page; `?wave=` also shows that wave's mail, `&account=` as one person gets it.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let campaign = campaign::get(&app, &signed.caller, id).await?;
    let check = campaign::check(&app, &signed.caller, id).await?;
    let found = preview::preview(&app, &signed.caller, id).await?;
    let wave: Option<WaveId> = query.0.filled("wave").and_then(|text| text.parse().ok());
    let account: Option<AccountId> = query.0.filled("account").and_then(|text| text.parse().ok());
    let mail = match wave {
        None => None,
        Some(wave) => match preview::preview_mail(&app, &signed.caller, (id, wave), account).await {
            // Nobody is asked: the page says so by its counts.
            Err(ServiceError::NotFound(_)) => None,
            other => Some(other?),
        },
    };
    let v = View::of_user(&req, &signed);
    page(&PreviewPage { v, campaign, check, preview: found, mail, shown_wave: wave })
}
