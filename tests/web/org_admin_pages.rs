//! The admin's desk: users and their roles, suppressed addresses, neutrality, and the settings to be read.

use gaung::domain::event::EventKind;
use gaung::domain::kind::AccountKind;
use gaung::domain::role::{Grant, Role};
use gaung::service::Caller;
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn id(caller: &Caller) -> String {
    caller.user_id().expect("a user").to_string()
}

/// What stands between two texts.
fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    page.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_else(|| panic!("{before} in {page}"))
}

async fn a_user_is_added_with_a_password_shown_once(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let admin = served.browser(&world.admin);
    let list = text(admin.get("/users").await, StatusCode::OK).await;
    assert!(list.contains("north-coordinator") && list.contains("Unit UTR") && !list.contains('⟦'), "{list}");
    let form = text(admin.get("/users/new").await, StatusCode::OK).await;
    assert!(form.contains("mengurus anggota dan akun") && !form.contains('⟦'), "{form}");
    let wrong = [("name", "Wati <b>"), ("email", "wati"), ("role", ""), ("unit_id", "")];
    let shown = text(admin.post("/users/new", &wrong).await, UNPROCESSABLE).await;
    assert!(shown.contains("href=\"#role\"") && shown.contains("href=\"#unit_id\"") && shown.contains("Wati &"), "{shown}");
    let unit = world.north.unit.to_string();
    let mut fields =
        [("name", "Wati"), ("email", "lead@kemencontoh.example"), ("role", "coordinator"), ("unit_id", unit.as_str())];
    let taken = text(admin.post("/users/new", &fields).await, UNPROCESSABLE).await;
    assert!(taken.contains("Sudah ada pengguna dengan alamat ini") && taken.contains("id=\"email-error\""), "{taken}");
    fields[1].1 = "wati@kemencontoh.example";
    let made = text(admin.post("/users/new", &fields).await, StatusCode::CREATED).await;
    let password = between(&made, "id=\"secret-text\">", "<").to_owned();
    assert_eq!(password.len(), 23);
    let path = between(&made, "action=\"/users/", "\"").to_owned();
    let path = format!("/users/{path}");
    assert!(!text(admin.get(&path).await, StatusCode::OK).await.contains(&password));
    // The password opens the console, once the user has been let in.
    let sign_in = |password: String| {
        let anonymous = served.anonymous();
        async move { anonymous.post("/sign-in", &[("email", "wati@kemencontoh.example"), ("password", &password)]).await.status() }
    };
    assert_eq!(sign_in(password.clone()).await, StatusCode::SEE_OTHER);
    assert_eq!(location(&admin.post(&path, &[("act", "stop")]).await), format!("{path}?done=stop"));
    assert_ne!(sign_in(password.clone()).await, StatusCode::SEE_OTHER);
    assert!(text(admin.get(&path).await, StatusCode::OK).await.contains("dihentikan"));
    assert_eq!(location(&admin.post(&path, &[("act", "start")]).await), format!("{path}?done=start"));
    assert_eq!((world.entries(EventKind::UserDisabled), world.entries(EventKind::UserEnabled)), (1, 1));
    let renewed = text(admin.post(&path, &[("act", "password")]).await, StatusCode::OK).await;
    let second = between(&renewed, "id=\"secret-text\">", "<").to_owned();
    assert_ne!(sign_in(password).await, StatusCode::SEE_OTHER);
    assert_eq!(sign_in(second).await, StatusCode::SEE_OTHER);
}

