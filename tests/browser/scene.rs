//! What the pages are looked at with: the demo's institution, whose campaign has run, and around it a campaign in every state.

use std::net::TcpListener;
use std::process::Command;

use chrono::{SubsecRound as _, TimeDelta};
use diesel::prelude::*;
use gaung::app::App;
use gaung::clock::{ManualClock, SteadyClock};
use gaung::config::{Config, Overrides};
use gaung::domain::account::{AccountState, DisclosureState};
use gaung::domain::assignment::AssignmentState;
use gaung::domain::content::CampaignContent;
use gaung::domain::data_request::{RequestKind, RequestState};
use gaung::domain::id::{
    AccountId, AssignmentId, CampaignId, ClaimId, DataRequestId, DisclosureId, EntryId, MailId, MemberId, PostId, SampleId,
    UnitId, UserId, WaveId,
};
use gaung::domain::platform::Platform;
use gaung::service::data_request::{self, Answer, Filing, Wish};
use gaung::service::task::RightsForm;
use gaung::service::{Caller, consent, mailbox, session, task, user};
use gaung::store::schema::{
    accounts, assignments, campaigns, claims, consents, correction_asks, disclosures, ledger_entries, mailbox as kept_mails,
    members, posts, units, users, waves,
};
use gaung::store::types::{At, Doc};
use gaung::store::{Conn, StoreError};

use super::samples::samples;
use super::setting::Setting;
use crate::support::http::Served;

/// How many employees the institution has; enough for figures, few enough for some to be withheld.
const MEMBERS: &str = "60";

/// Who signs in by a mailed link.
const AUDITOR: &str = "auditor@klp.example.id";

/// A member asks to be erased and to have something put right; two letters came, one of which was refused.
async fn rights(app: &App, desks: &Desks, id: MemberId) {
    let version = read(app, |conn| Ok(members::table.find(id).select(members::link_version).first::<i32>(conn)?));
    let own = task::pause_token(app, id, version);
    let nonce = task::settings(app, &own).await.expect("their page").nonce;
    for (kind, words) in [(RequestKind::Erase, ""), (RequestKind::Correct, "Nama akun saya berganti.")] {
        let wish = Wish { words: words.into(), ..Wish::default() };
        task::ask_right(app, &own, RightsForm { kind: Some(kind), wish, nonce: nonce.clone() }).await.expect("on file");
    }
    for (kind, hours) in [(RequestKind::Withdraw, 80), (RequestKind::Export, 60)] {
        let came_at = Some(app.clock.now() - TimeDelta::hours(hours));
        let filing = Filing { member_id: id, kind, wish: Wish::default(), came_at };
        let letter = data_request::file(app, &desks.admin, filing).await.expect("on file");
        if kind == RequestKind::Export {
            let answer = Answer::Refuse("Surat tidak ditandatangani.".into());
            data_request::answer(app, &desks.admin, letter.id, answer).await.expect("an answer");
        }
    }
}

/// Who sits at the desks.
pub struct Desks {
    pub admin: Caller,
    pub lead: Caller,
    pub approver: Caller,
    pub coordinator: Caller,
    pub auditor: Caller,
}

/// A task of the campaign that is open.
#[derive(Debug, Clone)]
pub struct Asked {
    pub token: String,
    pub member: MemberId,
    pub account: AccountId,
}

/// The institution, served on a port of its own.
pub struct Scene {
    pub served: Served,
    pub app: App,
    pub clock: ManualClock,
    pub desks: Desks,
    pub root: UnitId,
    /// Campaigns by their state.
    pub corrected: CampaignId,
    pub running: CampaignId,
    pub held: CampaignId,
    pub draft: CampaignId,
    pub submitted: CampaignId,
    pub returned: CampaignId,
    pub paused: CampaignId,
    pub cancelled: CampaignId,
    /// Tasks that wait for an answer.
    pub open: Vec<Asked>,
    /// Where the auditor's mailed link to sign in leads.
    pub sign_in: String,
    /// Tasks that were done and declined.
    pub done: Asked,
    pub declined: Asked,
    dir: tempfile::TempDir,
}

