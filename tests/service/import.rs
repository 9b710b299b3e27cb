//! Imports: every bad row is named, nothing is half-imported, a dry run changes nothing, the same file twice changes nothing.

use std::io::Cursor;
use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use gaung::domain::event::EventKind;
use gaung::domain::kind::AccountKind;
use gaung::domain::platform::Platform;
use gaung::domain::role::{Grant, Role};
use gaung::service::import::{self, ImportKind, ImportOptions, ImportReport};
use gaung::service::{Caller, ServiceError};
use gaung::store::schema::{accounts, disclosures, ledger_entries, members, units};
use gaung::store::{Conn, StoreError, account, member, unit};

use crate::support::app::TestApp;
use crate::support::database::Engine;
use crate::support::world::World;

pub const DRY: bool = true;
pub const REAL: bool = false;

pub async fn import(world: &World, caller: &Caller, kind: ImportKind, file: impl Into<Vec<u8>>, dry_run: bool) -> ImportReport {
    let options = ImportOptions { dry_run, ..ImportOptions::default() };
    import::import(world.app(), caller, kind, Cursor::new(file.into()), options).await.unwrap()
}

/// Line, column and code of every fault.
pub fn faults(report: &ImportReport) -> Vec<(u64, &str, &str)> {
    report.errors.iter().map(|e| (e.line, e.column.as_deref().unwrap_or(""), e.code)).collect()
}

/// New, changed, unchanged.
pub const fn counts(report: &ImportReport) -> (u64, u64, u64) {
    (report.new, report.changed, report.unchanged)
}

/// Rows of every table that an import writes.
pub fn rows(world: &World) -> Vec<i64> {
    let count = |conn: &mut Conn| {
        Ok::<_, StoreError>(vec![
            units::table.count().get_result(conn)?,
            members::table.count().get_result(conn)?,
            accounts::table.count().get_result(conn)?,
            disclosures::table.count().get_result(conn)?,
            ledger_entries::table.count().get_result(conn)?,
        ])
    };
    world.app().db.read_blocking(count).unwrap()
}

async fn the_examples_import_and_import_again_as_unchanged(engine: Engine) {
    let test = TestApp::new(engine);
    let files = [
        (ImportKind::Units, include_bytes!("../../examples/units.csv").as_slice(), 11),
        (ImportKind::Members, include_bytes!("../../examples/members.csv").as_slice(), 15),
        (ImportKind::Accounts, include_bytes!("../../examples/accounts.csv").as_slice(), 14),
    ];
    for (round, expected) in [(1, "new"), (2, "unchanged")] {
        for (kind, file, n) in files {
            let run = import::import(&test.app, &Caller::Operator, kind, file, ImportOptions::default());
            let report = run.await.unwrap();
            assert_eq!(faults(&report), [], "{kind}");
            let all = if round == 1 { (n, 0, 0) } else { (0, 0, n) };
            assert_eq!((counts(&report), report.rows, report.applied), (all, n, true), "{kind} {expected}");
        }
    }
    let read = |conn: &mut Conn| {
        let imports =
            ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::Imported)).count().get_result::<i64>(conn)?;
        let added =
            ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::MemberAdded)).count().get_result::<i64>(conn)?;
        let filed = disclosures::table.count().get_result::<i64>(conn)?;
        let papua = member::find_by_employee_no(conn, "199603012022032014")?.map(|m| (m.zone, m.participate_version));
        let official = account::find_by_handle(conn, Platform::X, "kemenlp_ri")?.map(|a| (a.id, a.member_id));
        let (id, person) = official.expect("the official account");
        let operators = account::operators(conn, id)?;
        let first = member::get(conn, person)?.employee_no_norm;
        Ok::<_, StoreError>((imports, added, filed, papua, operators.len(), first))
    };
    let seen = test.app.db.read_blocking(read).unwrap();
    assert_eq!(seen, (3, 15, 14, Some(("Asia/Jayapura".into(), None)), 1, "197904122005012001".into()));
}

