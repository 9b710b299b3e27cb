//! A member's new address is on file only once somebody who reads it has confirmed it; until then everything goes to the old one.

use std::io::Cursor;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::address_change::AddressEnd;
use gaung::domain::data_request::RequestKind;
use gaung::domain::event::EventKind;
use gaung::domain::id::MemberId;
use gaung::domain::kind::AccountKind;
use gaung::domain::suppression::{Silence, SuppressionReason};
use gaung::service::data_request::{self, Answer, Filing, Wish};
use gaung::service::import::{self, ImportKind, ImportOptions};
use gaung::service::member::{self, MemberForm};
use gaung::service::{ServiceError, address_change, delivery, suppression, task};
use gaung::store::address_change::{self as rows, AddressChangeRow};
use gaung::store::schema::mailbox;

use super::{codes, refusal};
use crate::support::database::Engine;
use crate::support::world::World;

const NEW: &str = "baru@kemencontoh.example";

fn form(world: &World, id: MemberId, email: &str) -> MemberForm {
    let row = world.member_row(id);
    MemberForm {
        unit_id: row.unit_id,
        employee_no: row.employee_no,
        name: row.name,
        email: email.into(),
        locale: String::new(),
        zone: String::new(),
    }
}

fn waiting(world: &World, id: MemberId) -> Option<AddressChangeRow> {
    world.app().db.read_blocking(|conn| rows::waiting(conn, &[id])).unwrap().pop()
}

/// What came to whom: recipient and subject.
async fn mails(world: &World) -> Vec<(String, String)> {
    delivery::deliver_due_mail(world.app()).await.unwrap();
    let read = |conn: &mut gaung::store::Conn| {
        Ok::<_, gaung::store::StoreError>(
            mailbox::table.order(mailbox::rcpt_to).select((mailbox::rcpt_to, mailbox::subject)).load(conn)?,
        )
    };
    world.app().db.read_blocking(read).unwrap()
}

async fn change(world: &World, id: MemberId, email: &str) -> Result<member::Member, ServiceError> {
    let version = world.member_row(id).version;
    member::change(world.app(), &world.north_coordinator, id, version, form(world, id, email)).await
}

async fn a_new_address_waits_for_its_reader(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let before = world.member_row(id);
    let changed = change(&world, id, NEW).await.unwrap();
    assert_eq!((changed.email.as_str(), changed.new_address.map(|w| w.email)), (before.email.as_str(), Some(NEW.to_owned())));
    let still = world.member_row(id);
    assert_eq!((&still.email, still.link_version, still.version), (&before.email, before.link_version, before.version));
    // The new address is asked, the old one is told; nobody learns more than a first name.
    let told = mails(&world).await;
    let mut to: Vec<&str> = told.iter().map(|(to, _)| to.as_str()).collect();
    to.sort_unstable();
    let mut wanted = [NEW, before.email.as_str()];
    wanted.sort_unstable();
    assert_eq!(to, wanted);
    // Saying it again is one wait and one mail.
    change(&world, id, NEW).await.unwrap();
    assert_eq!((mails(&world).await.len(), world.entries(EventKind::AddressChangeAsked)), (2, 1));
    let row = waiting(&world, id).unwrap();
    let link = address_change::token(world.app(), &row);
    // Looking changes nothing.
    assert_eq!(address_change::question(world.app(), &link).await.unwrap().email, NEW);
    assert_eq!(world.member_row(id).email, before.email);
    address_change::confirm(world.app(), &link).await.unwrap();
    let after = world.member_row(id);
    assert_eq!((after.email.as_str(), after.link_version), (NEW, before.link_version + 1));
    assert_eq!(after.participate_version, before.participate_version, "the consent is the person's");
    assert_eq!(refusal(&address_change::confirm(world.app(), &link).await.unwrap_err()), "address.unknown");
    let entries = [EventKind::AddressChangeAsked, EventKind::AddressChangeConfirmed, EventKind::MemberChanged];
    assert_eq!(entries.map(|kind| world.entries(kind)), [1, 1, 1]);
}

async fn a_wait_ends(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let old = world.member_row(id).email;
    change(&world, id, NEW).await.unwrap();
    let first = waiting(&world, id).unwrap();
    // Another one takes its place; the first link opens nothing any more.
    change(&world, id, "lain@kemencontoh.example").await.unwrap();
    let link = address_change::token(world.app(), &first);
    assert_eq!(refusal(&address_change::question(world.app(), &link).await.unwrap_err()), "address.unknown");
    // A change of something else ends nothing.
    let version = world.member_row(id).version;
    let renamed = MemberForm { name: "Orang Lain".into(), ..form(&world, id, &old) };
    member::change(world.app(), &world.north_coordinator, id, version, renamed).await.unwrap();
    assert!(waiting(&world, id).is_some());
    let row = waiting(&world, id).unwrap();
    world.test.advance(TimeDelta::days(7));
    let link = address_change::token(world.app(), &row);
    assert_eq!(refusal(&address_change::confirm(world.app(), &link).await.unwrap_err()), "link.expired");
    assert_eq!(address_change::sweep(world.app()).await.unwrap().done, 1);
    assert_eq!(address_change::sweep(world.app()).await.unwrap().done, 0);
    let ended = world.app().db.read_blocking(|conn| rows::list_of(conn, id)).unwrap();
    assert_eq!(ended[0].outcome, Some(AddressEnd::Lapsed));
    assert_eq!(world.member_row(id).email, old);
    // A link's seal is its own: another purpose's opens nothing.
    let own = task::pause_token(world.app(), id, world.member_row(id).link_version);
    assert_eq!(refusal(&address_change::question(world.app(), &own).await.unwrap_err()), "link.invalid");
}