impl Scene {
    /// Founds the institution, lets its first campaign run, and goes on from there.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let data = dir.path().join("data");
        let demo = Command::new(env!("CARGO_BIN_EXE_gaung"))
            .args(["demo", "--once", "--members", MEMBERS, "--data-dir"])
            .arg(&data)
            .current_dir(dir.path())
            .env_clear()
            .output()
            .expect("the demo");
        assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let env = [
            ("GAUNG__INSTITUTION__BASE_URL", base.as_str()),
            ("GAUNG__INSTITUTION__NAME", "Kementerian Layanan Publik"),
            ("GAUNG__INSTITUTION__SHORT_NAME", "KLP"),
            ("GAUNG__MAIL__FROM_ADDRESS", "gaung@klp.example.id"),
        ];
        let env = env.map(|(name, value)| (name.into(), value.into()));
        let overrides = Overrides { data_dir: Some(data), database: None, port: None };
        let config = Config::load_from(None, env, &overrides).expect("a valid configuration");
        let now = SteadyClock::shared().now().trunc_subsecs(0);
        let clock = ManualClock::at(now - TimeDelta::hours(6));
        let app = App::build(config, clock.shared()).expect("the application");
        let desks = desks(&app).await;
        let served = Served::on(listener, &app);
        let setting =
            Setting { app: &app, clock: &clock, desks: &desks, root: read(&app, root), post: read(&app, official_post) };
        let held = setting.held().await;
        let (paused, cancelled) = (setting.paused().await, setting.cancelled().await);
        setting.records().await;
        clock.set(now - TimeDelta::minutes(90));
        let running = setting.running(now).await;
        let (draft, submitted, returned) = (setting.draft(now).await, setting.submitted(now).await, setting.returned(now).await);
        setting.schedule(running).await;
        let mut open = read(&app, |conn| tasks_of(&app, conn, running));
        let done = setting.done(open.remove(0)).await;
        let declined = setting.declined(open.remove(0)).await;
        for _ in 0..4 {
            setting.done(open.remove(0)).await;
        }
        clock.set(now);
        setting.drain().await;
        setting.unclear_mail(running);
        let sign_in = mailed_link(&app).await;
        rights(&app, &desks, open[0].member).await;
        super::address::asked(&app, open[1].member).await;
        samples(&app, &desks.auditor).await;
        let corrected = read(&app, |conn| {
            Ok(campaigns::table.filter(campaigns::title.eq("Pekan Layanan Satu Pintu")).select(campaigns::id).first(conn)?)
        });
        setting.corrected(corrected).await;
        let root = setting.root;
        let (held, draft, submitted, returned) = (held, draft.id, submitted.id, returned.id);
        Self {
            served,
            app,
            clock,
            desks,
            root,
            corrected,
            running,
            held,
            draft,
            submitted,
            returned,
            paused,
            cancelled,
            open,
            sign_in,
            done,
            declined,
            dir,
        }
    }

    /// Reads from the database.
    #[track_caller]
    pub fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> T {
        read(&self.app, f)
    }
    /// The session of somebody at a desk.
    pub fn session(&self, caller: &Caller) -> String {
        self.served.session(caller)
    }
    /// The link to a person's own pages.
    pub fn own_link(&self, member: MemberId) -> String {
        let version = self.read(|conn| Ok(members::table.find(member).select(members::link_version).first(conn)?));
        task::pause_token(&self.app, member, version)
    }
    /// The link by which somebody who has not answered yet may consent.
    pub fn consent_link(&self) -> String {
        let (id, version) = self.read(|conn| {
            let asked = consents::table.inner_join(members::table.on(members::id.eq(consents::member_id)));
            Ok(asked.filter(consents::given_at.is_null()).select((consents::id, members::link_version)).first(conn)?)
        });
        consent::seal_link(&self.app, id, version, None)
    }
    /// The link by which a member confirms that they want to be erased.
    pub fn right_link(&self) -> String {
        let row = self.read(|conn| {
            let all = gaung::store::data_request::list(conn, None, false, 10)?;
            Ok(all.into_iter().find(|row| row.state == RequestState::Unconfirmed).expect("one that waits for its link"))
        });
        let version = self.read(|conn| Ok(members::table.find(row.member_id).select(members::link_version).first(conn)?));
        task::right_token(&self.app, &row, version)
    }
    /// Claims in every state, the newest first.
    pub fn claims(&self) -> Vec<ClaimId> {
        self.read(|conn| Ok(claims::table.order(claims::id.desc()).select(claims::id).load(conn)?))
    }
    /// Samples that are kept: one with findings still open, one that is sealed, one that is announced.
    pub fn samples(&self) -> Vec<SampleId> {
        self.read(|conn| Ok(gaung::store::kept_sample::list(conn, 10)?.into_iter().map(|row| row.id).collect()))
    }
    /// Requests about data, one of each kind and one that was refused.
    pub fn data_requests(&self) -> Vec<DataRequestId> {
        self.read(|conn| {
            let mut all = gaung::store::data_request::list(conn, None, false, 10)?;
            all.extend(gaung::store::data_request::list(conn, None, true, 10)?);
            Ok(all.into_iter().map(|row| row.id).collect())
        })
    }
    /// A wave of a campaign that is held.
    pub fn held_wave(&self) -> WaveId {
        let held = self.held;
        self.read(|conn| Ok(waves::table.filter(waves::campaign_id.eq(held)).select(waves::id).first(conn)?))
    }
    /// The first wave of a campaign that is still being written.
    pub fn planned_wave(&self, id: CampaignId) -> WaveId {
        let content: Doc<CampaignContent> =
            self.read(|conn| Ok(campaigns::table.find(id).select(campaigns::content).first(conn)?));
        content.0.waves[0].id
    }
    /// A unit with members.
    pub fn office(&self) -> String {
        let id: UnitId = self.read(|conn| Ok(units::table.filter(units::code.eq("KANWIL-SBY")).select(units::id).first(conn)?));
        id.to_string()
    }
    /// The institution's first account on X.
    pub fn official(&self) -> AccountId {
        self.read(|conn| Ok(accounts::table.filter(accounts::handle.eq("klp_ri")).select(accounts::id).first(conn)?))
    }
    /// An account whose disclosure has lapsed.
    pub fn lapsed(&self) -> Option<AccountId> {
        let lapsed = accounts::table.filter(accounts::disclosed_until.lt(At(self.clock.shared().now())));
        self.read(|conn| Ok(lapsed.select(accounts::id).first(conn).optional()?))
    }
    /// An account that is suspended.
    pub fn suspended(&self) -> Option<AccountId> {
        let suspended = accounts::table.filter(accounts::state.eq(AccountState::Suspended));
        self.read(|conn| Ok(suspended.select(accounts::id).first(conn).optional()?))
    }
    /// A disclosure that nobody has looked at yet.
    pub fn waiting_disclosure(&self) -> DisclosureId {
        let filed = disclosures::table.filter(disclosures::state.eq(DisclosureState::Filed));
        self.read(|conn| Ok(filed.select(disclosures::id).first(conn)?))
    }
    /// The public name of a campaign.
    pub fn slug(&self, id: CampaignId) -> String {
        self.read(|conn| Ok(campaigns::table.find(id).select(campaigns::slug).first(conn)?))
    }
    /// The tasks of a campaign that has opened.
    pub fn tasks(&self, id: CampaignId) -> Vec<Asked> {
        self.read(|conn| tasks_of(&self.app, conn, id))
    }
    /// The link to answer a correction, of somebody who has, or has not.
    pub fn answer_link(&self, answered: bool) -> String {
        let asked = assignments::table.inner_join(correction_asks::table.on(correction_asks::assignment_id.eq(assignments::id)));
        let asked = asked.filter(correction_asks::answer.is_not_null().eq(answered)).order(assignments::id);
        let (id, version) = self.read(|conn| Ok(asked.select((assignments::id, assignments::link_version)).first(conn)?));
        task::correction_token(&self.app, id, version)
    }
    /// A file to be sent; gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }
    /// Where a person gets their mail.
    pub fn email(&self, member: MemberId) -> String {
        self.read(|conn| Ok(members::table.find(member).select(members::email).first(conn)?))
    }
    /// The handle of an account.
    pub fn handle(&self, account: AccountId) -> String {
        self.read(|conn| Ok(accounts::table.find(account).select(accounts::handle).first(conn)?))
    }
    /// Lets the scheduler and the mail do all that is due.
    pub async fn drain(&self) {
        drain(&self.app).await;
    }
    /// The newest entry of the log.
    pub fn newest_entry(&self) -> String {
        let id: EntryId = self
            .read(|conn| Ok(ledger_entries::table.order(ledger_entries::id.desc()).select(ledger_entries::id).first(conn)?));
        id.to_string()
    }
    /// An assignment that was answered.
    pub fn done_assignment(&self) -> AssignmentId {
        let done = assignments::table.filter(assignments::state.eq(AssignmentState::Done));
        self.read(|conn| Ok(done.select(assignments::id).first(conn)?))
    }
    /// The newest mail in the built-in mailbox.
    pub fn newest_mail(&self) -> String {
        let tasks = kept_mails::table.filter(kept_mails::rcpt_to.ne(AUDITOR));
        let id: MailId = self.read(|conn| Ok(tasks.order(kept_mails::id.desc()).select(kept_mails::id).first(conn)?));
        id.to_string()
    }
}

