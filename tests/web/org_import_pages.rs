//! Importing in the page: a file is checked and kept, bad rows are named, and exactly what was checked is imported, once.

use chrono::TimeDelta;
use gaung::domain::event::EventKind;
use gaung::service::import::kept;
use gaung::store::member;
use reqwest::{Method, Response, StatusCode};

use crate::support::database::Engine;
use crate::support::http::{Client, Served, location, text};
use crate::support::world::World;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// A form with a file, as a browser without script sends it.
async fn send(client: &Client, kind: &str, name: &str, file: &[u8]) -> Response {
    let part = |head: &str, body: &[u8]| {
        let head = format!("--xyz\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        [head.as_bytes(), body, b"\r\n"].concat()
    };
    let body = [
        part("name=\"kind\"", kind.as_bytes()),
        part(&format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv"), file),
        b"--xyz--\r\n".to_vec(),
    ];
    let request = client.request(Method::POST, "/import").header("sec-fetch-site", "same-origin");
    request.header("content-type", "multipart/form-data; boundary=xyz").body(body.concat()).send().await.expect("an answer")
}

async fn a_file_is_checked_shown_and_imported_exactly_once(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let north = served.browser(&world.north_coordinator);
    let form = text(north.get("/import?kind=members").await, StatusCode::OK).await;
    assert!(form.contains("value=\"members\" selected") && form.contains("employee_no") && !form.contains('⟦'), "{form}");
    // A coordinator manages no units, so a file of units is not theirs to import.
    assert!(!form.contains("value=\"units\""), "{form}");
    let template = north.get("/import/template/members").await;
    assert_eq!(template.headers().get("content-disposition").unwrap(), "attachment; filename=\"members.csv\"");
    assert!(text(template, StatusCode::OK).await.starts_with("\u{feff}employee_no,name,"));
    let rows: String = (0..1200).map(|i| format!("P{i:05};Pegawai {i};p{i}@klp.example;utr-1\r\n")).collect();
    let file = format!(
        "\u{feff}employee_no;name;email;unit_code\r\n{rows}UTR-OFFICIAL;Nama Baru;utr-official@kemencontoh.example;UTR\r\n"
    );
    let path = location(&send(&north, "members", "anggota <1>.csv", file.as_bytes()).await);
    let found = text(north.get(&path).await, StatusCode::OK).await;
    assert!(found.contains("Impor 1.200 baris baru dan 1 baris berubah") && found.contains("Pemisah kolom"), "{found}");
    assert!(found.contains("anggota &") && !found.contains('⟦'), "{found}");
    let missing = |number: &'static str| {
        let find = move |conn: &mut gaung::store::Conn| member::find_by_employee_no(conn, number);
        world.app().db.read_blocking(find).unwrap().is_none()
    };
    assert!(missing("P00007"), "a check changes nothing");
    // The file is one person's.
    assert_eq!(served.browser(&world.coordinator).get(&path).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(served.browser(&world.coordinator).post(&path, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(location(&north.post(&path, &[]).await), path);
    assert!(!missing("P00007") && !missing("P01199"));
    assert_eq!(world.entries(EventKind::Imported), 1);
    let done = text(north.get(&path).await, StatusCode::OK).await;
    assert!(
        done.contains("Sudah diimpor") && done.contains("/import?kind=accounts") && !done.contains("<form method=\"post\" class")
    );
    // A second press imports nothing again.
    assert_eq!(location(&north.post(&path, &[]).await), path);
    assert_eq!((world.entries(EventKind::Imported), world.entries(EventKind::MemberAdded)), (1, 1200));
    let same = location(&send(&north, "members", "lagi.csv", file.as_bytes()).await);
    assert!(text(north.get(&same).await, StatusCode::OK).await.contains("Tidak ada yang perlu diimpor"));
}

async fn bad_rows_are_named_by_line_and_column(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let north = served.browser(&world.north_coordinator);
    let file = "employee_no,name,email,unit_code\nA1,Siti,bukan surel,UTR\nA2,,b@klp.example,NGAWUR\nA3,Rudi,c@klp.example,SLT\n";
    let path = location(&send(&north, "members", "salah.csv", file.as_bytes()).await);
    let found = text(north.get(&path).await, StatusCode::OK).await;
    for told in ["<code>email</code>", "<code>name</code>", "Tidak ada unit dengan kode ini", "di luar unit yang Anda kelola"] {
        assert!(found.contains(told), "{told}: {found}");
    }
    for line in [2, 3, 4] {
        assert!(found.contains(&format!("data-label=\"Baris\">{line}<")), "{line}: {found}");
    }
    assert!(!found.contains("<form method=\"post\" class") && !found.contains('⟦'), "{found}");
    assert_eq!(north.post(&path, &[]).await.status(), StatusCode::CONFLICT);
    let headers = location(&send(&north, "members", "x.csv", b"employee_no,nama\n").await);
    assert!(text(north.get(&headers).await, StatusCode::OK).await.contains("<code>nama</code>"));
    // What is no form of ours, and forms without a file.
    let none = text(send(&north, "members", "", b"").await, UNPROCESSABLE).await;
    assert!(none.contains("href=\"#file\"") && none.contains("value=\"members\" selected"), "{none}");
    let none = text(send(&north, "", "", b"").await, UNPROCESSABLE).await;
    assert!(none.contains("href=\"#kind\"") && none.contains("href=\"#file\""), "{none}");
    assert_eq!(send(&north, "units", "u.csv", b"code,name,parent_code\n").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(north.post("/import", &[("kind", "members")]).await.status(), StatusCode::BAD_REQUEST);
    for reader in [&world.auditor, &world.lead] {
        assert_eq!(served.browser(reader).get("/import").await.status(), StatusCode::FORBIDDEN);
    }
}

async fn what_changed_since_the_check_stops_the_import(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let admin = served.browser(&world.admin);
    let file = b"code,name,parent_code\nUTR-9,Kantor Sembilan,UTR\nUTR-8,Kantor Delapan,UTR\n";
    let path = location(&send(&admin, "units", "unit.csv", file).await);
    assert!(text(admin.get(&path).await, StatusCode::OK).await.contains("Impor 2 baris baru"));
    world.unit("UTR-9", Some(world.north.unit));
    let stopped = text(admin.post(&path, &[]).await, StatusCode::CONFLICT).await;
    assert!(stopped.contains("Data sudah berubah") && stopped.contains("Impor 1 baris baru dan 1 baris berubah"), "{stopped}");
    assert_eq!(world.entries(EventKind::Imported), 0);
    assert_eq!(location(&admin.post(&path, &[]).await), path);
    assert_eq!(world.entries(EventKind::Imported), 1);
    // After a day a file is forgotten, and the sweep takes it away.
    let old = location(&send(&admin, "units", "unit.csv", b"code,name,parent_code\nUTR-7,Kantor,UTR\n").await);
    assert_eq!(kept::prune(world.app()).await.unwrap().done, 0);
    world.test.advance(TimeDelta::hours(25));
    let admin = served.browser(&world.admin);
    assert_eq!(admin.get(&old).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(admin.post(&old, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(kept::prune(world.app()).await.unwrap().done, 2);
    assert_eq!(kept::prune(world.app()).await.unwrap().done, 0);
}

on_both!(
    a_file_is_checked_shown_and_imported_exactly_once,
    bad_rows_are_named_by_line_and_column,
    what_changed_since_the_check_stops_the_import,
);
