//! The installation that is looked at: people, campaigns and their history, written set by set into a database of its own.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use super::pages::Who;
use crate::app::App;
use crate::cli::output::complain;
use crate::clock::{Clock as _, ManualClock, SystemClock};
use crate::config::Config;
use crate::domain::audience::Audience;
use crate::domain::content::{CampaignContent, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use crate::domain::id::{CampaignId, TaskId, UnitId, VariantId, WaveId};
use crate::domain::kind::{Action, Layer};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::role::{Grant, Role};
use crate::domain::wave::Timing;
use crate::service::page::{MAX_LIMIT, PageRequest};
use crate::service::user::NewUser;
use crate::service::{Caller, ServiceError, campaign, session, user};
use crate::store::ground::{self, Plan, Prefixes, Wave};
use crate::store::{Conn, StoreError, migrate, promises};

/// For how long it has run.
pub(super) const YEAR: TimeDelta = TimeDelta::days(400);
/// Campaigns besides the large one.
const CAMPAIGNS: i64 = 40;
/// Campaign windows.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// The large campaign's waves opened so long ago.
const AGO: TimeDelta = TimeDelta::days(2);

/// An installation of this size or less is checked against every promise once it is written.
const CHECKED: i64 = 100_000;

const PEOPLE: [(Who, &str, Role, bool); 6] = [
    (Who::Lead, "lead@klp.example.id", Role::Lead, false),
    (Who::Approver, "approver@klp.example.id", Role::Approver, false),
    (Who::Auditor, "auditor@klp.example.id", Role::Auditor, false),
    (Who::RegionAuditor, "auditor.wilayah@klp.example.id", Role::Auditor, true),
    (Who::Coordinator, "coordinator@klp.example.id", Role::Coordinator, false),
    (Who::RegionCoordinator, "coordinator.wilayah@klp.example.id", Role::Coordinator, true),
];
const PASSWORD: &str = "only for a database that is measured";

/// Who asks for pages, each with the cookie of a session.
pub(super) struct Signed(Vec<(Who, String)>);

impl Signed {
    /// The cookie of one of them; none for the public.
    pub(super) fn cookie(&self, who: Who) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == who).map(|(_, cookie)| cookie.as_str())
    }
}

/// Signs everybody in.
pub(super) async fn sign_in(app: &App) -> anyhow::Result<Signed> {
    let name = crate::web::extract::session_cookie_name(app);
    let mut signed = Vec::new();
    for (who, email, _, _) in PEOPLE {
        let opened = session::sign_in(app, email, PASSWORD.to_owned(), IpAddr::V4(Ipv4Addr::LOCALHOST)).await?;
        signed.push((who, format!("{name}={}", opened.token)));
    }
    Ok(Signed(signed))
}

/// Fills an empty database; one that was filled to the same size is taken as it is.
pub(super) async fn found(config: &Config, assignments: i64, entries: i64) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let clock = ManualClock::at(now - YEAR - TimeDelta::days(1));
    let app = App::build(config.clone(), clock.shared())?;
    migrate::up(&app.db)?;
    let what = format!("reading {assignments}/{entries}");
    let (asked, is_empty) = (what.clone(), |conn: &mut Conn| -> Result<bool, StoreError> {
        let totals = promises::totals(conn)?;
        Ok(totals.members == 0 && totals.ledger_entries == 0)
    });
    if app.db.read(move |conn| ground::is_ours(conn, &asked)).await? {
        return Ok(());
    }
    ensure!(app.db.read(is_empty).await?, "the database is not empty; measuring needs one of its own");
    let began = std::time::Instant::now();
    let plan = plan(config, assignments, entries, now);
    ground::fill(&app.db, |filler| filler.people(&plan))?;
    let (lead, approver) = appoint(&app, &plan).await?;
    let waves = campaigns(&app, &clock, (&lead, &approver), (&plan, assignments, now)).await?;
    let lead_ref = match &lead {
        Caller::User { subject_ref, .. } => subject_ref.clone(),
        Caller::Operator => "operator".to_owned(),
    };
    ground::fill(&app.db, |filler| {
        let mut made = 0;
        for wave in &waves {
            made += filler.wave(&plan, wave)?;
        }
        filler.unit_counters()?;
        let of: Vec<(CampaignId, WaveId)> = waves.iter().map(|wave| (wave.campaign_id, wave.id)).collect();
        let rest = Plan { history: (plan.history - made).max(0), ..plan.clone() };
        filler.history(&rest, &of, &lead_ref)
    })?;
    let marked = app.db.write(crate::domain::actor::Actor::System, move |tx| {
        tx.without_entry("made up for a measurement");
        Ok::<_, ServiceError>(ground::mark(tx, &what)?)
    });
    marked.await?;
    if assignments <= CHECKED {
        let (broken, _) = crate::service::promises::check(&app).await?;
        ensure!(broken.is_empty(), "what was written breaks a promise: {broken:?}");
    }
    complain(&format!("filled in {} s", began.elapsed().as_secs()));
    Ok(())
}

fn plan(config: &Config, assignments: i64, entries: i64, now: DateTime<Utc>) -> Plan {
    let units = (assignments / 1_000).clamp(40, 2_000);
    Plan {
        units,
        regions: (units / 30).clamp(4, 38),
        members: assignments / 4,
        public: (assignments / 50).max(20),
        history: entries,
        from: now - YEAR,
        until: now,
        consent: config.consent.participate_version.clone(),
        ids: Prefixes::at(now - YEAR),
    }
}

