//! Handing over one message: opening its transaction (MAIL, RCPT, DATA), the message itself, and what each answer means.
//!
//! Where the relay announced PIPELINING (RFC 2920) the opening is one write, and the next message's opening travels behind this
//! message's final dot: one round trip a message. Elsewhere each step waits for its answer.

use super::body::Payload;
use super::config::Timeouts;
use super::parcel::Parcel;
use super::reply::Reply;
use super::session::Connection;
use super::wire::WireError;
use crate::fault;
use crate::mail::envelope::Envelope;
use crate::mail::outcome::Outcome;

/// Answers that mean "you, not this recipient": authentication is missing, too weak or must be encrypted (RFC 4954, 6).
const ABOUT_AUTHENTICATION: [u16; 4] = [530, 534, 535, 538];

/// What may become of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// In step, no transaction open.
    Reusable,
    /// In step, a transaction is open: RSET before the next.
    NeedsReset,
    /// Out of step, or closing.
    Spent,
}

/// The end of one transaction.
#[derive(Debug)]
pub struct Verdict {
    pub outcome: Outcome,
    pub fate: Fate,
    /// The connection failed before the message could have been accepted. On a connection that had been used before, the likely
    /// reason is the server's own limit, and a new connection may do.
    pub stale: bool,
}

/// Goes on with a value, or stops with the verdict.
pub type Step<T> = Result<T, Verdict>;

/// The commands that open a message's transaction, checked against what the relay announced.
#[derive(Debug)]
pub struct Opening {
    mail: String,
    rcpt: String,
}

impl Opening {
    /// The commands for `parcel`; a verdict where the relay cannot take it, before anything is said.
    pub fn of(connection: &Connection, parcel: &Parcel) -> Step<Self> {
        let mail = mail_command(connection, &parcel.envelope, &parcel.payload)?;
        Ok(Self { mail, rcpt: format!("RCPT TO:<{}>\r\n", parcel.envelope.recipient) })
    }

    /// All of it as one group (RFC 2920 3.1: DATA comes last).
    fn append(&self, group: &mut Vec<u8>) {
        group.extend_from_slice(self.mail.as_bytes());
        group.extend_from_slice(self.rcpt.as_bytes());
        group.extend_from_slice(b"DATA\r\n");
    }
}

/// Opens the transaction: afterwards the relay waits for the message.
pub async fn open(connection: &mut Connection, parcel: &Parcel, opening: &Opening, limits: &Timeouts) -> Step<()> {
    connection.used = connection.used.saturating_add(1);
    if connection.extensions.pipelining {
        let mut group = Vec::with_capacity(512);
        opening.append(&mut group);
        connection.wire.write(&group, limits.mail, &mut 0).await.map_err(|e| lost("MAIL", &e))?;
        return read_opening(connection, &parcel.envelope, limits).await;
    }
    let reply = connection.wire.ask(&opening.mail, limits.mail).await.map_err(|e| lost("MAIL", &e))?;
    check_mail(&reply, &parcel.envelope)?;
    let reply = connection.wire.ask(&opening.rcpt, limits.rcpt).await.map_err(|e| lost("RCPT", &e))?;
    check("RCPT", &reply, reply.is_positive())?;
    let reply = connection.wire.ask("DATA\r\n", limits.data).await.map_err(|e| lost("DATA", &e))?;
    check("DATA", &reply, reply.code == 354)
}

/// Reads the three answers to an opening that was sent as a group. All are read whatever the first says, so that the connection
/// stays in step.
pub async fn read_opening(connection: &mut Connection, envelope: &Envelope, limits: &Timeouts) -> Step<()> {
    let mail = connection.wire.reply(limits.mail).await.map_err(|e| lost("MAIL", &e))?;
    let judged = check_mail(&mail, envelope);
    let judged = ended(judged)?;
    let rcpt = connection.wire.reply(limits.rcpt).await.map_err(|e| judged.or_lost("RCPT", &e))?;
    let judged = ended(judged.and(|| check("RCPT", &rcpt, rcpt.is_positive())))?;
    let data = connection.wire.reply(limits.data).await.map_err(|e| judged.or_lost("DATA", &e))?;
    if data.code == 354 && judged.is_bad() {
        // The relay waits for a message though it took nobody to give it to (RFC 2920 3.1): a lone dot is what it gets.
        let dot = connection.wire.ask(".\r\n", limits.data_end).await;
        dot.map_err(|e| judged.or_lost("DATA", &e))?;
    }
    judged.and(|| check("DATA", &data, data.code == 354))
}

/// What the answers to an opening amount to so far.
struct Judged(Option<Verdict>);

impl Judged {
    const fn is_bad(&self) -> bool {
        self.0.is_some()
    }
    /// The first bad answer is the reason; those after it follow from it.
    fn and(self, check: impl FnOnce() -> Step<()>) -> Step<()> {
        self.0.map_or_else(check, Err)
    }
    /// The connection broke while answers to a lost cause were being read: the cause is what counts, the connection is spent.
    fn or_lost(&self, phase: &str, error: &WireError) -> Verdict {
        match &self.0 {
            Some(verdict) => Verdict { outcome: verdict.outcome.clone(), fate: Fate::Spent, stale: false },
            None => lost(phase, error),
        }
    }
}

/// Stops where the connection is spent; else goes on with what was judged.
fn ended(step: Step<()>) -> Step<Judged> {
    match step {
        Ok(()) => Ok(Judged(None)),
        Err(verdict) if verdict.fate == Fate::Spent => Err(verdict),
        Err(verdict) => Ok(Judged(Some(verdict))),
    }
}