async fn what_an_erased_person_had_stopped_stays_stopped_at_their_address(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (gone, id) = (world.north.member(AccountKind::Official), world.north.member(AccountKind::Advocate));
    let address = world.member_row(gone).email;
    suppression::add(app, &world.admin, &address, Silence::Tasks, SuppressionReason::Requested).await.unwrap();
    let filing = Filing { member_id: gone, kind: RequestKind::Erase, wish: Wish::default(), came_at: None };
    let request = data_request::file(app, &world.admin, filing).await.unwrap();
    data_request::answer(app, &world.admin, request.id, Answer::Grant(Wish::default())).await.unwrap();
    let stopped = || {
        let address = address.clone();
        app.db.read_blocking(move |conn| gaung::store::suppression::is_suppressed(conn, &address, Silence::Tasks)).unwrap()
    };
    assert!(!stopped(), "nothing of them is left");
    change(&world, id, &address).await.unwrap();
    let link = address_change::token(app, &waiting(&world, id).unwrap());
    address_change::confirm(app, &link).await.unwrap();
    assert!(stopped(), "whoever reads it now has not agreed to anything either");
}

async fn an_address_that_somebody_has_or_that_gets_no_mail_is_refused(engine: Engine) {
    let world = World::new(engine);
    let (id, other) = (world.north.member(AccountKind::Advocate), world.north.member(AccountKind::Official));
    let taken = world.member_row(other).email.to_uppercase();
    assert_eq!(codes(&change(&world, id, &taken).await.unwrap_err()), ["email member.email_taken"]);
    suppression::add(world.app(), &world.admin, NEW, Silence::All, SuppressionReason::Requested).await.unwrap();
    assert_eq!(codes(&change(&world, id, NEW).await.unwrap_err()), ["email address.suppressed"]);
    assert_eq!(waiting(&world, id), None);
    // Two want the same address: the first to confirm has it.
    let free = "bersama@kemencontoh.example";
    change(&world, id, free).await.unwrap();
    change(&world, other, free).await.unwrap();
    let link = |row: &AddressChangeRow| address_change::token(world.app(), row);
    let (first, second) = (waiting(&world, id).unwrap(), waiting(&world, other).unwrap());
    address_change::confirm(world.app(), &link(&first)).await.unwrap();
    assert_eq!(refusal(&address_change::confirm(world.app(), &link(&second)).await.unwrap_err()), "address.taken");
}

async fn a_member_asks_by_their_own_page(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let row = world.member_row(id);
    let own = task::pause_token(world.app(), id, row.link_version);
    let nonce = task::settings(world.app(), &own).await.unwrap().nonce;
    let bad = task::ask_address(world.app(), &own, "bukan alamat", &nonce).await.unwrap_err();
    assert!(codes(&bad)[0].starts_with("email email."), "{bad:?}");
    assert!(task::ask_address(world.app(), &own, NEW, "palsu").await.is_err());
    task::ask_address(world.app(), &own, NEW, &nonce).await.unwrap();
    let shown = task::settings(world.app(), &own).await.unwrap();
    assert_eq!((shown.email, shown.waiting.map(|w| w.email)), (row.email.clone(), Some(NEW.to_owned())));
    let held = task::my_data(world.app(), &own).await.unwrap();
    assert_eq!(held.addresses[0].email, NEW);
    task::ask_address(world.app(), &own, &row.email, &nonce).await.unwrap();
    assert_eq!(waiting(&world, id), None);
}

async fn a_file_changes_no_address_that_was_agreed_at(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let row = world.member_row(id);
    // Somebody who never agreed to anything: the link of their opt-in mail proves the address.
    let fresh = member::add(
        world.app(),
        &world.north_coordinator,
        MemberForm { employee_no: "7001".into(), ..form(&world, id, "segar@kemencontoh.example") },
    );
    let fresh = fresh.await.unwrap();
    let file = format!(
        "employee_no,name,email,unit_code\n{},{},{NEW},UTR\n7001,{},segar2@kemencontoh.example,UTR\n",
        row.employee_no, row.name, row.name
    );
    let options = || ImportOptions { dry_run: false, ..ImportOptions::default() };
    let report =
        import::import(world.app(), &world.admin, ImportKind::Members, Cursor::new(file.clone()), options()).await.unwrap();
    assert_eq!((report.changed, report.applied), (2, true), "{report:?}");
    assert_eq!(world.member_row(id).email, row.email);
    assert_eq!(waiting(&world, id).unwrap().email, NEW);
    assert_eq!((world.member_row(fresh.id).email.as_str(), waiting(&world, fresh.id)), ("segar2@kemencontoh.example", None));
    let again =
        import::import(world.app(), &world.admin, ImportKind::Members, Cursor::new(file.clone()), options()).await.unwrap();
    assert!(again.applied && world.entries(EventKind::AddressChangeAsked) == 1, "{again:?}");
}

on_both!(
    a_new_address_waits_for_its_reader,
    a_wait_ends,
    what_an_erased_person_had_stopped_stays_stopped_at_their_address,
    an_address_that_somebody_has_or_that_gets_no_mail_is_refused,
    a_member_asks_by_their_own_page,
    a_file_changes_no_address_that_was_agreed_at,
);
