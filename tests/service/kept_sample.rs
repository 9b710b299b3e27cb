//! A sample that is kept: drawn by layer and unit, looked at item by item, sealed in the log.

use chrono::TimeDelta;
use gaung::domain::event::EventKind;
use gaung::domain::finding::Finding;
use gaung::domain::kind::{Action, Layer};
use gaung::domain::proportion::{Told, stratified};
use gaung::service::ServiceError;
use gaung::service::sample::{self, Draw, kept};
use sha2::{Digest as _, Sha256};

use crate::support::campaigns::{assigned, complete};
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage, code};

/// Six completions in each of two units.
fn done(stage: &Stage) {
    let world = &stage.world;
    for (_, account, _) in world.north.accounts.iter().chain(&world.south.accounts) {
        let asked = stage.asked(Layer::Advocacy, *account, &Asking::of(Action::Comment));
        let row = assigned(world.app(), asked.wave_id).remove(0);
        world.change(|tx| complete(tx, &row));
    }
    world.test.advance(TimeDelta::seconds(1));
}

async fn its_result_is_sealed_with_the_hash_of_its_file(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    done(&stage);
    assert!(matches!(kept::keep(app, &world.admin, "7412,81", 6, None).await, Err(ServiceError::Forbidden)));
    assert_eq!(code(kept::keep(app, &world.auditor, " ", 6, None).await), "value:sample.value");
    let id = kept::keep(app, &world.auditor, "IHSG 7412,81", 6, None).await.unwrap();
    assert_eq!(world.entries(EventKind::SampleDrawn), 1);
    let page = kept::show(app, &world.auditor, id).await.unwrap();
    let strata: Vec<_> =
        page.strata.iter().map(|(layer, unit, population, drawn)| (*layer, unit.is_some(), *population, *drawn)).collect();
    assert_eq!(strata, [(3, true, 6, 3), (3, true, 6, 3)]);
    // Anybody with the seed and the instant draws the same.
    let again = Draw { seed: page.seed.clone(), n: 6, campaign_id: None, until: page.until };
    let again = sample::draw(app, &world.auditor, again).await.unwrap();
    let drawn = |ids: Vec<_>| ids;
    assert_eq!(
        drawn(again.items.iter().map(|item| item.assignment_id).collect()),
        drawn(page.items.iter().map(|item| item.assignment_id).collect::<Vec<_>>())
    );
    assert!(page.seed.starts_with("IHSG 7412,81\nentry "), "{:?}", page.seed);

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
    let world = &stage.world;
    done(&stage);
    let id = kept::keep(world.app(), &world.auditor, "0815", 1, None).await.unwrap();
    let page = kept::show(world.app(), &world.auditor, id).await.unwrap();
    assert_eq!(page.strata, [(3, None, 12, 1)], "neither unit would get a whole item");
}

on_both!(its_result_is_sealed_with_the_hash_of_its_file, small_units_stand_together);
