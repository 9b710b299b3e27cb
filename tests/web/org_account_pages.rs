//! The desk over accounts and their disclosures: lists by standing, forms, the second person, and taking an account out of service.

use chrono::TimeDelta;
use gaung::domain::account::AccountState;
use gaung::domain::kind::AccountKind;
use gaung::store::account;
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn accounts_are_listed_by_kind_unit_and_standing(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (north, auditor) = (served.browser(&world.north_coordinator), served.browser(&world.auditor));
    let list = text(north.get("/accounts").await, StatusCode::OK).await;
    assert!(list.contains("advocateutr") && !list.contains("advocateslt") && !list.contains('⟦'), "{list}");
    let now = world.app().clock.now();
    let set = |kind, until: Option<TimeDelta>| {
        world.change(|tx| {
            let mut row = account::get(tx.conn, world.north.account(kind))?;
            row.disclosed_until = until.map(|away| (now + away).into());
            account::save(tx, &row)
        });
    };
    set(AccountKind::Advocate, Some(TimeDelta::days(9)));
    set(AccountKind::Official, Some(TimeDelta::days(-1)));
    set(AccountKind::Interactive, None);
    for (filter, handle) in [
        ("standing=lapsing", "advocateutr"),
        ("standing=lapsed", "officialutr"),
        ("standing=missing", "interactiveutr"),
        ("standing=current&kind=white_label", "whitelabelutr"),
        ("q=@KOLext", "kolexternalutr"),
    ] {
        let found = text(north.get(&format!("/accounts?{filter}")).await, StatusCode::OK).await;
        assert!(found.contains(&format!(">{handle}<")), "{filter}: {found}");
        assert_eq!(found.matches("<th scope=\"row\">").count(), 1, "{filter}");
    }
    let none = text(north.get(&format!("/accounts?unit={}", world.north.office)).await, StatusCode::OK).await;
    assert!(none.contains("Tidak ada akun yang cocok"), "{none}");
    assert_eq!(north.get(&format!("/accounts?unit={}", world.south.unit)).await.status(), StatusCode::NOT_FOUND);

    let path = format!("/accounts/{}", world.north.account(AccountKind::Official));
    let page = text(north.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("sudah berakhir") && page.contains("Orang UTR-OFFICIAL") && page.contains("dikonfirmasi"), "{page}");
    assert!(!page.contains('⟦') && page.contains(&format!("{path}/disclose")), "{page}");
    // Who only looks sees no person behind an account, and no button.
    let seen = text(auditor.get(&path).await, StatusCode::OK).await;
    assert!(!seen.contains("Orang UTR") && !seen.contains("/disclose") && !seen.contains("/edit"), "{seen}");
    for suffix in ["/edit", "/disclose", "/do/retire"] {
        assert_eq!(auditor.get(&format!("{path}{suffix}")).await.status(), StatusCode::FORBIDDEN, "{suffix}");
    }
    let south = format!("/accounts/{}", world.south.account(AccountKind::Official));
    for suffix in ["", "/edit", "/disclose", "/do/suspend"] {
        assert_eq!(north.get(&format!("{south}{suffix}")).await.status(), StatusCode::NOT_FOUND, "{suffix}");
    }
}

