//! One person who is asked: the mail and the task page as that person would see them, before anything is sent.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{opening, scope};
use crate::app::App;
use crate::config::Config;
use crate::domain::assignment::AssignmentState;
use crate::domain::content::{CampaignContent, ClaimWords, TargetPlan, TaskPlan, VariantPlan};
use crate::domain::handle::Handle;
use crate::domain::id::{AccountId, AssignmentId, CampaignId, WaveId};
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::domain::zone;
use crate::mail::render::{MailContext, TaskMail, render};
use crate::service::task::{AccountView, TargetView, TaskView, VariantView, first_name};
use crate::service::{Caller, ServiceError};
use crate::store::audience::{self, Asked};
use crate::store::campaign::CampaignRow;
use crate::store::{Conn, StoreError, campaign, claim, post, unit, user, wave};

/// A mail as one person would get it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailPreview {
    /// Whose account it is about.
    pub account_id: AccountId,
    /// The account.
    pub handle: String,
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Somebody who would be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPerson {
    /// The account.
    pub account_id: AccountId,
    /// Its handle.
    pub handle: String,
    /// Where it is.
    pub platform: Platform,
    /// The person.
    pub name: String,
}

/// What one person would get and see.
#[derive(Debug, Clone)]
pub struct MemberPreview {
    /// The mail.
    pub mail: MailPreview,
    /// The task's page.
    pub task: TaskView,
    /// The person.
    pub person: AskedPerson,
    /// Others to choose.
    pub others: Vec<AskedPerson>,
}

/// How many people there are to choose from.
const SAMPLE: i64 = 20;

/// The mail of a wave as one person who is asked would get it: the one behind `account_id`, or the first.
///
/// # Errors
/// [`ServiceError::NotFound`] when nobody, or not that account, is asked.
pub async fn preview_mail(
    app: &App,
    caller: &Caller,
    at: (CampaignId, WaveId),
    account_id: Option<AccountId>,
) -> Result<MailPreview, ServiceError> {
    Ok(preview_member(app, caller, at, account_id).await?.mail)
}

