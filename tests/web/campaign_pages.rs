//! The lead's and the approver's way through a campaign's pages: written, checked, submitted, released by another, paused, cancelled.

use gaung::domain::campaign::CampaignState;
use gaung::service::campaign;
use reqwest::StatusCode;

use crate::support::campaign::four_layers;
use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

async fn a_campaign_goes_from_the_form_to_its_release(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (lead, approver) = (served.browser(&world.lead), served.browser(&world.approver));
    let mut content = four_layers();
    content.title = "Pekan <b>literasi</b>".into();
    content.message = "Kelas terbuka untuk umum.".into();
    let path = format!("/campaigns/{}", crate::support::campaign::draft(&world, content).await.id);
    let page = text(lead.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("Pekan &#60;b&#62;literasi") || page.contains("Pekan &lt;b&gt;literasi"), "{page}");
    assert!(page.contains("Konsep") && page.contains("27 Nov 2026, 09.00 WIB"), "{page}");
    assert!(page.len() < 60 * 1024, "{}", page.len());
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    text(lead.get(&format!("{path}/preview")).await, StatusCode::OK).await;
    let wave = campaign::get(world.app(), &world.lead, id).await.unwrap().content.waves[0].id;
    let mail = text(lead.get(&format!("{path}/preview/{wave}")).await, StatusCode::OK).await;
    assert!(mail.contains("Surelnya"), "{mail}");

    let version = campaign::get(world.app(), &world.lead, id).await.unwrap().version.to_string();
    text(lead.get(&format!("{path}/do/submit")).await, StatusCode::OK).await;
    assert_eq!(location(&lead.post(&format!("{path}/do/submit"), &[("version", &version)]).await), path);
    // Its author may not release it; a second person may, and only what they looked at.
    let hash = campaign::get(world.app(), &world.lead, id).await.unwrap().content_hash;
    let own = lead.post(&format!("{path}/do/release"), &[("hash", &hash)]).await;
    assert_eq!(own.status(), StatusCode::FORBIDDEN);
    let seen = text(approver.get(&format!("{path}/do/release")).await, StatusCode::OK).await;
    assert!(seen.contains(&hash) && seen.contains("Kelas terbuka untuk umum."), "{seen}");
    let other = text(approver.post(&format!("{path}/do/release"), &[("hash", "00")]).await, StatusCode::CONFLICT).await;
    assert!(other.contains("Isinya berubah sejak dilihat"), "{other}");
    assert_eq!(location(&approver.post(&format!("{path}/do/release"), &[("hash", &hash)]).await), path);
    let released = text(lead.get(&path).await, StatusCode::OK).await;
    assert!(released.contains("Dirilis") && released.contains("Direncanakan"), "{released}");

    // An act that needs a reason shows its form again without one.
    let bare = text(lead.post(&format!("{path}/do/pause"), &[("reason", " ")]).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(bare.contains("href=\"#reason\""), "{bare}");
    assert_eq!(location(&lead.post(&format!("{path}/do/pause"), &[("reason", "Salah angka")]).await), path);
    assert_eq!(location(&lead.post(&format!("{path}/do/resume"), &[]).await), path);
    let skip = format!("{path}/waves/{wave}/skip");
    text(lead.get(&skip).await, StatusCode::OK).await;
    assert_eq!(location(&lead.post(&skip, &[("reason", "Tidak perlu")]).await), path);
    assert_eq!(location(&lead.post(&format!("{path}/do/cancel"), &[("reason", "Selesai")]).await), path);
    assert_eq!(campaign::get(world.app(), &world.lead, id).await.unwrap().state, CampaignState::Cancelled);
    let list = text(lead.get("/campaigns?state=cancelled").await, StatusCode::OK).await;
    assert!(list.contains(&path) && list.contains("Dibatalkan"), "{list}");
    assert!(!text(lead.get("/campaigns?state=draft").await, StatusCode::OK).await.contains(&path));
}

async fn the_log_is_filtered_by_its_address_and_leaves_as_csv(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let draft = crate::support::campaign::draft(&world, four_layers()).await;
    let auditor = served.browser(&world.auditor);
    let page = text(auditor.get("/log?kind=campaign.created").await, StatusCode::OK).await;
    assert!(page.contains("Pekan literasi keuangan") && !page.contains("<code>user.added</code>"), "{page}");
    let entry = page.split("href=\"/log/").nth(1).unwrap().split('"').next().unwrap();
    let shown = text(auditor.get(&format!("/log/{entry}")).await, StatusCode::OK).await;
    assert!(shown.contains(&draft.id.to_string()), "{shown}");
    let none = text(auditor.get("/log?kind=campaign.created&to=2020-01-01T00:00").await, StatusCode::OK).await;
    assert!(none.contains("Tidak ada entri"), "{none}");
    let wrong = text(auditor.get("/log?from=yesterday&unit=x&kind=nothing").await, StatusCode::OK).await;
    for field in ["#from", "#unit", "#kind"] {
        assert!(wrong.contains(&format!("href=\"{field}\"")), "{field}");
    }
    let answer = auditor.get("/log.csv?kind=campaign.created").await;
    assert_eq!(answer.headers().get("content-type").unwrap(), "text/csv; charset=utf-8");
    let csv = text(answer, StatusCode::OK).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("id,at,kind,") && lines.len() == 2 && lines[1].contains(&draft.id.to_string()), "{csv}");
    assert_eq!(served.browser(&world.lead).get("/log").await.status(), StatusCode::FORBIDDEN);
}

on_both!(a_campaign_goes_from_the_form_to_its_release, the_log_is_filtered_by_its_address_and_leaves_as_csv,);