/// Writes the message and, behind its final dot, the opening of the next one.
pub async fn write(connection: &mut Connection, payload: &mut Payload, next: Option<&Opening>, limits: &Timeouts) -> Step<()> {
    fault::point("smtp.data.accepted");
    let mut written = 0;
    if let Some(next) = next {
        connection.used = connection.used.saturating_add(1);
        payload.follow_with(|bytes| next.append(bytes));
    }
    let result = connection.wire.write(payload.bytes(), limits.data_block, &mut written).await;
    payload.alone();
    match result {
        Ok(()) => Ok(()),
        Err(error) if payload.may_be_complete(written) => Err(doubt(&error)),
        Err(error) => Err(interrupted(connection, &error, limits).await),
    }
}

/// Reads the answer to the final dot.
pub async fn conclude(connection: &mut Connection, limits: &Timeouts) -> Verdict {
    fault::point("smtp.dot.written");
    let reply = match connection.wire.reply(limits.data_end).await {
        Ok(reply) => reply,
        Err(error) => return doubt(&error),
    };
    fault::point("smtp.answer.read");
    let (code, text) = (reply.code, reply.text());
    let fate = if reply.is_closing() { Fate::Spent } else { Fate::Reusable };
    let outcome = if reply.is_positive() {
        Outcome::Delivered { reply: reply.to_string() }
    } else if reply.is_transient() {
        Outcome::TempFail { code, text }
    } else if reply.is_permanent() {
        Outcome::PermFail { code, text }
    } else {
        let why = format!("unexpected answer after the final dot: {reply}");
        return Verdict { outcome: Outcome::Unknown { why }, fate: Fate::Spent, stale: false };
    };
    Verdict { outcome, fate, stale: false }
}

/// The MAIL command with what this message needs of the server.
fn mail_command(connection: &Connection, envelope: &Envelope, payload: &Payload) -> Step<String> {
    let known = &connection.extensions;
    // No server is asked for what it did not announce; its answer would be about the parameter, not the message.
    let refused = |code, text: &str| Verdict {
        outcome: Outcome::PermFail { code, text: text.to_owned() },
        fate: Fate::Reusable,
        stale: false,
    };
    if envelope.needs_smtputf8() && !known.smtputf8 {
        return Err(refused(553, "not sent: the address needs SMTPUTF8, which the relay does not announce"));
    }
    if payload.eight_bit && !known.eight_bit_mime {
        return Err(refused(554, "not sent: the message needs 8BITMIME, which the relay does not announce"));
    }
    if known.size_limit.is_some_and(|limit| payload.message_len > limit) {
        return Err(refused(552, "not sent: the message is larger than the relay takes"));
    }
    let utf8 = if envelope.needs_smtputf8() { " SMTPUTF8" } else { "" };
    let eight_bit = if payload.eight_bit { " BODY=8BITMIME" } else { "" };
    Ok(format!("MAIL FROM:<{}>{eight_bit}{utf8}\r\n", envelope.sender))
}

/// MAIL names the sender and this service's right to send: a 5xx is about the relay, unless only this message asked for more.
fn check_mail(reply: &Reply, envelope: &Envelope) -> Step<()> {
    if reply.is_permanent() && !envelope.needs_smtputf8() {
        let why = format!("the relay refused the sender {} at MAIL: {reply}", envelope.sender);
        return Err(Verdict { outcome: Outcome::RelayRefused { why }, fate: Fate::Spent, stale: false });
    }
    check("MAIL", reply, reply.is_positive())
}

fn check(phase: &str, reply: &Reply, good: bool) -> Step<()> {
    if good {
        return Ok(());
    }
    let (code, text) = (reply.code, reply.text());
    let (outcome, fate) = if ABOUT_AUTHENTICATION.contains(&code) {
        (Outcome::RelayRefused { why: format!("the relay refused {phase}: {reply}") }, Fate::Spent)
    } else if reply.is_permanent() {
        (Outcome::PermFail { code, text }, Fate::NeedsReset)
    } else if reply.is_transient() {
        (Outcome::TempFail { code, text }, if reply.is_closing() { Fate::Spent } else { Fate::NeedsReset })
    } else {
        (Outcome::NotSent { why: format!("at {phase}: unexpected answer {reply}") }, Fate::Spent)
    };
    // Out of step or closing before anything was handed over: on a kept connection, worth a new one.
    let stale = reply.is_closing() || matches!(outcome, Outcome::NotSent { .. });
    Err(Verdict { outcome, fate, stale })
}

/// The message could not be written to its end. Some servers say why before they close (552 for a message too large, say).
async fn interrupted(connection: &mut Connection, error: &WireError, limits: &Timeouts) -> Verdict {
    let limit = limits.command.min(std::time::Duration::from_secs(1));
    if matches!(error, WireError::Io(_)) {
        match connection.wire.reply(limit).await {
            Ok(reply) if reply.is_permanent() || reply.is_transient() => {
                if let Err(verdict) = check("the message", &reply, false) {
                    return Verdict { fate: Fate::Spent, ..verdict };
                }
            }
            _ => {}
        }
    }
    lost("the message", error)
}

/// The connection failed before the message can have been accepted.
fn lost(phase: &str, error: &WireError) -> Verdict {
    let outcome = Outcome::NotSent { why: format!("at {phase}: {error}") };
    Verdict { outcome, fate: Fate::Spent, stale: true }
}

fn doubt(error: &WireError) -> Verdict {
    let outcome = Outcome::Unknown { why: format!("after the final dot: {error}") };
    Verdict { outcome, fate: Fate::Spent, stale: false }
}
