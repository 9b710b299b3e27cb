//! What a mail says and to whom, read from the built-in mailbox; and those that are no longer wanted, or can't be made.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::auth::task_token::Purpose;
use gaung::domain::account::AccountState;
use gaung::domain::event::EventKind;
use gaung::domain::id::{AssignmentId, MemberId};
use gaung::domain::kind::AccountKind;
use gaung::domain::member::MemberState;
use gaung::domain::outbox::MailState;
use gaung::domain::platform::Platform;
use gaung::service::consent::{self, Whom};
use gaung::store::schema::{accounts, assignments, consents, members, suppressions};
use gaung::store::types::At;
use mail_parser::MessageParser;

use super::{addresses, execute, kept, settled_tick, tick};
use crate::support::campaigns::{assigned, content, counts, mail_of, mail_states, mails, now, opened, opinion_wave};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

/// The one word of a text that begins so.
fn word<'a>(text: &'a str, start: &str) -> &'a str {
    let mut found = text.split_whitespace().filter(|w| w.starts_with(start));
    let word = found.next().unwrap_or_else(|| panic!("no {start} in {text}"));
    assert!(found.all(|w| w == word || w.starts_with(&format!("{word}#"))), "one {start} only");
    &word[start.len()..]
}

async fn a_mail_reaches_its_person_with_links_of_its_own(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__INSTITUTION__BASE_URL", "https://gaung.kemencontoh.example")]);
    let crowd = opened(&world, "a", 2).await;
    settled_tick(&world).await;
    let app = world.app();
    let (mailbox, rows) = (kept(&world), mails(app, crowd.wave_id));
    assert_eq!(mailbox.len(), 2);
    for (member, account) in &crowd.people {
        let person = world.member_row(*member);
        let mail = mailbox.iter().find(|m| m.rcpt_to == person.email_norm).expect("the person's mail");
        let row = rows.iter().find(|r| r.member_id == Some(*member)).unwrap();
        let told = assigned(app, crowd.wave_id).into_iter().find(|a| a.member_id == *member).unwrap();
        assert_eq!(mail.message_id, format!("<{}@localhost>", row.id), "the id is the outbox row's");
        assert!(mail.mail_from.starts_with("gaung+") && mail.mail_from.ends_with("@localhost"), "{}", mail.mail_from);
        assert_eq!(mail.received_at.0, now(&world));
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        assert_eq!(parsed.subject(), Some(mail.subject.as_str()));
        assert!(mail.subject.contains("Lapor SPT lebih awal"), "{}", mail.subject);
        assert_eq!(parsed.message_id().map(|id| format!("<{id}>")), Some(mail.message_id.clone()));
        let to = parsed.to().unwrap().first().unwrap();
        assert_eq!((to.name(), to.address()), (Some(person.name.as_str()), Some(person.email.as_str())));
        let text = parsed.body_text(0).unwrap();
        for said in [
            person.name.as_str(),
            "Lapor pajak kini cukup lima menit dari rumah.",
            "Sampaikan dengan kata-kata sendiri.",
            "Kata-kata yang disarankan untuk x",
            "WIB",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert!(text.contains(&world.account_row(*account).handle), "{text}");
        let open = |purpose, token: &str| app.tokens.open(purpose, token, now(&world)).expect("a link of ours");
        let token = word(&text, "https://gaung.kemencontoh.example/t/");
        let opened = open(Purpose::Task, token);
        assert_eq!((opened.uuid, opened.version), (told.id.uuid(), 1), "the link is this assignment's");
        assert!(app.tokens.open(Purpose::Pause, token, now(&world)).is_err(), "and opens nothing else");
        let long_after = told.expires_at.0 + TimeDelta::days(31);
        assert!(app.tokens.open(Purpose::Task, token, long_after).is_err(), "nor does it live for ever");
        let pause = open(Purpose::Pause, word(&text, "https://gaung.kemencontoh.example/p/"));
        assert_eq!(pause.uuid, member.uuid());
        let raw = |name: &str| parsed.header_raw(name).map(|v| v.replace("\r\n", "").replace(' ', "")).unwrap_or_default();
        let one_click = raw("List-Unsubscribe").trim_matches(['<', '>', ' ']).to_owned();
        let leave = one_click.strip_prefix("https://gaung.kemencontoh.example/u/").expect("one click to pause");
        assert_eq!(open(Purpose::Pause, leave).uuid, member.uuid());
        assert_eq!(raw("X-Gaung-Campaign"), crowd.campaign_id.to_string());
    }
}

/// One person's reason not to be mailed after all, and the state and words that say so.
type Change = fn(&World, MemberId);

async fn what_changed_between_opening_and_sending_decides(engine: Engine) {
    let world = World::new(engine);
    fn set_account(world: &World, member: MemberId, f: impl FnOnce(&mut gaung::store::account::AccountRow)) {
        let db = &world.app().db;
        let mut row = db.read_blocking(|conn| gaung::store::account::list_by_member(conn, member)).unwrap().remove(0);
        f(&mut row);
        world.change(|tx| gaung::store::account::save(tx, &row));
    }
    fn set_member(world: &World, member: MemberId, f: impl FnOnce(&mut gaung::store::member::MemberRow)) {
        let mut row = world.member_row(member);
        f(&mut row);
        world.change(|tx| gaung::store::member::save(tx, &row));
    }
    let cases: Vec<(Change, MailState, &str)> = vec![
        (|w, m| set_account(w, m, |a| a.disclosed_until = Some(At(now(w)))), MailState::Suppressed, "account.undisclosed"),
        (|w, m| set_account(w, m, |a| a.state = AccountState::Suspended), MailState::Suppressed, "account.not_active"),
        (|w, m| set_member(w, m, |p| p.state = MemberState::Paused), MailState::Suppressed, "account.member_not_active"),
        (|w, m| set_member(w, m, |p| p.state = MemberState::Left), MailState::Suppressed, "account.member_not_active"),
        (|w, m| set_member(w, m, |p| p.operate_version = None), MailState::Suppressed, "account.no_consent"),
        (suppress, MailState::Suppressed, "suppressed"),
        (decline, MailState::Cancelled, "declined"),
        (expire, MailState::Cancelled, "assignment"),
    ];
    let crowd = opened(&world, "a", cases.len() + 2).await;
    for ((change, ..), (member, _)) in cases.iter().zip(&crowd.people) {
        change(&world, *member);
    }
    tick(&world).await;
    for ((_, state, why), (member, _)) in cases.iter().zip(&crowd.people) {
        let mail = mail_of(world.app(), crowd.wave_id, *member);
        assert_eq!(mail.state, *state, "{why}");
        assert!(mail.last_error.as_deref().unwrap().contains(why), "{why}: {:?}", mail.last_error);
    }
    let rest: BTreeSet<String> = crowd.people[cases.len()..].iter().map(|(m, _)| world.member_row(*m).email_norm).collect();
    assert_eq!(addresses(&kept(&world)).into_keys().collect::<BTreeSet<_>>(), rest);
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_sent, row.mail_suppressed, row.mail_cancelled), (2, 6, 2));
    assert_eq!((world.entries(EventKind::MailSuppressed), world.entries(EventKind::MailCancelled)), (6, 2));
}

