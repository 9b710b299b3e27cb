// Works off JOBS no-op jobs with graphile-worker while BACKLOG more wait, and prints how many a second.
// Arguments: connection string, jobs, backlog. Batches in and out as its guide to performance advises.
const { run, makeWorkerUtils, Logger } = require("graphile-worker");
const { version } = require("graphile-worker/package.json");
const { Pool } = require("pg");

const [connectionString, jobs, backlog] = process.argv.slice(-3).map((value, i) => (i === 0 ? value : Number(value)));
const CONCURRENT = 24;
const BATCH = 500;

(async () => {
  // A line a job would be measured too.
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  await utils.release();
  const pgPool = new Pool({ connectionString, max: 10 });
  for (let left = jobs + backlog; left > 0; left -= 50_000) {
    await pgPool.query(
      `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(SELECT ROW('noop', json_build_object('n', n), null, null, null, null, null, null)::graphile_worker.job_spec
       FROM generate_series(1, $1::int) n), false)`,
      [Math.min(left, 50_000)],
    );
  }
  await pgPool.query("VACUUM ANALYZE");
  await pgPool.query("CHECKPOINT").catch(() => {});
  let done = 0;
  let began = 0n;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const runner = await run({
    pgPool,
    noHandleSignals: true,
    logger,
    preset: {
      worker: {
        concurrentJobs: CONCURRENT,
        localQueue: { size: BATCH },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    taskList: {
      noop: () => {
        if (began === 0n) began = process.hrtime.bigint();
        done += 1;
        if (done === jobs) finish(process.hrtime.bigint());
      },
    },
  });
  const ended = await finished;
  const seconds = Number(ended - began) / 1e9;
  console.log(JSON.stringify({ peer: `graphile-worker ${version}`, rows: jobs, backlog, rows_per_s: Math.round(jobs / seconds) }));
  await Promise.race([runner.stop(), new Promise((resolve) => setTimeout(resolve, 5000))]);
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