async fn units_come_in_any_order_and_cycles_are_found(engine: Engine) {
    let world = World::new(engine);
    let file = "code,name,parent_code,zone\nC,Tiga,B,\nB,Dua,A,\nA,Satu,kemencontoh,Asia/Makassar\n";
    let report = import(&world, &world.admin, ImportKind::Units, file, REAL).await;
    assert_eq!((faults(&report), counts(&report)), (vec![], (3, 0, 0)));
    let zone = |code: &'static str| world.app().db.read_blocking(|c| unit::find_by_code(c, code)).unwrap().unwrap().zone;
    assert_eq!(zone("C"), "Asia/Makassar", "the zone comes down the tree");

    let before = rows(&world);
    let cycle =
        "code,name,parent_code\nA,Satu,C\nB,Dua,A\nD,Empat,E\nE,Lima,D\nF,Enam,F\nG,Tujuh,TIDAK-ADA\nH,Delapan,A\nh,Delapan,A\n";
    for dry_run in [DRY, REAL] {
        let report = import(&world, &world.admin, ImportKind::Units, cycle, dry_run).await;
        let found = faults(&report);
        for line in [2, 3, 4, 5, 6] {
            assert!(found.contains(&(line, "parent_code", "unit.cycle")), "{found:?}");
        }
        assert!(found.contains(&(7, "parent_code", "import.unknown_parent")), "{found:?}");
        assert!(found.contains(&(9, "code", "import.listed_twice")), "{found:?}");
        assert!(!report.applied);
    }
    assert_eq!(rows(&world), before);

    // Turning a line of units upside down passes through no cycle.
    let turned = "code,name,parent_code\nA,Satu,B\nB,Dua,C\nC,Tiga Baru,KEMENCONTOH\n";
    let report = import(&world, &world.admin, ImportKind::Units, turned, REAL).await;
    assert_eq!((faults(&report), counts(&report)), (vec![], (0, 3, 0)));
    let within = |conn: &mut Conn| {
        let top = unit::find_by_code(conn, "C")?.expect("C").id;
        let leaf = unit::find_by_code(conn, "A")?.expect("A").id;
        unit::is_within(conn, leaf, &[top])
    };
    assert!(world.app().db.read_blocking(within).unwrap());
}

async fn only_ones_own_units_are_changed(engine: Engine) {
    let world = World::new(engine);
    let north = world.user("north-admin", &[Grant { role: Role::Admin, unit_id: world.north.unit }]);
    let file = "code,name,parent_code\nUTR,Unit UTR,KEMENCONTOH\nUTR-9,Baru,UTR\nUTR-10,Baru,UTR-9\nSLT-9,Baru,SLT\nSLT-1,Lain,SLT\n\
                AKAR,Akar,\nUTR-1,Unit UTR-1,SLT\n";
    let report = import(&world, &north, ImportKind::Units, file, DRY).await;
    let outside = "import.outside_your_units";
    assert_eq!(
        faults(&report),
        [(5, "parent_code", outside), (6, "code", outside), (7, "parent_code", outside), (8, "parent_code", outside)]
    );
    let members = "employee_no,name,email,unit_code\nA1,Siti,a1@contoh.example,UTR-1\nA2,Siti,a2@contoh.example,SLT\nA3,Siti,a3@contoh.example,XYZ\n\
                   SLT-ADVOCATE,Siti,slt-advocate@kemencontoh.example,UTR\nA4,Siti,a4@contoh.example,\n";
    let report = import(&world, &world.north_coordinator, ImportKind::Members, members, REAL).await;
    assert_eq!(
        faults(&report),
        [
            (3, "unit_code", outside),
            (4, "unit_code", "import.unknown_unit"),
            (5, "employee_no", outside),
            (6, "unit_code", "import.unit_missing")
        ]
    );
    assert_eq!(world.all_entries(), 0);
    for (caller, kind) in
        [(&world.lead, ImportKind::Members), (&world.coordinator, ImportKind::Units), (&world.auditor, ImportKind::Accounts)]
    {
        let result = import::import(world.app(), caller, kind, Cursor::new("x"), ImportOptions::default()).await;
        assert!(matches!(result, Err(ServiceError::Forbidden)), "{result:?}");
    }
}

