//! Several tasks of one person in one mail: what it holds, what it leaves out, and that its end is the end of what travelled in it.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::event::EventKind;
use gaung::domain::id::{CampaignId, MailId, MemberId, WaveId};
use gaung::domain::kind::AccountKind;
use gaung::domain::mail_hours::{Choice, DayTime};
use gaung::domain::outbox::{MailKind, MailState};
use gaung::service::{campaign, delivery, dispatch, task};
use gaung::store::outbox::digest::{self, Fold};
use gaung::store::outbox::{self, Claimed};
use gaung::store::preference::{self, Preferences};
use gaung::store::schema::outbox as rows;
use gaung::store::types::At;
use gaung::store::{StoreError, assignment, promises};
use mail_parser::MessageParser;

use super::{addresses, kept, replica, seconds, settled_tick, smtp_world, tick};
use crate::support::campaigns::{assigned, complete, counts, crowd, mail_of, mails, now, opinion_wave, released};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::{Act, At as Phase, Fault, Script, SmtpServer};
use crate::support::world::World;

/// The same people asked by two campaigns, with both mails waiting.
struct Twice {
    campaigns: [CampaignId; 2],
    waves: [WaveId; 2],
    people: Vec<MemberId>,
}

async fn twice(world: &World, tag: &str, n: usize) -> Twice {
    let unit = world.unit(&format!("REGU-{tag}"), Some(world.north.office));
    let people = crowd(world, unit, tag, AccountKind::KolInternal, n);
    let plan = || {
        let mut plan = opinion_wave(now(world) + TimeDelta::minutes(1));
        plan.audience.units = vec![unit];
        plan
    };
    let (one, other) = (plan(), plan());
    let waves = [one.id, other.id];
    let campaigns = [released(world, vec![one]).await, released(world, vec![other]).await];
    world.test.advance(TimeDelta::minutes(1));
    dispatch::open_due_waves(world.app()).await.expect("open");
    dispatch::fill_opening_waves(world.app()).await.expect("fill");
    Twice { campaigns, waves, people: people.into_iter().map(|(member, _)| member).collect() }
}

/// The digests, in the order of making: id, state, attempts, when next.
fn digests(world: &World) -> Vec<(MailId, MailState, i32, At)> {
    let query = rows::table.filter(rows::kind.eq(MailKind::Digest)).order(rows::id.asc());
    let query = query.select((rows::id, rows::state, rows::attempt, rows::next_attempt_at));
    world.app().db.read_blocking(|conn| Ok::<_, StoreError>(query.load(conn)?)).expect("the digests")
}

fn states(world: &World, twice: &Twice, member: MemberId) -> [MailState; 2] {
    twice.waves.map(|wave| mail_of(world.app(), wave, member).state)
}

fn claim(world: &World) -> Vec<Claimed> {
    world.change(|tx| outbox::claim(tx, &outbox::Front::default(), 1_000, tx.now + TimeDelta::minutes(5)))
}

/// As a worker does up to the point at which the digests wait.
fn fold(world: &World) {
    let mut folds: Vec<Fold> = Vec::new();
    for mail in claim(world) {
        let member_id = mail.member_id.unwrap();
        match folds.iter_mut().find(|fold| fold.member_id == member_id) {
            Some(fold) => fold.claimed.push(mail),
            None => folds.push(Fold { member_id, claimed: vec![mail] }),
        }
    }
    world.change(|tx| digest::fold(tx, &folds));
}

/// The plain text of the mails to a person, in order of arrival.
fn texts(world: &World, member: MemberId) -> Vec<String> {
    let address = world.member_row(member).email_norm;
    let own = kept(world).into_iter().filter(|mail| mail.rcpt_to == address);
    own.map(|mail| MessageParser::default().parse(&mail.raw).unwrap().body_text(0).unwrap().into_owned()).collect()
}

fn tasks_in(text: &str) -> usize {
    // The link to decline leads to the same page.
    let links = text.split_whitespace().filter(|word| word.contains("/t/")).filter_map(|word| word.split('#').next());
    let mut links: Vec<&str> = links.collect();
    links.sort_unstable();
    links.dedup();
    links.len()
}

async fn several_tasks_of_a_person_come_in_one_mail(engine: Engine) {
    let world = World::new(engine);
    let both = twice(&world, "a", 3).await;
    settled_tick(&world).await;
    let mailbox = kept(&world);
    assert_eq!(mailbox.len(), 3);
    assert!(addresses(&mailbox).into_values().all(|n| n == 1));
    for member in &both.people {
        assert_eq!(tasks_in(&texts(&world, *member)[0]), 2);
        assert_eq!(states(&world, &both, *member), [MailState::Sent; 2]);
    }
    assert!(digests(&world).iter().all(|(id, state, ..)| {
        *state == MailState::Sent && mailbox.iter().any(|mail| mail.message_id == format!("<{id}@localhost>"))
    }));
    for wave in both.waves {
        assert_eq!(counts(world.app(), wave).mail_sent, 3);
        assert!(assigned(world.app(), wave).iter().all(|a| a.state == AssignmentState::Notified));
    }
    assert_eq!(world.entries(EventKind::MailSent), 9, "one of each task's mail and one of the digest");
}

