//! How the scene is set: a campaign in every state, written and released as the desks would, and records of every kind.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Jakarta;
use diesel::prelude::*;
use gaung::app::App;
use gaung::clock::ManualClock;
use gaung::domain::account::AccountState;
use gaung::domain::actor::Actor;
use gaung::domain::audience::Audience;
use gaung::domain::content::{CampaignContent, Fact, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use gaung::domain::correction::CorrectionAnswer;
use gaung::domain::id::{AccountId, CampaignId, MailId, PostId, TaskId, UnitId, VariantId, WaveId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::platform::Platform;
use gaung::domain::recurrence::MissedPolicy;
use gaung::domain::suppression::{Silence, SuppressionReason};
use gaung::domain::wave::Timing;
use gaung::service::account::AccountForm;
use gaung::service::campaign::CampaignView;
use gaung::service::consent::Whom;
use gaung::service::import::{self, ImportKind};
use gaung::service::member::MemberForm;
use gaung::service::schedule::NewSchedule;
use gaung::service::task::{self, Done};
use gaung::service::{account, campaign, consent, disclosure, member, neutrality, schedule, suppression};
use gaung::store::schema::{accounts, assignments, correction_asks, outbox};
use gaung::store::types::At;
use gaung::store::{StoreError, Tx};

use super::scene::{Asked, Desks, drain, read};

/// The institution while the scene is set.
pub struct Setting<'a> {
    pub app: &'a App,
    pub clock: &'a ManualClock,
    pub desks: &'a Desks,
    pub root: UnitId,
    pub post: PostId,
}

impl Setting<'_> {
    pub async fn drain(&self) {
        drain(self.app).await;
    }
    fn now(&self) -> DateTime<Utc> {
        self.clock.shared().now()
    }
    fn change(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError>) {
        let changed = self.app.db.write_blocking(Actor::Operator, |tx| {
            tx.without_entry("a test sets the scene");
            f(tx)
        });
        changed.expect("set the scene");
    }

    async fn written(&self, content: CampaignContent) -> CampaignView {
        campaign::create(self.app, &self.desks.lead, self.root, content).await.expect("a draft")
    }
    async fn asked_for(&self, content: CampaignContent) -> CampaignView {
        let draft = self.written(content).await;
        let submitted = campaign::submit(self.app, &self.desks.lead, draft.id, draft.version, true).await;
        submitted.unwrap_or_else(|e| panic!("{e:?}"))
    }
    async fn released(&self, content: CampaignContent) -> CampaignId {
        let asked = self.asked_for(content).await;
        let released = campaign::release(self.app, &self.desks.approver, asked.id, &asked.content_hash).await;
        released.unwrap_or_else(|e| panic!("{e:?}")).id
    }
    fn share(&self, title: &str, opens: DateTime<Utc>) -> CampaignContent {
        content(title, vec![wave("Ajakan kepada pegawai", Layer::Advocacy, at(opens), vec![share_task(self.post)])])
    }

    /// Its wave was due while nothing ran, and waits for a person.
    pub async fn held(&self) -> CampaignId {
        let opens = self.now() + TimeDelta::minutes(30);
        let mut late = self.share("Pemeliharaan portal akhir pekan", opens);
        late.waves[0].grace_minutes = Some(5);
        let id = self.released(late).await;
        self.clock.advance(TimeDelta::hours(2));
        self.drain().await;
        id
    }
    pub async fn paused(&self) -> CampaignId {
        let id = self.released(self.share("Cek kesehatan gratis", self.now() + TimeDelta::days(2))).await;
        campaign::pause(self.app, &self.desks.lead, id, "Menunggu jadwal dari kantor wilayah").await.expect("paused");
        id
    }
    pub async fn cancelled(&self) -> CampaignId {
        let id = self.released(self.share("Lomba foto pelayanan", self.now() + TimeDelta::days(3))).await;
        campaign::cancel(self.app, &self.desks.lead, id, "Lomba ditunda sampai tahun depan").await.expect("cancelled");
        id
    }
    /// Two layers: the employees are being asked, the service accounts wait for the first post.
    pub async fn running(&self, now: DateTime<Utc>) -> CampaignId {
        let mut both = self.share("Jam layanan akhir tahun", now - TimeDelta::minutes(80));
        let main = wave("Akun resmi menerbitkan", Layer::Main, at(now - TimeDelta::minutes(80)), vec![publish_task()]);
        let cascade = Timing::Cascade { wave_id: main.id, minutes: 30 };
        let mut rephrase = share_task(self.post);
        (rephrase.action, rephrase.target) = (Action::Rephrase, TargetPlan::PostOf { wave_id: main.id });
        both.waves.push(main);
        both.waves.push(wave("Akun layanan menyampaikan ulang", Layer::Conversation, cascade, vec![rephrase]));
        both.waves.rotate_left(1);
        let id = self.released(both).await;
        self.clock.set(now - TimeDelta::minutes(79));
        self.drain().await;
        id
    }
    /// What the demo's campaign said was wrong; one of those who published it has answered.
    pub async fn corrected(&self, id: CampaignId) {
        let text =
            "Loket satu pintu buka pukul 08.00, bukan 07.00.\nJadwal yang benar: https://klp.example.id/kantor-wilayah/jadwal";
        campaign::propose_correction(self.app, &self.desks.lead, id, text, false).await.expect("proposed");
        campaign::confirm_correction(self.app, &self.desks.approver, id).await.expect("corrected");
        self.drain().await;
        let asked = assignments::table.inner_join(correction_asks::table.on(correction_asks::assignment_id.eq(assignments::id)));
        let first = asked.order(assignments::id.desc()).select((assignments::id, assignments::link_version));
        let (assignment, version) = read(self.app, |conn| Ok(first.first(conn)?));
        let token = task::correction_token(self.app, assignment, version);
        let nonce = task::correction_sheet(self.app, &token).await.expect("the correction").nonce;
        self.clock.advance(TimeDelta::seconds(40));
        task::answer_correction(self.app, &token, CorrectionAnswer::Removed, &nonce).await.expect("answered");
    }
    pub async fn draft(&self, now: DateTime<Utc>) -> CampaignView {
        self.written(self.share("Pelatihan digital bagi pelaku usaha kecil dan menengah", now + TimeDelta::days(6))).await
    }
    pub async fn submitted(&self, now: DateTime<Utc>) -> CampaignView {
        let asked = self.asked_for(self.share("Antrean daring kantor wilayah", now + TimeDelta::days(4))).await;
        self.drain().await;
        asked
    }
    pub async fn returned(&self, now: DateTime<Utc>) -> CampaignView {
        let asked = self.asked_for(self.share("Survei kepuasan masyarakat", now + TimeDelta::days(5))).await;
        let note = "Sebutkan siapa yang menyelenggarakan surveinya.";
        campaign::return_to_author(self.app, &self.desks.approver, asked.id, note).await.expect("returned")
    }
    /// Once a week, four days from now: not while the scene is set, whatever day it is.
    pub async fn schedule(&self, id: CampaignId) {
        let day = (self.now() + TimeDelta::days(4)).format("%w");
        let new = NewSchedule {
            pattern: format!("0 9 * * {day}"),
            zone: "Asia/Jakarta".into(),
            policy: MissedPolicy::Latest,
            grace_s: 3600,
            ends_at: None,
        };
        schedule::add(self.app, &self.desks.lead, id, new).await.expect("a schedule");
    }

    pub async fn done(&self, asked: Asked) -> Asked {
        let url = task::view(self.app, &asked.token).await.expect("the task");
        let required = url.evidence_required.then(|| format!("https://x.com/{}/status/1234567890123456789", url.account.handle));
        self.clock.advance(TimeDelta::seconds(40));
        let done = Done { url: required, disclosure_confirmed: true, own_words: true, nonce: url.nonce };
        task::complete(self.app, &asked.token, done).await.expect("done");
        asked
    }
    pub async fn declined(&self, asked: Asked) -> Asked {
        let nonce = task::view(self.app, &asked.token).await.expect("the task").nonce;
        task::decline(self.app, &asked.token, &nonce).await.expect("declined");
        asked
    }
    /// Its answer was lost on the way.
    pub fn unclear_mail(&self, id: CampaignId) {
        self.change(|tx| {
            let mails = outbox::table.filter(outbox::campaign_id.eq(id)).filter(outbox::kind.eq(MailKind::Task));
            let last: MailId = mails.order(outbox::id.desc()).select(outbox::id).first(tx.conn)?;
            let lost = (outbox::state.eq(MailState::Unknown), outbox::last_error.eq("the connection was lost after the text"));
            diesel::update(outbox::table.find(last)).set(lost).execute(tx.conn)?;
            Ok(())
        });
    }

    /// Somebody with an account, who was asked to consent and has not answered.
    async fn newcomer(&self) {
        let (app, admin) = (self.app, &self.desks.admin);
        let person = MemberForm {
            unit_id: self.root,
            employee_no: "199001012020011009".into(),
            name: "Nurul Hidayati".into(),
            email: "nurul.hidayati@klp.example.id".into(),
            locale: String::new(),
            zone: String::new(),
        };
        let person = member::add(app, admin, person).await.expect("a member").id;
        let account = AccountForm {
            member_id: person,
            unit_id: None,
            kind: AccountKind::Advocate,
            platform: Platform::X,
            handle: "nurulhidayati".into(),
            display_name: "Nurul Hidayati".into(),
            language: String::new(),
            followers: 410,
            topics: Vec::new(),
            engagement: None,
            public_name: false,
            operators: Vec::new(),
        };
        account::add(app, admin, account).await.expect("an account");
        consent::request(app, admin, Whom::Members(vec![person])).await.expect("asked");
    }
    /// Disclosures in every state, claims, what is off limits, an address that gets no mail, an account that is suspended.
    pub async fn records(&self) {
        let (app, desks) = (self.app, self.desks);
        let some: Vec<AccountId> =
            read(app, |conn| Ok(accounts::table.order(accounts::id).select(accounts::id).limit(4).load(conn)?));
        for id in &some[..2] {
            let (words, url) = ("Akun ini dikelola Kementerian Layanan Publik.", "https://klp.example.id/akun-resmi");
            disclosure::file(app, &desks.admin, *id, words.into(), url.into()).await.expect("filed");
        }
        let lapsed = At(self.now() - TimeDelta::days(20));
        let soon = At(self.now() + TimeDelta::days(9));
        self.change(|tx| {
            for (id, until) in [(some[2], lapsed), (some[3], soon)] {
                diesel::update(accounts::table.find(id)).set(accounts::disclosed_until.eq(until)).execute(tx.conn)?;
            }
            let other = accounts::table.order(accounts::id.desc()).select(accounts::id).first::<AccountId>(tx.conn)?;
            diesel::update(accounts::table.find(other)).set(accounts::state.eq(AccountState::Suspended)).execute(tx.conn)?;
            Ok(())
        });
        self.newcomer().await;
        super::claims::on_file(app, desks, self.root).await;
        let label = "Calon kepala daerah".to_owned();
        neutrality::block(app, &desks.admin, Platform::X, "calon_contoh".into(), label).await.expect("blocked");
        let from = self.now() + TimeDelta::days(60);
        let named = "Masa tenang pemilihan kepala daerah".to_owned();
        neutrality::add_freeze(app, &desks.admin, named, from, from + TimeDelta::days(4)).await.expect("a freeze");
        let (scope, reason) = (Silence::All, SuppressionReason::Requested);
        suppression::add(app, &desks.admin, "tidak.mau@klp.example.id", scope, reason).await.expect("suppressed");
        for file in
            ["employee_no,name,email,unit_code\nN1,Nina,nina@klp.example.id,KLP\n", "employee_no,name,email,unit_code\n,,x,Y\n"]
        {
            let file = std::io::Cursor::new(file);
            import::kept::check(app, &desks.admin, ImportKind::Members, "anggota.csv", file).await.expect("checked");
        }
    }
}

