//! The composer's page of one wave: when it opens, whom it asks, and what, with a look at what that would do.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::read_id;
use super::choices::{self, Choice, Choices};
use super::conflict::{self, Conflict};
use super::look::{self, Look, with_wave};
use super::task_form::{TaskForm, VariantForm};
use super::wave_form::{LENGTH_UNITS, WaveForm};
use super::wave_read::{handles, plan};
use super::{at_fields, is_incomplete, new_wave};
use crate::app::App;
use crate::domain::content::WavePlan;
use crate::domain::id::{UnitId, WaveId};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::service::campaign::{self, CampaignView};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/composer_wave.html")]
struct WavePage {
    v: View,
    f: Faults,
    campaign: CampaignView,
    wave_id: WaveId,
    form: WaveForm,
    offered: Choices,
    look: Look,
    conflict: Option<Conflict>,
    is_saved: bool,
    was_released: bool,
    go_on: String,
}

/// A task's card: the form's task with its place.
struct TaskCard<'a> {
    i: usize,
    n: usize,
    task: &'a TaskForm,
    limit: usize,
    address: usize,
}

/// A text's row in a task's card.
struct TextRow<'a> {
    k: usize,
    n: usize,
    text: &'a VariantForm,
    length: usize,
}

impl TaskCard<'_> {
    fn at(&self, field: impl std::fmt::Display) -> String {
        format!("tasks-{}-{field}", self.i)
    }
    fn texts(&self) -> Vec<TextRow<'_>> {
        let length = |text: &str| self.task.on().map_or_else(|| text.chars().count(), |platform| platform.text_length(text));
        let rows = self.task.variants.iter().enumerate();
        rows.map(|(k, text)| TextRow { k, n: k + 1, text, length: length(text.text.trim()) }).collect()
    }
    fn leaves_address(&self) -> bool {
        self.task.action != "like"
    }
}

impl WavePage {
    fn cards(&self) -> Vec<TaskCard<'_>> {
        let card = |(i, task): (usize, &'_ TaskForm)| {
            let platform = task.on().unwrap_or(Platform::X);
            (i, platform.text_limit(), platform.address_length().unwrap_or_default())
        };
        let rows = self.form.tasks.iter().enumerate().map(|(i, task)| {
            let (i, limit, address) = card((i, task));
            TaskCard { i, n: i + 1, task, limit, address }
        });
        rows.collect()
    }
    fn lengths(&self) -> Vec<Choice> {
        LENGTH_UNITS.iter().map(|unit| choices::choice(unit, self.v.word("composer-unit", unit))).collect()
    }
    fn locales(&self) -> Vec<Choice> {
        Locale::ALL.iter().map(|locale| choices::choice(locale, self.v.word("composer-locale", locale))).collect()
    }
    fn is_in(&self, id: &UnitId) -> bool {
        self.form.audience.units.contains(&id.to_string())
    }
    fn is_out(&self, id: &UnitId) -> bool {
        self.form.audience.exclude_units.contains(&id.to_string())
    }
    fn has_kind(&self, kind: &str) -> bool {
        self.form.audience.kinds.iter().any(|chosen| chosen == kind)
    }
    /// A target that is stored and not on offer, such as an older post.
    fn is_other_target(&self, word: &str) -> bool {
        !word.is_empty() && self.offered.targets.iter().all(|target| target.word != word)
    }
    fn goes_on_at(&self, id: impl AsRef<str>) -> bool {
        self.go_on == id.as_ref()
    }
    fn is_narrowed(&self) -> bool {
        let audience = &self.form.audience;
        let texts =
            [&audience.languages, &audience.topics, &audience.min_followers, &audience.exclude_accounts, &audience.weekly_cap];
        texts.iter().any(|text| !text.trim().is_empty()) || !audience.kinds.is_empty() || !audience.exclude_units.is_empty()
    }
}

/// A wave's page takes shape from a request, its campaign, and the form as it stands.
struct Desk<'a> {
    app: &'a App,
    signed: &'a Signed,
    v: View,
    campaign: CampaignView,
    i: usize,
}

