//! Asking for consent, and what people answer through their links.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::event::EventKind;
use gaung::domain::id::{ConsentId, MemberId};
use gaung::domain::kind::{AccountKind, ConsentKind};
use gaung::domain::member::MemberState;
use gaung::domain::platform::Platform;
use gaung::service::consent::{self, Requested, Whom};
use gaung::service::{ServiceError, member};
use gaung::store::schema::{consents, outbox};
use gaung::store::{StoreError, member as members};

use super::refusal;
use crate::support::database::Engine;
use crate::support::world::World;

/// An advocate who has not been asked for anything yet.
fn unasked(world: &World) -> MemberId {
    let id = world.member(world.north.unit, "BARU1");
    world.account(id, AccountKind::Advocate, Platform::Instagram, "baru.satu");
    world.change(|tx| {
        diesel::delete(consents::table.filter(consents::member_id.eq(id))).execute(tx.conn)?;
        let mut row = members::get(tx.conn, id)?;
        row.set_consented(ConsentKind::Participate, None);
        row.set_consented(ConsentKind::Operate, None);
        row.version = 1;
        members::save(tx, &row)
    });
    id
}

fn mails(world: &World) -> Vec<(Option<ConsentId>, Option<String>)> {
    let read = |conn: &mut gaung::store::Conn| {
        Ok::<_, StoreError>(outbox::table.select((outbox::consent_id, outbox::dedupe)).order(outbox::id).load(conn)?)
    };
    world.app().db.read_blocking(read).unwrap()
}

/// Asks the member and gives the link's token.
async fn ask(world: &World, id: MemberId) -> String {
    consent::request(world.app(), &world.north_coordinator, Whom::Members(vec![id])).await.unwrap();
    let consent_id = mails(world).pop().unwrap().0.unwrap();
    consent::seal_link(world.app(), consent_id, world.member_row(id).link_version, None)
}

async fn a_member_is_asked_once_agrees_once_and_withdraws_once(engine: Engine) {
    let world = World::new(engine);
    let id = unasked(&world);
    let token = ask(&world, id).await;
    let sent = mails(&world);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].1, Some(format!("optin:{}", sent[0].0.unwrap())));
    ask(&world, id).await;
    assert_eq!((mails(&world).len(), world.entries(EventKind::ConsentRequested)), (1, 1), "asked for the same text once");

    let page = consent::view_by_token(world.app(), &token).await.unwrap();
    assert_eq!((page.kind, page.given_at), (ConsentKind::Participate, None));
    assert_eq!(page.accounts.iter().map(|a| a.handle.as_str()).collect::<Vec<_>>(), ["baru.satu"]);
    assert!(page.text.contains("bebas menolak"));
    assert_eq!(world.entries(EventKind::ConsentGiven), 0, "looking changes nothing");

    for _ in 0..3 {
        consent::give(world.app(), &token).await.unwrap();
    }
    assert_eq!(world.entries(EventKind::ConsentGiven), 1);
    assert_eq!(world.member_row(id).participate_version.as_deref(), Some("1"));
    assert!(consent::view_by_token(world.app(), &token).await.unwrap().given_at.is_some());

    for _ in 0..2 {
        consent::withdraw(world.app(), &token).await.unwrap();
    }
    assert_eq!(world.entries(EventKind::ConsentWithdrawn), 1);
    assert_eq!(world.member_row(id).participate_version, None);
    assert_eq!(consent::view_by_token(world.app(), &token).await.unwrap().given_at, None);
    consent::give(world.app(), &token).await.unwrap();
    assert_eq!(world.member_row(id).participate_version.as_deref(), Some("1"), "a change of mind needs no new mail");
    assert_eq!(world.entries(EventKind::ConsentGiven), 2);
}

async fn the_log_names_the_member_by_reference_only(engine: Engine) {
    let world = World::new(engine);
    let id = unasked(&world);
    let token = ask(&world, id).await;
    consent::give(world.app(), &token).await.unwrap();
    use gaung::store::schema::ledger_entries::dsl as e;
    let read = |conn: &mut gaung::store::Conn| {
        let query = e::ledger_entries.filter(e::kind.eq(EventKind::ConsentGiven));
        Ok::<_, StoreError>(
            query.select((e::actor_kind, e::actor_ref, e::subject_ref)).first::<(String, String, Option<String>)>(conn)?,
        )
    };
    let (kind, actor, subject) = world.app().db.read_blocking(read).unwrap();
    let reference = world.member_row(id).subject_ref;
    assert_eq!((kind.as_str(), actor.as_str(), subject.as_deref()), ("member", reference.as_str(), Some(reference.as_str())));
}

