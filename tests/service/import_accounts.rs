//! Imports of accounts: the rules of "open by design" hold for files too.

use gaung::domain::event::EventKind;
use gaung::domain::kind::AccountKind;
use gaung::service::import::ImportKind;
use gaung::store::{Conn, StoreError, account, disclosure};

use super::import::{DRY, REAL, counts, faults, import, rows};
use crate::support::database::Engine;
use crate::support::world::World;

async fn bad_accounts_are_named_by_line_column_and_reason(engine: Engine) {
    let world = World::new(engine);
    let header = "employee_no,kind,platform,handle,unit_code,engagement,operators,public_name,followers,disclosure_statement,disclosure_url\n";
    let cases = [
        ("UTR-ADVOCATE,advocate,instagram,satu,,,,,,,", None),
        ("UTR-ADVOCATE,advocate,instagram,dua,,,,,,,", Some(("platform", "account.second_on_platform"))),
        ("UTR-OFFICIAL,advocate,instagram,SATU,,,,,,,", Some(("handle", "import.listed_twice"))),
        ("UTR-ADVOCATE,advocate,x,lain,,,,,,,", Some(("platform", "account.second_on_platform"))),
        ("UTR-OFFICIAL,kol_external,tiktok,tiga,,,,,,,", Some(("engagement", "account.engagement_missing"))),
        ("UTR-INTERACTIVE,advocate,tiktok,empat,,paid,,,,,", Some(("engagement", "account.engagement_not_external"))),
        (",white_label,instagram,lima,,,UTR-OFFICIAL,,,,", Some(("unit_code", "account.operating_unit_missing"))),
        ("UTR-OFFICIAL,advocate,threads,enam,,,UTR-INTERACTIVE,,,,", Some(("operators", "account.operators_not_institution"))),
        ("X99,advocate,instagram,tujuh,,,,,,,", Some(("employee_no", "import.unknown_member"))),
        (",official,instagram,delapan,,,X98,,,,", Some(("operators", "import.unknown_member"))),
        (",advocate,instagram,sembilan,,,UTR-OFFICIAL,,,,", Some(("employee_no", "import.person_missing"))),
        ("UTR-OFFICIAL,puppet,instagram,sepuluh,,,,,,,", Some(("kind", "import.kind"))),
        ("UTR-OFFICIAL,official,myspace,sebelas,,,,,,,", Some(("platform", "import.platform"))),
        ("UTR-OFFICIAL,official,instagram,k\u{435}menkeu,,,,,,,", Some(("handle", "handle.look_alike"))),
        ("UTR-OFFICIAL,official,instagram,ke\u{200d}men,,,,,,,", Some(("handle", "handle.invisible"))),
        ("UTR-OFFICIAL,official,instagram,duabelas,NIHIL,,,,,,", Some(("unit_code", "import.unknown_unit"))),
        ("UTR-OFFICIAL,official,instagram,tigabelas,,,,mungkin,,,", Some(("public_name", "import.yes_or_no"))),
        ("UTR-OFFICIAL,official,instagram,empatbelas,,,,,12.5,,", Some(("followers", "account.followers"))),
        ("UTR-OFFICIAL,official,instagram,limabelas,,,,,,Akun resmi,", Some(("disclosure_url", "web_url.empty"))),
        ("UTR-OFFICIAL,official,instagram,enambelas,,,,,,,https://contoh.example/", Some(("disclosure_statement", "text.empty"))),
        ("SLT-OFFICIAL,official,instagram,tujuhbelas,,,,,,,", Some(("employee_no", "import.outside_your_units"))),
        ("UTR-OFFICIAL,official,instagram,delapanbelas,SLT,,,,,,", Some(("unit_code", "import.outside_your_units"))),
        ("UTR-OFFICIAL,official,x,officialslt,,,,,,,", Some(("handle", "import.outside_your_units"))),
    ];
    let file = cases.iter().fold(header.to_owned(), |file, (row, _)| format!("{file}{row}\n"));
    let expected: Vec<_> =
        (2..).zip(cases).filter_map(|(line, (_, fault))| fault.map(|(column, code)| (line, column, code))).collect();
    let before = rows(&world);
    for dry_run in [DRY, REAL] {
        let report = import(&world, &world.north_coordinator, ImportKind::Accounts, file.clone(), dry_run).await;
        assert_eq!(faults(&report), expected);
    }
    assert_eq!(rows(&world), before);
}

async fn accounts_change_by_their_handle_and_keep_what_a_cell_leaves_empty(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.account(AccountKind::WhiteLabel);
    let row = world.account_row(id);
    let header = "employee_no,kind,platform,handle,display_name,unit_code,followers,topics,operators,disclosure_statement,disclosure_url\n";
    let file = |rest: &str| format!("{header}UTR-WHITELABEL,white_label,x,{}{rest}\n", row.handle.to_uppercase());
    let run = |rest: &str, dry_run| import(&world, &world.north_coordinator, ImportKind::Accounts, file(rest), dry_run);
    // Only the handle's case differs: the account is the same, its name as entered changes.
    let report = run(",,,,,,,", REAL).await;
    assert_eq!((faults(&report), counts(&report)), (vec![], (0, 1, 0)));
    let after = world.account_row(id);
    assert_eq!((after.followers, &after.display_name, after.disclosed_until), (1000, &row.display_name, row.disclosed_until));
    assert_eq!(counts(&run(",,,,,,,", REAL).await), (0, 0, 1));

    let full = ",Nama Baru,UTR,77,pajak|bea,UTR-WHITELABEL|UTR-OFFICIAL,Dikelola Unit UTR,https://x.com/whitelabelutr";
    assert_eq!(counts(&run(full, DRY).await), (0, 1, 0));
    assert_eq!(world.account_row(id).followers, 1000);
    assert_eq!(counts(&run(full, REAL).await), (0, 1, 0));
    assert_eq!(counts(&run(full, REAL).await), (0, 0, 1));
    let after = world.account_row(id);
    assert_eq!((after.followers, after.disclosed_until), (77, row.disclosed_until), "the older disclosure stays current");
    let read = |conn: &mut Conn| {
        Ok::<_, StoreError>((account::topics(conn, id)?, account::operators(conn, id)?, disclosure::list_by_account(conn, id)?))
    };
    let (topics, operators, filed) = world.app().db.read_blocking(read).unwrap();
    assert_eq!((topics, operators), (vec!["bea".to_owned(), "pajak".into()], vec![world.north.member(AccountKind::Official)]));
    assert_eq!(
        filed.iter().map(|d| (d.state.to_string(), d.filed_by.as_str())).collect::<Vec<_>>()[0],
        ("filed".into(), world.north_coordinator.actor().reference())
    );
    assert_eq!(world.entries(EventKind::DisclosureFiled), 1);

    // Another operating unit is another thing to disclose.
    let moved = run(",,UTR-1,,,,,", REAL).await;
    assert_eq!(counts(&moved), (0, 1, 0));
    assert_eq!(world.account_row(id).disclosed_until, None);
}

on_both!(bad_accounts_are_named_by_line_column_and_reason, accounts_change_by_their_handle_and_keep_what_a_cell_leaves_empty,);
