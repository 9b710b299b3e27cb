// Reads what each measured, one JSON value a line or whole files, and prints a table and one JSON value. Argument: the directory.
const fs = require("fs");
const path = require("path");

const dir = process.argv[2];
const rounds = {};
for (const name of fs.readdirSync(dir).sort()) {
  if (!name.endsWith(".json")) continue;
  const found = JSON.parse(fs.readFileSync(path.join(dir, name), "utf8"));
  const who = found.peer ?? "gaung";
  (rounds[who] ??= []).push(found);
}
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rows = Object.entries(rounds).map(([who, found]) => ({
  who,
  rounds: found.length,
  rows_per_s: median(found.map((one) => one.rows_per_s)),
  claim_p50_ms: found[0].claim ? median(found.map((one) => one.claim.p50_ms)) : null,
  claim_p99_ms: found[0].claim ? median(found.map((one) => one.claim.p99_ms)) : null,
}));
const shown = (value) => (value === null ? "-" : String(Math.round(value * 100) / 100));
console.error("claimed and settled".padEnd(28) + "rows/s".padStart(10) + "claim p50 ms".padStart(14) + "claim p99 ms".padStart(14));
for (const row of rows.sort((a, b) => b.rows_per_s - a.rows_per_s)) {
  console.error(row.who.padEnd(28) + shown(row.rows_per_s).padStart(10) + shown(row.claim_p50_ms).padStart(14) + shown(row.claim_p99_ms).padStart(14));
}
console.log(JSON.stringify(rows, null, 2));
