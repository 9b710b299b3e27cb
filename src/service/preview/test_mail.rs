//! A test mail to oneself: a wave's mail as it stands, addressed to whoever asks for it, marked as a test, and counted nowhere.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::member::target_url;
use super::opening;
use crate::app::App;
use crate::config::Config;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, MailId, WaveId};
use crate::domain::kind::{AccountKind, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::outbox::MailKind;
use crate::domain::role::Act;
use crate::domain::zone;
use crate::mail::render::{MailContext, TaskMail};
use crate::service::delivery::variants_for;
use crate::service::{Caller, ServiceError};
use crate::store::outbox::{self, NewMail};
use crate::store::test_mail::{self, TestMailRow};
use crate::store::tx::NewEntry;
use crate::store::user::UserRow;
use crate::store::{Conn, StoreError, campaign, claim, unit};

/// Mails a wave's mail, as the content stands, to the caller's own address.
///
/// # Errors
/// `NotFound` out of reach or for a wave without a task; `Forbidden` for who neither writes nor releases campaigns there.
pub async fn mail_test(app: &App, caller: &Caller, (id, wave_id): (CampaignId, WaveId)) -> Result<(), ServiceError> {
    let user_id = caller.user_id()?;
    let caller = caller.clone();
    let write = app.db.write(caller.actor(), move |tx| {
        caller.reach(Act::ViewCampaigns)?;
        let row = campaign::get(tx.conn, id)?;
        caller.check(tx.conn, Act::ViewCampaigns, row.unit_id)?;
        let may = [Act::RunCampaigns, Act::ReleaseCampaigns];
        if !may.iter().any(|act| caller.check(tx.conn, *act, row.unit_id).is_ok()) {
            return Err(ServiceError::Forbidden);
        }
        if row.content.0.wave(wave_id).is_none_or(|wave| wave.tasks.is_empty()) {
            return Err(ServiceError::NotFound("the wave's task"));
        }
        let mail_id = MailId::new();
        let mail = NewMail { id: Some(mail_id), user_id: Some(user_id), ..NewMail::new(MailKind::Test) };
        let test = TestMailRow { mail_id, campaign_id: id, wave_id, user_id };
        outbox::enqueue(tx, &[mail])?;
        test_mail::insert(tx, &test)?;
        let payload = json!({ "mail_id": test.mail_id, "wave_id": wave_id, "content_hash": row.content_hash });
        tx.record(NewEntry::new(EventKind::TestMailAsked).unit(row.unit_id).campaign(id).payload(payload));
        Ok(())
    });
    write.await
}

/// What a test mail says, addressed to the user behind it; none where its wave or its task is gone by now. Every link of it leads to the
/// preview in the console: it opens no task and pauses nobody.
///
/// # Errors
/// The database's failure.
pub(in crate::service) fn context(
    conn: &mut Conn,
    config: &Config,
    test: &TestMailRow,
    user: &UserRow,
    now: DateTime<Utc>,
) -> Result<Option<MailContext>, StoreError> {
    let row = campaign::get(conn, test.campaign_id)?;
    let content = row.content.0;
    let Some((plan, task)) = content.wave(test.wave_id).and_then(|wave| Some((wave, wave.tasks.first()?))) else {
        return Ok(None);
    };
    let base = &config.institution.base_url;
    let shown = format!("{base}/campaigns/{}/preview/{}", test.campaign_id, test.wave_id);
    let variants: Vec<(Locale, String)> = task.variants.iter().map(|v| (v.locale, v.text.clone())).collect();
    let mail = TaskMail {
        locale: user.locale,
        member_name: user.name.clone(),
        institution: config.institution.name.clone(),
        sponsor_unit: unit::get(conn, row.unit_id)?.name,
        campaign_title: content.title.clone(),
        message: content.message.clone(),
        action: task.action,
        platform: task.platform,
        account_handle: "@…".to_owned(),
        consent: AccountKind::of_layer(plan.layer).next().map_or(ConsentKind::Participate, AccountKind::consent),
        brief: task.brief.clone(),
        target_url: target_url(conn, &task.target)?,
        claim: claim::words_of(conn, &task.target)?,
        variants: variants_for(&variants, user.locale, 0),
        own_words_required: task.own_words,
        deadline: opening(&content, plan).0.unwrap_or(now) + TimeDelta::minutes(plan.open_minutes.into()),
        zone: zone::parse(&user.zone).unwrap_or(config.institution.default_zone),
        calendar_uid: format!("test-{}@{}", test.mail_id, config.message_id_domain()),
        task_url: shown.clone(),
        decline_url: shown.clone(),
        pause_url: shown,
        register_url: format!("{base}/register"),
    };
    Ok(Some(MailContext::Test(mail)))
}
