//! What follows from what comes back: addresses given up, counted or left alone; once each; and by nothing that anyone could write.

use std::path::Path;

use chrono::TimeDelta;
use futures_util::future::join_all;
use gaung::domain::bounce::{ReportKind, ReportSource};
use gaung::domain::event::EventKind;
use gaung::domain::id::{MailId, MemberId, WaveId};
use gaung::domain::member::MemberState;
use gaung::domain::outbox::MailState;
use gaung::domain::suppression::{Silence, SuppressionReason, SuppressionScope};
use gaung::service::mail_report::{self, Incoming, Received};
use gaung::service::{ServiceError, dispatch, suppression};
use gaung::store::suppression::{is_suppressed, list_of};
use gaung::store::types::At;
use gaung::store::{mail_report as rows, member};

use crate::support::campaigns::{Crowd, counts, mail_of, now, opened, opinion_wave, released};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::stage::code;
use crate::support::world::World;

const MARK: &str = "agohy2vqab2xkmf4ilgsbf7gvaz3zwn4ovxq6cyr2d";
const MAIL: &str = "01936a5e-0000-7000-8000-0000000000a1";
const ANI: &str = "ani.wijaya@contoh.example";

/// A fixture about one of this world's mails: with its mark, its Message-ID and its recipient.
fn about(world: &World, name: &str, mail: MailId, email: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/reports").join(format!("{name}.eml"));
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let domain = world.app().config.message_id_domain();
    text.replace(MARK, &world.app().return_paths.seal(mail))
        .replace(&format!("{MAIL}@mail.kemenkeu.example"), &format!("{mail}@{domain}"))
        .replace(ANI, email)
        .into_bytes()
}

async fn take(world: &World, raw: Vec<u8>) -> Result<Received, ServiceError> {
    mail_report::receive(world.app(), Incoming { source: ReportSource::Pipe, recipient: None, raw }).await
}

/// A person of the crowd, the mail that went to them, and their address.
struct Asked {
    member: MemberId,
    mail: MailId,
    email: String,
}

struct Scene {
    world: World,
    crowd: Crowd,
}

impl Scene {
    /// A wave of five, each with a mail that was handed over.
    async fn new(engine: Engine, env: &[(&str, &str)]) -> Self {
        let world = World::with_env(engine, env);
        let crowd = opened(&world, "lapor", 5).await;
        gaung::service::delivery::deliver_due_mail(world.app()).await.unwrap();
        let scene = Self { world, crowd };
        assert_eq!(scene.counts().0, 5, "all were sent");
        scene
    }
    fn wave(&self) -> WaveId {
        self.crowd.wave_id
    }
    fn asked(&self, n: usize) -> Asked {
        let member = self.crowd.people[n].0;
        let row = self.world.member_row(member);
        Asked { member, mail: mail_of(self.world.app(), self.wave(), member).id, email: row.email_norm }
    }
    async fn comes(&self, name: &str, asked: &Asked) -> Received {
        take(&self.world, about(&self.world, name, asked.mail, &asked.email)).await.unwrap()
    }
    /// Mails sent, returned and suppressed.
    fn counts(&self) -> (i64, i64, i64) {
        let row = counts(self.world.app(), self.wave());
        (row.mail_sent, row.mail_returned, row.mail_suppressed)
    }
    fn silences(&self, asked: &Asked) -> Vec<(SuppressionScope, SuppressionReason)> {
        let found = self.world.app().db.read_blocking(|conn| list_of(conn, &asked.email)).unwrap();
        found.into_iter().map(|row| (row.scope, row.reason)).collect()
    }
}

/// Another campaign for the same unit; its wave is open, nothing is delivered.
async fn again(world: &World, member: MemberId) -> WaveId {
    let mut plan = opinion_wave(now(world) + TimeDelta::minutes(1));
    plan.audience.units = vec![world.member_row(member).unit_id];
    let wave = plan.id;
    released(world, vec![plan]).await;
    world.test.advance(TimeDelta::minutes(1));
    dispatch::open_due_waves(world.app()).await.unwrap();
    dispatch::fill_opening_waves(world.app()).await.unwrap();
    wave
}

