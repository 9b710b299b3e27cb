//! A sample that is kept: drawn by layer and unit, looked at item by item, sealed in the log.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::cli::Directory;
use gaung::domain::event::EventKind;
use gaung::domain::finding::Finding;
use gaung::domain::id::{AssignmentId, SampleId, UnitId};
use gaung::domain::kind::{Action, Layer};
use gaung::domain::proportion::{Told, stratified};
use gaung::domain::role::{Grant, Role};
use gaung::ledger::draw::order;
use gaung::service::ServiceError;
use gaung::service::sample::announce::{announce, draw};
use gaung::service::sample::kept;
use gaung::service::seal::export::export;
use gaung::store::schema::{assignments, samples};
use gaung::store::tx::NewEntry;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::seal::seal;
use crate::support::campaigns::{assigned, complete, opened};
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage, code};
use crate::support::world::World;

/// Six completions in each of two units; the log says that their waves opened.
fn done(stage: &Stage) {
    let world = &stage.world;
    for (_, account, _) in world.north.accounts.iter().chain(&world.south.accounts) {
        let asked = stage.asked(Layer::Advocacy, *account, &Asking::of(Action::Comment));
        let row = assigned(world.app(), asked.wave_id).remove(0);
        world.change(|tx| {
            tx.record(NewEntry::new(EventKind::WaveOpened).wave(asked.wave_id).payload(json!({ "layer": 3 })));
            complete(tx, &row)
        });
    }
    world.test.advance(TimeDelta::seconds(1));
}

/// Announces, waits for the announcement to be signed, and draws.
async fn drawn(world: &World, value: &str, n: usize) -> SampleId {
    seal(world.app()).await;
    let id = announce(world.app(), &world.auditor, n, None).await.unwrap();
    seal(world.app()).await;
    draw(world.app(), &world.auditor, id, value).await.unwrap();
    id
}

async fn its_result_is_sealed_with_the_hash_of_its_file(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    done(&stage);
    assert!(matches!(announce(app, &world.admin, 6, None).await, Err(ServiceError::Forbidden)));
    assert_eq!(code(announce(app, &world.auditor, 501, None).await), "n:sample.n");
    let id = drawn(world, "IHSG 7412,81", 6).await;
    assert_eq!((world.entries(EventKind::SampleAnnounced), world.entries(EventKind::SampleDrawn)), (1, 1));
    let page = kept::show(app, &world.auditor, id).await.unwrap();
    let strata: Vec<_> =
        page.strata.iter().map(|(layer, unit, population, drawn)| (*layer, unit.is_some(), *population, *drawn)).collect();
    assert_eq!(strata, [(3, true, 6, 3), (3, true, 6, 3)]);
    // Those with the smallest hashes of the seed, which is of the announced checkpoint and the value.
    let seed = page.seed.clone().unwrap();
    let frame = page.kept.plan.as_ref().unwrap().frame().unwrap();
    assert_eq!(seed, gaung::ledger::draw::seed(&frame, "IHSG 7412,81"));
    for half in page.items.chunks(3) {
        let first = half[0].assignment_id;
        let mut all = fellows(world, first);
        all.sort_by_key(|id| order(&seed, id.uuid()));
        assert_eq!(half.iter().map(|item| item.assignment_id).collect::<Vec<_>>(), all[..3]);
    }

    use Finding::{AsClaimed, CantTell, NotThere};
    assert!(matches!(kept::record(app, &world.admin, id, 1, (AsClaimed, "")).await, Err(ServiceError::Forbidden)));
    let record = async |no, finding| kept::record(app, &world.auditor, id, no, (finding, "dilihat")).await;
    for (no, finding) in [(1, NotThere), (1, AsClaimed), (2, AsClaimed), (3, AsClaimed), (4, AsClaimed), (5, NotThere)] {
        record(no, finding).await.unwrap();
    }
    assert!(matches!(record(7, AsClaimed).await, Err(ServiceError::NotFound(_))));
    assert_eq!(code(kept::seal(app, &world.auditor, id).await), "sample.unfinished");
    record(6, CantTell).await.unwrap();
    let page = kept::show(app, &world.auditor, id).await.unwrap();
    let all = &page.outcomes[0];
    assert_eq!((all.found, all.items, all.untold), (6, 6, 1));
    let told = |told, good| Told { population: 6, told, good };
    assert_eq!(all.share, stratified(&[told(3, 3), told(2, 1)]));
    assert!((all.share.unwrap().estimate - 0.75).abs() < 1e-12);
    let sha256 = kept::seal(app, &world.auditor, id).await.unwrap();
    let file = kept::findings(app, &world.auditor, id).await.unwrap();
    assert_eq!(hex::encode(Sha256::digest(&file)), sha256);
    assert_eq!(kept::show(app, &world.auditor, id).await.unwrap().findings_sha256, Some(sha256));
    assert_eq!((world.entries(EventKind::SampleSealed), code(record(1, NotThere).await).as_str()), (1, "sample.sealed"));
    assert_eq!(code(kept::seal(app, &world.auditor, id).await), "sample.sealed");
}

