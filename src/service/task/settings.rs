//! What a member chooses for themselves: language, zone, the hours at which mail may come, and whether all of a day at once.

use serde::Serialize;

use super::link::{self, LinkRefusal, MemberLink};
use super::pause::Standing;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::locale::Locale;
use crate::domain::mail_hours::{Choice, DayTime, MailHours, MailHoursRefusal, Quiet, WorkingCalendar};
use crate::domain::member::MemberRefusal;
use crate::domain::refusal::Refusal as _;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::zone;
use crate::service::address_change::{self, WaitingAddress};
use crate::service::form::Faults;
use crate::service::{ServiceError, member as members};
use crate::store::member;
use crate::store::preference::{self, Preferences};

/// A member's choices as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MySettings {
    /// Who they are and where they stand.
    pub standing: Standing,
    /// The address on file.
    pub email: String,
    /// The one that waits to be confirmed by its reader.
    pub waiting: Option<WaitingAddress>,
    /// Their IANA zone.
    pub zone: String,
    /// When mail may come, and whether all of a day at once.
    pub mail: Choice,
    /// What holds for who chooses nothing.
    pub institution: Institution,
    /// For the page's form.
    pub nonce: String,
}

/// When the institution mails about tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Institution {
    /// In these hours; none: at any time.
    pub hours: Option<MailHours>,
    /// Never from and until so many minutes after midnight.
    pub quiet: Option<(u16, u16)>,
    /// Not on holidays, except to who wants it.
    pub keeps_holidays: bool,
}

impl From<&WorkingCalendar> for Institution {
    fn from(calendar: &WorkingCalendar) -> Self {
        Self { hours: calendar.hours, quiet: calendar.quiet.map(Quiet::bounds), keeps_holidays: !calendar.on_holidays }
    }
}

/// A member's choices as typed.
#[derive(Debug, Clone, Default)]
pub struct SettingsForm {
    /// `id` or `en`.
    pub locale: String,
    /// An IANA zone.
    pub zone: String,
    /// When mail may come, in minutes from midnight to midnight and days of the week; none: the institution's.
    pub hours: Option<(u16, u16, u8)>,
    /// All of a day in one mail, at so many minutes after midnight; none: as it comes.
    pub digest_at: Option<u16>,
    /// On holidays as well.
    pub on_holidays: bool,
    /// The page's nonce.
    pub nonce: String,
}

/// The member's choices, by their own link.
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn settings(app: &App, token: &str) -> Result<MySettings, ServiceError> {
    let (link, now) = (own(app, token)?, app.clock.now());
    let read = app.db.read(move |conn| {
        let member = link.member(conn)?;
        let chosen = preference::of(conn, member.id)?;
        let waiting = address_change::waiting_of(conn, member.id, now)?;
        Ok::<_, ServiceError>((member, chosen, waiting))
    });
    let (member, chosen, waiting) = read.await?;
    let nonce = link::nonce(app, member.id.uuid());
    let institution = Institution::from(&*app.calendar);
    let (standing, mail) = (Standing::from(&member), chosen.mail);
    Ok(MySettings { standing, email: member.email, waiting, zone: member.zone, mail, institution, nonce })
}

/// Keeps the member's choices. The same ones again change nothing.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`; faults of the fields `locale`, `zone`, `from`, `day` and `digest_at`.
pub async fn choose(app: &App, token: &str, form: SettingsForm) -> Result<(), ServiceError> {
    let link = own(app, token)?;
    let (locale, zone, mail) = read(&app.calendar, &form)?;
    let this = app.clone();
    app.db
        .write(Actor::System, move |tx| {
            let mut row = link.enter(tx)?;
            link::form_made_at(&this, row.id.uuid(), &form.nonce)?;
            if row.state.is_gone() {
                return Err(MemberRefusal::Left.into());
            }
            let before = preference::of(tx.conn, row.id)?;
            let differs = [
                ("locale", row.locale != locale),
                ("zone", row.zone != zone),
                ("mail_hours", before.mail.hours != mail.hours),
                ("digest_at", before.mail.digest_at != mail.digest_at),
                ("on_holidays", before.mail.on_holidays != mail.on_holidays),
            ];
            let changed: Vec<&str> = differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect();
            if changed.is_empty() {
                tx.without_entry("the choices are as before");
                return Ok(());
            }
            row.locale = locale;
            row.zone = zone;
            member::save(tx, &row)?;
            preference::save(tx, row.id, Preferences { mail, ..before })?;
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

fn read(calendar: &WorkingCalendar, form: &SettingsForm) -> Result<(Locale, String, Choice), ServiceError> {
    let mut faults = Faults::default();
    let locale = faults.take("locale", Locale::parse(&form.locale), |_| "locale.unknown");
    let zone = faults.take("zone", zone::parse(&form.zone), zone::ZoneError::code);
    let mail = match choice(calendar, form) {
        Ok(mail) => Some(mail),
        Err(refusal) => {
            let field = match refusal {
                MailHoursRefusal::NoDay => "day",
                MailHoursRefusal::TooShort | MailHoursRefusal::Quiet => "from",
                MailHoursRefusal::DigestOutside => "digest_at",
            };
            faults.add(field, refusal.code(), refusal.to_string());
            None
        }
    };
    let whole = locale.zip(zone).zip(mail).map(|((locale, zone), mail)| (locale, zone.name().to_owned(), mail));
    faults.finish(whole)
}

fn choice(calendar: &WorkingCalendar, form: &SettingsForm) -> Result<Choice, MailHoursRefusal> {
    let hours = form.hours.map(|(from, until, days)| MailHours::new(from, until, days)).transpose()?;
    if hours.is_some_and(|hours| !calendar.leaves_some(hours)) {
        return Err(MailHoursRefusal::Quiet);
    }
    let mail = Choice { hours, digest_at: None, on_holidays: form.on_holidays };
    let Some(minutes) = form.digest_at else { return Ok(mail) };
    let time = DayTime::at(minutes).filter(|time| calendar.permitted(&mail).has_time(*time));
    Ok(Choice { digest_at: Some(time.ok_or(MailHoursRefusal::DigestOutside)?), ..mail })
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
