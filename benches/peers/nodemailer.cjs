// Sends MESSAGES mails with nodemailer's pool to an SMTP sink and prints how many a second. Arguments: port, connections, messages, size.
const nodemailer = require("nodemailer");
const { version } = require("nodemailer/package.json");
const [port, connections, messages, size] = process.argv.slice(-4).map(Number);

const transport = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port,
  secure: false,
  ignoreTLS: true,
  maxConnections: connections,
  maxMessages: 100,
});
const half = "Kata-kata yang panjangnya sama dengan surel yang diukur. ".repeat(Math.ceil(size / 2 / 57));

async function send(n) {
  await transport.sendMail({
    from: "Kementerian <gaung@klp.example.id>",
    to: `Pegawai ${n} <pegawai${n}@klp.example.id>`,
    subject: `Tugas nomor ${n}`,
    text: `Halo Pegawai ${n}\n${half}`,
    html: `<p>Halo Pegawai ${n}</p><p>${half}</p>`,
  });
}

(async () => {
  await send(0);
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: messages }, (_, n) => send(n)));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  transport.close();
  console.log(JSON.stringify({ peer: `nodemailer ${version} pool`, per_s: messages / seconds }));
})();