async fn what_is_no_longer_to_do_is_left_out(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let both = twice(&world, "a", 5).await;
    let [half, done, declining, pausing, plain] = both.people[..] else { panic!("five") };
    fold(&world);
    invariants::check(app);
    let of = |wave, member| assigned(app, wave).into_iter().find(|a| a.member_id == member).unwrap();
    world.change(|tx| complete(tx, &of(both.waves[0], half)));
    for wave in both.waves {
        world.change(|tx| complete(tx, &of(wave, done)));
    }
    let row = app.db.read_blocking(|conn| assignment::find(conn, of(both.waves[0], declining).id)).unwrap().unwrap();
    let link = task::task_token(app, row.id, row.link_version, row.expires_at.0);
    let nonce = task::view(app, &link).await.unwrap().nonce;
    task::decline(app, &link, &nonce).await.unwrap();
    task::pause_all(app, &task::pause_token(app, pausing, world.member_row(pausing).link_version)).await.unwrap();
    tick(&world).await;
    use MailState::{Cancelled, Sent, Suppressed};
    let expected = [
        (half, [Cancelled, Sent], 1),
        (done, [Cancelled; 2], 0),
        (declining, [Cancelled, Sent], 1),
        (pausing, [Suppressed; 2], 0),
        (plain, [Sent; 2], 2),
    ];
    for (member, expected, told) in expected {
        assert_eq!(states(&world, &both, member), expected);
        assert_eq!(
            texts(&world, member).iter().map(|text| tasks_in(text)).collect::<Vec<_>>(),
            if told == 0 { vec![] } else { vec![told] }
        );
    }
    let ends = digests(&world);
    assert_eq!(ends.iter().filter(|(_, state, ..)| *state == Sent).count(), 3);
    assert_eq!(ends.iter().filter(|(_, state, ..)| *state == Cancelled).count(), 2, "nothing to do, no mail");
    assert_eq!(app.db.read_blocking(promises::check).unwrap(), []);
}

async fn a_paused_campaigns_task_leaves_the_digest_and_comes_later(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let both = twice(&world, "a", 2).await;
    fold(&world);
    campaign::pause(app, &world.lead, both.campaigns[1], "sebentar").await.unwrap();
    settled_tick(&world).await;
    for member in &both.people {
        assert_eq!(states(&world, &both, *member), [MailState::Sent, MailState::Pending]);
        assert_eq!(texts(&world, *member).iter().map(|text| tasks_in(text)).collect::<Vec<_>>(), [1]);
    }
    campaign::resume(app, &world.lead, both.campaigns[1]).await.unwrap();
    settled_tick(&world).await;
    for member in &both.people {
        assert_eq!(states(&world, &both, *member), [MailState::Sent; 2]);
        assert_eq!(texts(&world, *member).len(), 2);
    }
}

async fn a_digests_end_is_the_end_of_what_travelled_in_it(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__BACKOFF_FIRST_S", "60")]);
    let both = twice(&world, "a", 3).await;
    let [refused, lost, busy] = both.people[..] else { panic!("three") };
    let address = |member| world.member_row(member).email_norm;
    server.set_faults([
        Fault::for_recipient(&address(refused), Phase::Rcpt, Act::Say("554 5.7.1 not from you")),
        Fault::for_recipient(&address(lost), Phase::Dot, Act::Close),
        Fault::for_recipient(&address(busy), Phase::Rcpt, Act::Say("450 4.2.1 mailbox busy")),
    ]);
    gaung::jobs::tick(world.app()).await;
    gaung::jobs::tick(world.app()).await;
    invariants::check(world.app());
    assert_eq!(states(&world, &both, refused), [MailState::Failed; 2]);
    assert_eq!(states(&world, &both, lost), [MailState::Unknown; 2]);
    // What is put off stays inside, and waits for the same time.
    assert_eq!(states(&world, &both, busy), [MailState::Pending; 2]);
    let (_, _, _, until) = digests(&world).into_iter().find(|(_, state, ..)| *state == MailState::Deferred).unwrap();
    assert!(both.waves.iter().all(|wave| mail_of(world.app(), *wave, busy).next_attempt_at == until));
    server.set_faults([]);
    world.test.advance(seconds(90));
    settled_tick(&world).await;
    assert_eq!(states(&world, &both, busy), [MailState::Sent; 2]);

    let ended = |state| digests(&world).into_iter().find(|d| d.1 == state).unwrap().0;
    let unknown = ended(MailState::Unknown);
    world.change(|tx| outbox::accept_unknown(tx, unknown));
    assert_eq!(states(&world, &both, lost), [MailState::Sent; 2], "accepting a digest accepts what was in it");
    let failed = ended(MailState::Failed);
    world.change(|tx| outbox::retry(tx, failed));
    assert_eq!(states(&world, &both, refused), [MailState::Pending; 2]);
    invariants::check(world.app());
    settled_tick(&world).await;
    assert_eq!(states(&world, &both, refused), [MailState::Sent; 2]);
    for wave in both.waves {
        let row = counts(world.app(), wave);
        assert_eq!((row.mail_planned, row.mail_sent, row.mail_failed, row.mail_unknown), (3, 3, 0, 0));
    }
    assert_eq!(server.messages().len(), 2, "the one that was lost was never repeated");
}

