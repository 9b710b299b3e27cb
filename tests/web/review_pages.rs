//! Before the release: one person's mail and page, a test mail to oneself, what changed since the last release, and the decision.

use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::service::campaign;
use gaung::store::schema::{mailbox, outbox, wave_counts};
use gaung::store::{Conn, StoreError};
use reqwest::StatusCode;

use crate::support::campaign::{draft, four_layers, freeze, id_of, released, submitted};
use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

async fn what_one_person_would_see_is_shown_and_can_be_mailed_to_oneself(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let made = draft(&world, four_layers()).await;
    let wave = made.content.waves[3].id;
    let check = text(lead.get(&format!("/campaigns/{}/preview", made.id)).await, StatusCode::OK).await;
    assert!(check.contains("Ajukan untuk dirilis: 12 tugas"), "six kinds, one of each in each branch: {check}");
    let path = format!("/campaigns/{}/preview/{wave}", made.id);
    let page = text(lead.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("Orang SLT-ADVOCATE") && page.contains("Orang UTR-ADVOCATE"), "{page}");
    assert!(!page.contains('⟦') && !check.contains('⟦'), "{page}");

    // The task page stands in a frame of ours and nowhere else, and nothing on it can be sent or run.
    let frame = lead.get(&format!("{path}/task")).await;
    let policy = frame.headers().get("content-security-policy").unwrap().to_str().unwrap().to_owned();
    for part in ["frame-ancestors 'self'", "form-action 'none'", "sandbox allow-same-origin"] {
        assert!(policy.contains(part) && !policy.contains("script-src"), "{policy}");
    }
    let task = text(frame, StatusCode::OK).await;
    assert!(task.contains("Kelas literasi keuangan terbuka") && task.contains("Kelas gratis dibuka"), "{task}");
    let mail = text(lead.get(&format!("{path}/mail")).await, StatusCode::OK).await;
    assert!(mail.contains("Pekan literasi keuangan"), "{mail}");
    let elsewhere = lead.get(&format!("/campaigns/{}/preview", made.id)).await;
    assert!(elsewhere.headers().get("content-security-policy").unwrap().to_str().unwrap().contains("frame-ancestors 'none'"));

    assert_eq!(location(&lead.post(&path, &[]).await), format!("{path}?sent=1"));
    assert_eq!(world.entries(EventKind::TestMailAsked), 1);
    gaung::service::delivery::deliver_due_mail(world.app()).await.unwrap();
    let read = |conn: &mut Conn| {
        let sent: Vec<(MailKind, MailState)> = outbox::table.select((outbox::kind, outbox::state)).load(conn)?;
        let kept: Vec<(String, String)> = mailbox::table.select((mailbox::rcpt_to, mailbox::subject)).load(conn)?;
        let counts: i64 = wave_counts::table.count().get_result(conn)?;
        Ok::<_, StoreError>((sent, kept, counts))
    };
    let (sent, kept, counts) = world.app().db.read_blocking(read).unwrap();
    assert_eq!((sent, counts), (vec![(MailKind::Test, MailState::Sent)], 0));
    assert_eq!(kept.len(), 1);
    assert!(kept[0].0 == "lead@kemencontoh.example" && kept[0].1.starts_with("[UJI COBA]"), "{kept:?}");
    // Who only reads sends nothing.
    assert_eq!(served.browser(&world.auditor).post(&path, &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(served.browser(&world.south_lead).post(&path, &[]).await.status(), StatusCode::NOT_FOUND);
}

async fn an_approver_sees_what_changed_and_decides(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let approver = served.browser(&world.approver);
    let empty = text(approver.get("/approvals").await, StatusCode::OK).await;
    assert!(empty.contains("Tidak ada yang menunggu"), "{empty}");
    // Released once, edited, submitted again.
    let live = released(&world, four_layers()).await;
    let mut content = live.content.clone();
    content.message = "Kelas literasi keuangan terbuka untuk umum sampai 6 Desember.".into();
    content.avoid.push("Menyebut tokoh partai".into());
    let edited = campaign::edit(world.app(), &world.lead, live.id, live.version, content).await.unwrap();
    campaign::submit(world.app(), &world.lead, live.id, edited.version, false).await.unwrap();
    let list = text(approver.get("/approvals").await, StatusCode::OK).await;
    let path = format!("/campaigns/{}/review", live.id);
    assert!(list.contains(&path) && list.contains("27 Nov 2026, 09.00 WIB") && list.contains("Tinjau perubahannya"), "{list}");
    let page = text(approver.get(&path).await, StatusCode::OK).await;
    assert!(
        page.contains("<del>5</del>") && page.contains("<ins>6</ins>") && page.contains("<ins>Menyebut tokoh partai</ins>"),
        "{page}"
    );
    assert!(page.contains("Rilis dan kirim 12 surel") && !page.contains('⟦'), "{page}");

    // A return needs a note; what was typed stays.
    let long = "panjang ".repeat(200);
    let wrong = text(approver.post(&path, &[("act", "return"), ("note", &long)]).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(wrong.contains("href=\"#note\"") && wrong.contains("panjang panjang"), "{wrong}");
    let stale = text(approver.post(&path, &[("act", "release"), ("hash", "00")]).await, StatusCode::CONFLICT).await;
    assert!(stale.contains("Isinya berubah sejak dilihat"), "{stale}");
    assert_eq!(location(&approver.post(&path, &[("act", "return"), ("note", "Periksa tanggalnya.")]).await), "/approvals");
    let back = campaign::get(world.app(), &world.lead, live.id).await.unwrap();
    assert_eq!((back.state, back.note.as_str()), (CampaignState::Draft, "Periksa tanggalnya."));
    // A first release: all of it is new.
    let first = submitted(&world, four_layers()).await;
    let path = format!("/campaigns/{}/review", first.id);
    assert!(text(approver.get(&path).await, StatusCode::OK).await.contains("Belum pernah dirilis"));
    let hash = first.content_hash.as_str();
    assert_eq!(location(&approver.post(&path, &[("act", "release"), ("hash", hash)]).await), format!("/campaigns/{}", first.id));
    for (other, status) in [(&world.lead, StatusCode::FORBIDDEN), (&world.coordinator, StatusCode::FORBIDDEN)] {
        assert_eq!(served.browser(other).get(&path).await.status(), status);
        assert_eq!(served.browser(other).get("/approvals").await.status(), status);
    }
}

async fn in_a_freeze_two_approvers_are_needed_and_an_author_is_none(engine: Engine) {
    use gaung::domain::role::{Grant, Role};
    let world = World::new(engine);
    let both = [Role::Lead, Role::Approver].map(|role| Grant { role, unit_id: world.root });
    let author = world.user("penulis-penyetuju", &both);
    let made = campaign::create(world.app(), &author, world.root, four_layers()).await.unwrap();
    campaign::submit(world.app(), &author, made.id, 1, false).await.unwrap();
    freeze(&world, "2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z");
    let served = Served::start(world.app());
    let path = format!("/campaigns/{}/review", made.id);
    let own = served.browser(&author);
    let page = text(own.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("orang lain yang merilis") && !page.contains("value=\"release\""), "{page}");
    assert!(text(own.get("/approvals").await, StatusCode::OK).await.contains("Yang Anda tulis atau ajukan sendiri"));
    let hash = [("act", "release"), ("hash", made.content_hash.as_str())];
    text(own.post(&path, &hash).await, StatusCode::CONFLICT).await;

    let (first, second) = (served.browser(&world.approver), served.browser(&world.second_approver));
    let page = text(first.get(&path).await, StatusCode::OK).await;
    assert!(
        page.contains("Pilkada") && page.contains("value=\"freeze-reason\"") && !page.contains("value=\"release\""),
        "{page}"
    );
    let bare = [("act", "freeze-reason"), ("reason", " ")];
    assert!(text(first.post(&path, &bare).await, StatusCode::UNPROCESSABLE_ENTITY).await.contains("href=\"#reason\""));
    let reason = [("act", "freeze-reason"), ("reason", "Layanan rutin, bukan politik")];
    assert_eq!(location(&first.post(&path, &reason).await), path);
    let page = text(first.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("penyetuju lain yang merilis") && !page.contains("value=\"release\""), "{page}");
    let page = text(second.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("Layanan rutin, bukan politik") && page.contains("value=\"release\""), "{page}");
    assert_eq!(location(&second.post(&path, &hash).await), format!("/campaigns/{}", made.id));
    assert_ne!(id_of(&world.approver), id_of(&world.second_approver));
}

on_both!(
    what_one_person_would_see_is_shown_and_can_be_mailed_to_oneself,
    an_approver_sees_what_changed_and_decides,
    in_a_freeze_two_approvers_are_needed_and_an_author_is_none,
);