async fn a_link_of_another_text_version_or_a_bad_one_is_refused(engine: Engine) {
    let world = World::new(engine);
    let id = unasked(&world);
    let token = ask(&world, id).await;
    world.change(|tx| {
        Ok(diesel::update(consents::table.filter(consents::member_id.eq(id)))
            .set(consents::text_version.eq("0"))
            .execute(tx.conn)?)
    });
    assert_eq!(refusal(&consent::give(world.app(), &token).await.unwrap_err()), "consent.text_changed");
    assert_eq!(refusal(&consent::view_by_token(world.app(), &token).await.unwrap_err()), "consent.text_changed");
    assert_eq!(world.member_row(id).participate_version, None);
    let again = ask(&world, id).await;
    consent::give(world.app(), &again).await.unwrap();

    let row = world.member_row(id);
    let id_of = |token: &str| consent::seal_link(world.app(), ConsentId::new(), row.link_version, None) + token;
    let now = world.app().clock.now();
    let consent_id = mails(&world).pop().unwrap().0.unwrap();
    let bad = [
        String::new(),
        again[..20].to_owned(),
        id_of(""),
        consent::seal_link(world.app(), consent_id, row.link_version + 1, None),
        consent::seal_link(world.app(), consent_id, row.link_version, Some(now - TimeDelta::seconds(1))),
        world.app().tokens.seal(gaung::auth::task_token::Purpose::Task, consent_id.uuid(), 1, None),
    ];
    for token in bad {
        for error in [
            consent::view_by_token(world.app(), &token).await.map(|_| ()).unwrap_err(),
            consent::give(world.app(), &token).await.unwrap_err(),
            consent::withdraw(world.app(), &token).await.unwrap_err(),
        ] {
            assert_eq!(refusal(&error), "consent.unknown");
        }
    }
    member::leave(world.app(), &world.north_coordinator, id).await.unwrap();
    let left = consent::seal_link(world.app(), consent_id, world.member_row(id).link_version, None);
    assert_eq!(refusal(&consent::give(world.app(), &left).await.unwrap_err()), "member.left");
}

async fn a_unit_is_asked_for_what_its_accounts_need(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__CONSENT__PARTICIPATE_VERSION", "2")]);
    // World's people consented to version 2 already; take it back from the north's.
    world.change(|tx| {
        for (_, _, id) in &world.north.accounts {
            let mut row = members::get(tx.conn, *id)?;
            row.set_consented(ConsentKind::Participate, Some("1".into()));
            row.set_consented(ConsentKind::Operate, None);
            members::save(tx, &row)?;
            diesel::delete(consents::table.filter(consents::member_id.eq(*id))).execute(tx.conn)?;
        }
        let mut paused = members::get(tx.conn, world.north.member(AccountKind::Official))?;
        paused.state = MemberState::Paused;
        members::save(tx, &paused)
    });
    let asked = consent::request(world.app(), &world.north_coordinator, Whom::Unit(world.north.unit)).await.unwrap();
    // Six people, one need each; the paused one is not asked.
    assert_eq!(asked, Requested { members: 6, requests: Some(5) });
    assert_eq!(world.entries(EventKind::ConsentRequested), 5);
    let again = consent::request(world.app(), &world.coordinator, Whom::Unit(world.root)).await.unwrap();
    assert_eq!(again, Requested { members: 12, requests: Some(0) });
    let one =
        consent::request(world.app(), &world.coordinator, Whom::Members(vec![world.south.member(AccountKind::Advocate)])).await;
    assert_eq!(one.unwrap(), Requested { members: 1, requests: None }, "a count about one person would tell what they answered");
}

async fn only_the_units_coordinator_asks(engine: Engine) {
    let world = World::new(engine);
    let theirs = world.south.member(AccountKind::Advocate);
    for whom in [Whom::Members(vec![theirs]), Whom::Members(vec![MemberId::new()]), Whom::Unit(world.south.unit)] {
        let error = consent::request(world.app(), &world.north_coordinator, whom).await.unwrap_err();
        assert_eq!(error.to_string(), "it was not found");
    }
    let lead = consent::request(world.app(), &world.lead, Whom::Unit(world.root)).await;
    assert!(matches!(lead, Err(ServiceError::Forbidden)), "{lead:?}");
    let many = Whom::Members((0..=consent::MAX_MEMBERS).map(|_| theirs).collect());
    assert_eq!(
        super::codes(&consent::request(world.app(), &world.coordinator, many).await.unwrap_err()),
        ["members consent.too_many"]
    );
}

on_both!(
    a_member_is_asked_once_agrees_once_and_withdraws_once,
    the_log_names_the_member_by_reference_only,
    a_link_of_another_text_version_or_a_bad_one_is_refused,
    a_unit_is_asked_for_what_its_accounts_need,
    only_the_units_coordinator_asks,
);
