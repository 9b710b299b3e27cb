//! The sweeps, driven by hand: a clock that stands still until it is told to move, and ticks that run when they are asked to.

mod correction;
mod delivery;
mod digest;
mod ending;
mod hours;
mod list_headers;
mod opening;
mod pace;
mod queueing;
mod relay;
mod return_path;
mod sequence;
mod volume;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use gaung::app::App;
use gaung::service::dispatch::Progress;
use gaung::service::seal;
use gaung::store::StoreError;
use gaung::store::delivery::{KeptMail, kept as kept_rows};

use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::SmtpServer;
use crate::support::world::World;

/// One tick in which no sweep fails.
async fn tick(world: &World) -> Progress {
    let progress = gaung::jobs::tick(world.app()).await;
    assert_eq!(progress.failed, 0, "{progress:?}");
    progress
}

/// A tick, and another that must change nothing.
async fn settled_tick(world: &World) {
    tick(world).await;
    // The log is read anew a piece a beat; here to its end.
    while !seal::recheck(world.app()).await.unwrap().is_idle() {}
    let before = invariants::dump(world.app());
    let again = tick(world).await;
    assert_eq!(invariants::dump(world.app()), before, "a second tick at the same time changes nothing");
    assert!(again.is_idle(), "{again:?}");
    invariants::check(world.app());
}

/// A second replica on the same database, with the same clock and secret.
fn replica(world: &World) -> App {
    let app = world.app();
    App::build((*app.config).clone(), world.test.clock.shared()).expect("a replica")
}

/// What the built-in mailbox holds, oldest first.
fn kept(world: &World) -> Vec<KeptMail> {
    let mut mails = world.app().db.read_blocking(|conn| kept_rows(conn, None, None, 10_000)).expect("the mailbox");
    mails.reverse();
    mails
}

/// How many mails each address got.
fn addresses(mails: &[KeptMail]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for mail in mails {
        *counts.entry(mail.rcpt_to.clone()).or_default() += 1;
    }
    counts
}

/// A world that hands its mail to the test's server.
fn smtp_world(engine: Engine, server: &SmtpServer, more: &[(&str, &str)]) -> World {
    let port = server.port().to_string();
    let mut env = vec![
        ("GAUNG__MAIL__TRANSPORT", "smtp"),
        ("GAUNG__MAIL__SMTP__HOST", "127.0.0.1"),
        ("GAUNG__MAIL__SMTP__PORT", port.as_str()),
        ("GAUNG__MAIL__SMTP__TLS", "none"),
        ("GAUNG__MAIL__FROM_ADDRESS", "gaung@kemencontoh.example"),
    ];
    env.extend_from_slice(more);
    World::with_env(engine, &env)
}

/// Runs statements as they are: what only a fault in the database would do.
fn execute(world: &World, sql: &str) {
    use diesel::connection::SimpleConnection as _;
    world.change(|tx| {
        let result = match tx.conn {
            gaung::store::Conn::Pg(conn) => conn.batch_execute(sql),
            gaung::store::Conn::Lite(conn) => conn.batch_execute(sql),
        };
        result.map_err(StoreError::from)
    });
}

/// From here on the database refuses an assignment for this account, as if the service had died there.
fn break_at(world: &World, account: gaung::domain::id::AccountId) {
    let uuid = account.uuid();
    if world.app().db.is_sqlite() {
        let hex = uuid.simple().to_string().to_uppercase();
        execute(
            world,
            &format!(
                "CREATE TRIGGER boom BEFORE INSERT ON assignments WHEN hex(NEW.account_id) = '{hex}' BEGIN SELECT RAISE(ABORT, 'boom'); END"
            ),
        );
    } else {
        execute(
            world,
            &format!(
                "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'boom'; END $$;
                 CREATE TRIGGER boom BEFORE INSERT ON assignments FOR EACH ROW WHEN (NEW.account_id = '{uuid}') EXECUTE FUNCTION boom()"
            ),
        );
    }
}

/// Mends what [`break_at`] broke.
fn mend(world: &World) {
    execute(world, if world.app().db.is_sqlite() { "DROP TRIGGER boom" } else { "DROP TRIGGER boom ON assignments" });
}

fn seconds(n: i64) -> TimeDelta {
    TimeDelta::seconds(n)
}
