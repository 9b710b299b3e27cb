//! A draft that answers a claim: the fact as its message, one layer-2 wave whose task points at the claim.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::domain::claim::ClaimStep;
use crate::domain::content::{CampaignContent, Fact, TargetPlan};
use crate::domain::kind::{Action, Layer};
use crate::domain::platform::Platform;
use crate::domain::post_url::platform_of;
use crate::service::campaign;
use crate::service::claim::{self, Claim};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::campaign::compose::new_wave;
use crate::web::pages::org::read_id;
use crate::web::pages::see_other;
use crate::web::view::View;

/// The longest title of a draft, in characters; a longer claim is cut.
const TITLE: usize = 110;

fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE) {
        None => line,
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or(&line).trim_end()),
    }
}

/// The first sentence of the fact: a campaign says one.
fn sentence(text: &str) -> String {
    let end = text.find(['\n']).into_iter().chain(text.find(". ").map(|at| at + 1)).min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim().to_owned()
}

fn content(app: &App, v: &View, c: &Claim) -> CampaignContent {
    let mut content = CampaignContent {
        title: cut(&v.a("claim-draft-title", "claim", &c.claim)),
        message: sentence(&c.fact),
        facts: vec![Fact { text: c.fact.clone(), source_url: c.source_url.clone() }],
        avoid: vec![v.s("claim-draft-avoid")],
        paid: false,
        waves: Vec::new(),
    };
    let mut wave = new_wave::wave(app, v, &content, Layer::Conversation);
    for task in &mut wave.tasks {
        task.platform = c.seen_url.as_deref().and_then(platform_of).unwrap_or(Platform::X);
        task.action = Action::Answer;
        task.brief = v.s("claim-draft-brief");
        task.target = TargetPlan::Claim { claim_id: c.id, words: None };
        task.evidence_required = true;
    }
    content.waves.push(wave);
    content
}

/// Starts the draft and leads to its wave, where the texts are written.
///
/// # Errors
/// The claim's refusals while its fact is not confirmed or it is closed; those of writing a campaign.
pub async fn start(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let c = claim::get(&app, &signed.caller, read_id(&id)?).await?;
    c.state.check(ClaimStep::Answer).map_err(crate::service::ServiceError::from)?;
    let content = content(&app, &View::of_user(&req, &signed), &c);
    let wave = content.waves.first().map(|wave| wave.id);
    let unit = c.answer_unit_id.unwrap_or(c.unit_id);
    let made = campaign::create(&app, &signed.caller, unit, content).await?;
    Ok(see_other(&match wave {
        Some(wave) => format!("/campaigns/{}/waves/{wave}/edit", made.id),
        None => format!("/campaigns/{}/edit", made.id),
    }))
}

#[cfg(test)]
mod tests {
    use super::{cut, sentence};

    #[test]
    fn a_title_is_one_line_and_a_message_one_sentence() {
        assert_eq!(cut("a\n b"), "a b");
        assert_eq!(cut(&"é".repeat(200)).chars().count(), 111);
        assert_eq!(sentence("Tidak ada pajak baru. Aturannya tetap."), "Tidak ada pajak baru.");
        assert_eq!(sentence("Satu\nDua. Tiga"), "Satu");
        assert_eq!(sentence("Tarif 2.5 persen"), "Tarif 2.5 persen");
    }
}