fn suppress(world: &World, member: MemberId) {
    let email = world.member_row(member).email_norm;
    world.change(|tx| {
        Ok(diesel::insert_into(suppressions::table)
            .values((
                suppressions::id.eq(AssignmentId::new()),
                suppressions::email_norm.eq(&email),
                suppressions::scope.eq("all"),
                suppressions::reason.eq("bounced"),
                suppressions::created_at.eq(At(tx.now)),
            ))
            .execute(tx.conn)
            .map(drop)?)
    });
}

fn decline(world: &World, member: MemberId) {
    world.change(|tx| {
        let own = assignments::table.filter(assignments::member_id.eq(member));
        Ok(diesel::update(own)
            .set((
                assignments::state.eq("declined"),
                assignments::settled_at.eq(At(tx.now)),
                assignments::remind_at.eq(None::<At>),
            ))
            .execute(tx.conn)
            .map(drop)?)
    });
}

fn expire(world: &World, member: MemberId) {
    world.change(|tx| {
        let own = assignments::table.filter(assignments::member_id.eq(member));
        Ok(diesel::update(own).set(assignments::expires_at.eq(At(tx.now))).execute(tx.conn).map(drop)?)
    });
}

async fn a_row_that_makes_no_mail_fails_alone(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 9).await;
    // What no import lets in, put straight into the database.
    let poison: [(&str, &str); 6] = [
        ("name", "Orang\rBcc: semua@kemencontoh.example"),
        ("name", "Orang\nDua"),
        ("name", "Orang\u{202e}kilabret"),
        ("email", "bukan alamat"),
        ("email", "orang@kemencontoh.example\r\nBcc: semua@kemencontoh.example"),
        ("locale", "xx"),
    ];
    for ((column, text), (member, _)) in poison.iter().zip(&crowd.people) {
        world.change(|tx| {
            let row = members::table.find(*member);
            Ok(match *column {
                "name" => diesel::update(row).set(members::name.eq(*text)).execute(tx.conn)?,
                "email" => diesel::update(row).set(members::email.eq(*text)).execute(tx.conn)?,
                _ => diesel::sql_query("UPDATE members SET locale = $1 WHERE id = $2")
                    .bind::<diesel::sql_types::Text, _>(*text)
                    .bind::<gaung::store::types::sql::Uid, _>(*member)
                    .execute(tx.conn)?,
            })
        });
    }
    // An unknown zone, or an unknown kind of account, is no reason to stay silent, or is: it must not touch anybody else.
    let (zoneless, _) = crowd.people[6];
    world
        .change(|tx| Ok(diesel::update(members::table.find(zoneless)).set(members::zone.eq("Mars/Olympus")).execute(tx.conn)?));
    let (_, odd) = crowd.people[7];
    world.change(|tx| {
        Ok(diesel::sql_query("UPDATE accounts SET kind = 'bot' WHERE id = $1")
            .bind::<gaung::store::types::sql::Uid, _>(odd)
            .execute(tx.conn)?)
    });
    let progress = gaung::jobs::tick(world.app()).await;
    assert_eq!(progress.failed, 7, "one for each row");
    for (member, _) in crowd.people[..6].iter().chain(&crowd.people[7..8]) {
        let mail = mail_of(world.app(), crowd.wave_id, *member);
        assert_eq!(mail.state, MailState::Failed);
        assert!(mail.last_error.is_some_and(|why| !why.is_empty()), "it says why");
    }
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 2), (MailState::Failed, 7)]);
    assert_eq!(kept(&world).len(), 2);
    assert_eq!(world.entries(EventKind::MailFailed), 7);
    let again = gaung::jobs::tick(world.app()).await;
    assert!(again.is_idle(), "a poisonous row is not tried for ever: {again:?}");
    world.change(|tx| Ok(diesel::update(accounts::table.find(odd)).set(accounts::kind.eq("kol_internal")).execute(tx.conn)?));
    invariants::check(world.app());
}