async fn bad_members_are_named_by_line_column_and_reason(engine: Engine) {
    let world = World::new(engine);
    let taken = world.member_row(world.north.member(AccountKind::Advocate)).email.to_uppercase();
    let file = format!(
        "employee_no,name,email,unit_code,locale,zone\n\
         A1,Siti,siti@contoh.example,UTR,,\n\
         a-1,Siti,lain@contoh.example,UTR,,\n\
         A2,Siti,SITI@Contoh.Example,UTR,,\n\
         A3,Siti,{taken},UTR,,\n\
         A4,Siti,a4@contoh.example,UTR,,Asia/Jakrta\n\
         A5,Siti,a5@contoh.example,UTR,jv,\n\
         A6,\"Si\nti\",a6,UTR,,\n\
         1.9E+17,Siti,a7@contoh.example,UTR,,\n\
         A8,Siti,a8@contoh.example\n"
    );
    let expected = [
        (3, "employee_no", "import.listed_twice"),
        (4, "email", "import.listed_twice"),
        (5, "email", "member.email_taken"),
        (6, "zone", "zone.unknown"),
        (7, "locale", "locale.unknown"),
        (8, "name", "person_name.line_break"),
        (8, "email", "email.no_at"),
        (10, "employee_no", "employee_number.rounded"),
        (11, "", "csv.field_count"),
    ];
    let before = rows(&world);
    for dry_run in [DRY, REAL] {
        let report = import(&world, &world.coordinator, ImportKind::Members, file.clone(), dry_run).await;
        assert_eq!(faults(&report), expected);
        assert_eq!((report.error_count, report.applied), (9, false));
        assert!(report.errors[3].message.contains("Asia/Jakarta"), "{}", report.errors[3].message);
    }
    assert_eq!(rows(&world), before, "nothing is half-imported");
}

async fn a_fault_in_the_last_row_of_many_undoes_every_chunk(engine: Engine) {
    let world = World::new(engine);
    let mut file = "employee_no,name,email,unit_code\n".to_owned();
    for n in 0..1_200 {
        file += &format!("N{n},Siti,n{n}@contoh.example,UTR\n");
    }
    let good = file.clone();
    file += "N9999,Siti,n0@contoh.example,UTR\n";
    let before = rows(&world);
    let report = import(&world, &world.coordinator, ImportKind::Members, file, REAL).await;
    assert_eq!(faults(&report), [(1202, "email", "import.listed_twice")]);
    assert_eq!(rows(&world), before);
    let report = import(&world, &world.coordinator, ImportKind::Members, good.clone(), DRY).await;
    assert_eq!((counts(&report), report.applied), ((1_200, 0, 0), false));
    assert_eq!(rows(&world), before, "a dry run changes nothing");
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let options = ImportOptions {
        dry_run: false,
        on_progress: Some(Box::new(move |rows| hears.lock().unwrap().push(rows))),
        checked: None,
    };
    let run = import::import(world.app(), &world.coordinator, ImportKind::Members, Cursor::new(good), options).await;
    assert_eq!(counts(&run.unwrap()), (1_200, 0, 0));
    assert_eq!(*told.lock().unwrap(), [500, 1000, 1200, 1200]);
    assert_eq!((world.entries(EventKind::MemberAdded), world.entries(EventKind::Imported)), (1_200, 1));
}

async fn members_change_by_their_employee_number(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let before = world.member_row(id);
    let row = |email: &str, rest: &str| {
        format!("employee_no,name,email,unit_code,locale,zone\n{},{},{email},{rest}\n", before.employee_no, before.name)
    };
    let same = import(&world, &world.coordinator, ImportKind::Members, row(&before.email, "utr,,"), REAL).await;
    assert_eq!((counts(&same), same.applied), ((0, 0, 1), true));
    assert_eq!(world.all_entries(), 0);
    let moved =
        import(&world, &world.coordinator, ImportKind::Members, row("baru@contoh.example", "SLT,en,Asia/Makassar"), REAL).await;
    assert_eq!(counts(&moved), (0, 1, 0));
    let after = world.member_row(id);
    assert_eq!(
        (after.unit_id, after.zone.as_str(), after.email.as_str()),
        (world.south.unit, "Asia/Makassar", before.email.as_str()),
        "who agreed at an address keeps it until another is confirmed"
    );
    assert_eq!((after.version, after.link_version, after.participate_version), (2, 1, before.participate_version.clone()));
    assert_eq!(world.entries(EventKind::AddressChangeAsked), 1);
    assert_eq!(world.entries(EventKind::MemberChanged), 1);
}