fn at(instant: DateTime<Utc>) -> Timing {
    Timing::At { local: instant.with_timezone(&Jakarta).naive_local(), zone: "Asia/Jakarta".into() }
}

fn content(title: &str, waves: Vec<WavePlan>) -> CampaignContent {
    CampaignContent {
        title: title.into(),
        message: "Kantor wilayah tetap buka sampai 30 Desember dengan jam layanan yang disesuaikan.".into(),
        facts: vec![Fact {
            text: "Jadwal tiap kantor wilayah ada di laman resmi.".into(),
            source_url: "https://klp.example.id/kantor-wilayah/jadwal".into(),
        }],
        avoid: vec!["Menjanjikan waktu penyelesaian yang pasti".into()],
        paid: false,
        waves,
    }
}

fn wave(name: &str, layer: Layer, timing: Timing, tasks: Vec<TaskPlan>) -> WavePlan {
    WavePlan {
        id: WaveId::new(),
        name: name.into(),
        layer,
        timing,
        open_minutes: 3 * 24 * 60,
        grace_minutes: None,
        remind_minutes_before_end: Some(24 * 60),
        audience: Audience::default(),
        tasks,
    }
}

fn publish_task() -> TaskPlan {
    TaskPlan {
        id: TaskId::new(),
        platform: Platform::X,
        action: Action::Publish,
        brief: "Terbitkan jadwalnya dengan gambar dari folder kampanye.".into(),
        target: TargetPlan::Message,
        own_words: false,
        evidence_required: true,
        variants: Vec::new(),
    }
}

fn share_task(post_id: PostId) -> TaskPlan {
    let text = |locale, text: &str| VariantPlan { id: VariantId::new(), locale, text: text.into() };
    TaskPlan {
        action: Action::Share,
        brief: "Bagikan unggahan resmi tentang jam layanan bila Anda berkenan.".into(),
        target: TargetPlan::Post { post_id },
        evidence_required: false,
        variants: vec![
            text(Locale::Id, "Kantor wilayah tetap melayani sampai 30 Desember. Cek jadwal di daerah Anda. #PegawaiKLP"),
            text(Locale::Id, "Mau mengurus berkas di akhir tahun? Loket masih buka, jamnya saja yang berubah. #PegawaiKLP"),
            text(Locale::En, "Regional offices stay open until 30 December; check the hours near you. #KLPemployee"),
        ],
        ..publish_task()
    }
}
