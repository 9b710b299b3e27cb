//! Reads the sources and holds them to the floors, the sizes and the rules that no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each part of the crate may import of the others (besides itself). `main` and `cli` may import everything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ledger", &[]),
    ("clock", &[]),
    ("meter", &[]),
    ("fault", &[]),
    ("config", &["domain"]),
    ("store", &["domain", "ledger", "clock", "fault", "config"]),
    ("mail", &["domain", "clock", "fault", "config"]),
    ("auth", &["domain", "clock", "config"]),
    ("service", &["domain", "ledger", "store", "mail", "auth", "clock", "fault", "config", "app", "meter"]),
    ("app", &["domain", "ledger", "store", "mail", "auth", "service", "clock", "config", "meter"]),
    ("web", &["app", "service", "domain", "clock", "config", "meter"]),
    ("jobs", &["app", "service", "domain", "clock", "config", "meter"]),
];

/// Crates that belong to one place: the crate, where it may be named, and why.
const AT_HOME: &[(&str, &[&str])] = &[
    ("diesel", &["store/", "store.rs"]),
    ("diesel_migrations", &["store/", "store.rs"]),
    ("actix_web", &["web/", "app.rs", "app/"]),
    ("lettre", &["mail/"]),
    ("jsonwebtoken", &["auth/"]),
    ("tokio_cron_scheduler", &["jobs/heartbeat.rs"]),
    ("anyhow", &["cli/", "cli.rs", "main.rs"]),
    ("metrics_exporter_prometheus", &["meter.rs", "meter/"]),
];

/// What the two pure parts may not name: they neither wait, nor read, nor roll dice, nor log.
const PURE: &[&str] = &["domain", "ledger"];
const IMPURE: &[&str] = &["tokio", "tracing", "rand", "rustls", "std::fs", "std::env", "std::process", "std::thread"];

const MOST_LINES: usize = 400;
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!"), concat!("unimplemented", "!")];

/// The faults of one source file, by its path below `src/`.
fn faults(path: &str, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.starts_with("//! ") {
        faults.push("its first line does not say what is decided here".to_owned());
    }
    let lines = source.lines().count();
    if lines > MOST_LINES {
        faults.push(format!("{lines} lines, more than {MOST_LINES}"));
    }
    faults.extend(UNFINISHED.iter().filter(|word| source.contains(**word)).map(|word| format!("unfinished: {word}")));
    let code = without_comments(source);
    let words = paths_in(&code);
    for (name, homes) in AT_HOME {
        let at_home = homes.iter().any(|home| path.starts_with(home));
        if !at_home && words.foreign.contains(*name) {
            faults.push(format!("{name} does not belong here"));
        }
    }
    let part = path.split(['/', '.']).next().unwrap_or_default();
    if PURE.contains(&part) {
        let named = |name: &&&str| words.foreign.contains(**name) || (name.contains("::") && code.contains(**name));
        faults.extend(IMPURE.iter().filter(named).map(|name| format!("{part} is pure, and {name} is not")));
    }
    if let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == part) {
        let known: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).chain(["cli"]).collect();
        for import in &words.own {
            if import != part && known.contains(import.as_str()) && !allowed.contains(&import.as_str()) {
                faults.push(format!("{part} imports {import}"));
            }
        }
    } else if !["main", "lib", "cli"].contains(&part) {
        faults.push(format!("{part} has no floor: say in tests/architecture.rs what it may import"));
    }
    faults
}

/// The paths that a source names: heads of foreign ones, and what follows `crate::`.
#[derive(Default)]
struct Paths {
    foreign: BTreeSet<String>,
    own: BTreeSet<String>,
}

fn paths_in(code: &str) -> Paths {
    let mut paths = Paths::default();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in code.match_indices("::") {
        let head: String = code[..at].chars().rev().take_while(|c| is_word(*c)).collect();
        let head: String = head.chars().rev().collect();
        let rest = &code[at + 2..];
        if head == "crate" {
            paths.own.extend(first_names(rest));
        }
        paths.foreign.insert(head);
    }
    // `use diesel;`, `extern crate diesel`, `#[macro_use(diesel)]`: a bare name after a keyword.
    for keyword in ["use ", "extern crate "] {
        for (at, _) in code.match_indices(keyword) {
            paths.foreign.insert(code[at + keyword.len()..].chars().take_while(|c| is_word(*c)).collect());
        }
    }
    paths
}

