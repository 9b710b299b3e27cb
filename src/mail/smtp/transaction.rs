//! Handing over one message: MAIL, RCPT, DATA, the message, and what each answer means.
//!
//! Step by step: one write and one reply each. `Extensions::pipelining` is known here, so that the first three steps can become one
//! write with three replies without another layer changing.

use super::body::Payload;
use super::config::Timeouts;
use super::reply::Reply;
use super::session::Connection;
use super::wire::WireError;
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
    /// The connection failed before the message could have been accepted. On a connection that had been idle the likely reason is
    /// the server's idle limit, and a new connection may do.
    pub stale: bool,
}

/// Goes on with a value, or stops with the verdict.
type Step<T> = Result<T, Verdict>;

/// Hands `payload` over. Never fails: every end is a verdict.
pub async fn hand_over(connection: &mut Connection, envelope: &Envelope, payload: &Payload, limits: &Timeouts) -> Verdict {
    connection.used = connection.used.saturating_add(1);
    match run(connection, envelope, payload, limits).await {
        Ok(verdict) | Err(verdict) => verdict,
    }
}

async fn run(connection: &mut Connection, envelope: &Envelope, payload: &Payload, limits: &Timeouts) -> Step<Verdict> {
    let mail = mail_command(connection, envelope, payload)?;
    let reply = connection.wire.ask(&mail, limits.mail).await.map_err(|e| lost("MAIL", &e))?;
    check_mail(&reply, envelope)?;
    let rcpt = format!("RCPT TO:<{}>\r\n", envelope.recipient);
    let reply = connection.wire.ask(&rcpt, limits.rcpt).await.map_err(|e| lost("RCPT", &e))?;
    check("RCPT", &reply, reply.is_positive())?;
    let reply = connection.wire.ask("DATA\r\n", limits.data).await.map_err(|e| lost("DATA", &e))?;
    check("DATA", &reply, reply.code == 354)?;
    transfer(connection, payload, limits).await
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

async fn transfer(connection: &mut Connection, payload: &Payload, limits: &Timeouts) -> Step<Verdict> {
    let mut written = 0;
    if let Err(error) = connection.wire.write(payload.bytes(), limits.data_block, &mut written).await {
        if payload.may_be_complete(written) {
            return Err(doubt(&error));
        }
        return Err(interrupted(connection, &error, limits).await);
    }
    let reply = connection.wire.reply(limits.data_end).await.map_err(|e| doubt(&e))?;
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
        return Err(Verdict { outcome: Outcome::Unknown { why }, fate: Fate::Spent, stale: false });
    };
    Ok(Verdict { outcome, fate, stale: false })
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

fn lost(phase: &str, error: &WireError) -> Verdict {
    let outcome = Outcome::NotSent { why: format!("at {phase}: {error}") };
    Verdict { outcome, fate: Fate::Spent, stale: true }
}

fn doubt(error: &WireError) -> Verdict {
    let outcome = Outcome::Unknown { why: format!("after the final dot: {error}") };
    Verdict { outcome, fate: Fate::Spent, stale: false }
}
