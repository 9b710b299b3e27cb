//! The console's navigation as data: where each link leads, who sees it, and which four stand in a phone's bar.

use super::routes;
use crate::domain::role::Act;

/// Who sees a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Everybody.
    Nothing,
    /// Whoever may do this somewhere.
    Act(Act),
    /// Whoever looks at an installation whose mail stays in the built-in mailbox.
    Mailbox,
}

/// A link.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Where it leads.
    pub path: &'static str,
    /// The key of its words.
    pub word: &'static str,
    /// The name of its picture.
    pub icon: &'static str,
    /// Who sees it.
    need: Need,
}

/// Links that belong together.
#[derive(Debug, Clone)]
pub struct Group {
    /// The key of its heading.
    pub word: &'static str,
    /// Its links, in order.
    pub links: Vec<Link>,
}

const fn link(path: &'static str, word: &'static str, icon: &'static str, need: Need) -> Link {
    Link { path, word, icon, need }
}

const WORK: &[Link] = &[
    link("/campaigns", "nav-campaigns", "wave", Need::Act(Act::ViewCampaigns)),
    link("/approvals", "nav-approvals", "inbox", Need::Act(Act::ReleaseCampaigns)),
    link("/calendar", "nav-calendar", "calendar", Need::Act(Act::ViewCampaigns)),
    link("/claims", "nav-claims", "flag", Need::Act(Act::ViewCampaigns)),
];

const ORGANISATION: &[Link] = &[
    link("/units", "nav-units", "tree", Need::Act(Act::ViewOrganisation)),
    link("/members", "nav-members", "people", Need::Act(Act::ManageMembers)),
    link("/accounts", "nav-accounts", "at", Need::Act(Act::ViewOrganisation)),
    link("/disclosures", "nav-disclosures", "badge", Need::Act(Act::ConfirmDisclosures)),
    link("/import", "nav-import", "upload", Need::Act(Act::ManageMembers)),
];

const RECORD: &[Link] = &[
    link("/log", "nav-log", "shield", Need::Act(Act::ViewLog)),
    link("/samples", "nav-samples", "dice", Need::Act(Act::ViewLog)),
    link("/register", "nav-register", "eye", Need::Nothing),
];

const SETTINGS: &[Link] = &[
    link("/users", "nav-users", "key", Need::Act(Act::ManageUsers)),
    link("/data-requests", "nav-data-requests", "people", Need::Act(Act::AnswerDataRequests)),
    link("/suppressions", "nav-suppressions", "mute", Need::Act(Act::ManageMembers)),
    link("/neutrality", "nav-neutrality", "scales", Need::Act(Act::ManageNeutrality)),
    link("/settings", "nav-settings", "gear", Need::Act(Act::ManageUsers)),
    link("/mailbox", "nav-mailbox", "mail", Need::Mailbox),
];

const GROUPS: [(&str, &[Link]); 4] =
    [("nav-work", WORK), ("nav-organisation", ORGANISATION), ("nav-record", RECORD), ("nav-administration", SETTINGS)];

/// The groups for whoever may do `acts`; a page that this build lacks has no link, and a group without links no heading.
#[must_use]
pub fn groups(acts: &[Act], sees_mailbox: bool) -> Vec<Group> {
    let exists = |path: &str| routes::TABLE.iter().any(|(method, route)| *method == "get" && *route == path);
    let shown = |link: &&Link| {
        exists(link.path)
            && match link.need {
                Need::Nothing => true,
                Need::Act(act) => acts.contains(&act),
                Need::Mailbox => sees_mailbox,
            }
    };
    let groups = GROUPS.iter().map(|(word, links)| Group { word, links: links.iter().filter(shown).copied().collect() });
    groups.filter(|group| !group.links.is_empty()).collect()
}
