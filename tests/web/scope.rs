//! What someone may not see or do, they cannot, by any route: each route × another unit's id, generated from the route table.

use diesel::prelude::*;
use gaung::domain::data_request::RequestKind;
use gaung::domain::id::{BlockedTargetId, EntryId, MailId, ScheduleId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::role::{Grant, Role};
use gaung::domain::suppression::{Silence, SuppressionReason};
use gaung::service::Caller;
use gaung::service::campaign::CampaignView;
use gaung::service::data_request::{Filing, Wish};
use gaung::store::schema::{ledger_entries, outbox};
use gaung::store::{Conn, StoreError};
use gaung::web::routes;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::campaign as campaigns;
use crate::support::database::Engine;
use crate::support::dump::dump;
use crate::support::http::{Served, text};
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

/// Rows of the north, for whom the south's users ask.
struct North {
    campaign: CampaignView,
    ids: Vec<(&'static str, String)>,
}

fn read<T>(world: &World, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> T {
    world.app().db.read_blocking(f).unwrap()
}

/// Something of each kind in the north.
async fn north(stage: &Stage) -> North {
    let world = &stage.world;
    let mut content = campaigns::four_layers();
    content.waves.truncate(1);
    let campaign = gaung::service::campaign::create(world.app(), &world.north_lead, world.north.unit, content).await.unwrap();
    let wave = campaign.content.waves[0].id;
    let account = world.north.account(AccountKind::Advocate);
    let claim = campaigns::claim(world, world.north.unit, None);
    let post = campaigns::post(world, world.north.account(AccountKind::Official), None);
    let asked = stage.asked(Layer::Advocacy, account, &Asking::of(Action::Comment));
    let row = world.account_row(account);
    let handle = row.handle;
    stage.world.test.advance(chrono::TimeDelta::seconds(30));
    let done = stage.done(&asked, Some(&format!("https://x.com/{handle}/status/1234567890"))).await;
    let completed = gaung::service::task::complete(world.app(), &stage.token(&asked), done).await.unwrap();
    let mail: MailId =
        read(world, |conn| Ok(outbox::table.filter(outbox::assignment_id.eq(asked.id)).select(outbox::id).first(conn)?));
    let entry: EntryId = read(world, |conn| {
        let of_unit = ledger_entries::table.filter(ledger_entries::unit_id.eq(world.north.unit));
        Ok(of_unit.select(ledger_entries::id).first(conn)?)
    });
    let disclosure = gaung::service::disclosure::file(
        world.app(),
        &world.north_coordinator,
        account,
        "Pegawai Kemencontoh".into(),
        "https://x.com/somebody".into(),
    );
    let disclosure = disclosure.await.unwrap();
    let email = world.member_row(world.north.member(AccountKind::KolInternal)).email_norm;
    let add = gaung::service::suppression::add(world.app(), &world.admin, &email, Silence::Tasks, SuppressionReason::Bounced);
    add.await.unwrap();
    let suppressed = read(world, |conn| gaung::store::suppression::list_of(conn, &email))[0].id;
    let member_id = world.north.member(AccountKind::Advocate);
    let filing = Filing { member_id, kind: RequestKind::Export, wish: Wish::default(), came_at: None };
    let request = gaung::service::data_request::file(world.app(), &world.admin, filing).await.unwrap();
    world.test.advance(chrono::TimeDelta::seconds(1));
    crate::service::seal::seal(world.app()).await;
    let sample = gaung::service::sample::announce::announce(world.app(), &world.auditor, 1, None).await.unwrap();
    let ids = vec![
        ("units", world.north.unit.to_string()),
        ("members", world.north.member(AccountKind::Advocate).to_string()),
        ("accounts", account.to_string()),
        ("disclosures", disclosure.id.to_string()),
        ("claims", claim.to_string()),
        ("campaigns", campaign.id.to_string()),
        ("waves", wave.to_string()),
        ("mails", mail.to_string()),
        ("posts", post.to_string()),
        ("completions", completed.completion_id.to_string()),
        ("schedules", ScheduleId::new().to_string()),
        ("users", world.north_lead.user_id().unwrap().to_string()),
        ("blocked-targets", BlockedTargetId::new().to_string()),
        ("log", entry.to_string()),
        ("assignments", asked.id.to_string()),
        ("suppressions", suppressed.to_string()),
        ("data-requests", request.id.to_string()),
        ("samples", sample.to_string()),
    ];
    North { campaign, ids }
}

/// A valid body for a route that takes one, about the north.
fn body(path: &str, world: &World, north: &North) -> Value {
    let unit_id = world.north.unit;
    let member_id = world.north.member(AccountKind::Advocate);
    match path {
        "/api/v1/units" | "/api/v1/units/{id}" => {
            json!({ "code": "X1", "name": "X", "zone": "Asia/Jakarta", "parent_id": unit_id })
        }
        "/api/v1/members" | "/api/v1/members/{id}" => {
            json!({ "unit_id": unit_id, "employee_no": "991", "name": "Budi", "email": "budi@kemencontoh.example" })
        }
        "/api/v1/consents/requests" => json!({ "unit": unit_id }),
        "/api/v1/accounts" | "/api/v1/accounts/{id}" => {
            json!({ "member_id": member_id, "kind": "advocate", "platform": "threads", "handle": "budi" })
        }
        "/api/v1/accounts/{id}/disclosures" => json!({ "statement": "Pegawai", "url": "https://x.com/a" }),
        "/api/v1/disclosures/{id}/reject" => json!({ "note": "tidak ada" }),
        "/api/v1/claims" | "/api/v1/claims/{id}" => {
            json!({ "unit_id": unit_id, "claim": "a", "fact": "b", "source_url": "https://a.example/" })
        }
        "/api/v1/claims/{id}/publish" => json!({ "version": 1, "public": true }),
        "/api/v1/claims/{id}/withdraw" => json!({ "version": 1, "reason": "karena" }),
        "/api/v1/claims/{id}/answers" => json!({ "url": "https://x.com/officialutr/status/1790000000000000009" }),
        path if path.starts_with("/api/v1/claims/{id}/") => json!({ "version": 1 }),
        "/api/v1/campaigns" => json!({ "unit_id": unit_id, "content": north.campaign.content }),
        "/api/v1/campaigns/{id}" => json!({ "content": north.campaign.content }),
        "/api/v1/campaigns/{id}/submit" => json!({}),
        "/api/v1/campaigns/{id}/release" => json!({ "content_hash": north.campaign.content_hash }),
        "/api/v1/campaigns/{id}/return" => json!({ "note": "kembali" }),
        "/api/v1/campaigns/{id}/correct" => json!({ "text": "Yang benar satu dari enam." }),
        "/api/v1/campaigns/{id}/schedules" => {
            json!({ "pattern": "0 9 * * 1", "zone": "Asia/Jakarta", "policy": "none", "grace_s": 60 })
        }
        "/api/v1/posts" => {
            json!({ "account_id": world.north.account(AccountKind::Official), "url": "https://x.com/officialutr/status/99" })
        }
        "/api/v1/completions/{id}/check" => json!({ "ok": true }),
        "/api/v1/users/{id}/password" => json!({ "password": "another long one" }),
        "/api/v1/users/{id}/roles" => json!({ "role": "lead", "unit_id": unit_id }),
        "/api/v1/suppressions" => {
            json!({ "email": world.member_row(member_id).email, "scope": "all", "reason": "requested" })
        }
        "/api/v1/data-requests" => json!({ "member_id": member_id, "kind": "export" }),
        "/api/v1/data-requests/{id}/grant" => json!({}),
        "/api/v1/campaigns/{id}/mails/retry" => json!({ "state": "failed" }),
        "/api/v1/campaigns/{id}/mails/accept" => json!({ "state": "unknown" }),
        _ => json!({ "reason": "karena" }),
    }
}

/// The route's address with the north's ids in it.
fn address(path: &str, world: &World, north: &North) -> String {
    let noun = path.trim_start_matches("/api/v1/").trim_start_matches('/').split('/').next().unwrap();
    let id = north.ids.iter().find(|(known, _)| *known == noun).map(|(_, id)| id.clone()).unwrap_or_default();
    let wave = north.campaign.content.waves[0].id.to_string();
    let filled = path.replace("{id}", &id).replace("{unit_id}", &world.north.unit.to_string()).replace("{role}", "lead");
    let filled = if path.ends_with("/preview/mail") { format!("{filled}?wave_id={wave}") } else { filled };
    let filled = if path.contains("/delivery/") { format!("{filled}?state=failed") } else { filled };
    let act = if path.contains("/waves/") {
        "skip"
    } else if path.contains("/delivery/") {
        "retry"
    } else {
        "cancel"
    };
    filled.replace("{wave}", &wave).replace("{act}", act)
}

fn everyone_of_the_south(world: &World) -> Vec<(Role, Caller)> {
    let unit_id = world.south.unit;
    let of = |role: Role| (role, world.user(&format!("south-{role}-x"), &[Grant { role, unit_id }]));
    [Role::Admin, Role::Lead, Role::Approver, Role::Coordinator, Role::Auditor].map(of).into()
}

/// Routes about one thing of a unit, and routes whose body names one.
fn is_scoped(method: &str, path: &str) -> bool {
    let names_a_unit = [
        "/api/v1/units",
        "/api/v1/members",
        "/api/v1/consents/requests",
        "/api/v1/accounts",
        "/api/v1/claims",
        "/api/v1/campaigns",
        "/api/v1/posts",
        "/api/v1/suppressions",
        "/api/v1/data-requests",
    ];
    let about_one = path.contains("{id}") && !path.starts_with("/mailbox") && path.starts_with("/");
    about_one || (method == "post" && names_a_unit.contains(&path))
}

async fn the_south_reaches_nothing_of_the_north(engine: Engine) {
    let stage = Stage::new(engine);
    let north = north(&stage).await;
    let world = &stage.world;
    let callers = everyone_of_the_south(world);
    let served = Served::start(world.app());
    let before = dump(&world.app().db);
    let mut asked = 0;
    for (method, path) in routes::TABLE.iter().filter(|(method, path)| is_scoped(method, path)) {
        for (role, caller) in &callers {
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let to = address(path, world, &north);
            let status = if path.starts_with("/api/") {
                let request = served.api(caller).request(verb.clone(), &to).header("if-match", "\"1\"");
                let request = if verb == Method::GET { request } else { request.json(&body(path, world, &north)) };
                request.send().await.unwrap().status()
            } else {
                let browser = served.browser(caller);
                let reason = if path.contains("/delivery/") { "no_mailbox" } else { "karena" };
                let fields = [
                    ("reason", reason),
                    ("state", "failed"),
                    ("version", "1"),
                    ("title", "x"),
                    ("message", "x."),
                    ("content", "{}"),
                ];
                if verb == Method::GET { browser.get(&to).await.status() } else { browser.post(&to, &fields).await.status() }
            };
            assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status), "{role}: {method} {to}: {status}");
            asked += 1;
        }
    }
    assert!(asked > 200, "{asked}");
    let mut after = dump(&world.app().db);
    let mut before = before;
    // The browsers' sessions were put there by the test.
    before.remove("sessions");
    after.remove("sessions");
    assert_eq!(before, after);
}

async fn lists_hold_nothing_of_the_north(engine: Engine) {
    let stage = Stage::new(engine);
    let north = north(&stage).await;
    let world = &stage.world;
    let served = Served::start(world.app());
    let lists: Vec<&str> = routes::TABLE
        .iter()
        .filter(|(method, path)| *method == "get" && !path.contains('{') && !path.starts_with("/mailbox"))
        // Everybody may read the register, and check the log.
        .filter(|(_, path)| !path.starts_with("/register") && !path.starts_with("/ledger"))
        .map(|(_, path)| *path)
        .collect();
    assert!(lists.len() > 15);
    for (role, caller) in everyone_of_the_south(world) {
        for path in &lists {
            let api = path.starts_with("/api/");
            let answer = if api { served.api(&caller).get(path).await } else { served.browser(&caller).get(path).await };
            let shown = answer.text().await.unwrap();
            for (noun, id) in &north.ids {
                assert!(!shown.contains(id.as_str()), "{role} finds the north's {noun} at {path}: {shown}");
            }
        }
    }
    // The control: the north's own people find them.
    let shown = text(served.api(&world.north_lead).get("/api/v1/campaigns").await, StatusCode::OK).await;
    assert!(shown.contains(&north.campaign.id.to_string()));
}

async fn looking_changes_nothing(engine: Engine) {
    let stage = Stage::new(engine);
    let north = north(&stage).await;
    let world = &stage.world;
    let member = world.member_row(world.north.member(AccountKind::Advocate));
    let own = gaung::service::task::pause_token(world.app(), member.id, member.link_version);
    let asked = stage.asked(Layer::Advocacy, world.south.account(AccountKind::Advocate), &Asking::of(Action::Share));
    let task = stage.token(&asked);
    let served = Served::start(world.app());
    let clients = [&world.admin, &world.lead, &world.auditor].map(|caller| (served.browser(caller), served.api(caller)));
    let before = dump(&world.app().db);
    let mut seen = 0;
    for (method, path) in routes::TABLE.iter().filter(|(method, _)| *method == "get") {
        let token = if *path == "/t/{token}" { &task } else { &own };
        let to = address(path, world, &north).replace("{token}", token).replace("{version}", "x").replace("{name}", "app.css");
        for (browser, api) in &clients {
            let client = if path.starts_with("/api/") { api } else { browser };
            for verb in [Method::GET, Method::HEAD, Method::OPTIONS] {
                let answer = client.request(verb.clone(), &to).send().await.unwrap();
                let status = answer.status();
                assert!(!status.is_server_error() || *path == "/readyz", "{method} {to}: {status}");
                seen += usize::from(status.is_success());
            }
        }
    }
    assert!(seen > 80, "{seen}");
    assert_eq!(before, dump(&world.app().db));
}

on_both!(the_south_reaches_nothing_of_the_north, lists_hold_nothing_of_the_north, looking_changes_nothing);