const GIVEN_UP: [(SuppressionScope, SuppressionReason); 1] = [(SuppressionScope::All, SuppressionReason::Bounced)];

async fn a_hard_bounce_gives_the_address_up_and_counts_once(engine: Engine) {
    let scene = Scene::new(engine, &[]).await;
    let world = &scene.world;
    let asked = scene.asked(0);
    let received = scene.comes("postfix_user_unknown", &asked).await;
    assert_eq!((received.kind, received.mail_id, received.is_new), (ReportKind::HardBounce, Some(asked.mail), true));
    assert_eq!((scene.counts(), scene.silences(&asked)), ((5, 1, 0), GIVEN_UP.to_vec()));
    assert_eq!((world.entries(EventKind::MailReturned), world.entries(EventKind::AddressSuppressed)), (1, 1));
    let before = invariants::dump(world.app());
    let again = scene.comes("postfix_user_unknown", &asked).await;
    assert_eq!((again.id, again.is_new), (received.id, false));
    assert_eq!(invariants::dump(world.app()), before, "the same message twice changes nothing");
    // Another message about the same mail is kept, and the mail came back only once.
    assert!(scene.comes("gmail_no_such_user", &asked).await.is_new);
    assert_eq!(scene.counts(), (5, 1, 0));
    assert_eq!((world.entries(EventKind::MailReturned), world.entries(EventKind::MailReported)), (1, 1));
    invariants::check(world.app());
}

async fn ten_at_once_count_once(engine: Engine) {
    let scene = Scene::new(engine, &[]).await;
    let asked = scene.asked(0);
    let raw = about(&scene.world, "postfix_mailbox_full", asked.mail, &asked.email);
    let all = join_all((0..10).map(|_| async {
        loop {
            match take(&scene.world, raw.clone()).await {
                Err(ServiceError::Busy { .. }) => tokio::task::yield_now().await,
                done => return done.unwrap(),
            }
        }
    }))
    .await;
    assert_eq!(all.iter().filter(|r| r.is_new).count(), 1);
    assert!(all.iter().all(|r| r.id == all[0].id));
    assert_eq!((scene.counts(), scene.silences(&asked)), ((5, 1, 0), vec![]));
    assert_eq!(scene.world.entries(EventKind::MailReturned), 1);
    invariants::check(scene.world.app());
}

async fn soft_bounces_in_a_row_stop_tasks_and_what_arrives_begins_anew(engine: Engine) {
    let scene = Scene::new(engine, &[("GAUNG__MAIL__SOFT_BOUNCE_LIMIT", "2")]).await;
    let world = &scene.world;
    let asked = scene.asked(0);
    scene.comes("postfix_mailbox_full", &asked).await;
    assert_eq!(scene.silences(&asked), []);
    // A second report about the same mail is no second bounce.
    scene.comes("gmail_over_quota", &asked).await;
    assert_eq!(scene.silences(&asked), []);
    let bounce = |arrived| world.change(|tx| rows::add_soft_bounce(tx, &asked.email, arrived));
    assert_eq!((bounce(false), bounce(true)), (2, 1));
    let arrived = |days| {
        let quiet = now(world) - TimeDelta::days(days);
        world.app().db.read_blocking(|conn| rows::has_arrived_since(conn, asked.member, &asked.email, quiet)).unwrap()
    };
    assert!(!arrived(7), "the only mail came back");
    // The next campaign's mail stays without a report for a week: it arrived.
    world.test.advance(TimeDelta::hours(1));
    let mail_again = async || {
        let wave = again(world, asked.member).await;
        gaung::service::delivery::deliver_due_mail(world.app()).await.unwrap();
        Asked { mail: mail_of(world.app(), wave, asked.member).id, ..scene.asked(0) }
    };
    mail_again().await;
    assert!(!arrived(7));
    world.test.advance(TimeDelta::days(8));
    assert!(arrived(7));
    // A soft bounce after it is the first of a new row, the one after that the second.
    scene.comes("postfix_mailbox_full", &mail_again().await).await;
    assert_eq!(scene.silences(&asked), [], "the first of a new row");
    scene.comes("postfix_mailbox_full", &mail_again().await).await;
    assert_eq!(scene.silences(&asked), [(SuppressionScope::Tasks, SuppressionReason::Bounced)]);
    invariants::check(world.app());
}

