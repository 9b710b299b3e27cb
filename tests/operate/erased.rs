//! A person who used everything, beside a real process at its most talkative, and was erased: what the process logged and tells, what
//! is exported, dumped and left in the database's files is looked through for them; proofs from before still hold.

use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use gaung::domain::data_request::RequestKind;
use gaung::service::data_request::{self, Answer, Filing, Wish};
use gaung::service::task;
use gaung::store::schema::{accounts, users};
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::Served;
use crate::support::process::gaung::Start;
use crate::support::process::site::Site;
use crate::support::process::wait_until;
use crate::support::traces::{below, in_files, in_rows, words_in};

const TRACES: [&str; 4] = ["quaggaworth", "quintus", "vanity-quagga", "quaggahandle"];
const EMAIL: &str = "Quintus@vanity-quagga.example";
const PASSWORD: &str = "kata-sandi-panjang-4242";
const TOKEN: &str = "a-token-for-prometheus-4242";

/// A mail provider passes on that the person called a mail spam.
fn complaint(mail: &str) -> String {
    format!(
        "From: fbl@provider.example\r\nTo: gaung@kemencontoh.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; \
         report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA complaint of {EMAIL}\r\n--b\r\n\
         Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: fbl/1\r\nVersion: 1\r\n\
         Original-Rcpt-To: <{EMAIL}>\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--b--\r\n"
    )
}

