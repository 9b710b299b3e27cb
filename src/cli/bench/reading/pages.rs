//! Which pages and files are asked for, and by whom.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::app::App;
use crate::clock::{Clock as _, SystemClock};
use crate::domain::id::{CampaignId, EntryId};
use crate::service::task;
use crate::store::ground::Landmarks;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody in particular, or whoever holds a link.
    Public,
    Lead,
    Approver,
    Auditor,
    RegionAuditor,
    Coordinator,
    RegionCoordinator,
}

/// A page or a file.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub name: String,
    pub who: Who,
    pub path: String,
}

fn page(who: Who, name: &str, path: impl Into<String>) -> Page {
    Page { name: name.to_owned(), who, path: path.into() }
}

/// The whole address of a sample, as its form leads to it.
fn sample(path: &str, n: u32, campaign: CampaignId) -> String {
    let until = SystemClock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
    format!("{path}?seed=jakarta&n={n}&campaign={campaign}&until={until}")
}

fn cursor(at: DateTime<Utc>, id: EntryId) -> String {
    format!("{}_{id}", at.timestamp_micros())
}

/// Every page.
pub(super) fn pages(app: &App, m: &Landmarks) -> Vec<Page> {
    let mut pages = campaigns(m);
    pages.extend(lists(m));
    pages.extend(links(app, m));
    pages.extend(log(m));
    pages.extend(register(m));
    pages
}

fn campaigns(m: &Landmarks) -> Vec<Page> {
    use Who::{Approver, Auditor, Lead};
    let large = format!("/campaigns/{}", m.large);
    vec![
        page(Lead, "dashboard (large campaign)", large.clone()),
        page(Lead, "dashboard (small campaign)", format!("/campaigns/{}", m.small)),
        page(Lead, "campaigns", "/campaigns"),
        page(Lead, "delivery (large campaign)", format!("{large}/delivery")),
        page(Lead, "delivery (small campaign)", format!("/campaigns/{}/delivery", m.small)),
        page(Lead, "mails that failed", format!("{large}/delivery/mails?state=failed")),
        page(Lead, "check before release", format!("{large}/preview")),
        page(Approver, "review", format!("{large}/review")),
        page(Approver, "approvals", "/approvals"),
        page(Lead, "calendar", "/calendar"),
        page(Auditor, "dossier (large campaign)", format!("{large}/dossier")),
        page(Auditor, "dossier (small campaign)", format!("/campaigns/{}/dossier", m.small)),
        page(Auditor, "samples (large campaign)", sample("/samples", 50, m.large)),
        page(Auditor, "samples (small campaign)", sample("/samples", 50, m.small)),
    ]
}

fn lists(m: &Landmarks) -> Vec<Page> {
    use Who::{Coordinator, RegionCoordinator};
    vec![
        page(Coordinator, "members", "/members"),
        page(Coordinator, "members, deep", format!("/members?after={}", m.deep_member)),
        page(Coordinator, "members by a common name", "/members?q=wulandari"),
        page(Coordinator, "members by a rare name", "/members?q=tanuwijaya"),
        page(Coordinator, "members by a name nobody has", "/members?q=xyzzy"),
        page(Coordinator, "members by the beginning of an address", "/members?q=ratna.wul"),
        page(Coordinator, "members by an address", "/members?q=ratna.wulandari4@"),
        page(Coordinator, "members by a number", "/members?q=190000000000000042"),
        page(Coordinator, "members of a unit", format!("/members?unit={}", m.office)),
        page(RegionCoordinator, "members (a region's coordinator)", "/members"),
        page(RegionCoordinator, "members by a name (a region's)", "/members?q=wulandari"),
        page(Coordinator, "a member", format!("/members/{}", m.member)),
        page(Coordinator, "accounts", "/accounts"),
        page(Coordinator, "accounts, deep", format!("/accounts?after={}", m.deep_account)),
        page(Coordinator, "accounts by a handle", "/accounts?q=pegawai_1234"),
        page(Coordinator, "accounts by a name nobody has", "/accounts?q=xyzzy"),
        page(Coordinator, "accounts, suspended", "/accounts?state=suspended"),
        page(Coordinator, "accounts, official", "/accounts?kind=official"),
        page(Coordinator, "accounts, lapsed", "/accounts?standing=lapsed"),
        page(Coordinator, "accounts, waiting", "/accounts?standing=waiting"),
        page(RegionCoordinator, "accounts (a region's coordinator)", "/accounts"),
        page(RegionCoordinator, "accounts, lapsing (a region's)", "/accounts?standing=lapsing"),
        page(Coordinator, "an account", format!("/accounts/{}", m.account)),
        page(Coordinator, "disclosures", "/disclosures"),
        page(Coordinator, "units", "/units"),
        page(Coordinator, "units by a name", "/units?q=wilayah"),
        page(Coordinator, "a unit", format!("/units/{}", m.region)),
    ]
}

fn links(app: &App, m: &Landmarks) -> Vec<Page> {
    let member = task::pause_token(app, m.member, 1);
    let one = task::task_token(app, m.assignment, m.link_version, m.expires_at);
    vec![
        page(Who::Public, "member's page", format!("/m/{member}")),
        page(Who::Public, "task page", format!("/t/{one}")),
        page(Who::Public, "member's settings", format!("/m/{member}/settings")),
        page(Who::Public, "my data", format!("/m/{member}/data")),
    ]
}