/// Reads from the database of an application.
#[track_caller]
pub fn read<T>(app: &App, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> T {
    app.db.read_blocking(f).expect("a read")
}

fn root(conn: &mut Conn) -> Result<UnitId, StoreError> {
    Ok(units::table.filter(units::parent_id.is_null()).select(units::id).first(conn)?)
}

fn official_post(conn: &mut Conn) -> Result<PostId, StoreError> {
    let official = posts::table.filter(posts::layer.eq(0)).filter(posts::platform.eq(Platform::X));
    Ok(official.select(posts::id).first(conn)?)
}

/// The tasks of a campaign with their links, in the order of their ids.
fn tasks_of(app: &App, conn: &mut Conn, id: CampaignId) -> Result<Vec<Asked>, StoreError> {
    use assignments::dsl;
    let rows: Vec<(AssignmentId, MemberId, AccountId, i32, At)> = dsl::assignments
        .filter(dsl::campaign_id.eq(id))
        .order(dsl::id)
        .select((dsl::id, dsl::member_id, dsl::account_id, dsl::link_version, dsl::expires_at))
        .load(conn)?;
    let link = |(id, member, account, version, expires): (_, _, _, _, At)| Asked {
        token: task::task_token(app, id, version, expires.0),
        member,
        account,
    };
    Ok(rows.into_iter().map(link).collect())
}

/// Has a link to sign in mailed to the auditor; gives its path.
async fn mailed_link(app: &App) -> String {
    let here = std::net::IpAddr::from([127, 0, 0, 1]);
    session::mail_link(app, AUDITOR, here).await.expect("asked for");
    drain(app).await;
    let kept = mailbox::list(app, Some(AUDITOR.into()), None, 1).await.expect("the mailbox");
    let mail = mailbox::get(app, kept[0].id).await.expect("the mail");
    let path = mail.text.split_whitespace().find_map(|word| word.find("/sign-in/link/").map(|at| word[at..].to_owned()));
    path.unwrap_or_else(|| panic!("no link: {}", mail.text))
}

async fn desks(app: &App) -> Desks {
    let of = |name: &'static str| async move {
        let email = format!("{name}@klp.example.id");
        let id: UserId = read(app, |conn| Ok(users::table.filter(users::email_norm.eq(email)).select(users::id).first(conn)?));
        user::caller_of(app, id).await.expect("a user of the demo")
    };
    Desks {
        admin: of("admin").await,
        lead: of("lead").await,
        approver: of("approver").await,
        coordinator: of("pic.djpd").await,
        auditor: of("auditor").await,
    }
}

/// Lets the scheduler and the mail of an application do all that is due.
pub async fn drain(app: &App) {
    for _ in 0..1000 {
        let progress = gaung::jobs::tick(app).await;
        assert_eq!(progress.failed, 0, "a sweep failed");
        if progress.is_idle() {
            return;
        }
    }
    panic!("the sweeps never came to rest");
}
