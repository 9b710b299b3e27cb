//! After a restore: nothing that may have left goes out again, everything that is in doubt is marked, and a person lets the rest go on.

use chrono::TimeDelta;
use gaung::domain::actor::Actor;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::outbox::MailState;
use gaung::domain::wave::WaveState;
use gaung::jobs::tick;
use gaung::service::restore;
use gaung::store::outbox;

use crate::support::campaigns::{campaign_state, counts, due, mail_states, opened, wave_row, wave_state};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::{Script, SmtpServer};
use crate::support::stage::code;
use crate::support::world::World;

fn world(engine: Engine, server: &SmtpServer) -> World {
    let port = server.port().to_string();
    World::with_env(
        engine,
        &[
            ("GAUNG__MAIL__TRANSPORT", "smtp"),
            ("GAUNG__MAIL__SMTP__HOST", "127.0.0.1"),
            ("GAUNG__MAIL__SMTP__PORT", &port),
            ("GAUNG__MAIL__SMTP__TLS", "none"),
            ("GAUNG__MAIL__FROM_ADDRESS", "gaung@kemencontoh.example"),
        ],
    )
}

async fn what_may_have_left_is_marked_and_nothing_moves_until_a_person_says_so(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = world(engine, &server);
    let app = world.app();
    // As the copy was made: five mails waited, two of them in a worker's hands; another wave was about to open.
    let waiting = opened(&world, "a", 5).await;
    let claimed = app.db.write_blocking(Actor::System, |tx| {
        let until = tx.now + TimeDelta::minutes(5);
        outbox::claim(tx, &outbox::Front::default(), 2, until)
    });
    assert_eq!(claimed.unwrap().len(), 2);
    let planned = due(&world, "b", 3).await;
    let (mails_before, entries) = (server.message_count(), world.all_entries());
    world.test.advance(TimeDelta::hours(3));
    let hold = restore::hold(app).await.unwrap();
    // Beside the wave's, those that asked the approver for the releases.
    assert!(hold.mails_unknown >= 5, "{hold:?}");
    assert_eq!((hold.waves_held, hold.campaigns_paused), (1, 0), "{hold:?}");
    assert_eq!(mail_states(app, waiting.wave_id), [(MailState::Unknown, 5)]);
    assert_eq!(wave_state(app, planned.wave_id), WaveState::Held);
    assert_eq!(wave_row(app, planned.wave_id).held_reason.as_deref(), Some("wave.restored"));
    assert_eq!(counts(app, waiting.wave_id).mail_unknown, 5);
    assert_eq!(
        [EventKind::DispatchHeld, EventKind::DispatchMarked, EventKind::WaveHeld].map(|kind| world.entries(kind)),
        [1, 1, 1]
    );
    assert!(world.entries(EventKind::MailsDoubted) >= 1 && world.all_entries() > entries);
    invariants::check(app);
    // Again, as after an interruption: nothing new.
    let again = restore::hold(app).await.unwrap();
    assert_eq!((again.id, again.mails_unknown), (hold.id, hold.mails_unknown));
    let served = crate::support::http::Served::start(app);
    let page =
        crate::support::http::text(served.browser(&world.lead).get("/campaigns?lang=en").await, reqwest::StatusCode::OK).await;
    assert!(page.contains("The database was restored from a copy"), "who runs campaigns is told");
    // Whatever falls due meanwhile waits.
    let later = due(&world, "c", 2).await;
    for _ in 0..3 {
        tick(app).await;
        world.test.advance(TimeDelta::minutes(1));
    }
    assert_eq!(server.message_count(), mails_before);
    assert_eq!(wave_state(app, later.wave_id), WaveState::Planned);
    // A person lets it go on: what fell due since goes out, what is in doubt stays so.
    restore::release(app, Actor::Operator).await.unwrap();
    assert_eq!(code(restore::release(app, Actor::Operator).await), "dispatch.not_held");
    tick(app).await;
    tick(app).await;
    assert_eq!(mail_states(app, later.wave_id), [(MailState::Sent, 2)], "of the wave that fell due after the restore");
    assert_eq!(mail_states(app, planned.wave_id), []);
    assert!(server.message_ids().values().all(|n| *n == 1));
    assert_eq!(mail_states(app, waiting.wave_id), [(MailState::Unknown, 5)]);
    assert_eq!(world.entries(EventKind::DispatchReleased), 1);
    invariants::check(app);
}

async fn a_wave_that_was_being_opened_stands_still_with_its_campaign(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = world(engine, &server);
    let crowd = due(&world, "a", 4).await;
    gaung::service::dispatch::open_due_waves(world.app()).await.unwrap();
    assert_eq!(wave_state(world.app(), crowd.wave_id), WaveState::Opening);
    world.test.advance(TimeDelta::hours(1));
    let hold = restore::hold(world.app()).await.unwrap();
    assert_eq!(hold.campaigns_paused, 1);
    restore::release(world.app(), Actor::Operator).await.unwrap();
    tick(world.app()).await;
    assert_eq!(campaign_state(world.app(), crowd.campaign_id), CampaignState::Paused);
    assert_eq!(server.message_count(), 0, "whom it reached since is not known");
    invariants::check(world.app());
    gaung::service::campaign::resume(world.app(), &world.lead, crowd.campaign_id).await.unwrap();
    tick(world.app()).await;
    tick(world.app()).await;
    assert_eq!(server.message_count(), 4, "the lead decided so");
    invariants::check(world.app());
}

async fn mail_that_is_not_due_yet_cannot_have_left(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = world(engine, &server);
    let crowd = opened(&world, "a", 3).await;
    put_off(&world, crowd.wave_id);
    restore::hold(world.app()).await.unwrap();
    restore::release(world.app(), Actor::Operator).await.unwrap();
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 3)]);
}

/// Puts a wave's mails off to tomorrow, as permitted hours do.
fn put_off(world: &World, wave_id: gaung::domain::id::WaveId) {
    use diesel::prelude::*;
    use gaung::store::schema::outbox as rows;
    world.change(|tx| {
        let tomorrow = gaung::store::types::At(tx.now + TimeDelta::days(1));
        tx.without_entry("a test");
        diesel::update(rows::table.filter(rows::wave_id.eq(wave_id))).set(rows::next_attempt_at.eq(tomorrow)).execute(tx.conn)?;
        Ok(())
    });
}

on_both!(
    what_may_have_left_is_marked_and_nothing_moves_until_a_person_says_so,
    a_wave_that_was_being_opened_stands_still_with_its_campaign,
    mail_that_is_not_due_yet_cannot_have_left,
);
