//! Claims on file.

use gaung::domain::event::EventKind;
use gaung::domain::id::{ClaimId, UnitId};
use gaung::service::claim::{self, ClaimForm};
use gaung::service::{PageRequest, ServiceError};

use super::codes;
use crate::support::database::Engine;
use crate::support::world::World;

fn form(unit_id: UnitId) -> ClaimForm {
    ClaimForm {
        unit_id,
        claim: "Semua tabungan kena pajak baru.".into(),
        seen_url: "https://x.com/hoaks/status/1".into(),
        seen_at: None,
        fact: "Tidak ada pajak baru atas tabungan.".into(),
        source_url: "https://kemencontoh.example/siaran/1".into(),
        answer_unit_id: None,
        answer_user_id: None,
    }
}

async fn a_lead_files_a_claim_that_their_part_sees(engine: Engine) {
    let world = World::new(engine);
    let filed = claim::file(world.app(), &world.north_lead, form(world.north.unit)).await.unwrap();
    assert_eq!(claim::get(world.app(), &world.auditor, filed.id).await.unwrap(), filed);
    assert_eq!(world.entries(EventKind::ClaimFiled), 1);
    for error in [
        claim::get(world.app(), &world.south_lead, filed.id).await.unwrap_err(),
        claim::get(world.app(), &world.south_lead, ClaimId::new()).await.unwrap_err(),
        claim::file(world.app(), &world.north_lead, form(world.south.unit)).await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "it was not found");
    }
    for caller in [&world.approver, &world.coordinator, &world.auditor, &world.admin] {
        assert!(matches!(claim::file(world.app(), caller, form(world.root)).await, Err(ServiceError::Forbidden)));
    }
    let second =
        claim::file(world.app(), &world.lead, ClaimForm { seen_url: String::new(), ..form(world.north.office) }).await.unwrap();
    assert_eq!(second.seen_url, None);
    let page = claim::list(world.app(), &world.north_lead, None, vec![], PageRequest::first(1)).await.unwrap();
    assert_eq!((page.items[0].id, page.next.is_some()), (second.id, true), "the newest first");
    let rest =
        claim::list(world.app(), &world.north_lead, None, vec![], PageRequest::first(1).after(page.next.unwrap())).await.unwrap();
    assert_eq!((rest.items[0].id, rest.next), (filed.id, None));
    assert!(claim::list(world.app(), &world.south_lead, None, vec![], PageRequest::default()).await.unwrap().items.is_empty());
}

async fn a_claim_needs_a_fact_and_a_source(engine: Engine) {
    let world = World::new(engine);
    let bad = ClaimForm {
        claim: "\u{202e}x".into(),
        seen_url: "http://127.0.0.1/".into(),
        fact: String::new(),
        source_url: "siaran".into(),
        ..form(world.root)
    };
    let error = claim::file(world.app(), &world.lead, bad).await.unwrap_err();
    assert_eq!(
        codes(&error),
        ["claim text.character", "fact text.empty", "source_url web_url.not_web", "seen_url web_url.not_public"]
    );
    assert_eq!(world.all_entries(), 0);
}

on_both!(a_lead_files_a_claim_that_their_part_sees, a_claim_needs_a_fact_and_a_source);
