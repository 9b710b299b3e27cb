//! SIGKILL for a random process, again and again, while a wave fills, mail is sent and people press *Done*.

use std::time::{Duration, Instant};

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use gaung::store::StoreError;

use super::checker::{Report, check, nobody_panicked};
use super::ground::{Case, Fleet, Ground};
use super::people::{Crowd, tasks};
use crate::support::database::Engine;

/// Three replicas on PostgreSQL, the one process on SQLite.
pub async fn kills(case: Case) -> Report {
    let people = case.size(900, 3_000);
    let ground = Ground::new(case.engine, people, &[]).await;
    ground.site.sink.slow(Duration::from_millis(8));
    let mut dice = case.dice();
    let mut fleet = Fleet::serve(ground.start(), if case.engine == Engine::Postgres { 3 } else { 1 });
    // The first dies while the wave is being filled, or soon after.
    std::thread::sleep(dice.millis(100, 1_500));
    let mut struck = strike(&ground, &mut fleet, &mut dice);
    let began = Instant::now();
    while tasks(&ground, 200).len() < 200 {
        if began.elapsed() > Duration::from_secs(60) {
            let counted = |query| ground.site.counted(query);
            let waves = counted("SELECT state AS word, count(*) AS n FROM waves GROUP BY state");
            let asked = counted("SELECT state AS word, count(*) AS n FROM assignments GROUP BY state");
            panic!("the wave is not filled: {waves:?}, {asked:?}; {:#?}", super::checker::logs(&ground));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let crowd = Crowd::start(tasks(&ground, 200), fleet.bases(), Duration::from_millis(20));
    let most = case.size(6, 25);
    while struck < most && ground.ended() < people as i64 {
        std::thread::sleep(dice.millis(300, 1_500));
        struck += strike(&ground, &mut fleet, &mut dice);
        crowd.aim(fleet.bases());
    }
    let recovered = ground.settle(Duration::from_secs(120));
    let report = check(&ground, &crowd.told().await);
    nobody_panicked(&ground);
    // Each death leaves in doubt what it had marked and not settled, and no more.
    assert!(report.unknown <= struck * 200, "{} unknown after {struck} deaths", report.unknown);
    Report { struck, recovered, ..report }
}

fn strike(ground: &Ground, fleet: &mut Fleet, dice: &mut super::ground::Dice) -> u64 {
    let victim = dice.below(fleet.running.len());
    fleet.kill(victim);
    whole(ground);
    fleet.add();
    1
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// SQLite's own check of every page and index; nothing on PostgreSQL.
#[track_caller]
pub fn whole(ground: &Ground) {
    let db = &ground.site.world.app().db;
    if db.is_sqlite() {
        let query = "SELECT integrity_check AS line FROM pragma_integrity_check";
        let found = db.read_blocking(|conn| Ok::<_, StoreError>(diesel::sql_query(query).load::<Line>(conn)?));
        let lines: Vec<String> = found.expect("the check runs").into_iter().map(|l| l.line).collect();
        assert_eq!(lines, ["ok"], "the file is damaged");
    }
}

/// SQLite under write alone: nothing but completions, killed many times; every acknowledged one is there each time.
pub async fn writes(case: Case) -> Report {
    let people = case.size(400, 1_500);
    let ground = Ground::new(case.engine, people, &[]).await;
    let mut fleet = Fleet::serve(ground.start(), 1);
    ground.settle(Duration::from_secs(60));
    let mut dice = case.dice();
    let crowd = Crowd::start(tasks(&ground, people), fleet.bases(), Duration::ZERO);
    let mut struck = 0;
    for _ in 0..case.size(5, 40) {
        std::thread::sleep(dice.millis(100, 700));
        struck += strike(&ground, &mut fleet, &mut dice);
        crowd.aim(fleet.bases());
    }
    std::thread::sleep(Duration::from_millis(500));
    let report = check(&ground, &crowd.told().await);
    assert!(report.acknowledged > 0, "nobody was told anything");
    nobody_panicked(&ground);
    Report { struck, ..report }
}
