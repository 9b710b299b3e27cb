//! What people ask about their data: by their own page and its mailed link, and at the desk with its clock.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::clock::Clock as _;
use gaung::domain::data_request::{ClockStanding, RequestKind, RequestState};
use gaung::domain::event::EventKind;
use gaung::domain::id::MemberId;
use gaung::domain::kind::AccountKind;
use gaung::domain::member::MemberState;
use gaung::jobs::schedule::tick;
use gaung::service::ServiceError;
use gaung::service::data_request::{self, Answer, Filing, Wish};
use gaung::service::task::{self, RightsForm, pause_token};
use gaung::store::data_request as requests;
use gaung::store::schema::ledger_entries;
use gaung::store::types::Doc;
use gaung::store::{Conn, StoreError};

use crate::support::campaigns::{counts, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::stage::code;
use crate::support::world::World;

fn own_link(world: &World, id: MemberId) -> String {
    pause_token(world.app(), id, world.member_row(id).link_version)
}

async fn a_member_erases_themselves_by_the_mailed_link(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let id = world.north.member(AccountKind::Advocate);
    let other = world.north.member(AccountKind::KolInternal);
    let own = own_link(&world, id);
    let nonce = task::settings(app, &own).await.unwrap().nonce;
    let form = RightsForm { kind: Some(RequestKind::Erase), wish: Wish::default(), nonce };
    assert_eq!(task::ask_right(app, &own, form.clone()).await.unwrap(), RequestState::Unconfirmed);
    assert_eq!(code(task::ask_right(app, &own, form).await), "request.waiting");
    // The desk does not go before the person.
    let row = app.db.read_blocking(|conn| requests::list_of(conn, id)).unwrap().remove(0);
    let refused = data_request::answer(app, &world.admin, row.id, Answer::Grant(Wish::default())).await;
    assert_eq!(code(refused), "request.unconfirmed");
    tick(app).await;
    let mails = app.db.read_blocking(|conn| gaung::store::delivery::kept(conn, None, None, 10)).unwrap();
    let mail = mails.iter().find(|mail| mail.rcpt_to == world.member_row(id).email_norm).expect("the link is mailed");
    let parsed = mail_parser::MessageParser::default().parse(&mail.raw).unwrap();
    let text = parsed.body_text(0).unwrap().into_owned();
    let token = text.split("/d/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let before = world.all_entries();
    assert_eq!(task::data_question(app, &token).await.unwrap().kind, RequestKind::Erase);
    assert_eq!(world.all_entries(), before, "looking changes nothing");
    task::confirm_right(app, &token).await.unwrap();
    assert_eq!(world.member_row(id).state, MemberState::Erased);
    assert_eq!(world.member_row(other).state, MemberState::Active);
    assert_eq!(code(task::confirm_right(app, &token).await), "request.unknown");
    assert_eq!(code(task::my_data(app, &own).await), "link.revoked");
    invariants::check(app);
}

fn filing_of(member_id: MemberId) -> Filing {
    Filing { member_id, kind: RequestKind::Export, wish: Wish::default(), came_at: None }
}

/// What the log says of each answer.
fn lateness(world: &World) -> Vec<bool> {
    let granted = ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::DataRequestGranted));
    let read = |conn: &mut Conn| {
        Ok::<_, StoreError>(
            granted.order(ledger_entries::id).select(ledger_entries::payload).load::<Doc<serde_json::Value>>(conn)?,
        )
    };
    let found = world.app().db.read_blocking(read).unwrap();
    found.into_iter().map(|payload| payload.0["late"].as_bool().unwrap()).collect()
}

async fn a_request_nobody_confirms_lapses_and_the_clock_is_told(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let id = world.south.member(AccountKind::Advocate);
    let own = own_link(&world, id);
    let nonce = task::settings(app, &own).await.unwrap().nonce;
    let form = RightsForm { kind: Some(RequestKind::Erase), wish: Wish::default(), nonce };
    task::ask_right(app, &own, form).await.unwrap();
    let came_at = Some(app.clock.now() - TimeDelta::hours(60));
    let filing = Filing { member_id: id, kind: RequestKind::Export, wish: Wish::default(), came_at };
    let letter = data_request::file(app, &world.admin, filing).await.unwrap();
    let order = async || {
        let open = data_request::list(app, &world.admin, false).await.unwrap();
        open.into_iter().map(|request| (request.kind, request.clock)).collect::<Vec<_>>()
    };
    use ClockStanding::{Overdue, Running, Soon};
    assert_eq!(order().await, [(RequestKind::Export, Soon), (RequestKind::Erase, Running)]);
    world.test.advance(TimeDelta::hours(13));
    assert_eq!(order().await, [(RequestKind::Export, Overdue), (RequestKind::Erase, Running)]);
    world.test.advance(TimeDelta::hours(60));
    tick(app).await;
    assert_eq!(order().await, [(RequestKind::Export, Overdue)]);
    assert_eq!(world.entries(EventKind::DataRequestLapsed), 1);
    assert_eq!(world.member_row(id).state, MemberState::Active);
    let late = data_request::answer(app, &world.admin, letter.id, Answer::Grant(Wish::default())).await.unwrap();
    assert_eq!(late.clock, ClockStanding::Late);
    // The log keeps that it came too late, and of none in time that it did.
    let own = data_request::file(app, &world.admin, filing_of(id)).await.unwrap();
    data_request::answer(app, &world.admin, own.id, Answer::Grant(Wish::default())).await.unwrap();
    assert_eq!(lateness(&world), [true, false]);
    // Only who answers requests sees them.
    assert!(matches!(data_request::list(app, &world.coordinator, false).await, Err(ServiceError::Forbidden)));
}

