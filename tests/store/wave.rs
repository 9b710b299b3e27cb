//! A wave's guarded moves, and which waves the sweeps find.

use chrono::TimeDelta;
use gaung::domain::actor::Actor;
use gaung::store::types::At;
use gaung::store::{StoreError, wave as wave_store};

use crate::support::campaigns::{due, now, publish_wave, released, wave_row};
use crate::support::database::Engine;
use crate::support::world::World;

async fn a_wave_moves_only_from_where_it_stands(engine: Engine) {
    let world = World::new(engine);
    let crowd = due(&world, "a", 1).await;
    let row = || world.app().db.read_blocking(|conn| wave_store::get(conn, crowd.wave_id)).unwrap();
    let write = |f: &dyn Fn(&mut gaung::store::Tx<'_>) -> Result<(), StoreError>| {
        world.app().db.write_blocking(Actor::System, |tx| {
            tx.without_entry("a test");
            f(tx)
        })
    };
    let id = crowd.wave_id;
    let stale = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Stale)), "{result:?}");
    stale(write(&|tx| wave_store::close(tx, id)));
    let planned = row();
    write(&|tx| wave_store::begin_opening(tx, &planned).map(|closes_at| assert_eq!(closes_at, tx.now + TimeDelta::hours(24))))
        .unwrap();
    stale(write(&|tx| wave_store::begin_opening(tx, &planned).map(drop)));
    stale(write(&|tx| wave_store::hold(tx, id, "wave.late")));
    stale(write(&|tx| wave_store::close(tx, id)));

    // A worker that read an older cursor comes too late.
    let fresh = row();
    let until = now(&world) + TimeDelta::minutes(5);
    let member = crowd.people[0].0;
    write(&|tx| {
        wave_store::take_chunk(tx, &fresh, until)?;
        wave_store::end_chunk(tx, id, Some(member))
    })
    .unwrap();
    stale(write(&|tx| wave_store::take_chunk(tx, &fresh, until)));
    let listed = |at| world.app().db.read_blocking(|conn| wave_store::list_opening(conn, at, 10)).unwrap();
    assert_eq!((listed(now(&world)), listed(until)), (vec![], vec![id]), "leased, then free again");
    write(&|tx| wave_store::free_lease(tx, id)).unwrap();
    assert_eq!(listed(now(&world)), vec![id]);
    write(&|tx| wave_store::end_chunk(tx, id, None)).unwrap();
    assert!(listed(until).is_empty());
    stale(write(&|tx| wave_store::take_chunk(tx, &row(), until)));
    let closing = |at| world.app().db.read_blocking(|conn| wave_store::list_closing(conn, at, 10)).unwrap();
    let end = now(&world) + TimeDelta::hours(24);
    assert_eq!((closing(end - TimeDelta::microseconds(1)), closing(end)), (vec![], vec![id]));
    write(&|tx| wave_store::close(tx, id)).unwrap();
    stale(write(&|tx| wave_store::close(tx, id)));
    assert_eq!(wave_row(world.app(), id).closed_at, Some(At(now(&world))));
}

async fn due_waves_are_those_of_live_campaigns_earliest_first(engine: Engine) {
    let world = World::new(engine);
    let at = now(&world);
    let hours = TimeDelta::hours;
    let plans = [3, 1, 2].map(|h| publish_wave(at + hours(h)));
    let ids = plans.clone().map(|p| p.id);
    let campaign = released(&world, plans.to_vec()).await;
    let other = publish_wave(at + hours(1) + TimeDelta::minutes(30));
    let other_id = other.id;
    released(&world, vec![other]).await;
    let due = |at, limit| world.app().db.read_blocking(|conn| wave_store::list_due(conn, at, 0, limit)).unwrap();
    assert_eq!(due(at + hours(1) - TimeDelta::microseconds(1), 9), []);
    assert_eq!(due(at + hours(1), 9), [ids[1]]);
    assert_eq!(due(at + hours(9), 9), [ids[1], other_id, ids[2], ids[0]]);
    assert_eq!(due(at + hours(9), 2), [ids[1], other_id]);
    gaung::service::campaign::pause(world.app(), &world.lead, campaign, "Tunggu").await.unwrap();
    assert_eq!(due(at + hours(9), 9), [other_id]);
}

on_both!(a_wave_moves_only_from_where_it_stands, due_waves_are_those_of_live_campaigns_earliest_first);