async fn small_units_stand_together(engine: Engine) {
    let stage = Stage::new(engine);
    done(&stage);
    let id = drawn(&stage.world, "0815", 1).await;
    let page = kept::show(stage.world.app(), &stage.world.auditor, id).await.unwrap();
    assert_eq!(page.strata, [(3, None, 12, 1)], "neither unit would get a whole item");
}

async fn nothing_is_drawn_before_its_announcement_is_signed_and_nothing_later_comes_in(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "s", 12).await;
    let people = assigned(app, crowd.wave_id);
    people[..6].iter().for_each(|done| world.change(|tx| complete(tx, done)));
    assert_eq!(code(announce(app, &world.auditor, 4, None).await), "sample.no_checkpoint");
    seal(app).await;
    let before = app.db.read(|conn| gaung::store::seal::latest(conn, 1)).await.unwrap().unwrap();
    let id = announce(app, &world.auditor, 4, None).await.unwrap();
    let waiting = kept::show(app, &world.auditor, id).await.unwrap();
    assert!(waiting.kept.is_waiting() && !waiting.is_covered && !waiting.may_record && waiting.seed.is_none());
    assert_eq!(waiting.kept.plan.as_ref().map(|plan| plan.size), Some(before.size as u64));
    assert_eq!(code(draw(app, &world.auditor, id, "7412,81").await), "sample.not_covered");
    assert_eq!(code(kept::seal(app, &world.auditor, id).await), "sample.not_drawn");
    // What is done after the announcement is not in the draw, also where it is sealed by then.
    people[6..].iter().for_each(|done| world.change(|tx| complete(tx, done)));
    seal(app).await;
    assert!(kept::show(app, &world.auditor, id).await.unwrap().is_covered);
    assert_eq!(code(draw(app, &world.auditor, id, " ").await), "value:sample.value");
    draw(app, &world.auditor, id, "7412,81").await.unwrap();
    assert_eq!(code(draw(app, &world.auditor, id, "7412,82").await), "sample.drawn");
    let page = kept::show(app, &world.auditor, id).await.unwrap();
    assert_eq!(page.strata.iter().map(|(_, _, population, drawn)| (*population, *drawn)).collect::<Vec<_>>(), [(6, 4)]);
    assert!(page.items.iter().all(|item| people[..6].iter().any(|done| done.id == item.assignment_id)));
    // Who sees one part draws from that part.
    let grant = |unit_id| [Grant { role: Role::Auditor, unit_id }];
    let (near, far) = (world.user("near", &grant(people[0].unit_id)), world.user("far", &grant(world.south.unit)));
    assert_eq!(code(announce(app, &far, 4, None).await), "campaign:sample.nothing");
    let part = announce(app, &near, 4, None).await.unwrap();
    assert_eq!(
        kept::show(app, &near, part).await.unwrap().kept.plan.and_then(|plan| plan.within).map(|units| units.len()),
        Some(1)
    );
    // Whose checkpoint was exchanged is not drawn from.
    let other = announce(app, &world.auditor, 4, None).await.unwrap();
    seal(app).await;
    world.change(|tx| {
        let of = samples::table.find(other);
        let plan: Option<String> = of.select(samples::plan).first(tx.conn)?;
        let plan = plan.map(|text| text.replacen("\"root\":\"", "\"root\":\"AAAA", 1));
        Ok(diesel::update(of).set(samples::plan.eq(plan)).execute(tx.conn)?)
    });
    assert_eq!(code(draw(app, &world.auditor, other, "1").await), "sample.frame_gone");
}

