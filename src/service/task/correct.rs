//! The answer to a correction: what the member had published is fixed or removed. Looking changes nothing; the answer can be changed.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::link::{self, LinkRefusal, TaskLink, entry};
use super::view::first_name;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::assignment::is_suspected_automation;
use crate::domain::correction::CorrectionAnswer;
use crate::domain::event::EventKind;
use crate::domain::kind::Action;
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::service::ServiceError;
use crate::store::Conn;
use crate::store::correction::{self, CorrectionFacts};
use crate::store::task_sheet::TaskSheet;

/// What a correction asks of one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorrectionSheet {
    /// What to call the member.
    pub first_name: String,
    /// The member's language.
    pub locale: Locale,
    /// The member's IANA zone.
    pub zone: String,
    /// The unit whose campaign it is.
    pub sponsor: String,
    /// The campaign's title.
    pub title: String,
    /// The campaign's name in public addresses.
    pub slug: String,
    /// What was wrong and what is right.
    pub text: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// What the member did.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// With which account.
    pub handle: String,
    /// The address of what they published, where it is known.
    pub post_url: Option<String>,
    /// What they say, and since when.
    pub answered: Option<(CorrectionAnswer, DateTime<Utc>)>,
    /// Whom to write to.
    pub contact_email: String,
    /// How the log names the member.
    pub subject_ref: String,
    /// For every form of the page.
    pub nonce: String,
}

impl CorrectionSheet {
    /// The answers that fit what was done.
    pub fn answers(&self) -> impl Iterator<Item = CorrectionAnswer> + '_ {
        use crate::domain::text_enum::TextEnum as _;
        CorrectionAnswer::ALL.iter().copied().filter(|answer| answer.check(self.action).is_ok())
    }
}

/// Whether an answer was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// It was.
    Recorded,
    /// It came so soon after the page that a mail scanner may have pressed: a person presses once more.
    PressAgain,
}

fn facts_of(conn: &mut Conn, sheet: &TaskSheet) -> Result<CorrectionFacts, ServiceError> {
    correction::facts(conn, &[sheet.id])?.pop().ok_or_else(|| LinkRefusal::Invalid.into())
}

/// The page of a correction's link.
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn correction_sheet(app: &App, token: &str) -> Result<CorrectionSheet, ServiceError> {
    let link = TaskLink::open_correction(app, token)?;
    let nonce = link::nonce(app, link.id.uuid());
    let contact_email = app.config.contact_email().to_owned();
    app.db
        .read(move |conn| {
            let sheet = link.sheet(conn)?;
            let facts = facts_of(conn, &sheet)?;
            Ok(CorrectionSheet {
                first_name: first_name(&sheet.member_name).to_owned(),
                locale: sheet.member_locale,
                zone: sheet.member_zone,
                sponsor: sheet.sponsor_name,
                title: sheet.title,
                slug: facts.slug,
                text: facts.body,
                issued_at: facts.issued_at.0,
                action: sheet.action,
                platform: sheet.platform,
                handle: sheet.handle,
                post_url: facts.post_url,
                answered: facts.answer.zip(facts.answered_at.map(|at| at.0)),
                contact_email,
                subject_ref: sheet.subject_ref,
                nonce,
            })
        })
        .await
}

/// Records what the member says. Saying the same again changes nothing; saying the other takes its place.
///
/// # Errors
/// `link.*`, `form.not_from_page`; `correction.cannot_be_fixed`.
pub async fn answer_correction(app: &App, token: &str, answer: CorrectionAnswer, nonce: &str) -> Result<Answered, ServiceError> {
    let link = TaskLink::open_correction(app, token)?;
    let made_at = link::form_made_at(app, link.id.uuid(), nonce)?;
    let threshold = super::complete::threshold(app);
    app.db
        .write(Actor::System, move |tx| {
            let sheet = link.enter(tx)?;
            answer.check(sheet.action)?;
            let ask = correction::find_ask(tx.conn, sheet.id)?.ok_or(LinkRefusal::Invalid)?;
            if ask.answer == Some(answer) {
                tx.without_entry("the same was said before");
                return Ok(Answered::Recorded);
            }
            if threshold > chrono::TimeDelta::zero() && is_suspected_automation(made_at, tx.now, threshold) {
                tx.without_entry("pressed so soon that a machine may have done it");
                return Ok(Answered::PressAgain);
            }
            correction::answer(tx, &ask, sheet.wave_id, answer)?;
            let payload = json!({ "correction": ask.correction_id, "answer": answer, "was": ask.answer });
            tx.record(entry(EventKind::CorrectionAnswered, &sheet).payload(payload));
            Ok(Answered::Recorded)
        })
        .await
}