async fn what_could_not_be_read_was_not_sent_and_says_so(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 3).await;
    execute(&world, "ALTER TABLE suppressions RENAME TO elsewhere");
    assert_eq!(gaung::jobs::tick(world.app()).await.failed, 1, "the sweep fails, the tick goes on");
    execute(&world, "ALTER TABLE elsewhere RENAME TO suppressions");
    let rows = mails(world.app(), crowd.wave_id);
    assert!(rows.iter().all(|m| (m.state, m.attempt, m.deferrals) == (MailState::Pending, 1, 0)), "no doubt: {rows:?}");
    world.test.advance(TimeDelta::seconds(15));
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 3)]);
}

async fn other_mails_stand_beside_the_tasks(engine: Engine) {
    // A request for consent and one for release: no wave, no counters, their own words.
    let world = World::new(engine);
    let app = world.app();
    let member = world.member(world.north.unit, "BARU1");
    world.account(member, AccountKind::Advocate, Platform::X, "baru1");
    world.change(|tx| {
        let own = consents::table.filter(consents::member_id.eq(member));
        diesel::delete(own).execute(tx.conn)?;
        // Links that were sent to this person before have been revoked once.
        let none = (members::participate_version.eq(None::<String>), members::link_version.eq(2));
        Ok(diesel::update(members::table.find(member)).set(none).execute(tx.conn)?)
    });
    consent::request(app, &world.coordinator, Whom::Members(vec![member])).await.unwrap();
    let content = content(vec![opinion_wave(now(&world) + TimeDelta::hours(1))]);
    let draft = gaung::service::campaign::create(app, &world.lead, world.root, content).await.unwrap();
    gaung::service::campaign::submit(app, &world.lead, draft.id, draft.version, true).await.unwrap();
    settled_tick(&world).await;
    let mailbox = kept(&world);
    let by = addresses(&mailbox);
    assert_eq!(by.get("baru1@kemencontoh.example"), Some(&1));
    assert_eq!((by.get("approver@kemencontoh.example"), by.get("second-approver@kemencontoh.example")), (Some(&1), Some(&1)));
    let opt_in = mailbox.iter().find(|m| m.rcpt_to.starts_with("baru1")).unwrap();
    let parsed = MessageParser::default().parse(&opt_in.raw).unwrap();
    let text = parsed.body_text(0).unwrap().into_owned();
    let token = word(&text, "http://127.0.0.1:8080/o/");
    assert!(consent::view_by_token(app, token).await.is_ok(), "the link in the mail opens the page it is for");
    assert!(parsed.header_raw("List-Unsubscribe").is_none(), "a request to confirm is no mailing list");
}

on_both!(
    a_mail_reaches_its_person_with_links_of_its_own,
    what_changed_between_opening_and_sending_decides,
    a_row_that_makes_no_mail_fails_alone,
    what_could_not_be_read_was_not_sent_and_says_so,
    other_mails_stand_beside_the_tasks,
);