/// Runs `gaung ledger sample`: its code and its words.
fn redrawn(dir: &std::path::Path, more: &[&str]) -> (Option<i32>, String) {
    let dir = dir.display().to_string();
    let arguments = [&["ledger", "sample", &dir][..], more].concat();
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_gaung")).args(arguments).env_clear().output().unwrap();
    (ended.status.code(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
}

async fn anybody_draws_it_again_from_an_export(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "s", 12).await;
    let people = assigned(app, crowd.wave_id);
    people[..9].iter().for_each(|done| world.change(|tx| complete(tx, done)));
    let id = drawn(&world, "IHSG 7412,81", 4).await;
    let page = kept::show(app, &world.auditor, id).await.unwrap();
    people[9..].iter().for_each(|done| world.change(|tx| complete(tx, done)));
    seal(app).await;
    let dir = tempfile::tempdir().unwrap();
    let place = Directory::create(&dir.path().join("log")).unwrap();
    export(app, &place, None, |_, _| ControlFlow::Continue(())).unwrap();
    let (log, sample) = (dir.path().join("log"), id.to_string());
    let again = |more: &[&str]| redrawn(&log, &[&["--sample", &sample][..], more].concat());
    let (code, said) = again(&["--json"]);
    let told: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!((code, &told["agrees"], &told["value"]), (Some(0), &true.into(), &"IHSG 7412,81".into()));
    let ids: Vec<&str> = told["items"].as_array().unwrap().iter().map(|item| item["assignment"].as_str().unwrap()).collect();
    assert_eq!(ids, page.items.iter().map(|item| item.assignment_id.to_string()).collect::<Vec<_>>());
    assert_eq!(told["seed"].as_str(), page.seed.as_deref());
    // By the checkpoint that was kept, the value and the number alone.
    let frame = page.kept.plan.as_ref().unwrap().size as i64;
    let kept = |size: i64| {
        let note = app.db.read_blocking(|conn| gaung::store::seal::checkpoint_at(conn, 1, size)).unwrap().unwrap().note;
        let path = dir.path().join(format!("kept-{size}"));
        std::fs::write(&path, note).unwrap();
        path.display().to_string()
    };
    let own = ["--checkpoint", &kept(frame), "--number", "4", "--value", "IHSG 7412,81"];
    let (code, said) = redrawn(&log, &own);
    assert!(code == Some(0) && ids.iter().all(|id| said.contains(id)), "{said}");
    assert_eq!(again(&["--checkpoint", &kept(frame)]).0, Some(0));
    // Another value, and another checkpoint than the announced one, are not what the log says.
    let (code, said) = again(&["--value", "IHSG 7412,82"]);
    assert!(code == Some(1) && said.contains("others were drawn"), "{said}");
    let newest = app.db.read_blocking(|conn| gaung::store::seal::latest(conn, 1)).unwrap().unwrap().size;
    let (code, said) = again(&["--checkpoint", &kept(newest)]);
    assert!(code == Some(1) && said.contains("not the one that was given"), "{said}");
    let nobody = SampleId::new().to_string();
    assert_eq!(redrawn(&log, &["--sample", &nobody]).0, Some(1));
    assert_eq!(redrawn(&log, &[]).0, Some(2), "clap's own code for a missing flag");
    // An export that is not valid is not drawn from.
    let bundle = std::fs::read_dir(log.join("tile/entries")).unwrap().next().unwrap().unwrap().path();
    let bundle = std::fs::read_dir(bundle).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    let (code, said) = again(&[]);
    assert!(code == Some(1) && said.contains("nothing is drawn"), "{said}");
}

async fn a_sample_from_before_announcements_stays_readable(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    done(&stage);
    let id = drawn(world, "0815", 2).await;
    world.change(|tx| {
        let former = (
            samples::plan.eq(None::<String>),
            samples::announced_in.eq(None::<gaung::domain::id::EntryId>),
            samples::announced_at.eq(None::<gaung::store::types::At>),
            samples::anchor.eq("entry 1 of 2026-11-24T00:00:00.000000Z"),
        );
        Ok(diesel::update(samples::table.find(id)).set(former).execute(tx.conn)?)
    });
    let page = kept::show(world.app(), &world.auditor, id).await.unwrap();
    assert_eq!(page.seed.as_deref(), Some("0815\nentry 1 of 2026-11-24T00:00:00.000000Z"));
    assert!(!page.kept.is_waiting() && page.may_record);
    for no in [1, 2] {
        kept::record(world.app(), &world.auditor, id, no, (Finding::AsClaimed, "")).await.unwrap();
    }
    kept::seal(world.app(), &world.auditor, id).await.unwrap();
}

/// The assignments of the unit that this one is of.
fn fellows(world: &World, id: AssignmentId) -> Vec<AssignmentId> {
    let read = |conn: &mut gaung::store::Conn| {
        let unit: UnitId = assignments::table.find(id).select(assignments::unit_id).first(conn)?;
        let all = assignments::table.filter(assignments::unit_id.eq(unit)).select(assignments::id);
        Ok::<_, gaung::store::StoreError>(all.load(conn)?)
    };
    world.app().db.read_blocking(read).unwrap()
}

on_both!(
    its_result_is_sealed_with_the_hash_of_its_file,
    small_units_stand_together,
    nothing_is_drawn_before_its_announcement_is_signed_and_nothing_later_comes_in,
    anybody_draws_it_again_from_an_export,
    a_sample_from_before_announcements_stays_readable,
);
