//! The coordinator's desk over units and members: who sees what, forms that keep what was typed, and what no page tells.

use gaung::domain::event::EventKind;
use gaung::domain::kind::AccountKind;
use gaung::domain::member::MemberState;
use gaung::store::member;
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn the_tree_shows_each_reader_their_part_of_it(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (admin, north) = (served.browser(&world.admin), served.browser(&world.north_coordinator));
    let tree = text(admin.get("/units").await, StatusCode::OK).await;
    for unit in [world.root, world.north.unit, world.north.office, world.south.unit] {
        assert!(tree.contains(&format!("/units/{unit}\"")), "{unit}");
    }
    assert!(tree.contains("6 anggota · 6 akun") && tree.contains("/units/new") && !tree.contains('⟦'), "{tree}");
    assert_eq!(tree.matches("<ul").count(), tree.matches("</ul>").count());
    let theirs = text(north.get("/units").await, StatusCode::OK).await;
    assert!(theirs.contains(&world.north.office.to_string()) && !theirs.contains(&world.south.unit.to_string()), "{theirs}");
    assert!(!theirs.contains("/units/new"), "{theirs}");
    let found = text(admin.get("/units?q=slt-1").await, StatusCode::OK).await;
    assert!(found.contains("1 unit ditemukan") && found.contains(&world.south.office.to_string()), "{found}");

    let page = text(north.get(&format!("/units/{}", world.north.unit)).await, StatusCode::OK).await;
    assert!(page.contains("Orang UTR-ADVOCATE") && page.contains("north-coordinator") && !page.contains('⟦'), "{page}");
    assert_eq!(north.get(&format!("/units/{}", world.south.unit)).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(north.get("/units/nonsense").await.status(), StatusCode::NOT_FOUND);
    // A reader who keeps no members sees the unit without their names.
    let auditor = text(served.browser(&world.auditor).get(&format!("/units/{}", world.north.unit)).await, StatusCode::OK).await;
    assert!(auditor.contains("advocateutr") && !auditor.contains("Orang UTR"), "{auditor}");
}

async fn a_unit_is_added_changed_and_moved(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let admin = served.browser(&world.admin);
    let (north, south) = (world.north.unit.to_string(), world.south.unit.to_string());
    let form = text(admin.get(&format!("/units/new?parent={north}")).await, StatusCode::OK).await;
    assert!(form.contains(&format!("value=\"{north}\" selected")), "{form}");
    let fields = |code: &'static str, parent: &str| {
        [("code", code.to_owned()), ("name", "Kantor <Baru>".into()), ("parent_id", parent.to_owned()), ("zone", String::new())]
    };
    let wrong = fields("utr", &north).map(|(n, v)| (n, v));
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let shown = text(admin.post("/units/new", &wrong).await, UNPROCESSABLE).await;
    assert!(shown.contains("href=\"#code\"") && shown.contains("id=\"code-error\"") && shown.contains("Kantor &"), "{shown}");
    assert!(!text(admin.post("/units/new", &[("code", "X"), ("name", "Y")]).await, UNPROCESSABLE).await.contains('⟦'));
    let good = fields("UTR-2", &north);
    let good: Vec<(&str, &str)> = good.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let path = location(&admin.post("/units/new", &good).await);
    assert!(text(admin.get(&path).await, StatusCode::OK).await.contains("UTR-2"));

    let edit = format!("{path}/edit");
    let form = text(admin.get(&edit).await, StatusCode::OK).await;
    assert!(form.contains("name=\"version\" value=\"1\"") && form.contains("Asia/Jakarta"), "{form}");
    let moved =
        [("code", "UTR-2"), ("name", "Kantor Pindah"), ("parent_id", &south), ("zone", "Asia/Jayapura"), ("version", "1")];
    assert_eq!(location(&admin.post(&edit, &moved).await), path);
    let page = text(admin.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("Kantor Pindah") && page.contains("Asia/Jayapura") && page.contains("Unit SLT"), "{page}");
    let stale = text(admin.post(&edit, &moved).await, StatusCode::CONFLICT).await;
    assert!(stale.contains("Kantor Pindah") && stale.contains("role=\"alert\""), "{stale}");
    // A unit can't be moved below itself, and the refusal stands at the field.
    let below = world.south.office.to_string();
    let looped = [("code", "SLT"), ("name", "Selatan"), ("parent_id", below.as_str()), ("zone", ""), ("version", "1")];
    let refused = text(admin.post(&format!("/units/{south}/edit"), &looped).await, StatusCode::CONFLICT).await;
    assert!(refused.contains("href=\"#parent_id\"") && refused.contains("Selatan"), "{refused}");
    // A coordinator sees units and changes none.
    let north_browser = served.browser(&world.north_coordinator);
    for path in ["/units/new".to_owned(), format!("/units/{north}/edit")] {
        assert_eq!(north_browser.get(&path).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

async fn a_coordinator_finds_and_keeps_the_members_of_their_units(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let north = served.browser(&world.north_coordinator);
    let list = text(north.get("/members").await, StatusCode::OK).await;
    assert!(list.contains("Orang UTR-OFFICIAL") && !list.contains("Orang SLT") && !list.contains('⟦'), "{list}");
    for (q, hit) in
        [("utr-off", true), ("UTR-OFFICIAL@kemen", true), ("orang official", true), ("off%", false), ("slt-off", false)]
    {
        let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let found = text(north.get(&format!("/members?q={q}")).await, StatusCode::OK).await;
        assert_eq!(found.contains("Orang UTR-OFFICIAL"), hit, "{q}");
        assert!(!found.contains("Orang UTR-ADVOCATE"), "{q}: {found}");
    }
    let office = format!("/members?unit={}", world.north.office);
    assert!(text(north.get(&office).await, StatusCode::OK).await.contains("Tidak ada anggota yang cocok"));
    assert_eq!(north.get(&format!("/members?unit={}", world.south.unit)).await.status(), StatusCode::NOT_FOUND);
    for reader in [&world.auditor, &world.lead, &world.approver] {
        assert_eq!(served.browser(reader).get("/members").await.status(), StatusCode::FORBIDDEN);
    }

    let unit = world.north.unit.to_string();
    let wrong = [("name", ""), ("employee_no", "UTR-OFFICIAL"), ("email", "bukan surel"), ("unit_id", &unit), ("zone", "WIB")];
    let shown = text(north.post("/members/new", &wrong).await, UNPROCESSABLE).await;
    for field in ["name", "email", "zone"] {
        assert!(shown.contains(&format!("href=\"#{field}\"")) && shown.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(shown.contains("bukan surel") && shown.contains(&format!("value=\"{unit}\" selected")), "{shown}");
    let taken = [("name", "Baru"), ("employee_no", "utr official"), ("email", "baru@klp.example"), ("unit_id", &unit)];
    let shown = text(north.post("/members/new", &taken).await, UNPROCESSABLE).await;
    assert!(shown.contains("href=\"#employee_no\""), "{shown}");
    let new = [("name", "Siti Baru"), ("employee_no", "BARU-7"), ("email", "siti@klp.example"), ("unit_id", &unit)];
    let path = location(&north.post("/members/new", &new).await);
    let page = text(north.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("Siti Baru") && page.contains("Tersimpan") && !page.contains('⟦'), "{page}");
    let path = path.split('?').next().unwrap();
    let renamed =
        [("name", "Siti Lama"), ("employee_no", "BARU-7"), ("email", "siti@klp.example"), ("unit_id", &unit), ("version", "1")];
    assert_eq!(north.post(&format!("{path}/edit"), &renamed).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(north.post(&format!("{path}/edit"), &renamed).await.status(), StatusCode::CONFLICT);
    for suffix in ["", "/edit", "/do/leave", "/do/ask"] {
        let theirs = format!("/members/{}{suffix}", world.south.member(AccountKind::Advocate));
        assert_eq!(north.get(&theirs).await.status(), StatusCode::NOT_FOUND, "{theirs}");
    }
    let elsewhere =
        [("name", "Siti"), ("employee_no", "B-8"), ("email", "s@klp.example"), ("unit_id", &world.south.unit.to_string())];
    assert_eq!(north.post("/members/new", &elsewhere).await.status(), StatusCode::NOT_FOUND);
}

async fn no_page_tells_what_a_person_chose(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let coordinator = served.browser(&world.coordinator);
    let id = world.north.member(AccountKind::Advocate);
    let path = format!("/members/{id}");
    let pages = |state: MemberState, consented: bool| {
        world.change(|tx| {
            let mut row = member::get(tx.conn, id)?;
            row.state = state;
            row.participate_version = consented.then(|| "2026-1".to_owned());
            member::save(tx, &row)
        });
        let (coordinator, path) = (coordinator.clone(), path.clone());
        async move {
            let mut shown = String::new();
            for suffix in ["", "/do/ask", "/do/leave", "/do/take-back", "/edit"] {
                shown += &text(coordinator.get(&format!("{path}{suffix}")).await, StatusCode::OK).await;
            }
            let versions = shown.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            shown.replace(&format!("name=\"version\" value=\"{versions}\""), "")
        }
    };
    let active = pages(MemberState::Active, true).await;
    for (state, consented) in [(MemberState::Active, false), (MemberState::Paused, true), (MemberState::Left, false)] {
        assert_eq!(pages(state, consented).await, active, "{state} {consented}");
    }
    // Every act says the same to everybody, and does what it says.
    for (act, kind, entries) in
        [("take-back", EventKind::MemberResumed, 1), ("leave", EventKind::MemberLeft, 1), ("leave", EventKind::MemberLeft, 1)]
    {
        let done = coordinator.post(&format!("{path}/do/{act}"), &[]).await;
        assert_eq!(location(&done), format!("{path}?done={act}"));
        assert_eq!(world.entries(kind), entries, "{act}");
    }
    assert_eq!(location(&coordinator.post(&format!("{path}/do/ask"), &[]).await), format!("{path}?done=ask"));
    assert!(text(coordinator.get(&format!("{path}?done=ask")).await, StatusCode::OK).await.contains("Permintaan diproses"));
    assert_eq!(coordinator.get(&format!("{path}/do/erase")).await.status(), StatusCode::NOT_FOUND);
    // A whole unit is asked at once; small groups are not told apart.
    let unit = format!("/units/{}/ask", world.north.unit);
    assert!(text(coordinator.get(&unit).await, StatusCode::OK).await.contains("Kirim permintaan ke Unit UTR"));
    let asked = text(coordinator.post(&unit, &[]).await, StatusCode::OK).await;
    assert!(asked.contains("6 anggota diperiksa") && asked.contains("0 surel"), "{asked}");
    let small = world.unit("KECIL", Some(world.north.unit));
    let asked = text(coordinator.post(&format!("/units/{small}/ask"), &[]).await, StatusCode::OK).await;
    assert!(asked.contains("tidak ditampilkan"), "{asked}");
    assert_eq!(served.browser(&world.lead).get(&unit).await.status(), StatusCode::FORBIDDEN);
}

on_both!(
    the_tree_shows_each_reader_their_part_of_it,
    a_unit_is_added_changed_and_moved,
    a_coordinator_finds_and_keeps_the_members_of_their_units,
    no_page_tells_what_a_person_chose,
);
