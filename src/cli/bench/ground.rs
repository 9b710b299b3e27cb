//! What is measured on: an institution of a given size with a released campaign, in a database of its own.

use std::collections::HashMap;
use std::io::Cursor;
use std::ops::Range;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::audience::Audience;
use crate::domain::content::{CampaignContent, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use crate::domain::id::{TaskId, UnitId, VariantId, WaveId};
use crate::domain::kind::{Action, Layer};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::role::{Grant, Role};
use crate::domain::wave::Timing;
use crate::service::import::{ImportKind, ImportOptions};
use crate::service::user::NewUser;
use crate::service::{Caller, ServiceError, campaign, dispatch, import, unit, user};
use crate::store::measure::{self, People};
use crate::store::promises;

/// How far one round's wave opens after the other's.
pub(super) const BETWEEN: TimeDelta = TimeDelta::hours(1);
/// The campaign is released this long before its first wave opens.
pub(super) const EARLIER: TimeDelta = TimeDelta::minutes(10);
/// People an office; an institution of a million has two hundred offices.
const OFFICE: u32 = 5_000;
/// How many numbers each round's people have to themselves.
const NUMBERS: u32 = 10_000_000;

/// Founds the institution: a region a round, with offices of at most five thousand, `members` of that round in all, and one released
/// campaign with a wave a region, `BETWEEN` apart from `first` on. Refuses a database that holds anything.
pub(super) async fn found(app: &App, members: &[u32], first: DateTime<Utc>) -> anyhow::Result<()> {
    let totals = app.db.read(|conn| Ok::<_, ServiceError>(promises::totals(conn)?)).await?;
    ensure!(totals.members == 0 && totals.ledger_entries == 0, "the database is not empty; measuring needs one of its own");
    let mut csv = String::from("code,name,parent_code,zone\nPUSAT,Kantor Pusat,,Asia/Jakarta\n");
    for (round, people) in members.iter().enumerate() {
        csv.push_str(&format!("R{round},Wilayah {round},PUSAT,Asia/Jakarta\n"));
        for office in 0..people.div_ceil(OFFICE) {
            csv.push_str(&format!("R{round}-{office},Kantor {round}-{office},R{round},Asia/Jakarta\n"));
        }
    }
    let report =
        import::import(app, &Caller::Operator, ImportKind::Units, Cursor::new(csv.into_bytes()), ImportOptions::default())
            .await?;
    ensure!(report.errors.is_empty(), "the units were not taken in: {:?}", report.errors);
    let units: HashMap<String, UnitId> =
        unit::list(app, &Caller::Operator).await?.into_iter().map(|unit| (unit.code, unit.id)).collect();
    let find = |code: &str| units.get(code).copied().context("a unit is missing");
    let mut regions = Vec::new();
    for (round, people) in (0..).zip(members) {
        for office in 0..people.div_ceil(OFFICE) {
            let numbers = office * OFFICE..(*people).min((office + 1) * OFFICE);
            let first = round * NUMBERS;
            populate(app, find(&format!("R{round}-{office}"))?, first + numbers.start..first + numbers.end).await?;
        }
        regions.push(find(&format!("R{round}"))?);
    }
    release(app, find("PUSAT")?, &regions, first).await?;
    let db = app.db.clone();
    Ok(tokio::task::spawn_blocking(move || measure::settle_down(&db)).await??)
}

/// Fills an office with people.
async fn populate(app: &App, unit_id: UnitId, numbers: Range<u32>) -> anyhow::Result<()> {
    let version = app.config.consent.operate_version.clone();
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("people made up for a measurement");
            let people = People { unit_id, from: numbers.start, to: numbers.end, operate_version: &version };
            Ok::<_, ServiceError>(measure::make_people(tx, &people)?)
        })
        .await?;
    Ok(())
}

async fn release(app: &App, root: UnitId, offices: &[UnitId], first: DateTime<Utc>) -> anyhow::Result<()> {
    let lead = appoint(app, "lead@klp.example.id", Role::Lead, root).await?;
    let approver = appoint(app, "approver@klp.example.id", Role::Approver, root).await?;
    let waves = offices.iter().zip(0..).map(|(office, n)| wave(*office, first + BETWEEN * n)).collect();
    let content = CampaignContent {
        title: "Pekan Layanan Satu Pintu".into(),
        message: "Mulai pekan ini semua layanan kementerian dapat diurus dari satu pintu, daring maupun di kantor wilayah."
            .into(),
        facts: Vec::new(),
        avoid: Vec::new(),
        paid: false,
        waves,
    };
    let draft = campaign::create(app, &lead, root, content).await?;
    let submitted = campaign::submit(app, &lead, draft.id, draft.version, true).await?;
    campaign::release(app, &approver, submitted.id, &submitted.content_hash).await?;
    Ok(())
}

async fn appoint(app: &App, email: &str, role: Role, unit_id: UnitId) -> anyhow::Result<Caller> {
    let new = NewUser {
        name: email.to_owned(),
        email: email.to_owned(),
        password: hex::encode(rand::random::<[u8; 16]>()),
        locale: None,
        zone: None,
        roles: vec![Grant { role, unit_id }],
    };
    let view = user::add(app, &Caller::Operator, new).await?;
    Ok(user::caller_of(app, view.id).await?)
}

fn wave(office: UnitId, opens: DateTime<Utc>) -> WavePlan {
    let texts = [
        "Mengurus layanan kementerian kini cukup lewat satu pintu. Daftar lengkapnya ada di unggahan resmi. #PegawaiKLP",
        "Saya sudah mencoba portal satu pintu: pilih layanan, unggah berkas, pantau prosesnya. Silakan dicoba. #PegawaiKLP",
        "Tidak perlu lagi berpindah loket. Kantor wilayah di daerah Anda juga sudah siap membantu. #PegawaiKLP",
    ];
    let variants = texts.map(|text| VariantPlan { id: VariantId::new(), locale: Locale::Id, text: text.into() });
    WavePlan {
        id: WaveId::new(),
        name: "Pemimpin menjelaskan".into(),
        layer: Layer::Opinion,
        timing: Timing::At { local: opens.naive_utc(), zone: "UTC".into() },
        open_minutes: 7 * 24 * 60,
        grace_minutes: None,
        remind_minutes_before_end: Some(60),
        audience: Audience { units: vec![office], ..Audience::default() },
        tasks: vec![TaskPlan {
            id: TaskId::new(),
            platform: Platform::X,
            action: Action::Create,
            brief: "Jelaskan dengan sudut pandang Anda mengapa layanan satu pintu memudahkan warga. Cantumkan jabatan Anda."
                .into(),
            target: TargetPlan::Message,
            own_words: false,
            evidence_required: false,
            variants: variants.into(),
        }],
    }
}

/// Opens what is due and makes its assignments and mails; returns how many chunks that took.
pub(super) async fn open_due(app: &App) -> anyhow::Result<u64> {
    dispatch::open_due_waves(app).await?;
    fill(app).await
}

/// Makes the assignments and mails of the waves that are opening; returns how many chunks that took.
pub(super) async fn fill(app: &App) -> anyhow::Result<u64> {
    let mut made = 0;
    loop {
        let progress = dispatch::fill_opening_waves(app).await?;
        ensure!(progress.failed == 0, "a wave could not be filled");
        if progress.is_idle() {
            return Ok(made);
        }
        made += progress.done;
    }
}
