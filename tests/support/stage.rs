//! A running campaign set up row by row: waves, tasks and assignments of the world's accounts, each with its mails in the outbox.

use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::audience::Audience;
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::{CampaignContent, Fact, TargetPlan};
use gaung::domain::id::{AccountId, AssignmentId, CampaignId, ClaimId, MemberId, PostId, TaskId, UnitId, VariantId, WaveId};
use gaung::domain::kind::{Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::platform::Platform;
use gaung::domain::wave::{Timing, WaveState};
use gaung::service::task::{self, Done};
use gaung::store::assignment::{self, AssignmentRow};
use gaung::store::campaign::{self, CampaignRow};
use gaung::store::outbox::{self, NewMail};
use gaung::store::plan::{self, Plan, TaskPlanRow, VariantPlanRow, WavePlanRow};
use gaung::store::schema::{assignments, campaigns, outbox as outbox_table, wave_counts, wave_unit_counts, waves};
use gaung::store::types::{At, Doc};
use gaung::store::{StoreError, account};

use super::database::Engine;
use super::world::World;

/// A world with a running campaign.
pub struct Stage {
    pub world: World,
    pub campaign: CampaignId,
}

/// What a task asks; a layer-3 comment on X that points at the message, where nothing else is said.
#[derive(Clone)]
pub struct Asking {
    pub platform: Platform,
    pub action: Action,
    pub post: Option<PostId>,
    pub claim: Option<ClaimId>,
    pub own_words: bool,
    pub evidence_required: bool,
    pub texts: Vec<(Locale, &'static str)>,
}

impl Asking {
    pub fn of(action: Action) -> Self {
        let (post, claim) = (None, None);
        Self { platform: Platform::X, action, post, claim, own_words: false, evidence_required: false, texts: Vec::new() }
    }
}

/// The counters of a wave: done, declined, expired, withdrawn; and mails cancelled and suppressed.
#[derive(Debug, PartialEq, Eq, Queryable)]
pub struct Counts {
    pub done: i64,
    pub declined: i64,
    pub expired: i64,
    pub withdrawn: i64,
    pub mail_cancelled: i64,
    pub mail_suppressed: i64,
}

impl Stage {
    pub fn new(engine: Engine) -> Self {
        Self::in_world(World::new(engine))
    }

    pub fn in_world(world: World) -> Self {
        let id = CampaignId::new();
        let author_id = world.lead.user_id().expect("the lead is a user");
        let unit_id = world.root;
        world.change(|tx| {
            let at = At(tx.now);
            let content = CampaignContent {
                title: "Pajak untuk jalan desa".into(),
                message: "Pajak kembali sebagai jalan desa.".into(),
                facts: vec![Fact {
                    text: "1.200 km jalan desa pada 2025.".into(),
                    source_url: "https://contoh.example/jalan".into(),
                }],
                avoid: vec!["Menyebut tokoh partai.".into()],
                paid: false,
                waves: Vec::new(),
            };
            let row = CampaignRow {
                id,
                unit_id,
                slug: format!("pajak-{id}"),
                title: content.title.clone(),
                state: CampaignState::Running,
                content: Doc(content),
                content_hash: "00".into(),
                author_id,
                submitted_by: None,
                submitted_at: None,
                released_at: Some(at),
                started_at: Some(at),
                paused_at: None,
                ended_at: None,
                note: String::new(),
                schedule_id: None,
                created_at: at,
                updated_at: at,
                version: 1,
            };
            campaign::insert(tx, &row)
        });
        Self { world, campaign: id }
    }

    /// A wave that is open for a day; or, where it waits for a post of another, a planned one.
    pub fn wave(&self, layer: Layer, waits_for: Option<WaveId>) -> WaveId {
        let (id, campaign_id, unit_id) = (WaveId::new(), self.campaign, self.world.root);
        self.world.change(|tx| {
            let at = At(tx.now);
            let timing = match waits_for {
                Some(wave_id) => Timing::Cascade { wave_id, minutes: 15 },
                None => Timing::At { local: tx.now.naive_utc(), zone: "UTC".into() },
            };
            let open = waits_for.is_none();
            let row = WavePlanRow {
                id,
                campaign_id,
                unit_id,
                ordinal: i32::from(layer.number()),
                name: format!("Gelombang {layer}"),
                layer: layer.number(),
                state: if open { WaveState::Open } else { WaveState::Planned },
                timing: Doc(timing),
                waits_for,
                cascade: !open,
                opens_at: open.then_some(at),
                grace_s: 3600,
                open_s: 86_400,
                remind_before_end_s: None,
                audience: Doc(Audience::default()),
                opened_at: open.then_some(at),
                closes_at: open.then_some(At(tx.now + TimeDelta::days(1))),
                filled_at: open.then_some(at),
                closed_at: None,
                held_reason: None,
            };
            plan::insert(tx, &Plan { waves: vec![row], ..Plan::default() })
        });
        id
    }

    pub fn task(&self, wave_id: WaveId, asking: &Asking) -> TaskId {
        let (id, campaign_id) = (TaskId::new(), self.campaign);
        let target = match (asking.post, asking.claim) {
            (Some(post_id), _) => TargetPlan::Post { post_id },
            (_, Some(claim_id)) => TargetPlan::Claim { claim_id, words: None },
            _ => TargetPlan::Message,
        };
        let row = TaskPlanRow {
            id,
            wave_id,
            campaign_id,
            ordinal: 0,
            platform: asking.platform,
            action: asking.action,
            brief: "Sampaikan dengan bahasa sehari-hari.".into(),
            target: Doc(target),
            target_post_id: asking.post,
            target_claim_id: asking.claim,
            own_words: asking.own_words,
            evidence_required: asking.evidence_required,
        };
        let text = |(i, (locale, body)): (usize, &(Locale, &str))| VariantPlanRow {
            id: VariantId::new(),
            task_id: id,
            ordinal: i32::try_from(i).expect("few"),
            locale: *locale,
            body: (*body).into(),
        };
        let variants = asking.texts.iter().enumerate().map(text).collect();
        self.world.change(|tx| plan::insert(tx, &Plan { tasks: vec![row], variants, ..Plan::default() }));
        id
    }

    /// Asks an account: a notified assignment whose task mail is sent and whose reminder waits.
    pub fn ask(&self, wave_id: WaveId, task_id: TaskId, account_id: AccountId) -> Asked {
        let (id, campaign_id) = (AssignmentId::new(), self.campaign);
        self.world.change(|tx| {
            let account = account::get(tx.conn, account_id)?;
            let so_far: i64 = assignments::table.filter(assignments::task_id.eq(task_id)).count().get_result(tx.conn)?;
            let row = AssignmentRow {
                id,
                task_id,
                wave_id,
                campaign_id,
                account_id,
                member_id: account.member_id,
                unit_id: account.unit_id,
                state: AssignmentState::Notified,
                planned_at: At(tx.now),
                notified_at: Some(At(tx.now)),
                opened_at: None,
                settled_at: None,
                checked_at: None,
                expires_at: At(tx.now + TimeDelta::days(1)),
                remind_at: None,
                link_version: 1,
                variant_no: i32::try_from(so_far).expect("few"),
            };
            diesel::insert_into(assignments::table).values(&row).execute(tx.conn)?;
            let mail = |kind| NewMail {
                assignment_id: Some(id),
                wave_id: Some(wave_id),
                campaign_id: Some(campaign_id),
                member_id: Some(account.member_id),
                ..NewMail::new(kind)
            };
            outbox::enqueue(tx, &[mail(MailKind::Task), mail(MailKind::Reminder)])?;
            let sent =
                outbox_table::table.filter(outbox_table::assignment_id.eq(id)).filter(outbox_table::kind.eq(MailKind::Task));
            diesel::update(sent).set(outbox_table::state.eq(MailState::Sent)).execute(tx.conn)?;
            Ok(Asked { id, wave_id, task_id, account_id, member_id: account.member_id, unit_id: account.unit_id })
        })
    }

    /// A wave of this layer with one task, asked of one account.
    pub fn asked(&self, layer: Layer, account_id: AccountId, asking: &Asking) -> Asked {
        let wave = self.wave(layer, None);
        let task = self.task(wave, asking);
        self.ask(wave, task, account_id)
    }

    pub fn token(&self, asked: &Asked) -> String {
        let row = self.row(asked);
        task::task_token(self.world.app(), asked.id, row.link_version, row.expires_at.0)
    }

    /// The nonce of the page as it is now.
    pub async fn nonce(&self, asked: &Asked) -> String {
        task::view(self.world.app(), &self.token(asked)).await.expect("the page").nonce
    }

    /// *Done* as a person presses it: with the disclosure confirmed, half a minute after the page was opened.
    pub async fn done(&self, asked: &Asked, url: Option<&str>) -> Done {
        let nonce = self.nonce(asked).await;
        self.world.test.advance(TimeDelta::seconds(30));
        Done { url: url.map(Into::into), disclosure_confirmed: true, own_words: true, nonce }
    }

    pub fn row(&self, asked: &Asked) -> AssignmentRow {
        let id = asked.id;
        self.world.app().db.read_blocking(|conn| assignment::find(conn, id)).expect("a read").expect("the assignment")
    }

    /// The wave's counters; its units' must say the same of what they count.
    pub fn counts(&self, wave_id: WaveId) -> Counts {
        let read = |conn: &mut gaung::store::Conn| {
            use wave_counts::dsl;
            let counts: Counts = dsl::wave_counts
                .find(wave_id)
                .select((dsl::done, dsl::declined, dsl::expired, dsl::withdrawn, dsl::mail_cancelled, dsl::mail_suppressed))
                .first(conn)?;
            let units: Vec<(i64, i64, i64)> = wave_unit_counts::table
                .filter(wave_unit_counts::wave_id.eq(wave_id))
                .select((wave_unit_counts::done, wave_unit_counts::declined, wave_unit_counts::expired))
                .load(conn)?;
            Ok::<_, StoreError>((counts, units))
        };
        let (counts, units) = self.world.app().db.read_blocking(read).expect("the counters");
        let sum = units.iter().fold((0, 0, 0), |sum, unit| (sum.0 + unit.0, sum.1 + unit.1, sum.2 + unit.2));
        assert_eq!(sum, (counts.done, counts.declined, counts.expired), "the units' counters");
        counts
    }

    pub fn set_campaign(&self, state: CampaignState) {
        let id = self.campaign;
        self.world.change(|tx| {
            Ok(diesel::update(campaigns::table.find(id)).set(campaigns::state.eq(state)).execute(tx.conn).map(drop)?)
        });
    }

    pub fn set_wave(&self, id: WaveId, state: WaveState) {
        self.world
            .change(|tx| Ok(diesel::update(waves::table.find(id)).set(waves::state.eq(state)).execute(tx.conn).map(drop)?));
    }

    pub fn opens_at(&self, id: WaveId) -> Option<chrono::DateTime<Utc>> {
        let read =
            |conn: &mut gaung::store::Conn| Ok::<_, StoreError>(waves::table.find(id).select(waves::opens_at).first(conn)?);
        self.world.app().db.read_blocking(read).map(|at: Option<At>| at.map(|at| at.0)).expect("the wave")
    }
}

/// An assignment under test.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub id: AssignmentId,
    pub wave_id: WaveId,
    pub task_id: TaskId,
    pub account_id: AccountId,
    pub member_id: MemberId,
    pub unit_id: UnitId,
}

/// How a use case failed, in short: a refusal's code, `field:code` of each fault, or the variant's name.
pub fn code<T: std::fmt::Debug>(result: Result<T, gaung::service::ServiceError>) -> String {
    use gaung::service::ServiceError;
    match result.expect_err("it should fail") {
        ServiceError::Refused { code, .. } => code.into(),
        ServiceError::Invalid(faults) => faults.iter().map(|f| format!("{}:{}", f.field, f.code)).collect::<Vec<_>>().join(" "),
        ServiceError::NotFound(_) => "not_found".into(),
        ServiceError::Forbidden => "forbidden".into(),
        other => format!("{other:?}"),
    }
}
