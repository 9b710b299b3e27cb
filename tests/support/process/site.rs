//! An institution in a database that real processes share: what a test sets up, starts, and looks at afterwards.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl as _};
use gaung::clock::{Clock as _, SystemClock};
use gaung::domain::id::{AssignmentId, WaveId};
use gaung::store::{Conn, StoreError};

use super::gaung::Start;
use super::sink::Sink;
use crate::support::app::TestApp;
use crate::support::campaigns::{self, Crowd};
use crate::support::database::TestDatabase;
use crate::support::invariants;
use crate::support::world::World;

/// A world in real time, and how its processes are started. Everything here goes to the database directly, whatever way the
/// processes take.
pub struct Site {
    pub world: World,
    pub sink: Sink,
    url: String,
    env: Vec<(String, String)>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Site {
    /// On a fresh database of the suite's PostgreSQL or a fresh SQLite file.
    pub fn fresh(engine: crate::support::database::Engine, env: &[(&str, &str)]) -> Self {
        Self::on(TestDatabase::fresh(engine), env)
    }
    /// On a migrated database of the caller's.
    pub fn on(database: TestDatabase, env: &[(&str, &str)]) -> Self {
        let sink = Sink::start();
        let mut all = sink.env();
        all.extend(env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let pairs: Vec<(&str, &str)> = all.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let url = database.url();
        let test = TestApp::on(database, &pairs, SystemClock.now());
        Self { world: World::around(test), sink, url, env: all }
    }
    pub fn url(&self) -> &str {
        &self.url
    }
    /// How this site's processes start: one data directory, so one secret.
    pub fn start(&self) -> Start {
        let pairs = self.env.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        Start::new(self.world.test.dir.path(), &self.url).envs(pairs).env("GAUNG__LOG__FILTER", "info")
    }
    /// The test's own clock shows the real time again.
    pub fn now(&self) -> DateTime<Utc> {
        let now = SystemClock.now();
        self.world.test.clock.set(now);
        now
    }
    /// A wave that has been opened for `n` people of a new unit, each with one mail that is due now.
    pub async fn opened(&self, tag: &str, n: usize) -> Crowd {
        // Its opening lies a minute after its planning.
        self.world.test.clock.set(SystemClock.now() - TimeDelta::seconds(62));
        let crowd = campaigns::opened(&self.world, tag, n).await;
        self.now();
        crowd
    }
    /// Rows by a word: `SELECT … AS word, count(*) AS n …`.
    pub fn counted(&self, sql: &str) -> Vec<(String, i64)> {
        let read = self.world.app().db.read_blocking(|conn| Ok::<_, StoreError>(diesel::sql_query(sql).load::<Row>(conn)?));
        read.expect("counted rows").into_iter().map(|row| (row.word, row.n)).collect()
    }
    /// One number: `SELECT … AS n`.
    pub fn number(&self, sql: &str) -> i64 {
        let sql = format!("SELECT 'n' AS word, q.n AS n FROM ({sql}) q");
        self.counted(&sql).first().map_or(0, |(_, n)| *n)
    }
    /// How many of a wave's mails, or of all, stand in a state.
    pub fn mails(&self, state: &str) -> i64 {
        self.number(&format!("SELECT count(*) AS n FROM outbox WHERE state = '{state}'"))
    }
    /// Runs statements as they are.
    pub fn execute(&self, sql: &str) {
        self.world.change(|tx| {
            match tx.conn {
                Conn::Pg(conn) => conn.batch_execute(sql),
                Conn::Lite(conn) => conn.batch_execute(sql),
            }
            .map_err(StoreError::from)
        });
    }
    /// The path of each assignment's page in a wave.
    pub fn task_paths(&self, wave_id: WaveId) -> Vec<(AssignmentId, String)> {
        let app = self.world.app();
        let assigned = campaigns::assigned(app, wave_id);
        let token = |id| {
            let row = app.db.read_blocking(|conn| gaung::store::assignment::find(conn, id)).expect("a read").expect("a row");
            gaung::service::task::task_token(app, id, row.link_version, row.expires_at.0)
        };
        assigned.into_iter().map(|a| (a.id, format!("/t/{}", token(a.id)))).collect()
    }
    /// Every promise that rows can show.
    pub fn check(&self) {
        invariants::check(self.world.app());
        assert_eq!(self.sink.doubled(), [], "a mail was sent twice");
    }
    /// A time that comes soon, on a full second.
    pub fn soon(&self, seconds: i64) -> DateTime<Utc> {
        self.now() + TimeDelta::seconds(seconds)
    }
}
