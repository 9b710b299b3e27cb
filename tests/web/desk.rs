//! What programs do at the desk: import files, decide about mails in doubt, take the log away.

use diesel::prelude::*;
use gaung::domain::id::MailId;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::outbox::MailState;
use gaung::store::StoreError;
use gaung::store::schema::outbox;
use reqwest::{Method, StatusCode};

use crate::support::database::Engine;
use crate::support::http::{Client, Served, json, text};
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

async fn send(client: &Client, path: &str, csv: &str) -> reqwest::Response {
    client.request(Method::POST, path).header("content-type", "text/csv").body(csv.to_owned()).send().await.unwrap()
}

async fn a_file_is_looked_at_first_and_imported_whole_or_not_at_all(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let good = "code,name,parent_code,zone\nTMR,Kantor Timur,KEMENCONTOH,Asia/Jayapura\nTMR-1,Kantor Timur 1,TMR,\n";
    let bad = "code,name,parent_code,zone\nBRT,Kantor Barat,KEMENCONTOH,Asia/Jakarta\nBRT-1,Kantor Barat 1,NOWHERE,Mars/Base\n";
    let units = || async { json(client.get("/api/v1/units").await, StatusCode::OK).await["items"].as_array().unwrap().len() };
    let before = units().await;
    let looked = json(send(&client, "/api/v1/imports/units", good).await, StatusCode::OK).await;
    assert_eq!((looked["dry_run"].as_bool(), looked["new"].as_u64(), units().await), (Some(true), Some(2), before));
    let faulty = json(send(&client, "/api/v1/imports/units?dry_run=false", bad).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faulty["errors"][0]["code"], "import.faulty");
    assert!(faulty["report"]["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "{faulty}");
    assert_eq!(units().await, before);
    let done = json(send(&client, "/api/v1/imports/units?dry_run=false", good).await, StatusCode::OK).await;
    assert_eq!((done["applied"].as_bool(), units().await), (Some(true), before + 2));
    let untyped = client.request(Method::POST, "/api/v1/imports/units").body(good).send().await.unwrap();
    assert_eq!(untyped.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    text(send(&served.api(&world.lead), "/api/v1/imports/units", good).await, StatusCode::FORBIDDEN).await;
    text(send(&client, "/api/v1/imports/horses", good).await, StatusCode::NOT_FOUND).await;
    text(send(&client, "/api/v1/imports/units?dry=1", good).await, StatusCode::UNPROCESSABLE_ENTITY).await;
}

async fn a_person_decides_about_a_mail_in_doubt(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let account = world.north.account(AccountKind::Advocate);
    let asked = stage.asked(Layer::Advocacy, account, &Asking::of(Action::Comment));
    let reminder: MailId = world.change(|tx| {
        let row = outbox::table.filter(outbox::assignment_id.eq(asked.id)).filter(outbox::state.eq(MailState::Pending));
        let id: MailId = row.select(outbox::id).first(tx.conn)?;
        diesel::update(outbox::table.find(id))
            .set((outbox::state.eq(MailState::Unknown), outbox::last_error.eq("the connection was lost")))
            .execute(tx.conn)?;
        Ok(id)
    });
    let served = Served::start(world.app());
    let lead = served.api(&world.lead);
    let path = format!("/api/v1/campaigns/{}/mails", stage.campaign);
    let listed = json(lead.get(&format!("{path}?state=unknown")).await, StatusCode::OK).await;
    assert_eq!(listed["items"][0]["id"], reminder.to_string());
    assert_eq!(listed["items"][0]["last_error"], "the connection was lost");
    let shown = listed.to_string();
    let member = world.member_row(asked.member_id);
    for personal in [&member.email, &member.name, &member.subject_ref, &member.id.to_string(), &asked.id.to_string()] {
        assert!(!shown.contains(personal.as_str()), "{personal} in {shown}");
    }
    let post = |client: Client, act: &'static str| async move {
        client.request(Method::POST, &format!("/api/v1/mails/{reminder}/{act}")).send().await.unwrap()
    };
    assert_eq!(post(served.api(&world.auditor), "retry").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(post(served.api(&world.south_lead), "retry").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(post(lead.clone(), "accept").await.status(), StatusCode::NO_CONTENT);
    let again = json(post(lead.clone(), "accept").await, StatusCode::CONFLICT).await;
    assert_eq!(again["code"], "mail.not_unknown");
    let sent = json(post(lead, "retry").await, StatusCode::CONFLICT).await;
    assert_eq!(sent["code"], "mail.not_retryable");
    let state = |conn: &mut gaung::store::Conn| {
        Ok::<MailState, StoreError>(outbox::table.find(reminder).select(outbox::state).first(conn)?)
    };
    assert_eq!(world.app().db.read_blocking(state).unwrap(), MailState::Sent);
}

on_both!(a_file_is_looked_at_first_and_imported_whole_or_not_at_all, a_person_decides_about_a_mail_in_doubt);