async fn appoint(app: &App, plan: &Plan) -> anyhow::Result<(Caller, Caller)> {
    let units = crate::service::unit::list(app, &Caller::Operator).await?;
    let region = units.iter().find(|unit| unit.code == "U0003").context("there is no region")?.id;
    for (_, email, role, in_region) in PEOPLE {
        let unit_id = if in_region { region } else { plan.root() };
        let new = NewUser {
            name: email.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            locale: None,
            zone: None,
            roles: vec![Grant { role, unit_id }],
        };
        user::add(app, &Caller::Operator, new).await?;
    }
    let all = user::list(app, &Caller::Operator, PageRequest::first(MAX_LIMIT)).await?.items;
    let find = |email: &str| all.iter().find(|user| user.email == email).map(|user| user.id).context("a user is missing");
    let lead = user::caller_of(app, find("lead@klp.example.id")?).await?;
    Ok((lead, user::caller_of(app, find("approver@klp.example.id")?).await?))
}

/// Released campaigns: a large one with two waves of everybody, and others, one each ten days, with a slice each.
async fn campaigns(
    app: &App,
    clock: &ManualClock,
    (lead, approver): (&Caller, &Caller),
    (plan, assignments, now): (&Plan, i64, DateTime<Utc>),
) -> anyhow::Result<Vec<Wave>> {
    let slice = (assignments - 2 * plan.members) / CAMPAIGNS;
    let mut waves = Vec::new();
    for k in 0..CAMPAIGNS {
        let opened = now - YEAR + TimeDelta::days(9) * i32::try_from(k)? + TimeDelta::hours(1);
        let title = format!("Layanan satu pintu, pekan {}", k + 1);
        let (campaign_id, made) = release(app, clock, (lead, approver), (plan.root(), title.as_str()), &[opened]).await?;
        let left = assignments - 2 * plan.members - slice * k;
        for (id, task_id) in made {
            let members = if k + 1 == CAMPAIGNS { left } else { slice }.min(plan.members);
            let first = (slice * k) % (plan.members - members).max(1);
            let closes = opened + WINDOW;
            waves.push(Wave { no: k, campaign_id, id, task_id, first, members, opened, closes, over: closes < now, waiting: 0 });
        }
    }
    let opened = now - AGO;
    let times = [opened, opened + TimeDelta::hours(6)];
    let (campaign_id, made) = release(app, clock, (lead, approver), (plan.root(), "Pekan Layanan Satu Pintu"), &times).await?;
    for (((id, task_id), opened), no) in made.into_iter().zip(times).zip(CAMPAIGNS..) {
        let waiting = if no > CAMPAIGNS { 300 } else { 0 };
        let (closes, members) = (opened + WINDOW, plan.members);
        waves.push(Wave { no, campaign_id, id, task_id, first: 0, members, opened, closes, over: false, waiting });
    }
    clock.set(now);
    Ok(waves)
}

async fn release(
    app: &App,
    clock: &ManualClock,
    (lead, approver): (&Caller, &Caller),
    (root, title): (UnitId, &str),
    opens: &[DateTime<Utc>],
) -> anyhow::Result<(CampaignId, Vec<(WaveId, TaskId)>)> {
    let first = opens.iter().min().copied().context("a campaign has a wave")?;
    clock.set(first - TimeDelta::minutes(30));
    let waves: Vec<WavePlan> = opens.iter().map(|at| wave(root, *at)).collect();
    let made = waves.iter().filter_map(|wave| Some((wave.id, wave.tasks.first()?.id))).collect();
    let content = CampaignContent {
        title: title.into(),
        message: "Mulai pekan ini semua layanan kementerian dapat diurus dari satu pintu, daring maupun di kantor wilayah."
            .into(),
        facts: Vec::new(),
        avoid: Vec::new(),
        paid: false,
        waves,
    };
    let draft = campaign::create(app, lead, root, content).await?;
    let submitted = campaign::submit(app, lead, draft.id, draft.version, true).await?;
    campaign::release(app, approver, submitted.id, &submitted.content_hash).await?;
    Ok((submitted.id, made))
}

fn wave(root: UnitId, opens: DateTime<Utc>) -> WavePlan {
    let texts = [
        "Mengurus layanan kementerian kini cukup lewat satu pintu. Daftar lengkapnya ada di unggahan resmi. #PegawaiKLP",
        "Saya sudah mencoba portal satu pintu: pilih layanan, unggah berkas, pantau prosesnya. Silakan dicoba. #PegawaiKLP",
        "Tidak perlu lagi berpindah loket. Kantor wilayah di daerah Anda juga sudah siap membantu. #PegawaiKLP",
    ];
    let variants: Vec<VariantPlan> =
        texts.map(|text| VariantPlan { id: VariantId::new(), locale: Locale::Id, text: text.into() }).into();
    WavePlan {
        id: WaveId::new(),
        name: "Pegawai menjelaskan".into(),
        layer: Layer::Opinion,
        timing: Timing::At { local: opens.naive_utc(), zone: "UTC".into() },
        open_minutes: 7 * 24 * 60,
        grace_minutes: None,
        remind_minutes_before_end: None,
        audience: Audience { units: vec![root], ..Audience::default() },
        tasks: vec![TaskPlan {
            id: TaskId::new(),
            platform: Platform::X,
            action: Action::Create,
            brief: "Ceritakan dengan kata-kata Anda sendiri mengapa layanan satu pintu memudahkan warga.".into(),
            target: TargetPlan::Message,
            own_words: false,
            evidence_required: false,
            variants,
        }],
    }
}
