// Fetches and completes JOBS no-op jobs with pg-boss, 500 at a time on two connections' worth of loops, while BACKLOG more wait; prints
// how many a second and how long a fetch took. Arguments: connection string, jobs, backlog.
const PgBoss = require("pg-boss");
const { version } = require("pg-boss/package.json");
const { Pool } = require("pg");

const [connectionString, jobs, backlog] = process.argv.slice(-3).map((value, i) => (i === 0 ? value : Number(value)));
const LOOPS = 2;
const BATCH = 500;
const QUEUE = "noop";

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];

(async () => {
  const boss = new PgBoss({ connectionString, max: 10, supervise: false, schedule: false });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE);
  for (let left = jobs + backlog; left > 0; left -= 20_000) {
    await boss.insert(Array.from({ length: Math.min(left, 20_000) }, (_, n) => ({ name: QUEUE, data: { n } })));
  }
  const pool = new Pool({ connectionString });
  await pool.query("VACUUM ANALYZE");
  await pool.query("CHECKPOINT").catch(() => {});
  await pool.end();
  let left = jobs;
  let done = 0;
  const fetches = [];
  const began = process.hrtime.bigint();
  const loop = async () => {
    while (left > 0) {
      left -= BATCH;
      const asked = process.hrtime.bigint();
      // The order of priorities is not needed: without it the fetch is faster.
      const fetched = await boss.fetch(QUEUE, { batchSize: BATCH, priority: false });
      fetches.push(Number(process.hrtime.bigint() - asked) / 1e6);
      await boss.complete(QUEUE, fetched.map((job) => job.id));
      done += fetched.length;
    }
  };
  await Promise.all(Array.from({ length: LOOPS }, loop));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  fetches.sort((a, b) => a - b);
  const claim = { p50_ms: quantile(fetches, 0.5), p99_ms: quantile(fetches, 0.99) };
  console.log(JSON.stringify({ peer: `pg-boss ${version}`, rows: done, backlog, rows_per_s: Math.round(done / seconds), claim }));
  await boss.stop({ graceful: false, wait: false });
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
