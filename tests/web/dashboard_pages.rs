//! The lead's live page: the cascade's picture, counts by layer, what is stuck, events with absolute counts, and the design page.

use diesel::RunQueryDsl as _;
use gaung::domain::kind::{AccountKind, Action, Layer};
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::{Served, text};
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

async fn a_running_campaign_is_followed(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let account = world.north.account(AccountKind::Advocate);
    stage.asked(Layer::Advocacy, account, &Asking::of(Action::Comment));
    // The stage makes assignments one by one; the fan-out would have counted them.
    world.change(|tx| {
        let counted =
            "UPDATE wave_counts SET planned = (SELECT count(*) FROM assignments a WHERE a.wave_id = wave_counts.wave_id)";
        Ok(diesel::sql_query(counted).execute(tx.conn)?)
    });
    let served = Served::start(world.app());
    let path = format!("/campaigns/{}", stage.campaign);
    let page = text(served.browser(&world.lead).get(&format!("{path}?lang=en")).await, StatusCode::OK).await;
    assert!(page.contains("class=\"cascade across\"") && page.contains("class=\"cascade down\""), "{page}");
    assert!(page.contains(&format!("data-live=\"{path}/events\"")), "{page}");
    assert!(page.contains("data-n=\"asked-3\">1<"), "{page}");
    assert!(!page.contains('⟦'), "{page}");
    // One person asked is a small group: its figures are withheld.
    assert!(page.contains("a small group"), "{page}");

    let mut answer = served.browser(&world.lead).get(&format!("{path}/events")).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let first = answer.chunk().await.expect("bytes").expect("an event");
    let first = std::str::from_utf8(&first).unwrap();
    let data = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let event: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(event["texts"]["asked-3"], "1");
    assert_eq!(event["bars"]["layer-3"], serde_json::json!([0, 1]));

    // However many look, the counts are read once.
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut other = served.browser(&world.approver).get(&format!("{path}/events")).await;
        assert_eq!(other.chunk().await.expect("bytes").expect("an event"), first.as_bytes());
        others.push(other);
    }
    assert_eq!(world.app().live.followed(), 1);

    text(served.browser(&world.south_lead).get(&path).await, StatusCode::NOT_FOUND).await;
    text(served.browser(&world.south_lead).get(&format!("{path}/events")).await, StatusCode::NOT_FOUND).await;
    let answer = served.anonymous().get(&format!("{path}/events")).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

async fn components_are_shown_on_one_page(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    for lang in ["id", "en"] {
        let page = text(served.browser(&world.admin).get(&format!("/design?lang={lang}")).await, StatusCode::OK).await;
        assert!(page.contains("data-autofocus") && page.contains("id=\"design-wrong-error\""), "{page}");
        assert!(page.contains("aria-describedby=\"design-wrong-hint design-wrong-error\""), "{page}");
        assert!(page.contains("class=\"sound c3\"") && page.contains("class=\"horn c2 held\""), "{page}");
        assert!(!page.contains('⟦'), "{page}");
    }
    let menu = text(served.browser(&world.admin).get("/menu?lang=en").await, StatusCode::OK).await;
    assert!(menu.contains("href=\"/campaigns\"") && menu.contains("href=\"/log\""), "{menu}");
    let menu = text(served.browser(&world.lead).get("/menu?lang=en").await, StatusCode::OK).await;
    assert!(!menu.contains("href=\"/log\""), "{menu}");
}

on_both!(a_running_campaign_is_followed, components_are_shown_on_one_page);
