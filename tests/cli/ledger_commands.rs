//! `gaung ledger` on a database: keys, export and verification, comparison, and the ways out.

use crate::support::database::Engine;

use super::run::Site;

async fn the_log_of_an_installation_is_exported_verified_and_compared(engine: Engine) {
    let site = Site::new(engine);
    site.run(&["ledger", "key"]).ends(0).complains("Nothing was sealed yet");
    site.run(&["ledger", "export", "x"]).ends(1).complains("nothing was sealed yet");
    site.run(&["ledger", "key", "rotate"]).ends(1).complains("nothing was sealed yet");
    site.run(&["ledger", "restart", "--reason", "none"]).ends(1).complains("nothing to begin anew");
    let units = site.file("units.csv", "code,name,parent_code\nPUSAT,Kantor Pusat,\n");
    site.run(&["import", "units", &units.to_string_lossy()]).ends(0);
    // A worker seals it, within a second or two of its start.
    let worker = site.start(&["worker"]);
    let began = std::time::Instant::now();
    while site.run(&["ledger", "export", "early"]).code != Some(0) {
        assert!(began.elapsed().as_secs() < 20, "nothing was sealed");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(worker);
    let key = site.run(&["ledger", "key"]).ends(0).out;
    let vkey = key.split_whitespace().next().unwrap().to_owned();
    assert!(key.contains("signs: from size 0"), "{key}");
    let dir = site.dir.path().join("export").to_string_lossy().into_owned();
    site.run(&["ledger", "export", &dir]).ends(0);
    site.run(&["ledger", "verify", &dir, "--vkey", &vkey]).ends(0);
    let agreed = site.run(&["ledger", "reconcile", "--format", "json"]).ends(0).json();
    assert!(agreed["finding"].is_null() && agreed["entries"].as_u64().unwrap() > 0, "{agreed}");
    let looked = site.run(&["doctor", "--format", "json"]).json();
    let sealing = looked.as_array().unwrap().iter().find(|check| check["check"] == "sealing").unwrap().clone();
    assert_eq!(sealing["ok"], true, "{sealing}");
    site.run(&["ledger", "adopt"]).ends(1).complains("is there already");
    site.run(&["ledger", "key", "rotate"]).ends(0).complains("Keep a copy");
    let out = site.run(&["ledger", "restart", "--reason", "a drill"]).ends(0).out;
    assert!(out.contains("/ledger/2"), "{out}");
    site.run(&["ledger", "export", &format!("{dir}-1"), "--log", "1"]).ends(0);
    site.run(&["ledger", "export", &format!("{dir}-2")]).ends(0);
    site.run(&["ledger", "verify", &format!("{dir}-2")]).ends(0);
}

on_both!(the_log_of_an_installation_is_exported_verified_and_compared);