fn with_input(start: &Start, arguments: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let mut command = start.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    let ended = child.wait_with_output().unwrap();
    (ended.status.code(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
}

/// Everything in a ZIP archive, one after the other; what is no archive as it is.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes.clone())) else { return bytes };
    let mut all = bytes;
    for n in 0..archive.len() {
        archive.by_index(n).unwrap().read_to_end(&mut all).unwrap();
    }
    all
}

async fn nothing_that_the_service_says_or_leaves_names_who_was_erased(engine: Engine) {
    let site = Site::fresh(engine, &[("GAUNG__METRICS__TOKEN", TOKEN), ("GAUNG__CAMPAIGN__SUSPECTED_AUTOMATION_S", "0")]);
    let world = &site.world;
    let app = world.app();
    world.unit("REGU", Some(world.north.office));
    let crowd = site.opened("e", 6).await;
    let (id, account) = crowd.people[0];
    world.change(|tx| {
        let mut row = gaung::store::member::get(tx.conn, id)?;
        row.name = "Quintus Quaggaworth".into();
        row.email = EMAIL.into();
        row.email_norm = EMAIL.to_lowercase();
        gaung::store::member::save(tx, &row)?;
        let named = (accounts::handle.eq("quaggahandle"), accounts::display_name.eq("Quintus Quaggaworth"));
        Ok(diesel::update(accounts::table.find(account)).set(named).execute(tx.conn)?)
    });
    let start = site.start().env("GAUNG__LOG__FORMAT", "json").env("GAUNG__LOG__FILTER", "debug,gaung=trace");
    let add = ["user", "add", "--email", EMAIL, "--name", "Quintus Quaggaworth", "--role", "lead@REGU", "--password-stdin"];
    let (code, said) = with_input(&start, &add, PASSWORD.as_bytes());
    assert_eq!(code, Some(0), "{said}");

    // Beside a real process: mail, a sign-in, the task page, a complaint.
    let process = start.serve(&[]);
    wait_until(Duration::from_secs(30), "every mail is sent", || site.mails("sent") == 6);
    let base = process.base().to_owned();
    let client = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let post = async |path: &str, form: &[(&str, &str)]| {
        client.post(format!("{base}{path}")).header("sec-fetch-site", "same-origin").form(form).send().await.unwrap().status()
    };
    assert_eq!(post("/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await, StatusCode::SEE_OTHER);
    post("/sign-in/link", &[("email", EMAIL)]).await;
    let assigned = crate::support::campaigns::assigned(app, crowd.wave_id);
    let own = assigned.iter().find(|row| row.account_id == account).unwrap().id;
    let path = site.task_paths(crowd.wave_id).into_iter().find(|(id, _)| *id == own).unwrap().1;
    let page = client.get(format!("{base}{path}")).send().await.unwrap().text().await.unwrap();
    let nonce = page.split("name=\"nonce\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let url = "https://x.com/quaggahandle/status/1851234567890123456";
    let fields = [("act", "done"), ("nonce", &*nonce), ("disclosure", "1"), ("own_words", "1"), ("url", url)];
    assert_eq!(post(&path, &fields).await, StatusCode::SEE_OTHER);
    let (code, said) = with_input(&start, &["mail", "receive"], complaint("Subject: Tugas\r\n\r\nhalo").as_bytes());
    assert_eq!(code, Some(0), "{said}");
    crate::service::seal::seal(app).await;
    let token = path.trim_start_matches("/t/").to_owned();
    let receipt = task::receipt(app, &token).await.unwrap().bytes;
    let kept = app.db.read_blocking(|conn| gaung::store::seal::latest(conn, 1)).unwrap().unwrap().note;
    assert!(in_rows(world, &TRACES).len() > 4, "the person is everywhere");
    if engine == Engine::Postgres {
        on_the_server(&site, &["ANALYZE", "CHECKPOINT"]);
        assert!(!heap(&site).is_empty(), "the files are looked at");
    }

    // Erased, while the process runs.
    world.change(|tx| {
        let ids = users::table.filter(users::email_norm.eq(EMAIL.to_lowercase())).select(users::id);
        let user_id = ids.first(tx.conn)?;
        gaung::store::user::save_active(tx, user_id, false)
    });
    let filing = Filing { member_id: id, kind: RequestKind::Erase, wish: Wish::default(), came_at: None };
    let request = data_request::file(app, &world.admin, filing).await.unwrap();
    data_request::answer(app, &world.admin, request.id, Answer::Grant(Wish::default())).await.unwrap();
    assert_eq!(in_rows(world, &TRACES), Vec::<String>::new());
    let open = "SELECT count(*) AS n FROM erasures WHERE swept_at IS NULL";
    wait_until(Duration::from_secs(20), "the process has swept", || site.number(open) == 0);
    let gone = client.get(format!("{base}{path}")).send().await.unwrap().text().await.unwrap();
    assert_eq!(words_in(gone.as_bytes(), &TRACES), Vec::<String>::new());
    let figures = client.get(format!("{base}/metrics")).bearer_auth(TOKEN).send().await.unwrap().text().await.unwrap();
    assert!(figures.contains("gaung_mails_total"));
    assert_eq!(words_in(figures.as_bytes(), &TRACES), Vec::<String>::new());
    let ended = process.terminate();
    assert_eq!(ended.code, Some(0));
    assert!(ended.log.contains("/sign-in"), "the log is a talkative one");
    assert_eq!(words_in(ended.log.as_bytes(), &TRACES), Vec::<String>::new());

    // What is exported, with every proof from before.
    crate::service::seal::seal(app).await;
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let (checkpoint, proof) = (file("kept", kept.as_bytes()), file("kept.tlog-proof", &receipt));
    let export = dir.path().join("log").display().to_string();
    assert_eq!(start.run(&["ledger", "export", &export]).0, Some(0));
    let verify = ["ledger", "verify", &export, "--checkpoint", &checkpoint, "--proof", &proof];
    let verified = std::process::Command::new(env!("CARGO_BIN_EXE_gaung")).args(verify).env_clear().output().unwrap();
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.matches(" fits: ").count() == 2, "{said}");
    let served = Served::start(app);
    let auditor = served.browser(&world.auditor);
    let dossier = format!("/campaigns/{}/dossier.zip", crowd.campaign_id);
    for path in ["/log.csv", "/log.xlsx", &dossier] {
        let response = auditor.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        file(&path.replace('/', "_"), &unpacked(response.bytes().await.unwrap().to_vec()));
    }
    assert_eq!(below(dir.path(), &TRACES), Vec::<String>::new());
    assert_eq!(in_files(world, &TRACES), Vec::<String>::new());
    if engine == Engine::Postgres {
        let dump = std::process::Command::new("pg_dump").arg(site.url()).output().expect("pg_dump is there");
        assert!(dump.status.success() && dump.stdout.len() > 10_000, "{}", String::from_utf8_lossy(&dump.stderr));
        assert_eq!(words_in(&dump.stdout, &TRACES), Vec::<String>::new());
        // As docs/operating.md has it; again while somebody (autovacuum) may still see what was there before.
        wait_until(Duration::from_secs(20), "the server's files hold nothing of them", || {
            on_the_server(&site, &[FORGET, "VACUUM (FULL, ANALYZE)", "VACUUM FULL pg_catalog.pg_statistic", "CHECKPOINT"]);
            heap(&site).is_empty()
        });
    }
}

/// ANALYZE leaves the statistics of a table without rows as they were.
const FORGET: &str = "DELETE FROM pg_catalog.pg_statistic WHERE starelid >= 16384";

fn on_the_server(site: &Site, statements: &[&str]) {
    let mut conn = PgConnection::establish(site.url()).unwrap();
    for statement in statements {
        conn.batch_execute(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = diesel::sql_types::Text)]
    dir: String,
}

/// Files of this database's tables, indexes and statistics on the server's disk that hold a trace.
fn heap(site: &Site) -> Vec<String> {
    let mut conn = PgConnection::establish(site.url()).unwrap();
    let sql =
        "SELECT current_setting('data_directory') || '/base/' || oid AS dir FROM pg_database WHERE datname = current_database()";
    let place: Place = diesel::sql_query(sql).get_result(&mut conn).unwrap();
    below(std::path::Path::new(&place.dir), &TRACES)
}

on_both!(nothing_that_the_service_says_or_leaves_names_who_was_erased);
