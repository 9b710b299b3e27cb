//! Members as a coordinator looks for them. Only those who keep members see who they are by name.

use super::Member;
use crate::app::App;
use crate::domain::id::{MemberId, UnitId};
use crate::domain::person_name::EmployeeNumber;
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::member::{self, Seek};

/// The longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// What a text means: an address, an employee number, or words of a name.
fn seek(text: &str) -> Seek {
    let text: String = text.trim().chars().take(LONGEST).collect();
    if text.is_empty() {
        return Seek::All;
    }
    // "ratna.wul": a name has a blank after its dot, an address has none; "dr. Ratna" and "S.Kom." are words of a name.
    let dotted = text.split('.').count() > 1 && text.split('.').all(|part| part.chars().count() > 1);
    if text.contains('@') || (dotted && !text.contains(char::is_whitespace)) {
        return Seek::Email(text.to_lowercase());
    }
    let number: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let looks_like_a_number = text.chars().any(|c| c.is_ascii_digit());
    match EmployeeNumber::parse(&text) {
        Ok(whole) if looks_like_a_number => Seek::Number(whole.normalised().to_owned()),
        _ if looks_like_a_number && !number.is_empty() => Seek::Number(number),
        _ => Seek::Words(text.split_whitespace().map(str::to_ascii_lowercase).collect()),
    }
}

/// The members whom the caller keeps, by name; with `unit_id`, those of that unit and below; with a text, those it leads to: the
/// beginning of an employee number or an address, or words of a name.
///
/// # Errors
/// `Forbidden` for who keeps no members; `NotFound` for a unit outside the caller's reach; `Invalid` for a cursor that no page gave.
pub async fn search(
    app: &App,
    caller: &Caller,
    unit_id: Option<UnitId>,
    text: &str,
    request: PageRequest,
) -> Result<Page<Member>, ServiceError> {
    let (who, seek) = (caller.clone(), seek(text));
    let after = request.after_id()?;
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ManageMembers, unit_id)?;
            let rows = member::search(conn, roots.as_deref(), &seek, after, request.rows())?;
            Ok(Page::of(rows, &request, |row| row.id.to_string()).map(Member::from))
        })
        .await
}

/// A member whom the caller keeps.
///
/// # Errors
/// `Forbidden` for who keeps no members; `NotFound` outside the caller's reach.
pub async fn kept(app: &App, caller: &Caller, id: MemberId) -> Result<Member, ServiceError> {
    let (who, now) = (caller.clone(), app.clock.now());
    who.reach(Act::ManageMembers)?;
    app.db
        .read(move |conn| {
            let row = super::living(conn, id)?;
            who.check(conn, Act::ManageMembers, row.unit_id)?;
            super::with_waiting(conn, row, now)
        })
        .await
}

/// The members with these employee numbers, in the same order; none for a number that is nobody's, or of somebody whose accounts the
/// caller does not keep.
///
/// # Errors
/// `Forbidden` for who keeps no accounts.
pub async fn by_numbers(app: &App, caller: &Caller, numbers: Vec<String>) -> Result<Vec<Option<MemberId>>, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ManageAccounts)?;
    app.db
        .read(move |conn| {
            let mut found = Vec::with_capacity(numbers.len());
            for number in &numbers {
                let known = match EmployeeNumber::parse(number) {
                    Ok(number) => member::find_by_employee_no(conn, number.normalised())?,
                    Err(_) => None,
                };
                let kept = known.filter(|row| who.check(conn, Act::ManageAccounts, row.unit_id).is_ok());
                found.push(kept.map(|row| row.id));
            }
            Ok(found)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_an_address_a_number_or_a_name() {
        let words = |list: &[&str]| Seek::Words(list.iter().map(|w| (*w).to_owned()).collect());
        assert_eq!(seek("  "), Seek::All);
        assert_eq!(seek("Ratna@KLP"), Seek::Email("ratna@klp".into()));
        assert_eq!(seek("Ratna.Wul"), Seek::Email("ratna.wul".into()));
        assert_eq!(seek("r.wulandari"), words(&["r.wulandari"]), "a title or an initial may be a part of a name");
        assert_eq!(seek("S.Kom."), words(&["s.kom."]));
        assert_eq!(seek("19790412 2005"), Seek::Number("197904122005".into()));
        assert_eq!(seek("kol-001"), Seek::Number("KOL001".into()));
        assert_eq!(seek("Ratna  Wulan"), words(&["ratna", "wulan"]));
        assert_eq!(seek("100%"), Seek::Number("100".into()));
    }
}
