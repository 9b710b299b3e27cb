//! Campaigns to run: content in a few words, crowds of members, registered posts; and what the sweeps made of them, read back.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use gaung::app::App;
use gaung::clock::Clock as _;
use gaung::domain::assignment::{AssignmentState, EvidenceLevel};
use gaung::domain::audience::Audience;
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::{CampaignContent, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use gaung::domain::event::EventKind;
use gaung::domain::id::{
    AccountId, AssignmentId, CampaignId, CompletionId, MailId, MemberId, PostId, TaskId, UnitId, VariantId, WaveId,
};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::platform::Platform;
use gaung::domain::wave::{Timing, WaveState};
use gaung::service::campaign;
use gaung::store::account::AccountRow;
use gaung::store::member::MemberRow;
use gaung::store::pace::{self, Step};
use gaung::store::plan::WavePlanRow;
use gaung::store::plan_counts::WaveCountsRow;
use gaung::store::schema::{assignments, campaigns, completions, outbox, wave_counts, wave_unit_counts, waves};
use gaung::store::tx::NewEntry;
use gaung::store::types::At;
use gaung::store::wave::TaskRow;
use gaung::store::{Conn, StoreError, Tx, account, fanout, member, plan, subject, wave as wave_store};

use super::world::World;

/// How long the waves below stay open.
pub const OPEN: TimeDelta = TimeDelta::hours(24);

/// A fixed opening time, as people write it in Jakarta.
pub fn at(instant: DateTime<Utc>) -> Timing {
    Timing::At { local: instant.with_timezone(&chrono_tz::Asia::Jakarta).naive_local(), zone: "Asia/Jakarta".into() }
}

/// What a wave asks on one platform, with one suggested text where a text makes sense.
pub fn task(platform: Platform, action: Action, target: TargetPlan) -> TaskPlan {
    let text = format!("Kata-kata yang disarankan untuk {platform}");
    let variants = vec![VariantPlan { id: VariantId::new(), locale: Locale::Id, text }];
    TaskPlan {
        id: TaskId::new(),
        platform,
        action,
        brief: "Sampaikan dengan kata-kata sendiri.".into(),
        target,
        own_words: false,
        evidence_required: false,
        variants: if action.has_text() { variants } else { Vec::new() },
    }
}

/// A wave that asks everybody of its layer, open for [`OPEN`], reminding nobody before the last hour.
pub fn wave(layer: Layer, timing: Timing, tasks: Vec<TaskPlan>) -> WavePlan {
    WavePlan {
        id: WaveId::new(),
        name: format!("Lapis {layer}"),
        layer,
        timing,
        open_minutes: u32::try_from(OPEN.num_minutes()).unwrap(),
        grace_minutes: None,
        remind_minutes_before_end: Some(60),
        audience: Audience::default(),
        tasks,
    }
}

/// A wave that asks the institution's own accounts on X to publish the message.
pub fn publish_wave(opens_at: DateTime<Utc>) -> WavePlan {
    wave(Layer::Main, at(opens_at), vec![task(Platform::X, Action::Publish, TargetPlan::Message)])
}

/// A wave that asks inside opinion leaders on X for content of their own: each is a person, asked once.
pub fn opinion_wave(opens_at: DateTime<Utc>) -> WavePlan {
    let mut plan = wave(Layer::Opinion, at(opens_at), vec![task(Platform::X, Action::Create, TargetPlan::Message)]);
    plan.audience.kinds = vec![AccountKind::KolInternal];
    plan
}

/// A campaign of these waves.
pub fn content(waves: Vec<WavePlan>) -> CampaignContent {
    CampaignContent {
        title: "Lapor SPT lebih awal".into(),
        message: "Lapor pajak kini cukup lima menit dari rumah.".into(),
        facts: Vec::new(),
        avoid: Vec::new(),
        paid: false,
        waves,
    }
}

/// The campaign, written and submitted by the root's lead and released by its approver.
pub async fn released(world: &World, waves: Vec<WavePlan>) -> CampaignId {
    released_in(world, world.root, waves).await
}

/// The same, sponsored by another unit.
pub async fn released_in(world: &World, unit: UnitId, waves: Vec<WavePlan>) -> CampaignId {
    let app = world.app();
    let draft = campaign::create(app, &world.lead, unit, content(waves)).await.expect("create");
    let submitted = campaign::submit(app, &world.lead, draft.id, draft.version, true).await.expect("submit");
    campaign::release(app, &world.approver, draft.id, &submitted.content_hash).await.expect("release");
    // The approvers' mails are another matter, and would stand in the way of every claim.
    let requests = outbox::table.filter(outbox::campaign_id.eq(draft.id)).filter(outbox::kind.eq(MailKind::ReleaseRequest));
    world.change(|tx| Ok(diesel::delete(requests).execute(tx.conn)?));
    draft.id
}

/// `n` members of a unit with one account of a kind on X each, ready to take tasks; in the order of their ids. `tag` keeps crowds apart.
pub fn crowd(world: &World, unit: UnitId, tag: &str, kind: AccountKind, n: usize) -> Vec<(MemberId, AccountId)> {
    let model = world.account_row(world.north.account(kind));
    let person = world.member_row(world.north.member(kind));
    let members: Vec<MemberRow> = (0..n)
        .map(|i| {
            let number = format!("{}{i:05}", tag.to_uppercase());
            let email = format!("{}@kemencontoh.example", number.to_lowercase());
            MemberRow {
                id: MemberId::new(),
                unit_id: unit,
                subject_ref: subject::new_ref(),
                name: format!("Orang {number}"),
                email_norm: email.clone(),
                email,
                employee_no_norm: number.clone(),
                employee_no: number,
                ..person.clone()
            }
        })
        .collect();
    let accounts: Vec<AccountRow> = members
        .iter()
        .zip(0..)
        .map(|(member, i)| {
            let handle = format!("{tag}_{i}");
            AccountRow {
                id: AccountId::new(),
                unit_id: unit,
                member_id: member.id,
                handle_norm: handle.clone(),
                handle,
                ..model.clone()
            }
        })
        .collect();
    world.change(|tx| {
        member::insert_many(tx, &members)?;
        account::insert_many(tx, &accounts)
    });
    members.iter().map(|m| m.id).zip(accounts.iter().map(|a| a.id)).collect()
}

/// Registers a post of an account, as a completion in `wave` would or, without one, as a lead would; wakes what waits for it.
pub fn register_post(world: &World, account_id: AccountId, wave: Option<WaveId>) -> PostId {
    let id = super::campaign::post(world, account_id, wave);
    if let Some(wave_id) = wave {
        world.change(|tx| fanout::wake_cascades(tx, wave_id, tx.now));
    }
    id
}

/// *Done* without its ceremony: the rows, the counters, the entry. The mail is not cancelled.
pub fn complete(tx: &mut Tx<'_>, done: &Assigned) -> Result<(), StoreError> {
    diesel::update(assignments::table.find(done.id))
        .set((
            assignments::state.eq(AssignmentState::Done),
            assignments::settled_at.eq(At(tx.now)),
            assignments::remind_at.eq(None::<At>),
        ))
        .execute(tx.conn)?;
    diesel::insert_into(completions::table)
        .values((
            completions::id.eq(CompletionId::new()),
            completions::assignment_id.eq(done.id),
            completions::account_id.eq(done.account_id),
            completions::wave_id.eq(done.wave_id),
            completions::level.eq(EvidenceLevel::Declared),
            completions::own_words.eq(false),
            completions::suspected.eq(false),
            completions::completed_at.eq(At(tx.now)),
        ))
        .execute(tx.conn)?;
    diesel::update(wave_unit_counts::table.find((done.wave_id, done.unit_id)))
        .set(wave_unit_counts::done.eq(wave_unit_counts::done + 1))
        .execute(tx.conn)?;
    diesel::update(wave_counts::table.find(done.wave_id)).set(wave_counts::done.eq(wave_counts::done + 1)).execute(tx.conn)?;
    pace::add(tx, done.wave_id, Step::Done(EvidenceLevel::Declared))?;
    tx.record(NewEntry::new(EventKind::AssignmentDone).unit(done.unit_id).wave(done.wave_id).assignment(done.id));
    Ok(())
}

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Mail {
    pub id: MailId,
    pub kind: MailKind,
    pub assignment_id: Option<AssignmentId>,
    pub wave_id: Option<WaveId>,
    pub member_id: Option<MemberId>,
    pub state: MailState,
    pub held: bool,
    pub attempt: i32,
    pub deferrals: i32,
    pub next_attempt_at: At,
    pub lease_until: Option<At>,
    pub last_error: Option<String>,
    pub settled_at: Option<At>,
}

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = assignments)]
pub struct Assigned {
    pub id: AssignmentId,
    pub wave_id: WaveId,
    pub task_id: TaskId,
    pub account_id: AccountId,
    pub member_id: MemberId,
    pub unit_id: UnitId,
    pub state: AssignmentState,
    pub planned_at: At,
    pub notified_at: Option<At>,
    pub settled_at: Option<At>,
    pub expires_at: At,
    pub remind_at: Option<At>,
    pub variant_no: i32,
}

