//! Where each page is to be found in the scene, and who opens it there.
//!
//! **A new page route needs its line in [`visits`]**: the pattern as it stands in `src/web/routes.rs`, and one visit for each face
//! that the page has. The sweeps in `pages.rs` fail for a page without one, and look at everything else by themselves.

use gaung::domain::id::MemberId;
use gaung::service::Caller;
use gaung::web::routes::TABLE;

use super::scene::Scene;

/// What answers a GET but is no page: data, downloads, files, and the mail that the mailbox shows in a frame.
const NOT_PAGES: &[&str] = &["/api/", "/assets/", "/healthz", "/readyz", "/metrics", "/import/template/", "/ledger/"];
const NOT_PAGES_ENDING: &[&str] = &[
    ".csv",
    ".json",
    ".atom",
    ".ics",
    ".xlsx",
    ".zip",
    ".svg",
    "/events",
    "/mailbox/{id}/html",
    "/mail/preview/{message}/{locale}",
    "/preview/{wave}/mail",
    "/preview/{wave}/task",
    "/receipt",
];

/// Who opens a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in to nothing; with a link in hand perhaps.
    Public,
    Admin,
    Lead,
    Approver,
    Coordinator,
    Auditor,
}

/// A page to be opened.
#[derive(Debug, Clone)]
pub struct Visit {
    pub who: Who,
    pub path: String,
    pub status: i64,
}

impl Visit {
    /// The session's token; empty for nobody.
    pub fn session(&self, scene: &Scene) -> String {
        let desks = &scene.desks;
        let caller: &Caller = match self.who {
            Who::Public => return String::new(),
            Who::Admin => &desks.admin,
            Who::Lead => &desks.lead,
            Who::Approver => &desks.approver,
            Who::Coordinator => &desks.coordinator,
            Who::Auditor => &desks.auditor,
        };
        scene.session(caller)
    }
}

/// The patterns of all page routes.
pub fn pages() -> Vec<&'static str> {
    let gets = TABLE.iter().filter(|(method, _)| *method == "get").map(|(_, pattern)| *pattern);
    gets.filter(|pattern| {
        !NOT_PAGES.iter().any(|head| pattern.starts_with(head)) && !NOT_PAGES_ENDING.iter().any(|tail| pattern.ends_with(tail))
    })
    .collect()
}

pub fn by(who: Who, paths: &[String]) -> Vec<Visit> {
    paths.iter().map(|path| Visit { who, path: path.clone(), status: 200 }).collect()
}