async fn a_correction_is_put_right_and_a_refusal_is_told(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let id = world.north.member(AccountKind::Advocate);
    let own = own_link(&world, id);
    let nonce = task::settings(app, &own).await.unwrap().nonce;
    let empty = RightsForm { kind: Some(RequestKind::Correct), wish: Wish::default(), nonce: nonce.clone() };
    assert_eq!(code(task::ask_right(app, &own, empty).await), "words:request.wish_missing");
    let wish = Wish { name: "Siti Aminah".into(), ..Wish::default() };
    let asked = RightsForm { kind: Some(RequestKind::Correct), wish: wish.clone(), nonce };
    task::ask_right(app, &own, asked).await.unwrap();
    let request = data_request::list(app, &world.admin, false).await.unwrap().remove(0);
    assert_eq!(request.wish, wish);
    let taken = Wish { email: world.member_row(world.south.member(AccountKind::Advocate)).email, ..wish.clone() };
    let refused = data_request::answer(app, &world.admin, request.id, Answer::Grant(taken)).await;
    assert_eq!(code(refused), "email:member.email_taken");
    data_request::answer(app, &world.admin, request.id, Answer::Grant(wish)).await.unwrap();
    assert_eq!(world.member_row(id).name, "Siti Aminah");
    let again = data_request::answer(app, &world.admin, request.id, Answer::Refuse("tidak".into())).await;
    assert_eq!(code(again), "request.answered");
    let filing = Filing { member_id: id, kind: RequestKind::Withdraw, wish: Wish::default(), came_at: None };
    let letter = data_request::file(app, &world.admin, filing).await.unwrap();
    data_request::answer(app, &world.admin, letter.id, Answer::Grant(Wish::default())).await.unwrap();
    let row = world.member_row(id);
    assert_eq!((row.state, row.participate_version), (MemberState::Left, None));
    let filing = Filing { member_id: id, kind: RequestKind::Erase, wish: Wish::default(), came_at: None };
    let letter = data_request::file(app, &world.admin, filing).await.unwrap();
    let told =
        data_request::answer(app, &world.admin, letter.id, Answer::Refuse("Surat tidak ditandatangani.".into())).await.unwrap();
    assert_eq!((told.state, told.answer.as_str()), (RequestState::Refused, "Surat tidak ditandatangani."));
    tick(app).await;
    let mails = app.db.read_blocking(|conn| gaung::store::delivery::kept(conn, Some(&row.email), None, 10)).unwrap();
    assert_eq!(mails.len(), 3, "two grants and a refusal are told");
}

async fn the_counters_add_up_without_an_erased_person(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "hapus", 3).await;
    let member_id = crowd.people[0].0;
    let filing = Filing { member_id, kind: RequestKind::Erase, wish: Wish::default(), came_at: None };
    let letter = data_request::file(app, &world.admin, filing).await.unwrap();
    data_request::answer(app, &world.admin, letter.id, Answer::Grant(Wish::default())).await.unwrap();
    invariants::check(app);
    let counts = counts(app, crowd.wave_id);
    assert_eq!((counts.planned, counts.withdrawn, counts.mail_cancelled), (3, 1, 1));
    tick(app).await;
    invariants::check(app);
}

async fn whoever_answers_is_told_a_day_before_the_time_is_over(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let member_id = world.north.member(AccountKind::Advocate);
    let person = world.member_row(member_id);
    let file = async |kind| {
        let filing = Filing { member_id, kind, wish: Wish::default(), came_at: None };
        data_request::file(app, &world.admin, filing).await.unwrap().id
    };
    let (waits, answered) = (file(RequestKind::Export).await, file(RequestKind::Withdraw).await);
    let notices = || {
        let mails = app.db.read_blocking(|conn| gaung::store::delivery::kept(conn, None, None, 100)).unwrap();
        mails
            .into_iter()
            .map(|mail| String::from_utf8(mail.raw).unwrap())
            .filter(|raw| raw.contains("/data-requests/"))
            .collect::<Vec<_>>()
    };
    let figures = || {
        let now = world.test.clock.now();
        app.db.read_blocking(|conn| gaung::store::measures::measure(conn, now)).unwrap().requests
    };
    tick(app).await;
    assert_eq!((notices().len(), figures()), (0, [2, 0, 0]));
    data_request::answer(app, &world.admin, answered, Answer::Grant(Wish::default())).await.unwrap();
    world.test.advance(TimeDelta::hours(48) + TimeDelta::minutes(1));
    // One sweep writes them down, and mail leaves with the next.
    tick(app).await;
    tick(app).await;
    let told = notices();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(&waits.to_string()));
    for word in [&person.name, &person.email, &person.employee_no] {
        assert!(!told[0].contains(word.as_str()), "{word} is in the mail");
    }
    assert_eq!(figures(), [1, 1, 0]);
    world.test.advance(TimeDelta::hours(24));
    tick(app).await;
    assert_eq!((notices().len(), figures()), (1, [1, 1, 1]), "told once");
    assert_eq!(world.entries(EventKind::DataRequestGranted), 1);
}

on_both!(
    whoever_answers_is_told_a_day_before_the_time_is_over,
    the_counters_add_up_without_an_erased_person,
    a_member_erases_themselves_by_the_mailed_link,
    a_request_nobody_confirms_lapses_and_the_clock_is_told,
    a_correction_is_put_right_and_a_refusal_is_told,
);