fn read<T>(app: &App, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> T {
    app.db.read_blocking(f).expect("a read")
}

/// The mails about a wave's tasks, in the order of their ids.
pub fn mails(app: &App, wave_id: WaveId) -> Vec<Mail> {
    let query = outbox::table.filter(outbox::wave_id.eq(wave_id)).order(outbox::id.asc()).select(Mail::as_select());
    read(app, |conn| Ok(query.load(conn)?))
}

/// How many of a wave's mails stand in each state, in the order in which the states are declared.
pub fn mail_states(app: &App, wave_id: WaveId) -> Vec<(MailState, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for mail in mails(app, wave_id) {
        *counts.entry(mail.state).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// A member's mail about a task.
pub fn mail_of(app: &App, wave_id: WaveId, member_id: MemberId) -> Mail {
    let found = mails(app, wave_id).into_iter().find(|m| m.member_id == Some(member_id) && m.kind == MailKind::Task);
    found.expect("the member's mail")
}

/// A wave's assignments, in the order of their ids.
pub fn assigned(app: &App, wave_id: WaveId) -> Vec<Assigned> {
    let query = assignments::table.filter(assignments::wave_id.eq(wave_id)).order(assignments::id.asc());
    read(app, |conn| Ok(query.select(Assigned::as_select()).load(conn)?))
}

/// A wave's row.
pub fn wave_row(app: &App, id: WaveId) -> WavePlanRow {
    read(app, |conn| Ok(waves::table.find(id).select(WavePlanRow::as_select()).first(conn)?))
}

/// Where a wave stands.
pub fn wave_state(app: &App, id: WaveId) -> WaveState {
    wave_row(app, id).state
}

/// A wave's counters.
pub fn counts(app: &App, id: WaveId) -> WaveCountsRow {
    read(app, |conn| Ok(wave_counts::table.find(id).select(WaveCountsRow::as_select()).first(conn)?))
}

/// A wave's tasks.
pub fn tasks(app: &App, id: WaveId) -> Vec<TaskRow> {
    read(app, |conn| wave_store::tasks_of(conn, id))
}

/// Where a campaign stands.
pub fn campaign_state(app: &App, id: CampaignId) -> CampaignState {
    read(app, |conn| Ok(campaigns::table.find(id).select(campaigns::state).first(conn)?))
}

/// The campaign's waves as planned.
pub fn planned(app: &App, id: CampaignId) -> Vec<WavePlanRow> {
    read(app, |conn| plan::list_waves(conn, id))
}

/// The time that the test's clock shows.
pub fn now(world: &World) -> DateTime<Utc> {
    world.test.clock.now()
}

/// A running campaign whose only wave has been opened for `n` people of the north's office, each with one mail that waits.
pub struct Crowd {
    pub campaign_id: CampaignId,
    pub wave_id: WaveId,
    pub people: Vec<(MemberId, AccountId)>,
}

/// Opens a wave for a new crowd; nothing is delivered. `tag` keeps crowds apart.
pub async fn opened(world: &World, tag: &str, n: usize) -> Crowd {
    let crowd = due(world, tag, n).await;
    gaung::service::dispatch::open_due_waves(world.app()).await.expect("open");
    gaung::service::dispatch::fill_opening_waves(world.app()).await.expect("fill");
    assert_eq!(mails(world.app(), crowd.wave_id).len(), n);
    crowd
}

/// The same, as long as no sweep has run: the wave is due.
pub async fn due(world: &World, tag: &str, n: usize) -> Crowd {
    let unit = world.unit(&format!("REGU-{tag}"), Some(world.north.office));
    let people = crowd(world, unit, tag, AccountKind::KolInternal, n);
    let mut plan = opinion_wave(now(world) + TimeDelta::minutes(1));
    plan.audience.units = vec![unit];
    let wave_id = plan.id;
    let campaign_id = released(world, vec![plan]).await;
    world.test.advance(TimeDelta::minutes(1));
    Crowd { campaign_id, wave_id, people }
}