async fn what_is_about_us_or_about_nothing_silences_nobody(engine: Engine) {
    let scene = Scene::new(engine, &[("GAUNG__MAIL__SOFT_BOUNCE_LIMIT", "1")]).await;
    let world = &scene.world;
    let expected = [
        ("postfix_spam_refused", ReportKind::Refused),
        ("gmail_unauthenticated", ReportKind::Refused),
        ("postfix_delayed", ReportKind::Delayed),
        ("postfix_success", ReportKind::Delivered),
        ("vacation_rfc3834", ReportKind::AutoReply),
        ("exchange_out_of_office", ReportKind::AutoReply),
        ("arf_not_spam", ReportKind::NotSpam),
        ("arf_auth_failure", ReportKind::Unrecognised),
        ("a_persons_question", ReportKind::Unrecognised),
    ];
    let asked = scene.asked(1);
    let completions = world.entries(EventKind::AssignmentDone);
    for (name, kind) in expected {
        assert_eq!(scene.comes(name, &asked).await.kind, kind, "{name}");
        assert_eq!(scene.silences(&asked), [], "{name}");
    }
    assert_eq!(scene.counts(), (5, 1, 0), "only the refusals say that it came back, and that once");
    assert_eq!(world.entries(EventKind::AssignmentDone), completions);
    assert_eq!(world.member_row(asked.member).state, MemberState::Active);
    invariants::check(world.app());
}

async fn complaints_and_wishes_are_heard(engine: Engine) {
    let scene = Scene::new(engine, &[]).await;
    let world = &scene.world;
    let (angry, tired) = (scene.asked(0), scene.asked(1));
    assert_eq!(scene.comes("arf_headers_only", &angry).await.kind, ReportKind::Complaint);
    assert_eq!(scene.silences(&angry), [(SuppressionScope::All, SuppressionReason::Complained)]);
    assert_eq!(scene.comes("unsubscribe_mailto", &tired).await.kind, ReportKind::Unsubscribe);
    assert_eq!(world.member_row(tired.member).state, MemberState::Paused, "as by the button beside it");
    assert_eq!((scene.silences(&tired), world.entries(EventKind::MemberPaused)), (vec![], 1));
    assert_eq!(scene.counts().1, 0, "neither came back");
    invariants::check(world.app());
}

/// A report that has everything but this installation's mark.
fn forged(world: &World, name: &str, asked: &Asked, mark: &str) -> Vec<u8> {
    let raw = String::from_utf8(about(world, name, asked.mail, &asked.email)).unwrap();
    raw.replace(&world.app().return_paths.seal(asked.mail), mark).into_bytes()
}

async fn a_forged_report_changes_nothing(engine: Engine) {
    let scene = Scene::new(engine, &[]).await;
    let world = &scene.world;
    let asked = scene.asked(0);
    let other = World::with_env(engine, &[("GAUNG__SECRETS__KEY", "another installation's secret, of enough bytes")]);
    let theirs = other.app().return_paths.seal(asked.mail);
    assert_ne!(theirs, world.app().return_paths.seal(asked.mail));
    let reports = ["postfix_user_unknown", "qmail_user_unknown", "postfix_mailbox_full", "arf_abuse", "unsubscribe_mailto"];
    for mark in [theirs.as_str(), MARK, "none"] {
        for name in reports {
            let raw = forged(world, name, &asked, mark);
            let before = world.all_entries();
            let received = take(world, raw).await.unwrap();
            assert_eq!((received.kind, received.mail_id, received.is_new), (ReportKind::Unrecognised, None, true), "{name}");
            assert_eq!(world.all_entries(), before, "{name}: the log says nothing");
        }
    }
    assert_eq!((scene.counts(), scene.silences(&asked)), ((5, 0, 0), vec![]));
    assert_eq!(world.member_row(asked.member).state, MemberState::Active);
    // Nothing of a message that is nobody's is kept that could be somebody's.
    let kept = world.app().db.read_blocking(|conn| rows::list(conn, None, &[], None, 100)).unwrap();
    assert_eq!(kept.len(), 15);
    assert!(kept.iter().all(|row| row.detail.is_none() && row.member_id.is_none()));
    // Where the operator switched the marks off, the Message-ID has to do.
    let open = Scene::new(engine, &[("GAUNG__MAIL__VERP", "false")]).await;
    let asked = open.asked(0);
    let raw = forged(&open.world, "postfix_user_unknown", &asked, "none");
    assert_eq!(take(&open.world, raw).await.unwrap().kind, ReportKind::HardBounce);
    assert_eq!(open.silences(&asked), GIVEN_UP);
    invariants::check(open.world.app());
}