/// The visits to a page route; none where the catalogue does not know it.
pub fn visits(scene: &Scene, pattern: &str) -> Option<Vec<Visit>> {
    use Who::{Admin, Approver, Auditor, Lead, Public};
    let at = |who, path: &str| by(who, &[path.to_owned()]);
    let member: MemberId = scene.open[0].member;
    let own = |head: &str| by(Public, &[format!("/{head}/{}", scene.own_link(member))]);
    let (draft, submitted, running) = (scene.draft, scene.submitted, scene.running);
    Some(match pattern {
        // The member's pages.
        "/t/{token}" => {
            let faces = [&scene.open[0], &scene.done, &scene.declined];
            by(Public, &faces.map(|asked| format!("/t/{}", asked.token)))
        }
        "/c/{token}" => {
            let (open, answered) = (scene.answer_link(false), scene.answer_link(true));
            by(Public, &[format!("/c/{open}"), format!("/c/{open}?again=1"), format!("/c/{answered}")])
        }
        "/p/{token}" => own("p"),
        "/u/{token}" => own("u"),
        "/m/{token}" => own("m"),
        "/m/{token}/data" | "/m/{token}/settings" | "/m/{token}/rights" => {
            by(Public, &[pattern.replace("{token}", &scene.own_link(member))])
        }
        "/samples/{id}" => by(Auditor, &scene.samples().iter().map(|id| format!("/samples/{id}")).collect::<Vec<_>>()),
        "/a/{token}" => at(Public, &format!("/a/{}", super::address::link(scene))),
        "/d/{token}" => at(Public, &format!("/d/{}", scene.right_link())),
        "/data-requests" => at(Admin, pattern),
        "/data-requests/new" => at(Admin, &format!("/data-requests/new?member={member}")),
        "/data-requests/{id}" => {
            by(Admin, &scene.data_requests().iter().map(|id| format!("/data-requests/{id}")).collect::<Vec<_>>())
        }
        "/o/{token}" => by(Public, &[format!("/o/{}", scene.consent_link())]),

        // Everybody's.
        "/" | "/sign-in" => at(Public, pattern),
        "/ledger" => by(Public, &["/ledger".into(), "/ledger?lang=en".into()]),
        "/register" => {
            by(Public, &["/register".into(), "/register?platform=x".into(), "/register?platform=threads&lang=en".into()])
        }
        "/sign-in/link" => by(Public, &["/sign-in/link".into(), "/sign-in/link?sent=1".into()]),
        "/sign-in/link/{token}" => at(Public, &scene.sign_in),
        "/menu" => at(Lead, pattern),
        "/design" => at(Who::Admin, pattern),

        // Campaigns.
        "/campaigns" => at(Lead, pattern),
        "/campaigns/new" => at(Lead, pattern),
        "/campaigns/{id}" => {
            let states = [scene.corrected, running, scene.held, draft, submitted, scene.returned, scene.paused, scene.cancelled];
            let mut shown = by(Lead, &states.map(|id| format!("/campaigns/{id}")));
            shown.extend(by(Approver, &[format!("/campaigns/{submitted}")]));
            shown.extend(by(Auditor, &[format!("/campaigns/{running}")]));
            shown
        }
        "/campaigns/{id}/edit" => by(Lead, &[draft, scene.returned].map(|id| format!("/campaigns/{id}/edit"))),
        "/campaigns/{id}/preview" => by(Lead, &[draft, running].map(|id| format!("/campaigns/{id}/preview"))),
        "/campaigns/{id}/preview/{wave}" => by(Lead, &[format!("/campaigns/{draft}/preview/{}", scene.planned_wave(draft))]),
        "/campaigns/{id}/review" => by(Approver, &[format!("/campaigns/{submitted}/review")]),
        "/campaigns/{id}/waves/{wave}/edit" | "/campaigns/{id}/waves/{wave}/remove" => {
            let tail = pattern.rsplit('/').next().unwrap_or_default();
            by(Lead, &[format!("/campaigns/{draft}/waves/{}/{tail}", scene.planned_wave(draft))])
        }
        "/campaigns/{id}/do/correct" => at(Lead, &pattern.replace("{id}", &running.to_string())),
        "/campaigns/{id}/do/{act}" => {
            let mut asked = by(Approver, &["release", "return"].map(|act| format!("/campaigns/{submitted}/do/{act}")));
            asked.extend(by(Lead, &["pause", "cancel"].map(|act| format!("/campaigns/{running}/do/{act}"))));
            asked.extend(by(Lead, &[format!("/campaigns/{draft}/do/submit"), format!("/campaigns/{}/do/resume", scene.paused)]));
            asked
        }
        "/campaigns/{id}/waves/{wave}/{act}" => {
            let wave = scene.held_wave();
            by(Lead, &["open", "skip"].map(|act| format!("/campaigns/{}/waves/{wave}/{act}", scene.held)))
        }

        "/claims" => {
            let mut shown = by(Lead, &["/claims".into(), "/claims?state=all".into(), "/claims?q=zzz&mine=yes".into()]);
            shown.extend(at(Auditor, "/claims"));
            shown
        }
        "/claims/new" => at(Lead, pattern),
        "/claims/{id}" => {
            let all: Vec<String> = scene.claims().iter().map(|id| format!("/claims/{id}")).collect();
            let mut shown = by(Lead, &all);
            shown.extend(by(Approver, &all));
            shown
        }
        "/claims/{id}/edit" => at(Lead, &format!("/claims/{}/edit", scene.claims()[0])),
        "/register/claims" => by(Public, &["/register/claims".into(), "/register/claims?lang=en".into()]),
        "/approvals" => at(Approver, pattern),
        "/calendar" => by(Lead, &["/calendar".into(), "/calendar?week=2026-W48".into()]),
        "/calendar/feed" => at(Lead, pattern),
        "/calendar/move" => at(Lead, &format!("/calendar/move?campaign={draft}&wave={}", scene.planned_wave(draft))),

        // The organisation.
        "/units/{id}" | "/units/{id}/edit" | "/units/{id}/ask" => at(Admin, &pattern.replace("{id}", &scene.office())),
        "/members/{id}" | "/members/{id}/edit" => at(Admin, &pattern.replace("{id}", &member.to_string())),
        "/members/{id}/do/{act}" => at(Admin, &format!("/members/{member}/do/leave")),
        "/accounts/{id}" | "/accounts/{id}/edit" | "/accounts/{id}/disclose" => {
            let accounts = [Some(scene.open[0].account), scene.lapsed(), scene.suspended()].into_iter().flatten();
            by(Admin, &accounts.map(|id| pattern.replace("{id}", &id.to_string())).collect::<Vec<_>>())
        }
        "/accounts/{id}/do/{act}" => at(Admin, &format!("/accounts/{}/do/suspend", scene.open[0].account)),
        "/disclosures/{id}" => at(Approver, &format!("/disclosures/{}", scene.waiting_disclosure())),

        // The public register.
        "/register/campaigns" => at(Public, pattern),
        "/register/check" => {
            by(Public, &["", "?q=%40klp_ri", "?q=kabar_simpang", "?q=https://t.co/a"].map(|query| format!("{pattern}{query}")))
        }
        "/register/accounts/{id}" => at(Public, &pattern.replace("{id}", &scene.official().to_string())),
        "/register/campaigns/{slug}" => at(Public, &pattern.replace("{slug}", &scene.slug(scene.corrected))),

        // The record.
        "/log" => by(Auditor, &["/log".into(), "/log?kind=assignment.done".into(), "/log?unit=a&from=x".into()]),
        "/log/assignments/{id}" => by(Auditor, &[format!("/log/assignments/{}", scene.done_assignment())]),
        "/campaigns/{id}/delivery" => by(Lead, &[running, draft].map(|id| format!("/campaigns/{id}/delivery"))),
        "/campaigns/{id}/delivery/mails" => {
            by(Lead, &["failed", "unknown", "deferred"].map(|state| format!("/campaigns/{running}/delivery/mails?state={state}")))
        }
        "/campaigns/{id}/delivery/do/{act}" => {
            by(Lead, &["retry?state=failed", "accept?state=unknown"].map(|act| format!("/campaigns/{running}/delivery/do/{act}")))
        }
        "/campaigns/{id}/dossier" => by(Auditor, &[running, draft].map(|id| format!("/campaigns/{id}/dossier"))),
        "/samples" => {
            let drawn = "/samples?seed=a&n=3&until=2100-01-01T00:00:00Z".to_owned();
            by(Auditor, &["/samples".into(), drawn, "/samples?seed=&n=0".into()])
        }
        "/log/{id}" => by(Auditor, &[format!("/log/{}", scene.newest_entry())]),
        "/mail/preview" => {
            by(Admin, &["/mail/preview".into(), "/mail/preview?message=digest".into(), "/mail/preview?message=correction".into()])
        }
        "/mailbox" => by(Public, &["/mailbox".into(), "/mailbox?to=nobody%40klp.example.id".into()]),
        "/mailbox/{id}" => by(Public, &[format!("/mailbox/{}", scene.newest_mail())]),
        _ => return super::org::visits(scene, pattern),
    })
}

/// Pages that say no.
pub fn refusals(scene: &Scene) -> Vec<Visit> {
    let refused = |who, path: String, status| Visit { who, path, status };
    vec![
        refused(Who::Public, "/nowhere".into(), 404),
        refused(Who::Public, "/t/nonsense".into(), 404),
        refused(Who::Public, "/sign-in/link/nonsense".into(), 404),
        refused(Who::Lead, format!("/campaigns/{}", scene.root), 404),
        refused(Who::Coordinator, "/log".into(), 403),
    ]
}