async fn an_account_is_added_disclosed_and_confirmed_by_a_second_person(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (north, second) = (served.browser(&world.north_coordinator), served.browser(&world.coordinator));
    world.member(world.north.unit, "BARU-1");
    world.member(world.north.unit, "BARU-2");
    let form = text(north.get("/accounts/new?employee_no=BARU-1").await, StatusCode::OK).await;
    assert!(form.contains("value=\"BARU-1\"") && !form.contains('⟦'), "{form}");
    let wrong = [("employee_no", "BARU-9"), ("operators", "BARU-2\nSIAPA-3"), ("followers", "banyak"), ("handle", "@tanya")];
    let shown = text(north.post("/accounts/new", &wrong).await, UNPROCESSABLE).await;
    for field in ["employee_no", "operators", "kind", "platform", "followers"] {
        assert!(shown.contains(&format!("href=\"#{field}\"")) && shown.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(shown.contains("@tanya") && shown.contains("SIAPA-3") && shown.contains("banyak"), "{shown}");
    let unit = world.north.unit.to_string();
    let mut fields = vec![
        ("employee_no", "BARU-1"),
        ("kind", "kol_external"),
        ("platform", "instagram"),
        ("handle", "tanya.utara"),
        ("unit_id", unit.as_str()),
        ("followers", "1.200"),
        ("topics", "pajak, jalan"),
    ];
    let refused = text(north.post("/accounts/new", &fields).await, StatusCode::CONFLICT).await;
    assert!(refused.contains("href=\"#engagement\"") && refused.contains("tanya.utara"), "{refused}");
    fields.push(("engagement", "paid"));
    let path = location(&north.post("/accounts/new", &fields).await);
    let path = path.split('?').next().unwrap().to_owned();
    let page = text(north.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("1.200") && page.contains("jalan, pajak") && page.contains("belum ada"), "{page}");

    let disclose = format!("{path}/disclose");
    let bad = [("statement", "Bekerja sama <berbayar>"), ("url", "instagram")];
    let shown = text(north.post(&disclose, &bad).await, UNPROCESSABLE).await;
    assert!(shown.contains("href=\"#url\"") && shown.contains("Bekerja sama &"), "{shown}");
    let good = [("statement", "Bekerja sama berbayar"), ("url", "https://www.instagram.com/tanya.utara/")];
    assert_eq!(location(&north.post(&disclose, &good).await), format!("{path}?done=filed"));
    let own = text(north.get("/disclosures").await, StatusCode::OK).await;
    assert!(own.contains("Tidak ada yang menunggu"), "{own}");
    let waiting = text(second.get("/disclosures").await, StatusCode::OK).await;
    assert!(waiting.contains("tanya.utara") && waiting.contains("north-coordinator") && !waiting.contains('⟦'), "{waiting}");
    let check = format!("/disclosures/{}", waiting.split("href=\"/disclosures/").nth(1).unwrap().split('"').next().unwrap());
    // Its filer may look at it, and not settle it.
    assert!(text(north.get(&check).await, StatusCode::OK).await.contains("Anda yang mengajukan"));
    assert_eq!(north.post(&check, &[("act", "confirm")]).await.status(), StatusCode::CONFLICT);
    assert_eq!(served.browser(&world.south_coordinator).get(&check).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(served.browser(&world.lead).get("/disclosures").await.status(), StatusCode::FORBIDDEN);
    let bare = text(second.post(&check, &[("act", "reject"), ("note", " ")]).await, UNPROCESSABLE).await;
    assert!(bare.contains("href=\"#note\"") && !bare.contains('⟦'), "{bare}");
    assert!(text(second.get(&check).await, StatusCode::OK).await.contains("konfirmasi sampai"));
    assert_eq!(location(&second.post(&check, &[("act", "confirm")]).await), "/disclosures?done=confirm");
    assert_eq!(second.get(&check).await.status(), StatusCode::CONFLICT);
    let page = text(north.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("berlaku") && page.contains("dikonfirmasi") && page.contains("coordinator"), "{page}");

    // Another handle is another thing to disclose.
    let version = text(north.get(&format!("{path}/edit")).await, StatusCode::OK).await;
    let version = version.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    fields[3].1 = "tanya.utara.baru";
    fields.push(("version", &version));
    assert_eq!(location(&north.post(&format!("{path}/edit"), &fields).await), format!("{path}?done=saved"));
    assert!(text(north.get(&path).await, StatusCode::OK).await.contains("belum ada"));
    assert_eq!(north.post(&format!("{path}/edit"), &fields).await.status(), StatusCode::CONFLICT);
}

async fn an_account_is_suspended_put_back_and_retired(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let north = served.browser(&world.north_coordinator);
    let id = world.north.account(AccountKind::Interactive);
    let path = format!("/accounts/{id}");
    for (act, state, told) in [
        ("suspend", AccountState::Suspended, "Ganti kata sandi"),
        ("resume", AccountState::Active, "Akun aktif lagi"),
        ("retire", AccountState::Retired, "Akun dipensiunkan"),
    ] {
        let ask = text(north.get(&format!("{path}/do/{act}")).await, StatusCode::OK).await;
        assert!(ask.contains("interactiveutr") && !ask.contains('⟦'), "{ask}");
        assert_eq!(location(&north.post(&format!("{path}/do/{act}"), &[]).await), format!("{path}?done={act}"));
        assert_eq!(world.account_row(id).state, state);
        let page = text(north.get(&format!("{path}?done={act}")).await, StatusCode::OK).await;
        assert!(page.contains(told), "{act}: {page}");
    }
    // Nothing follows retirement.
    assert_eq!(location(&north.get(&format!("{path}/do/resume")).await), path);
    assert_eq!(north.post(&format!("{path}/do/resume"), &[]).await.status(), StatusCode::CONFLICT);
    assert_eq!(north.get(&format!("{path}/disclose")).await.status(), StatusCode::CONFLICT);
    assert_eq!(north.get(&format!("{path}/do/erase")).await.status(), StatusCode::NOT_FOUND);
    assert!(!text(north.get(&path).await, StatusCode::OK).await.contains("/do/"));
}

on_both!(
    accounts_are_listed_by_kind_unit_and_standing,
    an_account_is_added_disclosed_and_confirmed_by_a_second_person,
    an_account_is_suspended_put_back_and_retired,
);