async fn people_may_decide_about_each_mail_of_a_digest(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[]);
    let both = twice(&world, "a", 2).await;
    server.set_faults([Fault::always(Phase::Dot, Act::Close)]);
    for _ in 0..4 {
        gaung::jobs::tick(world.app()).await;
        world.test.advance(TimeDelta::minutes(20));
    }
    server.set_faults([]);
    let of = |n: usize, member| mail_of(world.app(), both.waves[n], member).id;
    for member in &both.people {
        assert_eq!(states(&world, &both, *member), [MailState::Unknown; 2]);
    }
    let [mixed, accepted] = both.people[..] else { panic!("two") };
    world.change(|tx| outbox::retry(tx, of(0, mixed)));
    invariants::check(world.app());
    world.change(|tx| outbox::accept_unknown(tx, of(1, mixed)));
    for n in 0..2 {
        world.change(|tx| outbox::accept_unknown(tx, of(n, accepted)));
    }
    settled_tick(&world).await;
    for member in &both.people {
        assert_eq!(states(&world, &both, *member), [MailState::Sent; 2]);
    }
    assert!(digests(&world).iter().all(|(_, state, ..)| *state == MailState::Sent), "nothing is left to decide about them");
}

async fn a_worker_that_dies_with_a_digest(engine: Engine) {
    // With a relay, what it had begun is in doubt and what it had not begun is sent; the built-in mailbox knows no doubt.
    for (relay, begun, end) in [(true, true, MailState::Unknown), (true, false, MailState::Sent), (false, true, MailState::Sent)]
    {
        let server = SmtpServer::start(Script::default());
        let world = if relay { smtp_world(engine, &server, &[]) } else { World::new(engine) };
        let both = twice(&world, "a", 2).await;
        fold(&world);
        // The digests are in its hands, and it never settles them.
        let in_hand = claim(&world);
        assert!(in_hand.iter().all(|mail| mail.kind == MailKind::Digest));
        if begun {
            world.change(|tx| outbox::begin(tx, &in_hand).map(|_| ()));
        }
        world.test.advance(TimeDelta::minutes(5));
        tick(&world).await;
        for member in &both.people {
            assert_eq!(states(&world, &both, *member), [end; 2]);
        }
        invariants::check(world.app());
        assert_eq!(kept(&world).len(), if relay { 0 } else { 2 });
    }
}

async fn two_workers_send_each_task_once(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__MAIL__BATCH_SIZE", "7")]);
    let both = twice(&world, "a", 40).await;
    let other = replica(&world);
    for _ in 0..3 {
        let (one, two) = tokio::join!(delivery::deliver_due_mail(world.app()), delivery::deliver_due_mail(&other));
        one.and(two).unwrap();
    }
    settled_tick(&world).await;
    let told: usize = both.people.iter().flat_map(|member| texts(&world, *member)).map(|text| tasks_in(&text)).sum();
    assert_eq!(told, 80, "each task is told of once");
    for wave in both.waves {
        assert!(mails(world.app(), wave).iter().all(|mail| mail.state == MailState::Sent));
    }
    assert!(kept(&world).len() < 60, "most people got one mail: {}", kept(&world).len());
}

fn choose(world: &World, member: MemberId, mail: Choice) {
    world.change(|tx| preference::save(tx, member, Preferences { mail, paused_until: None }));
}

async fn who_wants_one_mail_a_day_gets_all_of_it_then(engine: Engine) {
    let world = World::new(engine);
    let tag = "a";
    let both = twice(&world, tag, 2).await;
    let (daily, eager) = (both.people[0], both.people[1]);
    choose(&world, daily, Choice { digest_at: DayTime::at(15 * 60), ..Choice::default() });
    settled_tick(&world).await;
    assert_eq!((texts(&world, daily).len(), texts(&world, eager).len()), (0, 1));
    let waiting = mail_of(world.app(), both.waves[0], daily).next_attempt_at.0;
    assert_eq!(waiting.with_timezone(&chrono_tz::Asia::Jakarta).format("%d %H:%M").to_string(), "23 15:00");
    world.test.advance(waiting - now(&world) - seconds(1));
    settled_tick(&world).await;
    assert_eq!(texts(&world, daily).len(), 0);
    world.test.advance(seconds(1));
    settled_tick(&world).await;
    assert_eq!(texts(&world, daily).iter().map(|text| tasks_in(text)).collect::<Vec<_>>(), [2]);
}

on_both!(
    several_tasks_of_a_person_come_in_one_mail,
    what_is_no_longer_to_do_is_left_out,
    a_paused_campaigns_task_leaves_the_digest_and_comes_later,
    a_digests_end_is_the_end_of_what_travelled_in_it,
    people_may_decide_about_each_mail_of_a_digest,
    a_worker_that_dies_with_a_digest,
    two_workers_send_each_task_once,
    who_wants_one_mail_a_day_gets_all_of_it_then,
);
