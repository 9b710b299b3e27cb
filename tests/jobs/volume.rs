//! A few thousand people through a relay with a bad day: nothing lost, nothing doubled, everything counted.

use chrono::TimeDelta;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::outbox::MailState;

use super::{seconds, settled_tick, smtp_world};
use crate::support::campaigns::{assigned, campaign_state, counts, due, mail_states};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};

const PEOPLE: usize = 3_000;

/// A small generator with a fixed seed (xorshift, G. Marsaglia 2003): the same bad day each time.
struct Luck(u64);

impl Luck {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

async fn thousands_pass_through_a_relay_on_a_bad_day(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let env =
        [("GAUNG__CAMPAIGN__CHUNK_SIZE", "700"), ("GAUNG__MAIL__SMTP__CONNECTIONS", "4"), ("GAUNG__MAIL__BACKOFF_FIRST_S", "30")];
    let world = smtp_world(engine, &server, &env);
    let crowd = due(&world, "orang", PEOPLE).await;
    let app = world.app();
    let mut luck = Luck(0x9E37_79B9_7F4A_7C15);
    let faults = (0..120).map(|_| {
        let (member, _) = crowd.people[luck.below(PEOPLE)];
        let recipient = world.member_row(member).email_norm;
        let (at, act) = match luck.below(4) {
            0 => (At::Rcpt, Act::Say("450 4.2.1 busy")),
            1 => (At::Dot, Act::Say("451 4.3.0 try later")),
            2 => (At::Data, Act::Say("421 4.3.2 closing")),
            _ => (At::Rcpt, Act::Close),
        };
        Fault::once_for_recipient(&recipient, at, act)
    });
    server.set_faults(faults);
    // A quarter of an hour of ticks: every fault strikes once, so everything has gone out long before.
    for _ in 0..15 {
        assert_eq!(gaung::jobs::tick(app).await.failed, 0);
        invariants::check(app);
        if counts(app, crowd.wave_id).mail_sent == 3_000 {
            break;
        }
        world.test.advance(seconds(60));
    }
    assert_eq!(mail_states(app, crowd.wave_id), [(MailState::Sent, PEOPLE)]);
    let ids = server.message_ids();
    assert_eq!((server.message_count(), ids.len()), (PEOPLE, PEOPLE), "nothing lost, nothing doubled");
    assert!(server.most_connections_at_once() <= 4);
    assert_eq!((assigned(app, crowd.wave_id).len(), world.entries(EventKind::MailSent)), (PEOPLE, 3_000));
    // More than one chunk of deadlines passes at once.
    world.test.advance(TimeDelta::hours(25));
    settled_tick(&world).await;
    assert_eq!((counts(app, crowd.wave_id).expired, campaign_state(app, crowd.campaign_id)), (3_000, CampaignState::Finished));
    assert_eq!(world.entries(EventKind::AssignmentExpired), 3_000);
}

on_both!(thousands_pass_through_a_relay_on_a_bad_day);