fn log(m: &Landmarks) -> Vec<Page> {
    use Who::{Auditor, RegionAuditor};
    let deep = cursor(m.entry_at, m.entry);
    let day = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = (day(m.entry_at - TimeDelta::days(3)), day(m.entry_at));
    let (large, small) = (m.large, m.small);
    let all = [
        ("log", String::new()),
        ("log, deep", format!("after={deep}")),
        ("log, newer than deep", format!("newer={deep}")),
        ("log of three days", format!("from={from}&to={to}")),
        ("log by a frequent kind", "kind=mail.sent".into()),
        ("log by a frequent kind, deep", format!("kind=mail.sent&after={deep}")),
        ("log by a rare kind", "kind=target.blocked".into()),
        ("log by a kind that never happened", "kind=campaign.corrected".into()),
        ("log by a frequent group", "kind=mail".into()),
        ("log by a rare group", "kind=neutrality".into()),
        ("log by a group, deep", format!("kind=members&after={deep}")),
        ("log by an actor", format!("actor={}", m.subject)),
        ("log by the system", "actor=system".into()),
        ("log by a stranger", "actor=nobody".into()),
        ("log about a person", format!("subject={}", m.subject)),
        ("log about an assignment", format!("assignment={}", m.assignment)),
        ("log of a large campaign", format!("campaign={large}")),
        ("log of a large campaign, deep", format!("campaign={large}&after={deep}")),
        ("log of a small campaign", format!("campaign={small}")),
        ("log of the root unit", "unit=U0000".into()),
        ("log of a region", format!("unit={}", m.region)),
        ("log of a region, deep", format!("unit={}&after={deep}", m.region)),
        ("log of an office", format!("unit={}", m.office)),
        ("log: kind and campaign", format!("kind=assignment.declined&campaign={large}")),
        ("log: rare kind and large campaign", format!("kind=campaign.released&campaign={large}")),
        ("log: kind that is never of a campaign", format!("kind=member.changed&campaign={large}")),
        ("log: group and region", format!("kind=accounts&unit={}", m.region)),
        ("log: rare kind and region", format!("kind=target.blocked&unit={}", m.region)),
        ("log: campaign and region", format!("campaign={small}&unit={}", m.region)),
        ("log: large campaign and office", format!("campaign={large}&unit={}", m.office)),
        ("log: actor and kind that do not meet", format!("actor={}&kind=mail.sent", m.subject)),
        ("log: system, kind and office", format!("actor=system&kind=mail.sent&unit={}", m.office)),
        ("log: everything at once", format!("from={from}&to={to}&kind=mail&campaign={large}&unit={}&actor=system", m.region)),
    ];
    let mut pages: Vec<Page> = all.iter().map(|(name, query)| page(Auditor, name, format!("/log?{query}"))).collect();
    let of_region =
        ["log", "log, deep", "log by a frequent kind", "log by a rare kind", "log by the system", "log of a large campaign"];
    for (name, query) in all.iter().filter(|(name, _)| of_region.contains(name)) {
        pages.push(page(RegionAuditor, &format!("{name} (a region's auditor)"), format!("/log?{query}")));
    }
    pages.push(page(Auditor, "log entry", format!("/log/{}", m.entry)));
    pages.push(page(Auditor, "assignment's journey", format!("/log/assignments/{}", m.assignment)));
    pages
}

fn register(m: &Landmarks) -> Vec<Page> {
    vec![
        page(Who::Public, "register", "/register"),
        page(Who::Public, "register of a unit", format!("/register?unit={}", m.region)),
        page(Who::Public, "register, one platform", "/register?platform=youtube"),
        page(Who::Public, "register: an account", format!("/register/accounts/{}", m.public)),
        page(Who::Public, "register: campaigns", "/register/campaigns"),
        page(Who::Public, "register: a campaign", format!("/register/campaigns/{}", m.small_slug)),
        page(Who::Public, "register: check", "/register/check?q=kantor.12"),
        page(Who::Public, "register: feed", "/register/feed.atom"),
    ]
}

/// Every file.
pub(super) fn files(app: &App, m: &Landmarks) -> Vec<Page> {
    use Who::{Auditor, Public};
    let member = task::pause_token(app, m.member, 1);
    vec![
        page(Public, "file: register.json", "/register.json"),
        page(Public, "file: register accounts.csv", "/register/accounts.csv"),
        page(Public, "file: register campaigns.csv", "/register/campaigns.csv"),
        page(Public, "file: my data", format!("/m/{member}/data.json")),
        page(Auditor, "file: log.csv of a small campaign", format!("/log.csv?campaign={}", m.small)),
        page(Auditor, "file: log.xlsx, a kind of a campaign", format!("/log.xlsx?campaign={}&kind=assignment.done", m.small)),
        page(Auditor, "file: log.csv", "/log.csv"),
        page(Auditor, "file: samples.csv", sample("/samples.csv", 500, m.small)),
        page(Auditor, "file: dossier.zip of a small campaign", format!("/campaigns/{}/dossier.zip", m.small)),
    ]
}
