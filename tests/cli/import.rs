//! `gaung import`: good files, bad ones by line and column, and a dry run that leaves no trace.

use super::run::Site;
use crate::support::database::Engine;

const UNITS: &str =
    "code,name,parent_code,zone\nPUSAT,Kantor Pusat,,Asia/Jakarta\nKANWIL-1,Kantor Wilayah 1,PUSAT,Asia/Makassar\n";
const MEMBERS: &str = "employee_no,name,email,unit_code\n\
    1001,Siti Rahma,siti@kemencontoh.example,PUSAT\n1002,Budi Santoso,budi@kemencontoh.example,kanwil-1\n";
const ACCOUNTS: &str = "kind,platform,handle,employee_no\nadvocate,x,siti_rahma,1001\n";

/// new, changed, unchanged, faults
fn counts(report: &serde_json::Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "error_count"].map(|key| report[key].as_u64().unwrap_or_else(|| panic!("{key}: {report:#}")))
}

async fn files_are_imported_in_order_and_once(engine: Engine) {
    let site = Site::new(engine);
    site.file("units.csv", UNITS);
    site.file("members.csv", MEMBERS);
    site.file("accounts.csv", ACCOUNTS);
    let import = |kind: &str, more: &[&str]| {
        let file = format!("{kind}.csv");
        site.run(&[&["import", kind, &file, "--format", "json"], more].concat()).ends(0).json()
    };
    for (kind, rows) in [("units", 2), ("members", 2), ("accounts", 1)] {
        let dry = import(kind, &["--dry-run"]);
        assert_eq!((counts(&dry), &dry["applied"]), ([rows, 0, 0, 0], &serde_json::json!(false)));
        let done = import(kind, &[]);
        assert_eq!((counts(&done), &done["applied"]), ([rows, 0, 0, 0], &serde_json::json!(true)));
        assert_eq!(counts(&import(kind, &[])), [0, 0, rows, 0]);
    }
    // As Excel saves it: a byte order mark and semicolons; from the standard input.
    let excel = "\u{feff}employee_no;name;email;unit_code\r\n1001;Siti Rahma;siti@kemencontoh.example;KANWIL-1\r\n";
    let ran = site.run_with_input(&["import", "members", "-"], excel).ends(0);
    assert!(ran.out.contains("separated by ';'") && ran.out.contains("0 new, 1 changed"), "{ran:?}");
    assert_eq!(ran.err, "", "no bar where there is no terminal");
}

async fn a_bad_row_is_named_and_nothing_is_imported(engine: Engine) {
    let site = Site::new(engine);
    site.file("units.csv", UNITS);
    site.run(&["import", "units", "units.csv"]).ends(0);
    let bad = format!("{MEMBERS}1003,Dewi,bukan alamat,PUSAT\n1004,Eko,eko@kemencontoh.example,TIDAK-ADA\n");
    site.file("members.csv", &bad);
    let report = site.run(&["import", "members", "members.csv", "--format", "json"]).ends(1).json();
    assert_eq!(report["error_count"], 2);
    let places: Vec<_> = report["errors"].as_array().unwrap().iter().map(|e| (e["line"].clone(), e["column"].clone())).collect();
    assert_eq!(places, [(4.into(), "email".into()), (5.into(), "unit_code".into())]);
    let ran = site.run(&["import", "members", "members.csv"]).ends(1);
    assert!(ran.out.contains("line 4, column email: ") && ran.out.contains("Nothing was imported"), "{ran:?}");
    site.file("members.csv", MEMBERS);
    let report = site.run(&["import", "members", "members.csv", "--format", "json"]).ends(0).json();
    assert_eq!(counts(&report), [2, 0, 0, 0], "the good rows of the bad file were not imported");
}

async fn the_examples_are_good_files(engine: Engine) {
    let site = Site::new(engine);
    for kind in ["units", "members", "accounts"] {
        let file = format!("{}/examples/{kind}.csv", env!("CARGO_MANIFEST_DIR"));
        let report = site.run(&["import", kind, &file, "--format", "json"]).ends(0).json();
        let [new, changed, unchanged, faults] = counts(&report);
        assert!(new > 3 && report["rows"] == new && changed + unchanged + faults == 0, "{report:#}");
    }
}

on_both!(the_examples_are_good_files, files_are_imported_in_order_and_once, a_bad_row_is_named_and_nothing_is_imported);

#[test]
fn a_file_that_is_not_there_or_no_csv_is_refused() {
    let site = Site::empty(Engine::Sqlite);
    site.run(&["import", "units", "none.csv"]).ends(1).complains("can't read none.csv");
    assert_eq!(site.names(), Vec::<String>::new(), "a mistyped name makes no database");
    site.run(&["import", "people", "none.csv"]).ends(2).complains("units, members, accounts");
    site.file("empty.csv", "");
    let ran = site.run(&["import", "units", "empty.csv"]).ends(1);
    assert!(ran.out.contains("line 1: the file is empty"), "{ran:?}");
    std::fs::create_dir(site.dir.path().join("dir.csv")).unwrap();
    site.run(&["import", "units", "dir.csv"]).ends(1).complains("could not be read to its end");
}
