//! Erasing a person: planted with unusual words by every way in, erased, and then looked for in every row and every octet of the files.

use diesel::prelude::*;
use diesel::sql_types::Text;
use gaung::domain::bounce::{ReportKind, ReportSource};
use gaung::domain::data_request::{ClockStanding, RequestKind, RequestState};
use gaung::domain::event::EventKind;
use gaung::domain::id::{MailId, MailReportId, MemberId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::member::MemberState;
use gaung::domain::platform::Platform;
use gaung::domain::suppression::{Silence, SuppressionReason};
use gaung::jobs::schedule::tick;
use gaung::service::data_request::{self, Answer, Filing, Wish};
use gaung::service::import::{self, ImportKind, ImportOptions};
use gaung::service::task::{self, RightsForm, pause_token};
use gaung::service::{disclosure, erase, member, suppression};
use gaung::store::erase::{Fate, PLACES};
use gaung::store::log::{self, LogQuery};
use gaung::store::mail_report::{self, MailReportRow};
use gaung::store::schema::{ledger_entries, outbox};
use gaung::store::types::At;
use gaung::store::{Conn, StoreError};
use reqwest::Method;
use serde_json::json;

use crate::support::database::Engine;
use crate::support::dump::dump;
use crate::support::http::Served;
use crate::support::stage::{Asked, Asking, Stage, code};
use crate::support::traces::{in_files, in_rows};
use crate::support::world::World;

const NAME: &str = "Zebulon Quixotrix";
const EMAIL: &str = "Zebulon.Quix@vanity-quix.example";
const OLD_EMAIL: &str = "old.quixling@vanity-quix.example";
const NUMBER: &str = "XQ-77-ZEBU";
const HANDLE: &str = "zebuquix9";
/// In every form in which they are stored, in lower case.
const TRACES: [&str; 6] = ["quixotrix", "zebulon", "vanity-quix", "quixling", "xq-77-zebu", "zebuquix9"];

fn traces(world: &World) -> Vec<String> {
    in_rows(world, &TRACES)
}

fn traces_in_files(world: &World) -> Vec<String> {
    in_files(world, &TRACES)
}

/// Whether PostgreSQL's figures for its planner hold something of the person among the members' columns.
fn in_figures(world: &World) -> bool {
    #[derive(QueryableByName)]
    struct Figures {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let sql = "SELECT coalesce(string_agg(concat(most_common_vals::text, histogram_bounds::text), ' '), '') AS text FROM pg_stats \
               WHERE schemaname = current_schema() AND tablename = 'members'";
    let read = |conn: &mut Conn| Ok::<_, StoreError>(diesel::sql_query(sql).get_result::<Figures>(conn)?.text.to_lowercase());
    let found = world.app().db.read_blocking(read).unwrap();
    TRACES.iter().any(|trace| found.contains(trace))
}

struct Planted {
    id: MemberId,
    done: Asked,
    open: Asked,
}

/// The person, by every way in which something of a person gets into the database.
async fn plant(stage: &Stage) -> Planted {
    let world = &stage.world;
    let app = world.app();
    let unit_id = world.north.unit;
    // By the API, whose answer is kept for a repeated request.
    let served = Served::start(app);
    let body = json!({ "unit_id": unit_id, "employee_no": NUMBER, "name": "Zebulon Q. Quixotrix", "email": OLD_EMAIL });
    let posted = served.api(&world.admin).request(Method::POST, "/api/v1/members").header("idempotency-key", "one-quix");
    let posted = posted.json(&body).send().await.unwrap();
    assert_eq!(posted.status(), 201);
    let added: serde_json::Value = posted.json().await.unwrap();
    let id: MemberId = added["id"].as_str().unwrap().parse().unwrap();
    // Changed: the log's details have what was before.
    let form = member::MemberForm {
        unit_id,
        employee_no: NUMBER.into(),
        name: NAME.into(),
        email: EMAIL.into(),
        locale: String::new(),
        zone: String::new(),
    };
    member::change(app, &world.coordinator, id, 1, form).await.unwrap();
    world.change(|tx| {
        let mut row = gaung::store::member::get(tx.conn, id)?;
        row.participate_version = Some(app.config.consent.participate_version.clone());
        gaung::store::member::save(tx, &row)
    });
    let own = world.account(id, AccountKind::Advocate, Platform::X, HANDLE);
    let statement = format!("{NAME} bekerja di Kementerian Contoh.");
    disclosure::file(app, &world.coordinator, own, statement, format!("https://x.com/{HANDLE}")).await.unwrap();
    let threads = json!({ "member_id": id, "kind": "advocate", "platform": "threads", "handle": HANDLE, "display_name": NAME });
    let posted = served.api(&world.admin).request(Method::POST, "/api/v1/accounts").json(&threads).send().await.unwrap();
    assert_eq!(posted.status(), 201);
    // A task done with an address, one still open, both with mails; one of them kept with its text.
    let done = stage.asked(Layer::Advocacy, own, &Asking::of(Action::Comment));
    let pressed = stage.done(&done, Some(&format!("https://x.com/{HANDLE}/status/1234567890"))).await;
    task::complete(app, &stage.token(&done), pressed).await.unwrap();
    let open = stage.asked(Layer::Advocacy, own, &Asking::of(Action::Share));
    gaung::service::delivery::deliver_due_mail(app).await.unwrap();
    gaung::service::consent::request(app, &world.coordinator, gaung::service::consent::Whom::Members(vec![id])).await.unwrap();
    tick(app).await;
    world.change(|tx| {
        let mails: Vec<MailId> = outbox::table.filter(outbox::member_id.eq(id)).select(outbox::id).load(tx.conn)?;
        diesel::update(outbox::table.find(mails[0]))
            .set((
                outbox::last_error.eq(Some(format!("550 5.1.1 <{EMAIL}> unknown"))),
                outbox::domain.eq(Some("vanity-quix.example")),
            ))
            .execute(tx.conn)?;
        mail_report::add_soft_bounce(tx, &EMAIL.to_lowercase(), false)?;
        let report = MailReportRow {
            id: MailReportId::new(),
            kind: ReportKind::SoftBounce,
            source: ReportSource::Pipe,
            message_sha256: "00".into(),
            mail_id: Some(mails[0]),
            campaign_id: None,
            wave_id: None,
            member_id: Some(id),
            status: None,
            detail: Some(format!("<{EMAIL}>: mailbox full")),
            received_at: At(tx.now),
        };
        mail_report::add(tx, &report).map(drop)
    });
    // A file that waits, and an old address that was suppressed when it was nobody's any more.
    let csv = format!("employee_no,name,email,unit_code\n{NUMBER},{NAME},{EMAIL},UTR\n");
    import::kept::check(app, &world.coordinator, ImportKind::Members, "quix.csv", std::io::Cursor::new(csv.into_bytes()))
        .await
        .unwrap();
    for email in [EMAIL, OLD_EMAIL] {
        suppression::add(app, &world.admin, email, Silence::Tasks, SuppressionReason::Requested).await.unwrap();
    }
    // Something of theirs that was deleted before, as a schedule or a file is: its octets are still in the file.
    world.change(|tx| {
        diesel::sql_query(format!("UPDATE units SET name = '{}'", NAME.repeat(40))).execute(tx.conn)?;
        Ok(diesel::sql_query("UPDATE units SET name = 'Unit'").execute(tx.conn)?)
    });
    let wish = Wish { words: format!("Panggil saya {NAME}"), ..Wish::default() };
    let nonce = task::settings(app, &own_link(world, id)).await.unwrap().nonce;
    let form = RightsForm { kind: Some(RequestKind::Correct), wish, nonce };
    task::ask_right(app, &own_link(world, id), form).await.unwrap();
    Planted { id, done, open }
}

fn own_link(world: &World, id: MemberId) -> String {
    pause_token(world.app(), id, world.member_row(id).link_version)
}

type Leaf = (String, String, Option<Vec<u8>>);

/// What the log's leaves are made of.
fn leaves(world: &World) -> Vec<Leaf> {
    let read = |conn: &mut Conn| {
        let rows = ledger_entries::table.order(ledger_entries::id.asc());
        let columns = (ledger_entries::id, ledger_entries::subject_ref, ledger_entries::commitment);
        let rows: Vec<(gaung::domain::id::EntryId, Option<String>, Option<Vec<u8>>)> = rows.select(columns).load(conn)?;
        Ok::<_, StoreError>(
            rows.into_iter().map(|(id, subject, hash)| (id.to_string(), subject.unwrap_or_default(), hash)).collect(),
        )
    };
    world.app().db.read_blocking(read).unwrap()
}

/// The ids of the entries under a reference: as the log finds them page by page, and as its leaves have them.
fn under(world: &World, subject: &str) -> (Vec<String>, Vec<String>) {
    let mut wanted = LogQuery { subject_ref: Some(subject.to_owned()), ..LogQuery::default() };
    let mut found = Vec::new();
    loop {
        let page = world.app().db.read_blocking(|conn| log::search(conn, &wanted, 3, 1_000)).unwrap().rows;
        let Some(last) = page.last() else { break };
        wanted.before = Some((last.at.0, last.id));
        found.extend(page.iter().map(|row| row.id.to_string()));
    }
    found.sort();
    (found, leaves(world).into_iter().filter(|(_, of, _)| of == subject).map(|(id, ..)| id).collect())
}

async fn an_erased_person_is_found_nowhere(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    let planted = plant(&stage).await;
    let tables = |rows: Vec<String>| {
        let mut tables: Vec<String> = rows.iter().map(|row| row.split(':').next().unwrap().to_owned()).collect();
        tables.dedup();
        tables
    };
    let before = tables(traces(world));
    for table in [
        "accounts",
        "completions",
        "data_requests",
        "disclosures",
        "idempotency_keys",
        "ledger_secrets",
        "mail_reports",
        "mailbox",
        "members",
        "outbox",
        "soft_bounces",
        "suppressions",
        "upload_parts",
    ] {
        assert!(before.iter().any(|found| found == table), "nothing is planted in {table}: {before:?}");
    }
    let is_sqlite = app.db.is_sqlite();
    assert_eq!(traces_in_files(world).is_empty(), !is_sqlite, "the files are looked at");
    if !is_sqlite {
        world.change(|tx| Ok(diesel::sql_query("ANALYZE members").execute(tx.conn)?));
        assert!(in_figures(world), "the planner's figures are looked at");
    }
    let entries = leaves(world);
    // The export knows all of it.
    let held = serde_json::to_string(&task::my_data(app, &own_link(world, planted.id)).await.unwrap()).unwrap();
    for part in [NAME, EMAIL, NUMBER, "status/1234567890", "mailbox full", "Panggil saya", OLD_EMAIL, "bekerja di Kementerian"] {
        assert!(held.contains(part), "{part} is not in the export");
    }

    let subject = world.member_row(planted.id).subject_ref;
    let (found, written) = under(world, &subject);
    assert_eq!(found, written);

    let filing = Filing { member_id: planted.id, kind: RequestKind::Erase, wish: Wish::default(), came_at: None };
    let request = data_request::file(app, &world.admin, filing).await.unwrap();
    let answered = data_request::answer(app, &world.admin, request.id, Answer::Grant(Wish::default())).await.unwrap();
    assert_eq!((answered.state, answered.clock), (RequestState::Granted, ClockStanding::Kept));
    assert_eq!(traces(world), Vec::<String>::new());
    tick(app).await;
    assert_eq!(traces_in_files(world), Vec::<String>::new());
    assert!(is_sqlite || !in_figures(world));

    // What has to add up does; the log is what it was, and some entries more.
    assert_eq!(stage.counts(planted.open.wave_id).withdrawn, 1);
    assert_eq!(stage.counts(planted.done.wave_id).done, 1);
    assert_eq!(world.entries(EventKind::MemberErased), 1);
    let after = leaves(world);
    assert!(entries.iter().all(|leaf| after.contains(leaf)), "no leaf changed");
    let (found, written) = under(world, &subject);
    assert_eq!(found, written, "the log still finds the entries by their reference");
    assert!(found.len() > 10 && world.member_row(planted.id).subject_ref != subject);
    assert_eq!(world.member_row(planted.id).state, MemberState::Erased);
    assert_eq!(code(member::get(app, &world.admin, planted.id).await), "not_found");
    let again = erase::again(app, &gaung::service::Caller::Operator, vec![planted.id]).await;
    assert_eq!(again.unwrap(), erase::Again { erased: 0, gone: 1 });

    // The list outside of the database names them by an id.
    let list = std::fs::read_to_string(erase::list_path(app)).unwrap();
    assert_eq!(erase::read_list(list.as_bytes()).unwrap(), [planted.id]);

    // Who comes back comes in as somebody new, and what was suppressed stays so.
    let csv = format!("employee_no,name,email,unit_code\n{NUMBER},{NAME},{EMAIL},UTR\n");
    let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
    let source = std::io::Cursor::new(csv.into_bytes());
    let report = import::import(app, &world.coordinator, ImportKind::Members, source, options).await.unwrap();
    assert!(report.notices.iter().any(|notice| notice.code == "import.erased_before"), "{:?}", report.notices);
    let form = member::MemberForm {
        unit_id: world.north.unit,
        employee_no: NUMBER.into(),
        name: NAME.into(),
        email: EMAIL.into(),
        locale: String::new(),
        zone: String::new(),
    };
    let back = member::add(app, &world.coordinator, form).await.unwrap();
    assert_ne!(back.id, planted.id);
    let row = world.member_row(back.id);
    assert_eq!((row.state, row.participate_version), (MemberState::Active, None));
    let suppressed = app.db.read_blocking(|conn| gaung::store::suppression::list_of(conn, &EMAIL.to_lowercase())).unwrap();
    assert_eq!(suppressed.len(), 1, "{suppressed:?}");
}

async fn who_signs_in_is_not_erased_before_the_access_is_closed(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let id = world.member(world.north.unit, "LEAD");
    let lead = world.user("lead-x", &[]);
    world.change(|tx| {
        use gaung::store::schema::users;
        let mut row = gaung::store::member::get(tx.conn, id)?;
        row.email = "lead-x@kemencontoh.example".into();
        row.email_norm.clone_from(&row.email);
        gaung::store::member::save(tx, &row)?;
        diesel::update(users::table.find(lead.user_id().unwrap())).set(users::name.eq("Quixotrix")).execute(tx.conn).map(drop)?;
        Ok(())
    });
    let filing = Filing { member_id: id, kind: RequestKind::Erase, wish: Wish::default(), came_at: None };
    let request = data_request::file(app, &world.admin, filing).await.unwrap();
    let grant = async || data_request::answer(app, &world.admin, request.id, Answer::Grant(Wish::default())).await;
    assert_eq!(code(grant().await), "request.console_user");
    assert_eq!(world.member_row(id).state, MemberState::Active, "nothing was done");
    world.change(|tx| gaung::store::user::save_active(tx, lead.user_id().unwrap(), false));
    grant().await.unwrap();
    assert_eq!(traces(&world), Vec::<String>::new());
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A table that is new, and could hold something of a person, is decided about: what becomes of it when somebody is erased.
async fn every_table_is_decided_about(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let tables: Vec<String> = dump(&app.db).into_keys().collect();
    let unknown: Vec<&String> = tables.iter().filter(|table| !PLACES.iter().any(|(known, _)| known == table)).collect();
    assert!(unknown.is_empty(), "say in src/store/erase/places.rs what becomes of {unknown:?} when a person is erased");
    if !app.db.is_sqlite() {
        return;
    }
    // Whatever points at a member is not "other".
    let sql = "SELECT DISTINCT m.name AS line FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
               WHERE m.type = 'table' AND f.\"table\" = 'members'";
    let pointing: Vec<Line> = app.db.read_blocking(|conn| Ok::<_, StoreError>(diesel::sql_query(sql).load(conn)?)).unwrap();
    assert!(pointing.len() >= 8, "{}", pointing.len());
    for Line { line } in pointing {
        let (_, fate) = PLACES.iter().find(|(known, _)| *known == line).unwrap();
        assert!(!matches!(fate, Fate::Other | Fate::Texts), "{line} points at a member");
    }
}

on_both!(an_erased_person_is_found_nowhere, who_signs_in_is_not_erased_before_the_access_is_closed, every_table_is_decided_about,);