/// The mail and the task page of a wave as one person who is asked would see them: the one behind `account_id`, or the first.
///
/// # Errors
/// [`ServiceError::NotFound`] when nobody, or not that account, is asked.
pub async fn preview_member(
    app: &App,
    caller: &Caller,
    (id, wave_id): (CampaignId, WaveId),
    account_id: Option<AccountId>,
) -> Result<MemberPreview, ServiceError> {
    let (caller, this, now) = (caller.clone(), app.clone(), app.clock.now());
    let found = app.db.read(move |conn| {
        let config = &this.config;
        let row = campaign::get(conn, id)?;
        caller.check(conn, Act::ViewCampaigns, row.unit_id)?;
        let content = &row.content.0;
        let plan = content.wave(wave_id).ok_or(ServiceError::NotFound("the wave"))?;
        let platforms: Vec<Platform> = plan.tasks.iter().map(|t| t.platform).collect();
        let scope = scope(config, plan, &platforms, (row.id, row.unit_id, now));
        let asked = audience::find_asked(conn, &scope, account_id)?.ok_or(ServiceError::NotFound("somebody who is asked"))?;
        let others = audience::list_asked(conn, &scope, SAMPLE)?.into_iter().map(person).collect();
        let task = plan.tasks.iter().find(|t| t.platform == asked.platform).ok_or(ServiceError::NotFound("the task"))?;
        let deadline = opening(content, plan).0.unwrap_or(now) + TimeDelta::minutes(plan.open_minutes.into());
        let sponsor = unit::get(conn, row.unit_id)?.name;
        let pointed = (target_url(conn, &task.target)?, claim::words_of(conn, &task.target)?);
        let view = task_view(conn, &this, &row, (task, &plan.name), (&asked, &sponsor, deadline))?;
        let context = context(config, content, (task, asked.clone(), sponsor), (pointed, deadline));
        Ok::<_, ServiceError>((asked, others, context, view))
    });
    let (asked, others, context, task) = found.await?;
    let rendered = render(&context, now).map_err(|e| ServiceError::Internal(e.to_string()))?;
    let mail = MailPreview {
        account_id: asked.account_id,
        handle: asked.handle.clone(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    };
    Ok(MemberPreview { mail, task, person: person(asked), others })
}

fn person(asked: Asked) -> AskedPerson {
    AskedPerson { account_id: asked.account_id, handle: asked.handle, platform: asked.platform, name: asked.name }
}

/// The page that the person's link would open; there is no assignment yet, so nothing on it can be pressed.
fn task_view(
    conn: &mut Conn,
    app: &App,
    row: &CampaignRow,
    (task, wave): (&TaskPlan, &str),
    (asked, sponsor, deadline): (&Asked, &str, DateTime<Utc>),
) -> Result<TaskView, ServiceError> {
    let content = row.content.0.clone();
    let handle = Handle::parse(&asked.handle, asked.platform).ok();
    let target = target_view(conn, &content, task, sponsor)?;
    Ok(TaskView {
        assignment_id: AssignmentId::new(),
        first_name: first_name(&asked.name).to_owned(),
        locale: asked.locale,
        zone: asked.zone.clone(),
        member_state: MemberState::Active,
        subject_ref: String::new(),
        institution: app.config.institution.name.clone(),
        contact_email: app.config.contact_email().to_owned(),
        sponsor: sponsor.to_owned(),
        asked_by: user::find(conn, row.author_id)?.map(|author| author.name).unwrap_or_default(),
        title: content.title,
        message: content.message,
        facts: content.facts,
        avoid: content.avoid,
        paid: content.paid,
        wave: wave.to_owned(),
        brief: task.brief.clone(),
        action: task.action,
        platform: task.platform,
        account: AccountView {
            handle: handle.as_ref().map_or_else(|| asked.handle.clone(), ToString::to_string),
            name: asked.handle.clone(),
            kind: asked.kind,
            profile_url: handle.as_ref().map(Handle::profile_url),
        },
        target,
        variants: texts(&task.variants, asked.locale),
        own_words: task.own_words,
        evidence_required: task.evidence_required,
        leaves_address: task.action.leaves_address(),
        expires_at: deadline,
        state: AssignmentState::Notified,
        is_open: true,
        completion: None,
        undo_until: None,
        correction: None,
        nonce: String::new(),
    })
}

/// The texts in the person's language, or all where there is none.
fn texts(all: &[VariantPlan], locale: Locale) -> Vec<VariantView> {
    let view = |v: &VariantPlan| VariantView { id: v.id, locale: v.locale, text: v.text.clone() };
    let own: Vec<VariantView> = all.iter().filter(|v| v.locale == locale).map(view).collect();
    if own.is_empty() { all.iter().map(view).collect() } else { own }
}

fn target_view(conn: &mut Conn, content: &CampaignContent, task: &TaskPlan, sponsor: &str) -> Result<TargetView, ServiceError> {
    let card = |conn: &mut Conn, id| -> Result<Option<TargetView>, ServiceError> {
        Ok(post::find_card(conn, id)?.map(|card| TargetView::Post {
            url: card.url,
            platform: card.platform,
            owner: card.display_name,
            handle: card.handle,
            unit: card.unit_name,
        }))
    };
    let found = match &task.target {
        TargetPlan::Message => None,
        TargetPlan::Post { post_id } => card(conn, *post_id)?,
        TargetPlan::Claim { .. } => claim::words_of(conn, &task.target)?.map(TargetView::of),
        TargetPlan::PostOf { wave_id } => match wave::posts_of(conn, *wave_id)?.first() {
            Some(post) => card(conn, post.id)?,
            // The post is still to come: its wave stands in for it.
            None => content.wave(*wave_id).map(|source| TargetView::Post {
                url: String::from("#"),
                platform: task.platform,
                owner: source.name.clone(),
                handle: String::from("…"),
                unit: sponsor.to_owned(),
            }),
        },
    };
    Ok(found.unwrap_or(TargetView::Message))
}

pub(super) fn target_url(conn: &mut Conn, target: &TargetPlan) -> Result<Option<String>, StoreError> {
    Ok(match target {
        TargetPlan::Message => None,
        TargetPlan::Post { post_id } => wave::post_url(conn, *post_id)?,
        TargetPlan::Claim { .. } => None,
        TargetPlan::PostOf { wave_id } => match wave::posts_of(conn, *wave_id)?.first() {
            Some(post) => wave::post_url(conn, post.id)?,
            None => None,
        },
    })
}

/// The mail's facts; its links lead to the pages' addresses without a token, because there is no assignment yet.
fn context(
    config: &Config,
    content: &CampaignContent,
    (task, asked, sponsor_unit): (&TaskPlan, Asked, String),
    ((target_url, claim), deadline): ((Option<String>, Option<ClaimWords>), DateTime<Utc>),
) -> MailContext {
    let base = &config.institution.base_url;
    let variants: Vec<(Locale, String)> = task.variants.iter().map(|v| (v.locale, v.text.clone())).collect();
    MailContext::Task(TaskMail {
        locale: asked.locale,
        member_name: asked.name,
        institution: config.institution.name.clone(),
        sponsor_unit,
        campaign_title: content.title.clone(),
        message: content.message.clone(),
        action: task.action,
        platform: task.platform,
        account_handle: asked.handle,
        consent: asked.kind.consent(),
        brief: task.brief.clone(),
        target_url,
        claim,
        variants: crate::service::delivery::variants_for(&variants, asked.locale, 0),
        own_words_required: task.own_words,
        deadline,
        zone: zone::parse(&asked.zone).unwrap_or(config.institution.default_zone),
        calendar_uid: format!("preview@{}", config.message_id_domain()),
        task_url: format!("{base}/t/preview"),
        decline_url: format!("{base}/t/preview#decline"),
        pause_url: format!("{base}/p/preview"),
        register_url: format!("{base}/register"),
    })
}
