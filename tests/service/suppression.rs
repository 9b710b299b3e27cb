//! Suppressed addresses: once, by whom, and what follows.

use gaung::domain::event::EventKind;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::suppression::{Silence, SuppressionReason, SuppressionScope};
use gaung::service::suppression;
use gaung::store::suppression::{is_suppressed, list_of};

use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage, code};

async fn a_suppressed_address_gets_nothing_of_its_scope(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    let asked = stage.asked(Layer::Advocacy, world.north.account(AccountKind::Advocate), &Asking::of(Action::Like));
    let email = world.member_row(asked.member_id).email;
    let add = |caller, silence| suppression::add(app, caller, &email, silence, SuppressionReason::Bounced);
    assert_eq!(code(add(&world.south_coordinator, Silence::Tasks).await), "not_found");
    assert_eq!(code(add(&world.lead, Silence::Tasks).await), "forbidden");
    let upper = email.to_uppercase();
    let asks = SuppressionReason::Requested;
    assert!(suppression::add(app, &world.north_coordinator, &upper, Silence::Tasks, asks).await.unwrap());
    assert!(!add(&world.coordinator, Silence::Tasks).await.unwrap());
    assert_eq!(world.entries(EventKind::AddressSuppressed), 1);
    assert_eq!(stage.counts(asked.wave_id).mail_suppressed, 1);
    let read = |silence| app.db.read_blocking(|conn| is_suppressed(conn, &email, silence)).unwrap();
    assert_eq!((read(Silence::Tasks), read(Silence::All)), (true, false));
    assert!(add(&world.admin, Silence::All).await.unwrap());
    assert!(read(Silence::All));
    let rows = app.db.read_blocking(|conn| list_of(conn, &email)).unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.scope, row.reason)).collect();
    assert_eq!(seen, [(SuppressionScope::All, SuppressionReason::Bounced), (SuppressionScope::Tasks, asks)]);
    let bad = suppression::add(app, &world.coordinator, "no address", Silence::All, asks).await;
    assert!(code(bad).starts_with("email:"));
}

on_both!(a_suppressed_address_gets_nothing_of_its_scope);
