//! `gaung bench reading`: fills a database that keeps every promise, asks for every page and file, and leaves other databases alone.

use super::run::Site;
use crate::support::database::Engine;

const SMALL: [&str; 6] = ["bench", "reading", "--assignments", "2000", "--entries", "20000"];

async fn a_small_installation_is_filled_and_every_page_answers(engine: Engine) {
    let site = Site::new(engine);
    // What is written is compared with every promise before anything is measured.
    let once = [&SMALL[..], &["--requests", "1", "--connections", "1", "--json"]].concat();
    let report = site.run(&once).ends(0).complains("filled").json();
    let pages = report["pages"].as_array().unwrap();
    assert!(
        pages.len() > 80 && pages.iter().all(|page| page["requests"] == 1 && page["bytes"].as_u64() > Some(500)),
        "{pages:#?}"
    );
    let files = report["files"].as_array().unwrap();
    assert!(files.len() > 7 && files.iter().all(|file| file["whole"] == true && file["mib"].is_number()), "{files:#?}");
    // The second run finds it filled; another size, or a database of somebody's, is refused.
    let again = site.run(&[&once[..], &["--only", "dashboard"]].concat()).ends(0);
    assert!(!again.err.contains("filled") && again.json()["pages"].as_array().unwrap().len() == 2, "{again:#?}");
    site.run(&["bench", "reading", "--assignments", "3000", "--entries", "20000"]).ends(3).complains("not empty");
}

on_both!(a_small_installation_is_filled_and_every_page_answers);