impl<'a> Desk<'a> {
    async fn open(
        (req, app, signed): (&'a HttpRequest, &'a App, &'a Signed),
        (id, wave): (String, String),
    ) -> Result<(Self, WaveId), Failure> {
        let campaign = campaign::get_to_edit(app, &signed.caller, read_id(&id)?).await?;
        let wave_id: WaveId = wave.parse().map_err(|_| Failure::NoRoute)?;
        let i = campaign.content.waves.iter().position(|wave| wave.id == wave_id).ok_or(ServiceError::NotFound("it"))?;
        Ok((Self { app, signed, v: View::of_user(req, signed), campaign, i }, wave_id))
    }

    /// The wave as typed. Handles of accounts that are left out are looked up; one that is none is a fault.
    async fn read(&self, id: WaveId, form: &WaveForm) -> Result<Result<WavePlan, Vec<FieldError>>, Failure> {
        let typed = handles(&form.audience.exclude_accounts);
        let (accounts, unknown) = campaign::accounts_named(self.app, &self.signed.caller, self.campaign.id, &typed).await?;
        let read = plan(form, id, self.i, accounts);
        if unknown.is_empty() {
            return Ok(read);
        }
        let text = self.v.a("composer-unknown-handle", "handles", unknown.join(", "));
        let field = format!("waves[{}].audience.exclude_accounts", self.i);
        let mut faults = read.err().unwrap_or_default();
        faults.push(FieldError::new(field, "account.unknown_handle", text));
        Ok(Err(faults))
    }

    async fn page(self, wave_id: WaveId, mut form: WaveForm) -> Result<WavePage, Failure> {
        let read = self.read(wave_id, &form).await?;
        let at = (self.app, self.signed, &self.v);
        let look = look::at(at, &self.campaign, (self.i, &form), read.as_ref().map_err(Vec::as_slice)).await?;
        let offered = choices::offered(at, &self.campaign, self.i, &form).await?;
        form.pad(self.v.locale);
        let was_released = self.campaign.released_at.is_some();
        let (v, campaign) = (self.v, self.campaign);
        Ok(WavePage {
            v,
            f: Faults::default(),
            campaign,
            wave_id,
            form,
            offered,
            look,
            conflict: None,
            is_saved: false,
            was_released,
            go_on: String::new(),
        })
    }

    async fn refused(self, wave_id: WaveId, form: WaveForm, faults: &[FieldError]) -> Result<HttpResponse, Failure> {
        let prefix = format!("waves[{}].", self.i);
        let shown = self.page(wave_id, form).await?;
        let f = at_fields(&shown.v, faults, &prefix);
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &WavePage { f, ..shown })
    }

    async fn stale(self, wave_id: WaveId, mut form: WaveForm) -> Result<HttpResponse, Failure> {
        form.version = self.campaign.version.to_string();
        let typed = self.read(wave_id, &form).await?.ok();
        let at = (self.app, self.signed, &self.v);
        let content = typed.map_or_else(|| self.campaign.content.clone(), |plan| with_wave(&self.campaign.content, plan));
        let conflict = conflict::with(at, &self.campaign, &content).await?;
        let shown = self.page(wave_id, form).await?;
        page_with(StatusCode::CONFLICT, &WavePage { conflict: Some(conflict), ..shown })
    }
}

/// The wave as it is stored.
///
/// # Errors
/// Not found outside the caller's units, or for another campaign's wave; refused once a wave has opened.
pub async fn edit(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let (desk, wave_id) = Desk::open((&req, &app, &signed), path.into_inner()).await?;
    let wave = desk.campaign.content.wave(wave_id).ok_or(ServiceError::NotFound("it"))?;
    let names = campaign::account_names(&app, &signed.caller, desk.campaign.id, &wave.audience.exclude_accounts).await?;
    let excluded: Vec<String> = names.into_iter().map(|account| account.handle).collect();
    let form = WaveForm::of(wave, &excluded, desk.v.zone.name(), desk.campaign.version);
    let shown = desk.page(wave_id, form).await?;
    page(&WavePage { is_saved: query.0.is_set("saved"), ..shown })
}

/// Keeps what was typed, or changes the form where a button asks for another row.
///
/// # Errors
/// The use case's refusals; faults and a newer version show the form again.
pub async fn save(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, Failure> {
    let at = (&req, &**app, &signed);
    let names = path.into_inner();
    let (desk, wave_id) = Desk::open(at, names.clone()).await?;
    let mut form = WaveForm::read(&fields);
    let act = fields.get("act");
    if let Some(go_on) = form.change(act, desk.v.locale, |form| new_wave::task(&app, form)) {
        let shown = desk.page(wave_id, form).await?;
        return page(&WavePage { go_on, ..shown });
    }
    if act == "look" {
        let shown = desk.page(wave_id, form).await?;
        return page(&WavePage { go_on: "look".to_owned(), ..shown });
    }
    form.tidy();
    if form.version != desk.campaign.version.to_string() {
        return desk.stale(wave_id, form).await;
    }
    let plan = match desk.read(wave_id, &form).await? {
        Ok(plan) => plan,
        Err(faults) => return desk.refused(wave_id, form, &faults).await,
    };
    let content = with_wave(&desk.campaign.content, plan);
    let prefix = format!("waves[{}].", desk.i);
    let faults = campaign::faults_of(&app, &content).into_iter();
    let wrong: Vec<_> = faults.filter(|fault| fault.field.starts_with(&prefix) && !is_incomplete(fault)).collect();
    if !wrong.is_empty() {
        return desk.refused(wave_id, form, &wrong).await;
    }
    match campaign::edit(&app, &signed.caller, desk.campaign.id, desk.campaign.version, content).await {
        Ok(saved) => Ok(see_other(&format!("/campaigns/{}/waves/{wave_id}/edit?saved=1", saved.id))),
        Err(ServiceError::Invalid(faults)) => desk.refused(wave_id, form, &faults).await,
        Err(ServiceError::Conflict(_)) => Desk::open(at, names).await?.0.stale(wave_id, form).await,
        Err(error) => Err(error.into()),
    }
}

/// The look alone, for a script that asks while somebody writes. Changes nothing.
///
/// # Errors
/// As [`edit`].
pub async fn look(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, Failure> {
    let (desk, wave_id) = Desk::open((&req, &app, &signed), path.into_inner()).await?;
    let mut form = WaveForm::read(&fields);
    form.tidy();
    let read = desk.read(wave_id, &form).await?;
    let at = (&**app, &signed, &desk.v);
    page(&look::at(at, &desk.campaign, (desk.i, &form), read.as_ref().map_err(Vec::as_slice)).await?)
}
