//! What a member chooses for themselves: language, zone, and the hours at which mail may come.

use serde::Serialize;

use super::link::{self, LinkRefusal, MemberLink};
use super::pause::Standing;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::locale::Locale;
use crate::domain::mail_hours::{MailHours, MailHoursRefusal};
use crate::domain::member::{MemberRefusal, MemberState};
use crate::domain::refusal::Refusal as _;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::zone;
use crate::service::form::Faults;
use crate::service::{ServiceError, member as members};
use crate::store::member;
use crate::store::preference::{self, Preferences};

/// A member's choices as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MySettings {
    /// Who they are and where they stand.
    pub standing: Standing,
    /// Their IANA zone.
    pub zone: String,
    /// When mail may come; none: at any time.
    pub hours: Option<MailHours>,
    /// For the page's form.
    pub nonce: String,
}

/// A member's choices as typed.
#[derive(Debug, Clone, Default)]
pub struct SettingsForm {
    /// `id` or `en`.
    pub locale: String,
    /// An IANA zone.
    pub zone: String,
    /// When mail may come, in minutes from midnight to midnight and days of the week; none: at any time.
    pub hours: Option<(u16, u16, u8)>,
    /// The page's nonce.
    pub nonce: String,
}

/// The member's choices, by their own link.
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn settings(app: &App, token: &str) -> Result<MySettings, ServiceError> {
    let link = own(app, token)?;
    let read = app.db.read(move |conn| {
        let member = link.member(conn)?;
        let chosen = preference::of(conn, member.id)?;
        Ok::<_, ServiceError>((member, chosen))
    });
    let (member, chosen) = read.await?;
    let nonce = link::nonce(app, member.id.uuid());
    Ok(MySettings { standing: Standing::from(&member), zone: member.zone, hours: chosen.hours, nonce })
}

/// Keeps the member's choices. The same ones again change nothing.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`; faults of the fields `locale`, `zone`, `from` and `day`.
pub async fn choose(app: &App, token: &str, form: SettingsForm) -> Result<(), ServiceError> {
    let link = own(app, token)?;
    let (locale, zone, hours) = read(&form)?;
    let this = app.clone();
    app.db
        .write(Actor::System, move |tx| {
            let mut row = link.enter(tx)?;
            link::form_made_at(&this, row.id.uuid(), &form.nonce)?;
            if row.state == MemberState::Left {
                return Err(MemberRefusal::Left.into());
            }
            let before = preference::of(tx.conn, row.id)?;
            let differs = [("locale", row.locale != locale), ("zone", row.zone != zone), ("mail_hours", before.hours != hours)];
            let changed: Vec<&str> = differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect();
            if changed.is_empty() {
                tx.without_entry("the choices are as before");
                return Ok(());
            }
            row.locale = locale;
            row.zone = zone;
            member::save(tx, &row)?;
            preference::save(tx, row.id, Preferences { hours, ..before })?;
            tx.record(members::changed(&row, &changed));
            Ok(())
        })
        .await
}

/// The member's own link; that of one task shows only what it is about.
pub(super) fn own(app: &App, token: &str) -> Result<MemberLink, ServiceError> {
    let link = MemberLink::open(app, token)?;
    if link.is_own() { Ok(link) } else { Err(LinkRefusal::OwnNeeded.into()) }
}

fn read(form: &SettingsForm) -> Result<(Locale, String, Option<MailHours>), ServiceError> {
    let mut faults = Faults::default();
    let locale = faults.take("locale", Locale::parse(&form.locale), |_| "locale.unknown");
    let zone = faults.take("zone", zone::parse(&form.zone), zone::ZoneError::code);
    let hours = match form.hours.map(|(from, until, days)| MailHours::new(from, until, days)).transpose() {
        Ok(hours) => Some(hours),
        Err(refusal) => {
            let field = if refusal == MailHoursRefusal::NoDay { "day" } else { "from" };
            faults.add(field, refusal.code(), refusal.to_string());
            None
        }
    };
    let whole = locale.zip(zone).zip(hours).map(|((locale, zone), hours)| (locale, zone.name().to_owned(), hours));
    faults.finish(whole)
}

/// Brings back whoever paused until a time that is over, at most `AT_ONCE` a run.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn end_pauses(app: &App) -> Result<crate::service::dispatch::Progress, ServiceError> {
    let now = app.clock.now();
    let over = app.db.read(move |conn| preference::list_back(conn, now, AT_ONCE)).await?;
    let mut progress = crate::service::dispatch::Progress::default();
    for id in over {
        let back = app.db.write(Actor::System, move |tx| {
            let back = super::pause::come_back(tx, id)?;
            if !back {
                tx.without_entry("they came back, left, or paused anew meanwhile");
            }
            Ok::<_, ServiceError>(back)
        });
        progress.done += u64::from(back.await?);
    }
    Ok(progress)
}

/// Pauses ended in one run; the next beat goes on.
const AT_ONCE: i64 = 500;
