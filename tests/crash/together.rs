//! Fifty presses of one *Done* at once, over three replicas.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::checker::{Report, check, nobody_panicked};
use super::ground::{Case, Fleet, Ground};
use super::people::{Answer, client, open, press, tasks};
use crate::support::database::Engine;

/// One completion, one entry, fifty equal answers; for several people in turn.
pub async fn fifty(case: Case) -> Report {
    let ground = Ground::new(case.engine, case.size(3, 20), &[]).await;
    let fleet = Fleet::serve(ground.start(), if case.engine == Engine::Postgres { 3 } else { 1 });
    ground.settle(Duration::from_secs(60));
    let (client, bases) = (client(), fleet.bases());
    let mut told = BTreeSet::new();
    let began = Instant::now();
    for (id, path) in tasks(&ground, ground.people) {
        let nonce = open(&client, &bases[0], &path).await.expect("the page");
        let presses = (0..50).map(|turn| press(&client, &bases[turn % bases.len()], &path, &nonce));
        let answers = join_all(presses).await;
        assert!(answers.iter().all(|answer| *answer == Answer::Done), "{answers:?}");
        told.insert(id);
    }
    let recovered = began.elapsed();
    let report = check(&ground, &told);
    let completions = ground.site.number("SELECT count(*) AS n FROM completions");
    assert_eq!(completions, ground.people as i64, "one completion each");
    nobody_panicked(&ground);
    Report { struck: 50 * told.len() as u64, recovered, ..report }
}
