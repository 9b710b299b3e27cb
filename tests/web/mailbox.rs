//! The built-in mailbox: what was kept can be read, and lets nothing out; consent by the link in it.

use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::service::consent::{self, Whom};
use gaung::service::delivery;
use gaung::service::member::{self, MemberForm};
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

async fn a_kept_mail_shows_its_text_its_links_and_its_html_in_a_cage(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &Asking::of(Action::Comment));
    delivery::deliver_due_mail(stage.world.app()).await.unwrap();
    let served = Served::start(stage.world.app());
    let browser = served.anonymous();
    let list = text(browser.get("/mailbox").await, StatusCode::OK).await;
    let email = stage.world.member_row(asked.member_id).email;
    assert!(list.contains(&email), "{list}");
    let none = text(browser.get("/mailbox?to=nobody%40kemencontoh.example").await, StatusCode::OK).await;
    assert!(none.contains("Belum ada surel"), "{none}");
    let path = list.split("href=\"/mailbox/").nth(1).unwrap().split('"').next().unwrap();
    let mail = text(browser.get(&format!("/mailbox/{path}")).await, StatusCode::OK).await;
    let task = mail.split("href=\"/t/").nth(1).unwrap_or_else(|| panic!("no link: {mail}")).split('"').next().unwrap();
    let shown = text(browser.get(&format!("/t/{task}")).await, StatusCode::OK).await;
    assert!(shown.contains("Pajak untuk jalan desa"), "{shown}");
    let html = browser.get(&format!("/mailbox/{path}/html")).await;
    let policy = html.headers().get("content-security-policy").unwrap().to_str().unwrap().to_owned();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("allow-scripts"), "{policy}");
    text(html, StatusCode::OK).await;
}

async fn it_is_not_there_where_it_is_not_asked_for(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__SERVER__DEV_MAILBOX", "false")]);
    let served = Served::start(world.app());
    for path in ["/mailbox", "/mailbox/01a200a2-bf3d-7538-a2e6-d6cadae8f7fb"] {
        assert_eq!(served.browser(&world.admin).get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let page = text(served.browser(&world.admin).get("/campaigns").await, StatusCode::OK).await;
    assert!(!page.contains("/mailbox"), "{page}");
}

async fn a_member_agrees_and_withdraws_by_the_link_in_the_mail(engine: Engine) {
    let world = World::new(engine);
    let form = MemberForm {
        unit_id: world.north.unit,
        employee_no: "19900101 202001 1 009".into(),
        name: "Sari Wulandari".into(),
        email: "sari@kemencontoh.example".into(),
        locale: String::new(),
        zone: String::new(),
    };
    let member = member::add(world.app(), &world.coordinator, form).await.unwrap().id;
    world.account(member, AccountKind::Advocate, Platform::X, "pegawaibaru");
    consent::request(world.app(), &world.coordinator, Whom::Members(vec![member])).await.unwrap();
    delivery::deliver_due_mail(world.app()).await.unwrap();
    let served = Served::start(world.app());
    let phone = served.anonymous();
    let list = text(phone.get("/mailbox").await, StatusCode::OK).await;
    let mail = list.split("href=\"/mailbox/").nth(1).unwrap().split('"').next().unwrap();
    let mail = text(phone.get(&format!("/mailbox/{mail}")).await, StatusCode::OK).await;
    let token = mail.split("href=\"/o/").nth(1).unwrap_or_else(|| panic!("no link: {mail}")).split('"').next().unwrap();
    let path = format!("/o/{token}");
    let asked = text(phone.get(&path).await, StatusCode::OK).await;
    assert!(asked.contains("Saya bersedia menerima surel") && asked.contains("pegawaibaru"), "{asked}");
    let version = || world.member_row(member).participate_version;
    assert_eq!(version(), None, "looking agrees to nothing");
    for _ in 0..2 {
        assert_eq!(location(&phone.post(&path, &[("act", "give")]).await), path);
        assert_eq!(version().as_deref(), Some("1"));
    }
    let given = text(phone.get(&path).await, StatusCode::OK).await;
    assert!(given.contains("data-face=\"given\""), "{given}");
    assert_eq!(location(&phone.post(&path, &[("act", "withdraw")]).await), path);
    assert_eq!(version(), None);
    assert_eq!(phone.get("/o/nonsense").await.status(), StatusCode::NOT_FOUND);
}

on_both!(
    a_kept_mail_shows_its_text_its_links_and_its_html_in_a_cage,
    it_is_not_there_where_it_is_not_asked_for,
    a_member_agrees_and_withdraws_by_the_link_in_the_mail,
);