async fn a_report_about_a_corrected_address_leaves_the_new_one_alone(engine: Engine) {
    let scene = Scene::new(engine, &[]).await;
    let asked = scene.asked(0);
    let raw = about(&scene.world, "postfix_user_unknown", asked.mail, &asked.email);
    let mut row = scene.world.member_row(asked.member);
    row.email = "baru@kemencontoh.example".into();
    row.email_norm = row.email.clone();
    scene.world.change(|tx| member::save(tx, &row));
    assert_eq!(take(&scene.world, raw).await.unwrap().kind, ReportKind::HardBounce);
    assert_eq!(scene.counts().1, 1, "the mail came back all the same");
    let silent = |email: &str| scene.world.app().db.read_blocking(|conn| is_suppressed(conn, email, Silence::Tasks)).unwrap();
    assert_eq!((silent("baru@kemencontoh.example"), silent(&asked.email)), (false, false));
}

async fn a_mail_in_a_workers_hands_is_asked_about_again_and_a_doubt_is_settled(engine: Engine) {
    use diesel::prelude::*;
    use gaung::store::schema::{outbox, wave_counts};
    let scene = Scene::new(engine, &[]).await;
    let world = &scene.world;
    let asked = scene.asked(0);
    let put = |state: MailState| {
        world.change(|tx| {
            let lease = (state == MailState::Sending).then_some(At(tx.now));
            diesel::update(outbox::table.find(asked.mail))
                .set((outbox::state.eq(state), outbox::lease_until.eq(lease)))
                .execute(tx.conn)?;
            Ok(())
        });
    };
    put(MailState::Sending);
    let raw = about(world, "postfix_user_unknown", asked.mail, &asked.email);
    let early = take(world, raw.clone()).await;
    assert!(matches!(early, Err(ServiceError::Busy { retry_after_s: 60 })), "{early:?}");
    // It became unknown: then the report says that the relay had taken it.
    put(MailState::Unknown);
    world.change(|tx| {
        diesel::update(wave_counts::table.find(scene.wave()))
            .set((wave_counts::mail_sent.eq(4), wave_counts::mail_unknown.eq(1)))
            .execute(tx.conn)?;
        Ok(())
    });
    assert!(take(world, raw).await.unwrap().is_new);
    let row = counts(world.app(), scene.wave());
    assert_eq!((row.mail_sent, row.mail_unknown, row.mail_returned), (5, 0, 1));
    assert_eq!(world.entries(EventKind::MailAccepted), 1);
    invariants::check(world.app());
}

async fn what_is_no_message_is_refused(engine: Engine) {
    let world = World::new(engine);
    assert_eq!(code(take(&world, Vec::new()).await), "mail_report.empty");
    assert_eq!(code(take(&world, b" \r\n\t".to_vec()).await), "mail_report.empty");
    assert_eq!(code(take(&world, vec![b'x'; mail_report::LARGEST + 1]).await), "mail_report.too_large");
    assert_eq!(take(&world, b"just words".to_vec()).await.unwrap().kind, ReportKind::Unrecognised);
    let incoming = || Incoming { source: ReportSource::Api, recipient: None, raw: b"words".to_vec() };
    for caller in [&world.lead, &world.coordinator, &world.auditor, &world.approver] {
        assert_eq!(code(mail_report::hand_in(world.app(), caller, incoming()).await), "forbidden");
    }
    assert!(mail_report::hand_in(world.app(), &world.admin, incoming()).await.unwrap().is_new);
}

