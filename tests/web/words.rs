//! The pages' words: both languages have the same keys, every key that a page uses is there, every refusal is said in Indonesian too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gaung::domain::account::{AccountRefusal, AccountState};
use gaung::domain::address_change::{AddressEnd, AddressRefusal};
use gaung::domain::assignment::{AssignmentRefusal, AssignmentState};
use gaung::domain::audience::SkipReason;
use gaung::domain::bounce::ReportKind;
use gaung::domain::campaign::{CampaignRefusal, CampaignState};
use gaung::domain::claim::{ClaimRefusal, ClaimState};
use gaung::domain::data_request::{AskedBy, ClockStanding, DataRequestRefusal, RequestKind, RequestState};
use gaung::domain::finding::{Finding, SampleRefusal};
use gaung::domain::kind::{AccountKind, Action, ConsentKind};
use gaung::domain::locale::Locale;
use gaung::domain::mail_hours::MailHoursRefusal;
use gaung::domain::mail_reason::MailReason;
use gaung::domain::member::{MemberRefusal, MemberState};
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::platform::Platform;
use gaung::domain::refusal::Refusal;
use gaung::domain::suppression::{SuppressionReason, SuppressionScope};
use gaung::domain::target::TargetRefusal;
use gaung::domain::text_enum::TextEnum;
use gaung::domain::wave::{WaveRefusal, WaveState};
use gaung::service::calendar::MoveRefusal;
use gaung::service::session::SignInLinkRefusal;
use gaung::service::suppression::AddressStanding;
use gaung::service::task::LinkRefusal;
use gaung::web::l10n;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path.as_ref()).unwrap_or_else(|e| panic!("{}: {e}", path.as_ref().display()))
}

fn keys(locale: &str) -> Vec<String> {
    let dir = root().join("locales").join(locale);
    let mut sources = Vec::new();
    files(&dir, &mut sources);
    // Mail and refusals have tests of their own.
    sources.retain(|file| !["mail.ftl", "refusals.ftl"].iter().any(|own| file.ends_with(own)));
    let text = sources.iter().map(read).collect::<Vec<_>>().join("\n");
    let heads = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    heads.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// The literal keys given to the view's methods: `v.s("key")`, `v.a("key", …)`, `v.n("key", …)`, `v.many("key", …)`.
fn used() -> BTreeSet<String> {
    let mut sources = Vec::new();
    files(&root().join("templates/pages"), &mut sources);
    files(&root().join("src/web"), &mut sources);
    let mut used = BTreeSet::new();
    for source in sources {
        let text = read(source);
        for call in [".s(\"", ".a(\"", ".n(\"", ".many(\""] {
            for part in text.split(call).skip(1) {
                used.extend(part.split('"').next().filter(|key| !key.contains('{')).map(str::to_owned));
            }
        }
    }
    used
}

#[test]
fn both_languages_have_the_same_keys_each_once() {
    let (id, en) = (keys("id"), keys("en"));
    assert!(id.len() > 200, "{}", id.len());
    let set = |keys: &[String]| keys.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(set(&id), set(&en));
    assert_eq!((set(&id).len(), set(&en).len()), (id.len(), en.len()), "a key is there twice");
}

#[test]
fn every_key_that_a_page_uses_is_there() {
    let known: BTreeSet<String> = keys("id").into_iter().collect();
    let used = used();
    assert!(used.len() > 150, "{}", used.len());
    let missing: Vec<_> = used.iter().filter(|key| !known.contains(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn words<T: TextEnum>(lists: &[&str]) -> Vec<String> {
    lists.iter().flat_map(|list| T::ALL.iter().map(move |v| format!("{list}-{}", v.as_str().replace('.', "-")))).collect()
}

#[test]
fn every_value_of_a_list_has_its_word() {
    let mut wanted = words::<Platform>(&["platform"]);
    wanted.extend(words::<Action>(&["do"]));
    wanted.extend(words::<AssignmentState>(&["assignment", "task-over"]));
    wanted.extend(words::<MemberState>(&["standing", "standing-text"]));
    wanted.extend(words::<CampaignState>(&["state"]));
    wanted.extend(words::<WaveState>(&["wave-state"]));
    wanted.extend(words::<SkipReason>(&["skip"]));
    wanted.extend(words::<ConsentKind>(&["consent", "consent-give"]));
    wanted.extend(words::<AccountKind>(&["kind"]));
    wanted.extend(words::<ConsentKind>(&["consent-name", "consent-refuse"]));
    wanted.extend(words::<MailKind>(&["mydata-mail"]));
    wanted.extend(words::<MailState>(&["mydata-fate"]));
    wanted.extend(words::<AccountState>(&["mydata-account"]));
    wanted.extend(words::<SuppressionScope>(&["mydata-scope", "suppress-scope"]));
    wanted.extend(words::<ReportKind>(&["mydata-report"]));
    wanted.extend(words::<MailReason>(&["mail-reason"]));
    wanted.extend(words::<AddressStanding>(&["address"]));
    wanted.extend(words::<AddressEnd>(&["address-end"]));
    wanted.extend(words::<ClaimState>(&["claim-state"]));
    wanted.extend(words::<Finding>(&["finding"]));
    wanted.extend(words::<RequestKind>(&["datareq-kind", "datareq-grant-about", "datareq-do"]));
    wanted.extend(words::<RequestState>(&["datareq-state"]));
    wanted.extend(words::<AskedBy>(&["datareq-by"]));
    wanted.extend(words::<ClockStanding>(&["datareq-clock"]));
    wanted.extend(words::<SuppressionReason>(&["mydata-reason"]));
    for locale in Locale::ALL {
        let missing: Vec<_> = wanted.iter().filter(|key| l10n::find(*locale, key, &[]).is_none()).collect();
        assert!(missing.is_empty(), "{locale}: {missing:?}");
    }
}

#[test]
fn every_refusal_is_said_in_indonesian() {
    fn codes<R: Refusal + Copy>(all: &[R]) -> Vec<&'static str> {
        all.iter().map(Refusal::code).collect()
    }
    let mut wanted = codes(AccountRefusal::ALL);
    wanted.extend(codes(AssignmentRefusal::ALL));
    wanted.extend(codes(CampaignRefusal::ALL));
    wanted.extend(codes(MemberRefusal::ALL));
    wanted.extend(codes(TargetRefusal::ALL));
    wanted.extend(codes(WaveRefusal::ALL));
    wanted.extend(codes(LinkRefusal::ALL));
    wanted.extend(codes(MailHoursRefusal::ALL));
    wanted.extend(codes(SignInLinkRefusal::ALL));
    wanted.extend(codes(MoveRefusal::ALL));
    wanted.extend(codes(AddressRefusal::ALL));
    wanted.extend(codes(ClaimRefusal::ALL));
    wanted.extend(codes(DataRequestRefusal::ALL));
    wanted.extend(codes(SampleRefusal::ALL));
    wanted.extend([
        "not_found",
        "forbidden",
        "invalid",
        "conflict",
        "busy",
        "internal",
        "request.no_route",
        "request.cross_site",
    ]);
    let missing: Vec<_> = wanted
        .iter()
        .filter(|code| l10n::find(Locale::Id, &format!("refused-{}", code.replace('.', "-")), &[]).is_none())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