async fn roles_are_given_and_taken_within_reach(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let north_admin = world.user("north-admin", &[Grant { role: Role::Admin, unit_id: world.north.unit }]);
    let (admin, north) = (served.browser(&world.admin), served.browser(&north_admin));
    let path = format!("/users/{}", id(&world.north_coordinator));
    let office = world.north.office.to_string();
    let bare = text(north.post(&path, &[("act", "grant"), ("role", "lead")]).await, UNPROCESSABLE).await;
    assert!(bare.contains("href=\"#unit_id\"") && bare.contains("value=\"lead\" selected"), "{bare}");
    let given = [("act", "grant"), ("role", "lead"), ("unit_id", office.as_str())];
    assert_eq!(location(&north.post(&path, &given).await), format!("{path}?done=grant"));
    let page = text(north.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("pemimpin kampanye") && page.contains("Unit UTR-1") && !page.contains('⟦'), "{page}");
    let taken = [("act", "revoke"), ("role", "lead"), ("unit_id", office.as_str())];
    assert_eq!(location(&north.post(&path, &taken).await), format!("{path}?done=revoke"));
    assert_eq!((world.entries(EventKind::RoleGranted), world.entries(EventKind::RoleRevoked)), (1, 1));
    // Outside the reach: neither the unit nor the person.
    let south = [("act", "grant"), ("role", "lead"), ("unit_id", &world.south.unit.to_string())];
    assert_eq!(north.post(&path, &south).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(north.get(&format!("/users/{}", id(&world.south_lead))).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(north.get(&format!("/users/{}", id(&world.admin))).await.status(), StatusCode::NOT_FOUND);
    // Nobody locks themselves out, and an unknown act changes nothing.
    let own = format!("/users/{}", id(&world.admin));
    let root = world.root.to_string();
    let refused = [("act", "revoke"), ("role", "admin"), ("unit_id", root.as_str())];
    let shown = text(admin.post(&own, &refused).await, StatusCode::CONFLICT).await;
    assert!(shown.contains("minta admin lain"), "{shown}");
    assert_eq!(admin.post(&own, &[("act", "stop")]).await.status(), StatusCode::CONFLICT);
    assert_eq!(admin.post(&own, &[("act", "promote")]).await.status(), UNPROCESSABLE);
    for reader in [&world.coordinator, &world.lead, &world.approver, &world.auditor] {
        let browser = served.browser(reader);
        for path in ["/users", "/users/new", "/settings", path.as_str()] {
            assert_eq!(browser.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
        }
    }
}

async fn addresses_are_stopped_and_only_bounces_lifted(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (north, whole) = (served.browser(&world.north_coordinator), served.browser(&world.coordinator));
    assert!(text(north.get("/suppressions").await, StatusCode::OK).await.contains("Tidak ada alamat"));
    let none = text(north.post("/suppressions", &[("email", "x@y.example")]).await, UNPROCESSABLE).await;
    assert!(none.contains("href=\"#scope\"") && none.contains("href=\"#reason\"") && none.contains("x@y.example"), "{none}");
    let wrong = [("email", "bukan"), ("scope", "all"), ("reason", "bounced")];
    assert!(text(north.post("/suppressions", &wrong).await, UNPROCESSABLE).await.contains("href=\"#email\""));
    let add = |email: String, reason: &'static str| {
        let north = north.clone();
        async move { location(&north.post("/suppressions", &[("email", &email), ("scope", "all"), ("reason", reason)]).await) }
    };
    let bounced = world.member_row(world.north.member(AccountKind::Advocate)).email_norm;
    let asked = world.member_row(world.north.member(AccountKind::Official)).email_norm;
    assert_eq!(add(bounced.clone(), "bounced").await, "/suppressions?done=added");
    assert_eq!(add(bounced.clone(), "bounced").await, "/suppressions?done=known");
    assert_eq!(add(asked.clone(), "requested").await, "/suppressions?done=added");
    assert_eq!(add("bukan.siapa@luar.example".into(), "bounced").await, "/suppressions?done=added");
    let theirs = world.member_row(world.south.member(AccountKind::Advocate)).email_norm;
    let outside = [("email", theirs.as_str()), ("scope", "all"), ("reason", "bounced")];
    assert_eq!(north.post("/suppressions", &outside).await.status(), StatusCode::NOT_FOUND);
    let list = text(north.get("/suppressions?q=UTR-").await, StatusCode::OK).await;
    assert!(list.contains(&bounced) && list.contains(&asked) && !list.contains("luar.example") && !list.contains('⟦'), "{list}");
    assert!(text(whole.get("/suppressions").await, StatusCode::OK).await.contains("luar.example"));
    assert!(!text(served.browser(&world.south_coordinator).get("/suppressions").await, StatusCode::OK).await.contains(&bounced));
    // One link: what its owner asked for stays.
    assert_eq!(list.matches("href=\"/suppressions/").count(), 1, "{list}");
    let path = format!("/suppressions/{}", between(&list, "href=\"/suppressions/", "\""));
    assert!(text(north.get(&path).await, StatusCode::OK).await.contains(&format!("Kirim lagi ke {bounced}")));
    assert_eq!(served.browser(&world.south_coordinator).get(&path).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(location(&north.post(&path, &[]).await), "/suppressions?done=lifted");
    assert_eq!(world.entries(EventKind::AddressLifted), 1);
    assert_eq!(north.post(&path, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(served.browser(&world.auditor).get("/suppressions").await.status(), StatusCode::FORBIDDEN);
}

async fn neutrality_is_kept_by_the_whole_institutions_admin(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let north_admin = world.user("north-admin", &[Grant { role: Role::Admin, unit_id: world.north.unit }]);
    let admin = served.browser(&world.admin);
    let page = text(admin.get("/neutrality").await, StatusCode::OK).await;
    assert!(page.contains("Masa tenang pemilu akan tampil") && page.contains("(WIB)") && !page.contains('⟦'), "{page}");
    let backwards =
        [("act", "freeze"), ("freeze_label", "Pemilu 2029"), ("starts_at", "2029-02-14T00:00"), ("ends_at", "2029-02-11T00:00")];
    let shown = text(admin.post("/neutrality", &backwards).await, UNPROCESSABLE).await;
    assert!(
        shown.contains("href=\"#ends_at\"") && shown.contains("Pemilu 2029") && shown.contains("2029-02-14T00:00"),
        "{shown}"
    );
    let bare = text(admin.post("/neutrality", &[("act", "freeze")]).await, UNPROCESSABLE).await;
    assert!(bare.contains("href=\"#starts_at\"") && bare.contains("href=\"#ends_at\""), "{bare}");
    let unnamed = [("act", "freeze"), ("starts_at", "2029-02-11T00:00"), ("ends_at", "2029-02-14T00:00")];
    assert!(text(admin.post("/neutrality", &unnamed).await, UNPROCESSABLE).await.contains("href=\"#freeze_label\""));
    let good =
        [("act", "freeze"), ("freeze_label", "Pemilu 2029"), ("starts_at", "2029-02-11T00:00"), ("ends_at", "2029-02-14T00:00")];
    assert_eq!(location(&admin.post("/neutrality", &good).await), "/neutrality?done=freeze");
    let block = [("act", "block"), ("platform", "x"), ("handle", "@calon_satu"), ("label", "Calon Satu")];
    assert_eq!(location(&admin.post("/neutrality", &block).await), "/neutrality?done=block");
    let twice = text(admin.post("/neutrality", &block).await, UNPROCESSABLE).await;
    assert!(twice.contains("href=\"#handle\"") && twice.contains("sudah ada di daftar"), "{twice}");
    let page = text(admin.get("/neutrality").await, StatusCode::OK).await;
    assert!(page.contains("Min 11 Feb 2029, 00.00 WIB") && page.contains("akan datang") && page.contains("calon_satu"), "{page}");
    let ask = format!("/neutrality/{}", between(&page, "href=\"/neutrality/", "\""));
    // Others read it, and change nothing.
    for reader in [&world.lead, &north_admin] {
        let browser = served.browser(reader);
        let seen = text(browser.get("/neutrality").await, StatusCode::OK).await;
        assert!(seen.contains("calon_satu") && !seen.contains("<form method=\"post\" action=\"/neutrality\""), "{seen}");
        assert_eq!(browser.get(&ask).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(browser.post("/neutrality", &good).await.status(), StatusCode::FORBIDDEN);
    }
    let check = text(admin.get(&ask).await, StatusCode::OK).await;
    let target = between(&check, "name=\"id\" value=\"", "\"").to_owned();
    assert_eq!(location(&admin.post("/neutrality", &[("act", "unblock"), ("id", &target)]).await), "/neutrality?done=unblock");
    assert_eq!(admin.get(&ask).await.status(), StatusCode::NOT_FOUND);
}

async fn settings_are_said_in_words_without_secrets(engine: Engine) {
    let env = [
        ("GAUNG__MAIL__TRANSPORT", "smtp"),
        ("GAUNG__MAIL__SMTP__HOST", "relay.kemencontoh.example"),
        ("GAUNG__MAIL__SMTP__USERNAME", "pengirim-rahasia"),
        ("GAUNG__MAIL__SMTP__PASSWORD", "kata-sandi-relay-rahasia"),
        ("GAUNG__SECRETS__KEY", "0123456789abcdef0123456789abcdef-kunci-rahasia"),
        ("GAUNG__CAMPAIGN__WEEKLY_CAP_DEFAULT", "7"),
    ];
    let world = World::with_env(engine, &env);
    let served = Served::start(world.app());
    let admin = served.browser(&world.admin);
    for path in ["/settings", "/settings?lang=en"] {
        let page = text(admin.get(path).await, StatusCode::OK).await;
        assert!(page.contains("relay.kemencontoh.example") && page.contains("Asia/Jakarta") && !page.contains('⟦'), "{page}");
        assert!(!page.contains("rahasia-") && !page.contains("-rahasia") && !page.contains("postgres://"), "{page}");
    }
    let page = text(admin.get("/settings?lang=id").await, StatusCode::OK).await;
    assert!(page.contains("7 tugas dalam tujuh hari") && page.contains("kurang dari 5 orang"), "{page}");
}

on_both!(
    a_user_is_added_with_a_password_shown_once,
    roles_are_given_and_taken_within_reach,
    addresses_are_stopped_and_only_bounces_lifted,
    neutrality_is_kept_by_the_whole_institutions_admin,
    settings_are_said_in_words_without_secrets,
);