async fn one_campaign_can_be_silenced_and_account_mail_never_is(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "diam", 5).await;
    let silent = crowd.people[0].0;
    let email = world.member_row(silent).email_norm;
    let other = again(&world, silent).await;
    let asks = SuppressionReason::Requested;
    let this = Silence::Campaign(crowd.campaign_id);
    assert!(suppression::add(app, &world.coordinator, &email, this, asks).await.unwrap());
    assert!(!suppression::add(app, &world.coordinator, &email, this, asks).await.unwrap(), "once");
    assert_eq!(mail_of(app, crowd.wave_id, silent).state, MailState::Suppressed);
    assert_eq!(mail_of(app, other, silent).state, MailState::Pending, "another campaign goes on");
    let unknown = Silence::Campaign(gaung::domain::id::CampaignId::new());
    assert_eq!(
        code(suppression::add(app, &world.coordinator, &email, unknown, asks).await),
        "campaign_id:suppression.no_campaign"
    );
    // It stands beside the others.
    assert!(suppression::add(app, &world.coordinator, &email, Silence::Tasks, asks).await.unwrap());
    assert!(suppression::add(app, &world.coordinator, &email, Silence::All, SuppressionReason::Bounced).await.unwrap());
    assert_eq!(mail_of(app, other, silent).state, MailState::Suppressed);
    let scopes: Vec<_> = app.db.read_blocking(|conn| list_of(conn, &email)).unwrap().into_iter().map(|r| r.scope).collect();
    assert_eq!(scopes, [SuppressionScope::All, SuppressionScope::Campaign, SuppressionScope::Tasks]);
    gaung::service::delivery::deliver_due_mail(app).await.unwrap();
    invariants::check(app);
}

async fn the_words_of_receivers_are_the_persons_and_go_with_them(engine: Engine) {
    let scene = Scene::new(engine, &[]).await;
    let world = &scene.world;
    let asked = scene.asked(0);
    scene.comes("postfix_user_unknown", &asked).await;
    let member = world.member_row(asked.member);
    let token = gaung::service::task::pause_token(world.app(), asked.member, member.link_version);
    let data = gaung::service::task::my_data(world.app(), &token).await.unwrap();
    assert_eq!(data.reports.len(), 1);
    assert_eq!(data.reports[0].kind, ReportKind::HardBounce);
    assert!(data.reports[0].words.as_deref().unwrap().contains("User unknown"));
    // Nobody else's data has it, and no list shows whom it is about.
    let listed = mail_report::list(world.app(), &world.lead, scene.crowd.campaign_id, Default::default()).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    assert!(!serde_json::to_string(&listed).unwrap().contains(&asked.email));
    world.change(|tx| gaung::store::subject::erase(tx, &member.subject_ref));
    let kept = world.app().db.read_blocking(|conn| rows::list_of_member(conn, asked.member, 10)).unwrap();
    assert_eq!(kept.iter().map(|row| row.detail.clone()).collect::<Vec<_>>(), [None]);
}

on_both!(
    a_hard_bounce_gives_the_address_up_and_counts_once,
    ten_at_once_count_once,
    soft_bounces_in_a_row_stop_tasks_and_what_arrives_begins_anew,
    what_is_about_us_or_about_nothing_silences_nobody,
    complaints_and_wishes_are_heard,
    a_forged_report_changes_nothing,
    a_report_about_a_corrected_address_leaves_the_new_one_alone,
    a_mail_in_a_workers_hands_is_asked_about_again_and_a_doubt_is_settled,
    what_is_no_message_is_refused,
    one_campaign_can_be_silenced_and_account_mail_never_is,
    the_words_of_receivers_are_the_persons_and_go_with_them,
);
