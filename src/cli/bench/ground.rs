//! What is measured on: an institution of a given size with a released campaign, in a database of its own.

use std::io::Cursor;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::account::AccountState;
use crate::domain::actor::Actor;
use crate::domain::audience::Audience;
use crate::domain::content::{CampaignContent, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use crate::domain::id::{AccountId, MemberId, TaskId, UnitId, VariantId, WaveId};
use crate::domain::kind::{AccountKind, Action, Layer};
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::platform::Platform;
use crate::domain::role::{Grant, Role};
use crate::domain::wave::Timing;
use crate::service::import::{ImportKind, ImportOptions};
use crate::service::user::NewUser;
use crate::service::{Caller, ServiceError, campaign, dispatch, import, unit, user};
use crate::store::account::AccountRow;
use crate::store::member::MemberRow;
use crate::store::types::At;
use crate::store::{account, member, promises, subject};

/// How far one round's wave opens after the other's.
pub(super) const BETWEEN: TimeDelta = TimeDelta::hours(1);
/// People a transaction.
const CHUNK: u32 = 5_000;

/// Founds the institution: a unit a round with `members` people each, and one released campaign with a wave a round, `BETWEEN` apart
/// from `first` on. Refuses a database that holds anything.
pub(super) async fn found(app: &App, rounds: u32, members: u32, first: DateTime<Utc>) -> anyhow::Result<()> {
    let totals = app.db.read(|conn| Ok::<_, ServiceError>(promises::totals(conn)?)).await?;
    ensure!(totals.members == 0 && totals.ledger_entries == 0, "the database is not empty; measuring needs one of its own");
    let mut csv = String::from("code,name,parent_code,zone\nPUSAT,Kantor Pusat,,Asia/Jakarta\n");
    for round in 0..rounds {
        csv.push_str(&format!("R{round},Kantor {round},PUSAT,Asia/Jakarta\n"));
    }
    let report =
        import::import(app, &Caller::Operator, ImportKind::Units, Cursor::new(csv.into_bytes()), ImportOptions::default())
            .await?;
    ensure!(report.errors.is_empty(), "the units were not taken in: {:?}", report.errors);
    let units = unit::list(app, &Caller::Operator).await?;
    let find = |code: &str| units.iter().find(|u| u.code == code).map(|u| u.id).context("a unit is missing");
    let root = find("PUSAT")?;
    let mut offices = Vec::new();
    for round in 0..rounds {
        let office = find(&format!("R{round}"))?;
        people(app, office, round, members).await?;
        offices.push(office);
    }
    release(app, root, &offices, first).await
}

async fn people(app: &App, unit_id: UnitId, round: u32, members: u32) -> anyhow::Result<()> {
    for from in (0..members).step_by(CHUNK as usize) {
        let numbers = from..members.min(from + CHUNK);
        let (version, now) = (app.config.consent.operate_version.clone(), At(app.clock.now()));
        let rows: Vec<(MemberRow, AccountRow)> = numbers.map(|n| person(unit_id, round, n, &version, now)).collect();
        app.db
            .write(Actor::System, move |tx| {
                tx.without_entry("people made up for a measurement");
                let (people, accounts): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
                member::insert_many(tx, &people)?;
                Ok::<_, ServiceError>(account::insert_many(tx, &accounts)?)
            })
            .await?;
    }
    Ok(())
}

fn person(unit_id: UnitId, round: u32, n: u32, version: &str, now: At) -> (MemberRow, AccountRow) {
    let number = format!("{round:02}{n:07}");
    let email = format!("pegawai{number}@klp.example.id");
    let handle = format!("pegawai_{number}");
    let member = MemberRow {
        id: MemberId::new(),
        unit_id,
        subject_ref: subject::new_ref(),
        employee_no: number.clone(),
        employee_no_norm: number.clone(),
        name: format!("Ratna Wulandari {number}"),
        email_norm: email.clone(),
        email,
        locale: Locale::Id,
        zone: "Asia/Jakarta".to_owned(),
        state: MemberState::Active,
        participate_version: None,
        operate_version: Some(version.to_owned()),
        link_version: 1,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let account = AccountRow {
        id: AccountId::new(),
        unit_id,
        member_id: member.id,
        kind: AccountKind::KolInternal,
        layer: Layer::Opinion.number(),
        personal: true,
        platform: Platform::X,
        handle_norm: handle.clone(),
        handle,
        display_name: String::new(),
        language: "id".to_owned(),
        followers: 100,
        engagement: None,
        public_name: false,
        state: AccountState::Active,
        disclosed_until: Some(At(now.0 + TimeDelta::days(300))),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    (member, account)
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

/// Opens what is due and makes its assignments and mails; returns how many.
pub(super) async fn open_due(app: &App) -> anyhow::Result<u64> {
    dispatch::open_due_waves(app).await?;
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
