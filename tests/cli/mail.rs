//! `gaung mail preview`: every message as files, and nothing else.

use super::run::Site;
use crate::support::database::Engine;

#[test]
fn every_message_is_written_in_both_languages() {
    let site = Site::empty(Engine::Sqlite);
    let ran = site.run_bare(&["mail", "preview", "--out", "look"]).ends(0);
    assert!(ran.out.contains("task.id: ") && ran.out.contains("daily_report.en: "), "{}", ran.out);
    assert_eq!(site.names(), ["look"], "nothing else is made");
    let look = site.dir.path().join("look");
    for name in gaung::service::mail_preview::MESSAGES {
        for locale in ["id", "en"] {
            for ending in ["eml", "html", "txt"] {
                let file = look.join(format!("{name}.{locale}.{ending}"));
                assert!(std::fs::metadata(&file).is_ok_and(|meta| meta.len() > 300), "{}", file.display());
            }
        }
    }
    assert!(look.join("task.id.ics").is_file() && !look.join("sign_in.id.ics").exists());
}

#[test]
fn one_message_in_one_language_and_a_wrong_name() {
    let site = Site::empty(Engine::Sqlite);
    site.run_bare(&["mail", "preview", "--message", "correction", "--locale", "en", "--out", "one"]).ends(0);
    let mut files: Vec<_> = std::fs::read_dir(site.dir.path().join("one")).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["correction.en.eml", "correction.en.html", "correction.en.txt"]);
    site.run_bare(&["mail", "preview", "--message", "spam"]).ends(2).complains("daily_report");
}
