//! One row of an accounts file, as far as it can be read without looking anything up.

use crate::domain::account::{AccountRefusal, Engagement};
use crate::domain::handle::{Handle, HandleError};
use crate::domain::id::UnitId;
use crate::domain::kind::AccountKind;
use crate::domain::person_name::{EmployeeNumber, EmployeeNumberError};
use crate::domain::platform::Platform;
use crate::domain::refusal::Refusal as _;
use crate::domain::text_enum::TextEnum as _;
use crate::service::disclosure;
use crate::service::form::Faults;
use crate::service::import::Pass;
use crate::service::import::reader::CsvRow;
use crate::service::import::seen::Seen;

/// A row that could be read.
pub(super) struct Wanted {
    pub row: CsvRow,
    pub kind: AccountKind,
    pub handle: Handle,
    pub engagement: Option<Engagement>,
    pub followers: Option<u32>,
    pub public_name: Option<bool>,
    pub unit_id: Option<UnitId>,
    /// Who is asked: an employee number in its compared form, and the column that named it.
    pub person: String,
    pub person_column: &'static str,
    /// Everybody in the column `operators`.
    pub operators: Vec<String>,
    pub disclosure: Option<disclosure::Draft>,
}

/// What the file has named so far.
#[derive(Default)]
pub(super) struct Names {
    handles: Seen,
    persons: Seen,
}

/// Reads a row; notes every fault.
pub(super) fn read(pass: &mut Pass, names: &mut Names, row: CsvRow) -> Option<Wanted> {
    let mut faults = Faults::default();
    let wanted = read_fields(&row, &mut faults);
    let unit_id = match row.get_some("unit_code").map(|_| pass.scope.named(&row)) {
        None => Some(None),
        Some(Ok(unit_id)) => Some(Some(unit_id)),
        Some(Err(fault)) => {
            pass.findings.fault(fault);
            None
        }
    };
    if let Some(wanted) = &wanted {
        check_names(names, wanted, &row, &mut faults);
    }
    let clean = faults.is_empty();
    pass.findings.faults_of(&row, faults);
    if !clean {
        return None;
    }
    Some(Wanted { unit_id: unit_id?, row, ..wanted? })
}

fn check_names(names: &mut Names, wanted: &Wanted, row: &CsvRow, faults: &mut Faults) {
    let platform = wanted.handle.platform();
    if let Some(line) = names.handles.before((platform, wanted.handle.normalised()), row.line()) {
        faults.add("handle", "import.listed_twice", format!("Line {line} lists this account already; keep one of the two rows"));
    } else if wanted.kind.is_personal()
        && let Some(line) = names.persons.before((platform, wanted.person.as_str()), row.line())
    {
        let refusal = AccountRefusal::SecondOnPlatform;
        faults.add("platform", refusal.code(), format!("{refusal} (line {line})"));
    }
}

fn read_fields(row: &CsvRow, faults: &mut Faults) -> Option<Wanted> {
    let word = |name: &str| row.get(name).to_lowercase();
    let kind = faults.take("kind", AccountKind::parse(&word("kind")), |_| "import.kind");
    let platform = faults.take("platform", Platform::parse(&word("platform")), |_| "import.platform");
    let handle = platform.and_then(|p| faults.take("handle", Handle::parse(row.get("handle"), p), HandleError::code));
    let engagement = match word("engagement").as_str() {
        "" => Some(None),
        engagement => faults.take("engagement", Engagement::parse(engagement), |_| "import.engagement").map(Some),
    };
    let followers = read_followers(row.get("followers"), faults);
    let public_name = read_yes_or_no(&word("public_name"), faults);
    let person = read_person(row, kind, faults);
    let disclosure = read_disclosure(row, faults);
    let (person, person_column, operators) = person?;
    Some(Wanted {
        row: row.clone(),
        kind: kind?,
        handle: handle?,
        engagement: engagement?,
        followers: followers?,
        public_name: public_name?,
        unit_id: None,
        person,
        person_column,
        operators,
        disclosure: disclosure?,
    })
}

fn read_followers(cell: &str, faults: &mut Faults) -> Option<Option<u32>> {
    if cell.is_empty() {
        return Some(None);
    }
    let read = cell.parse::<u32>().ok();
    if read.is_none() {
        faults.add("followers", "account.followers", "Give the number of followers in digits only, such as 12500");
    }
    read.map(Some)
}

fn read_yes_or_no(word: &str, faults: &mut Faults) -> Option<Option<bool>> {
    match word {
        "" => Some(None),
        "yes" | "ya" | "true" | "1" => Some(Some(true)),
        "no" | "tidak" | "false" | "0" => Some(Some(false)),
        _ => {
            faults.add("public_name", "import.yes_or_no", "Write yes or no");
            None
        }
    }
}

/// Who is asked, the column that names them, and everybody in `operators`. Of an institution's account the first operator is asked
/// where `employee_no` is empty.
fn read_person(row: &CsvRow, kind: Option<AccountKind>, faults: &mut Faults) -> Option<(String, &'static str, Vec<String>)> {
    let number = |column: &'static str, text: &str, faults: &mut Faults| {
        let number = faults.take(column, EmployeeNumber::parse(text), EmployeeNumberError::code);
        number.map(|number| number.normalised().to_owned())
    };
    let named = row.get_some("employee_no").map(|text| number("employee_no", text, faults));
    let listed = row.get("operators").split('|').filter(|text| !text.trim().is_empty());
    let operators: Vec<Option<String>> = listed.map(|text| number("operators", text, faults)).collect();
    let operators = operators.into_iter().collect::<Option<Vec<String>>>()?;
    match (named, operators.first(), kind) {
        (Some(person), _, _) => Some((person?, "employee_no", operators)),
        (None, Some(first), Some(kind)) if !kind.is_personal() => Some((first.clone(), "operators", operators)),
        _ => {
            let message =
                "Give the employee number of the person whose account it is, or for an institution's account its operators";
            faults.add("employee_no", "import.person_missing", message);
            None
        }
    }
}

fn read_disclosure(row: &CsvRow, faults: &mut Faults) -> Option<Option<disclosure::Draft>> {
    let (statement, url) = (row.get("disclosure_statement"), row.get("disclosure_url"));
    if statement.is_empty() && url.is_empty() {
        return Some(None);
    }
    disclosure::Draft::read(("disclosure_statement", statement), ("disclosure_url", url), faults).map(Some)
}