/// `a::b` names `a`; `{a::{b, c}, d}` names `a` and `d`.
fn first_names(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(list) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut names, mut start) = (0_u32, Vec::new(), 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(word(&list[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(word(&list[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

/// The source without `//` comments; a `//` within a text hides the rest of its line, which can only hide faults there.
fn without_comments(source: &str) -> String {
    let code = source.lines().map(|line| match line.find("//") {
        Some(at) if at == 0 || !line[..at].ends_with([':', '"']) => &line[..at],
        _ => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_source_keeps_to_its_floor_and_size() {
    let src = root().join("src");
    let mut report = BTreeMap::new();
    for file in files_below(&src, ".rs") {
        let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let found = faults(&path, &std::fs::read_to_string(&file).unwrap());
        if !found.is_empty() {
            report.insert(path, found);
        }
    }
    assert!(report.is_empty(), "{report:#?}");
}

/// Where the store counts rows, and why no page waits for it.
const COUNTS: &[(&str, &str)] = &[
    ("store/promises.rs", "the operator's check scans on purpose"),
    ("store/ground/", "fills a database for measuring"),
    ("store/measure/", "measures, in a database of its own"),
    ("store/counted.rs", "counts what a sweep moves, while it moves it"),
    ("store/fanout.rs", "counts a chunk, while it is made"),
    ("store/retention.rs", "counts a batch, while it goes"),
    ("store/correction.rs", "counts once, when a campaign is corrected"),
    ("store/audience.rs", "the preview of a wave, which is asked for and says so"),
    ("store/migrate.rs", "a table's name in the catalogue"),
    ("store/unit.rs", "up to a limit"),
    ("store/mail_report.rs", "up to a limit"),
    ("store/mail_delivery.rs", "up to a limit; beyond it a sweep does"),
    ("store/post.rs", "the tasks of one post, by an index"),
    ("store/personal.rs", "the kept mails of one address, by an index"),
    ("store/done_counts.rs", "what a statement has just written, so that its next part waits for all of it"),
    ("store/outbox/waiting.rs", "what the statement has just taken, and a lease how many"),
    ("store/plan_counts.rs", "the waves of a page of campaigns"),
    ("store/register/account.rs", "for a sweep; pages read its figure"),
    ("store/measures.rs", "up to a limit, for monitoring"),
    ("store/snapshot.rs", "the operator's look at a copy reads it whole on purpose"),
];

#[test]
fn no_page_waits_for_a_count() {
    let mut found = BTreeSet::new();
    let src = root().join("src");
    for file in files_below(&src, ".rs") {
        let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let code = without_comments(&std::fs::read_to_string(&file).unwrap()).to_lowercase();
        // In statements, and by diesel: not `Iterator::count`.
        let counts =
            ["select count(", " count(*)", "(count(", ", count(", "count_star(", ".count().get_result", ".count().first"];
        if path.starts_with("store/") && counts.iter().any(|way| code.contains(way)) {
            found.insert(path);
        }
    }
    let known = |path: &&String| COUNTS.iter().any(|(home, _)| path.starts_with(home));
    let new: Vec<&String> = found.iter().filter(|path| !known(path)).collect();
    assert!(new.is_empty(), "these count rows; maintain a counter, or say in COUNTS why no page waits: {new:?}");
    for (home, _) in COUNTS {
        assert!(found.iter().any(|path| path.starts_with(home)), "{home} counts nothing any more: take it off the list");
    }
}

#[test]
fn tests_too_say_what_they_hold_and_leave_nothing_open() {
    for file in files_below(&root().join("tests"), ".rs") {
        let source = std::fs::read_to_string(&file).unwrap();
        let left: Vec<_> = UNFINISHED.iter().filter(|word| source.contains(**word)).collect();
        assert!(source.starts_with("//! ") && left.is_empty(), "{}: {left:?}", file.display());
        assert!(source.lines().count() <= MOST_LINES, "{}: more than {MOST_LINES} lines", file.display());
    }
}

/// Tables of a migration that are not STRICT, by name.
fn loose_tables(sql: &str) -> Vec<String> {
    let sql: String = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let tables = sql.split(';').filter(|statement| statement.trim_start().to_uppercase().starts_with("CREATE TABLE"));
    let loose = tables.filter(|statement| {
        let options = statement.rsplit(')').next().unwrap_or_default().to_uppercase();
        !options.split([',', ' ', '\n', '\t']).any(|word| word == "STRICT")
    });
    loose.map(|statement| statement.split('(').next().unwrap_or_default().trim().to_owned()).collect()
}

fn migration_names(engine: &str) -> BTreeSet<String> {
    let dir = root().join("migrations").join(engine);
    let names = files_below(&dir, ".sql").into_iter();
    names.map(|file| file.strip_prefix(&dir).unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn both_databases_have_the_same_migrations_and_sqlites_tables_are_strict() {
    let (sqlite, postgres) = (migration_names("sqlite"), migration_names("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
    for name in &sqlite {
        let sql = std::fs::read_to_string(root().join("migrations/sqlite").join(name)).unwrap();
        assert_eq!(loose_tables(&sql), Vec::<String>::new(), "{name}");
        let partner = name.replace("up.sql", "down.sql");
        assert!(sqlite.contains(&partner), "{name} has no way down");
    }
}

/// The negative control: a checker that finds nothing in sources made to be faulty checks nothing.
#[test]
fn the_checker_finds_each_fault_in_sources_made_to_have_them() {
    let head = "//! Decides nothing.\n";
    let finds = |path: &str, body: &str, fault: &str| {
        let found = faults(path, &format!("{head}{body}"));
        assert_eq!(found.len(), 1, "{path}: {body:?} gave {found:?}");
        assert!(found[0].contains(fault), "{path}: {body:?} gave {found:?}");
    };
    finds("domain/wave.rs", "use crate::store::Db;", "domain imports store");
    finds("domain/wave.rs", "use crate::{\n    store::{Db, Tx},\n    domain::id,\n};", "domain imports store");
    finds("domain/wave.rs", "fn f() { crate::ledger::leaf::hash() }", "domain imports ledger");
    finds("web/pages/campaign.rs", "use crate::store::campaign;", "web imports store");
    finds("web/pages/campaign.rs", "use crate::jobs::remind;", "web imports jobs");
    finds("jobs/remind.rs", "use crate::web::routes;", "jobs imports web");
    finds("mail/smtp.rs", "use crate::{auth::secret, clock};", "mail imports auth");
    finds("store/wave.rs", "use crate::service::dispatch;", "store imports service");
    finds("service/dispatch.rs", "use crate::web::error;", "service imports web");
    finds("service/dispatch.rs", "use diesel::prelude::*;", "diesel");
    finds("service/dispatch.rs", "#[derive(diesel::Queryable)] struct A;", "diesel");
    finds("service/dispatch.rs", "use diesel;", "diesel");
    finds("service/dispatch.rs", "type R = actix_web::HttpResponse;", "actix_web");
    finds("web/api/mail.rs", "use lettre::Message;", "lettre");
    finds("web/api/token.rs", "use jsonwebtoken::encode;", "jsonwebtoken");
    finds("jobs/schedule.rs", "use tokio_cron_scheduler::Job;", "tokio_cron_scheduler");
    finds("service/dispatch.rs", "fn f() -> anyhow::Result<()> { Ok(()) }", "anyhow");
    finds("domain/wave.rs", "use tokio::sync::Mutex;", "domain is pure, and tokio is not");
    finds("ledger/leaf.rs", "fn f() { let _ = std::fs::read(\"x\"); }", "ledger is pure, and std::fs is not");
    finds("app.rs", "use crate::web::routes;", "app imports web");
    finds("helpers/text.rs", "", "helpers has no floor");
    finds("domain/wave.rs", &format!("fn f() {{ {}() }}", UNFINISHED[2]), "unfinished");
    finds("domain/wave.rs", &format!("// {}: later", UNFINISHED[0]), "unfinished");
    finds("domain/wave.rs", &"\n".repeat(MOST_LINES), "401 lines");
    assert_eq!(faults("domain/wave.rs", "use std::fmt;").len(), 1);
    // And nothing where there is none.
    let good = "use crate::domain::wave::Wave;\nuse diesel::prelude::*;\n// use crate::service::x;\n";
    assert_eq!(faults("store/wave.rs", &format!("{head}{good}")), Vec::<String>::new());
}

#[test]
fn the_checker_finds_a_table_that_is_not_strict() {
    let sql = "-- CREATE TABLE x (a)\nCREATE TABLE a (id BLOB CHECK (id <> '')) STRICT, WITHOUT ROWID;\ncreate table b (\n  id TEXT\n);";
    assert_eq!(loose_tables(sql), ["create table b"]);
}
