//! Disclosures: filed by one person, settled by another, lapsing after the configured months.

use chrono::{Months, TimeDelta};
use gaung::domain::account::DisclosureState;
use gaung::domain::event::EventKind;
use gaung::domain::kind::AccountKind;
use gaung::service::{Caller, PageRequest, ServiceError, disclosure};

use super::{codes, refusal};
use crate::support::app::monday_morning;
use crate::support::database::Engine;
use crate::support::world::World;

const URL: &str = "https://x.com/pajak";

async fn file(world: &World, caller: &Caller) -> Result<disclosure::Disclosure, ServiceError> {
    disclosure::file(world.app(), caller, world.north.account(AccountKind::Official), "Akun resmi.".into(), URL.into()).await
}

async fn a_second_person_confirms_and_the_newer_replaces_the_older(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__DISCLOSURE__VALID_MONTHS", "6")]);
    let id = world.north.account(AccountKind::Official);
    let before = world.account_row(id).disclosed_until;
    let filed = file(&world, &world.north_coordinator).await.unwrap();
    assert_eq!(
        (filed.state, world.account_row(id).disclosed_until),
        (DisclosureState::Filed, before),
        "the older one stays current"
    );
    assert_eq!(
        refusal(&disclosure::confirm(world.app(), &world.north_coordinator, filed.id).await.unwrap_err()),
        "disclosure.checker_is_filer"
    );
    world.test.advance(TimeDelta::days(1));
    let confirmed = disclosure::confirm(world.app(), &world.approver, filed.id).await.unwrap();
    let until = monday_morning() + TimeDelta::days(1) + Months::new(6);
    assert_eq!((confirmed.state, confirmed.expires_at), (DisclosureState::Confirmed, Some(until)));
    assert_eq!(confirmed.checked_by.as_deref(), Some(world.approver.actor().reference()));
    assert_eq!(world.account_row(id).disclosed_until.map(|at| at.0), Some(until));
    let states: Vec<_> =
        disclosure::list_by_account(world.app(), &world.auditor, id).await.unwrap().into_iter().map(|d| d.state).collect();
    assert_eq!(states, [DisclosureState::Confirmed, DisclosureState::Replaced]);
    assert_eq!((world.entries(EventKind::DisclosureFiled), world.entries(EventKind::DisclosureConfirmed)), (1, 1));
    for error in [
        disclosure::confirm(world.app(), &world.second_approver, filed.id).await.unwrap_err(),
        disclosure::reject(world.app(), &world.second_approver, filed.id, "terlambat".into()).await.unwrap_err(),
    ] {
        assert_eq!(refusal(&error), "disclosure.settled");
    }
}

async fn a_rejection_says_why_and_leaves_the_older_one_current(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.account(AccountKind::Official);
    let before = world.account_row(id).disclosed_until;
    let filed = file(&world, &world.north_coordinator).await.unwrap();
    assert_eq!(
        codes(&disclosure::reject(world.app(), &world.approver, filed.id, " ".into()).await.unwrap_err()),
        ["note text.empty"]
    );
    let rejected = disclosure::reject(world.app(), &world.approver, filed.id, "Tidak ada di profil.".into()).await.unwrap();
    assert_eq!((rejected.state, rejected.note.as_str()), (DisclosureState::Rejected, "Tidak ada di profil."));
    assert_eq!(world.account_row(id).disclosed_until, before);
    assert_eq!(world.entries(EventKind::DisclosureRejected), 1);
}

async fn filing_anew_replaces_what_still_waited(engine: Engine) {
    let world = World::new(engine);
    let first = file(&world, &world.north_coordinator).await.unwrap();
    let second = file(&world, &world.north_coordinator).await.unwrap();
    let waiting = |caller: &Caller| {
        let caller = caller.clone();
        let world = &world;
        async move {
            let page = disclosure::list_waiting(world.app(), &caller, PageRequest::default()).await.unwrap();
            page.items.into_iter().map(|d| d.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(waiting(&world.approver).await, [second.id]);
    assert!(waiting(&world.north_coordinator).await.is_empty(), "one's own wait for somebody else");
    assert!(waiting(&world.south_coordinator).await.is_empty());
    assert_eq!(refusal(&disclosure::confirm(world.app(), &world.approver, first.id).await.unwrap_err()), "disclosure.settled");
}

async fn what_is_filed_must_be_readable_and_reachable(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.account(AccountKind::Official);
    let bad = disclosure::file(world.app(), &world.coordinator, id, String::new(), "javascript:x".into()).await.unwrap_err();
    assert_eq!(codes(&bad), ["statement text.empty", "url web_url.not_web"]);
    assert_eq!(file(&world, &world.south_coordinator).await.unwrap_err().to_string(), "it was not found");
    for caller in [&world.lead, &world.approver, &world.auditor] {
        assert!(matches!(file(&world, caller).await, Err(ServiceError::Forbidden)));
    }
    let filed = file(&world, &world.coordinator).await.unwrap();
    assert_eq!(
        disclosure::confirm(world.app(), &world.south_coordinator, filed.id).await.unwrap_err().to_string(),
        "it was not found"
    );
    assert!(matches!(disclosure::confirm(world.app(), &world.lead, filed.id).await, Err(ServiceError::Forbidden)));
    assert!(matches!(
        disclosure::list_waiting(world.app(), &world.auditor, PageRequest::default()).await,
        Err(ServiceError::Forbidden)
    ));
}

on_both!(
    a_second_person_confirms_and_the_newer_replaces_the_older,
    a_rejection_says_why_and_leaves_the_older_one_current,
    filing_anew_replaces_what_still_waited,
    what_is_filed_must_be_readable_and_reachable,
);