async fn damaged_files_are_refused_by_name(engine: Engine) {
    let world = World::new(engine);
    let header = b"employee_no,name,email,unit_code\n".as_slice();
    let after = |bytes: &[u8]| [header, bytes].concat();
    let mut late_quote = header.to_vec();
    for n in 0..2_000 {
        late_quote.extend(format!("N{n},Siti,n{n}@contoh.example,UTR\n").bytes());
    }
    late_quote.extend(b"N9999,\"Siti,n9999@contoh.example,UTR\n");
    let utf16: Vec<u8> = "\u{feff}employee_no,name".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases = [
        ("nothing", vec![], (1, "", "csv.empty")),
        ("UTF-16", utf16, (1, "", "csv.utf16")),
        ("a duplicate header", b"employee_no,name,email,unit_code,Name\n".to_vec(), (1, "name", "csv.duplicate_headers")),
        (
            "a missing header",
            b"employee_no,name,email\nA1,Siti,a@contoh.example\n".to_vec(),
            (1, "unit_code", "csv.missing_headers"),
        ),
        ("an unknown header", b"employee_no,name,email,unit_code,consent\n".to_vec(), (1, "consent", "csv.unknown_headers")),
        ("Windows-1252", after(b"A1,Siti\xe9,a@contoh.example,UTR\n"), (2, "name", "csv.not_utf8")),
        ("a NUL byte", after(b"A1,Si\0ti,a@contoh.example,UTR\n"), (2, "", "csv.nul")),
        ("CR alone", b"employee_no,name,email,unit_code\rA1,Siti,a@contoh.example,UTR\r".to_vec(), (1, "", "csv.cr_line_ends")),
        ("an unclosed quote near the end", late_quote, (2002, "name", "csv.unclosed_quote")),
        (
            "a field of 10 MB",
            after(&[b"A1,", vec![b'x'; 10 << 20].as_slice(), b",a@contoh.example,UTR\n"].concat()),
            (2, "name", "csv.field_too_long"),
        ),
    ];
    let before = rows(&world);
    for (what, file, fault) in cases {
        let report = import(&world, &world.coordinator, ImportKind::Members, file, REAL).await;
        assert_eq!((faults(&report), report.applied), (vec![fault], false), "{what}");
    }
    assert_eq!(rows(&world), before);

    let excel = "\u{feff}employee_no;name;email;unit_code\r\nA1;Siti;a1@contoh.example;UTR\r\n;;;\r\n";
    let report = import(&world, &world.coordinator, ImportKind::Members, excel, REAL).await;
    assert_eq!((faults(&report), counts(&report)), (vec![], (1, 0, 0)));
    let told: Vec<_> = report.notices.iter().map(|notice| notice.code).collect();
    assert_eq!(told, ["csv.byte_order_mark", "csv.separator", "csv.blank_rows"]);
}

async fn a_source_that_breaks_off_changes_nothing(engine: Engine) {
    struct Breaks(usize);
    impl std::io::Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let file = b"employee_no,name,email,unit_code\nA1,Siti,a1@contoh.example,UTR\n";
            let rest = &file[self.0..];
            if rest.is_empty() {
                return Err(std::io::Error::other("gone"));
            }
            let n = rest.len().min(buffer.len()).min(10);
            buffer[..n].copy_from_slice(&rest[..n]);
            self.0 += n;
            Ok(n)
        }
    }
    let world = World::new(engine);
    let error = import::import(world.app(), &world.coordinator, ImportKind::Members, Breaks(0), ImportOptions::default())
        .await
        .unwrap_err();
    assert_eq!(super::codes(&error), ["file csv.read"]);
    assert_eq!(world.all_entries(), 0);
}

async fn of_very_many_faults_the_first_thousand_are_kept_and_all_are_counted(engine: Engine) {
    let world = World::new(engine);
    let mut file = "employee_no,name,email,unit_code\n".to_owned();
    for n in 0..1_500 {
        file += &format!("N{n},Siti,n{n},UTR\n");
    }
    let report = import(&world, &world.coordinator, ImportKind::Members, file, REAL).await;
    assert_eq!((report.errors.len(), report.error_count, report.rows), (1_000, 1_500, 1_500));
    assert_eq!(report.sha256.len(), 64);
}

on_both!(
    the_examples_import_and_import_again_as_unchanged,
    units_come_in_any_order_and_cycles_are_found,
    only_ones_own_units_are_changed,
    bad_members_are_named_by_line_column_and_reason,
    a_fault_in_the_last_row_of_many_undoes_every_chunk,
    members_change_by_their_employee_number,
    damaged_files_are_refused_by_name,
    a_source_that_breaks_off_changes_nothing,
    of_very_many_faults_the_first_thousand_are_kept_and_all_are_counted,
);
