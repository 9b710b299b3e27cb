//! A task's page: all that a member needs to know in ten seconds. Reading it changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::link::{self, TaskLink};
use crate::app::App;
use crate::domain::assignment::{AssignmentState, EvidenceLevel, check_open, check_undo};
use crate::domain::campaign::CampaignState;
use crate::domain::content::{CampaignContent, ClaimWords, Fact, TargetPlan};
use crate::domain::handle::Handle;
use crate::domain::id::{AssignmentId, VariantId};
use crate::domain::kind::{AccountKind, Action};
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::platform::Platform;
use crate::service::ServiceError;
use crate::store::Manner;
use crate::store::completion::{self, CompletionRow};
use crate::store::task_sheet::{self, TaskSheet};

/// A task's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskView {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// What to call the member.
    pub first_name: String,
    /// The member's language.
    pub locale: Locale,
    /// The member's IANA zone.
    pub zone: String,
    /// Whether the member is active, paused or gone.
    pub member_state: MemberState,
    /// How the log names the member.
    pub subject_ref: String,
    /// Who runs this.
    pub institution: String,
    /// Whom to write to.
    pub contact_email: String,
    /// The unit whose campaign it is.
    pub sponsor: String,
    /// Who wrote the campaign.
    pub asked_by: String,
    /// The campaign's title.
    pub title: String,
    /// The one message.
    pub message: String,
    /// Facts, each with its source.
    pub facts: Vec<Fact>,
    /// What to avoid saying.
    pub avoid: Vec<String>,
    /// Whether anybody is paid for taking part.
    pub paid: bool,
    /// The wave's name.
    pub wave: String,
    /// How to do it.
    pub brief: String,
    /// What to do.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// With which account.
    pub account: AccountView,
    /// What it points at.
    pub target: TargetView,
    /// Suggested texts, this member's first one first.
    pub variants: Vec<VariantView>,
    /// Whether it asks for the member's own words; then the texts are examples.
    pub own_words: bool,
    /// Whether *Done* needs the address of the post.
    pub evidence_required: bool,
    /// Whether doing it leaves an address at all.
    pub leaves_address: bool,
    /// The deadline.
    pub expires_at: DateTime<Utc>,
    /// Where it stands.
    pub state: AssignmentState,
    /// Whether it can be done or declined now.
    pub is_open: bool,
    /// The completion, if there is one; a suspected one waits for its confirmation.
    pub completion: Option<CompletionView>,
    /// Until when the answer can be taken back, if it can now.
    pub undo_until: Option<DateTime<Utc>>,
    /// The token to answer the campaign's correction by, where this member was asked to.
    pub correction: Option<String>,
    /// For every form of the page.
    pub nonce: String,
}

/// The account that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// The handle as people write it.
    pub handle: String,
    /// The name it shows.
    pub name: String,
    /// What it is.
    pub kind: AccountKind,
    /// Its profile, where the handle can be read.
    pub profile_url: Option<String>,
}

/// What a task points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TargetView {
    /// The campaign's own message.
    Message,
    /// A registered post.
    Post {
        /// Its address.
        url: String,
        /// Where it is.
        platform: Platform,
        /// The name its account shows.
        owner: String,
        /// The account's handle.
        handle: String,
        /// The account's unit.
        unit: String,
    },
    /// A piece of misinformation on file.
    Claim {
        /// What is claimed.
        claim: String,
        /// Where it was seen.
        seen_url: Option<String>,
        /// What is true.
        fact: String,
        /// Where that can be read.
        source_url: String,
    },
}

impl TargetView {
    /// A claim by its words.
    #[must_use]
    pub fn of(words: ClaimWords) -> Self {
        let ClaimWords { claim, seen_url, fact, source_url } = words;
        Self::Claim { claim, seen_url, fact, source_url }
    }
}

/// A suggested text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VariantView {
    /// The variant.
    pub id: VariantId,
    /// Its language.
    pub locale: Locale,
    /// The text.
    pub text: String,
}

/// A completion as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompletionView {
    /// How well it is evidenced.
    pub level: EvidenceLevel,
    /// The address given.
    pub url: Option<String>,
    /// When *Done* was pressed.
    pub completed_at: DateTime<Utc>,
    /// Whether it waits for the member's confirmation and does not count yet.
    pub suspected: bool,
    /// When a reviewer looked.
    pub checked_at: Option<DateTime<Utc>>,
}

/// The page that a task link opens.
///
/// # Errors
/// `link.invalid`, `link.expired`, `link.revoked`; or the database's failure.
pub async fn view(app: &App, token: &str) -> Result<TaskView, ServiceError> {
    let link = TaskLink::open(app, token)?;
    let (sheet, content, texts, completion) = app
        .db
        .read_in(Manner::by_index(), move |conn| {
            let sheet = link.sheet(conn)?;
            let content = task_sheet::content(conn, sheet.campaign_id)?;
            let texts = task_sheet::texts(conn, sheet.task_id)?;
            let completion = completion::find_current(conn, sheet.id)?;
            Ok::<_, ServiceError>((sheet, content, texts, completion))
        })
        .await?;
    let variants = spread(texts, sheet.member_locale, sheet.variant_no);
    Ok(page(app, sheet, content, variants, completion))
}

fn page(
    app: &App,
    sheet: TaskSheet,
    content: CampaignContent,
    variants: Vec<VariantView>,
    completion: Option<CompletionRow>,
) -> TaskView {
    let now = app.clock.now();
    let window = TimeDelta::hours(app.config.campaign.undo_window_h.into());
    let settled_at = sheet.settled_at.map(|at| at.0);
    let undo_until = check_undo(sheet.state, settled_at, window, now).ok().and(settled_at).map(|at| at + window);
    TaskView {
        assignment_id: sheet.id,
        first_name: first_name(&sheet.member_name).to_owned(),
        locale: sheet.member_locale,
        zone: sheet.member_zone.clone(),
        member_state: sheet.member_state,
        subject_ref: sheet.subject_ref.clone(),
        institution: app.config.institution.name.clone(),
        contact_email: app.config.contact_email().to_owned(),
        sponsor: sheet.sponsor_name.clone(),
        asked_by: sheet.asked_by.clone(),
        title: content.title,
        message: content.message,
        facts: content.facts,
        avoid: content.avoid,
        paid: content.paid,
        wave: sheet.wave_name.clone(),
        brief: sheet.brief.clone(),
        action: sheet.action,
        platform: sheet.platform,
        account: account(&sheet),
        target: target(&sheet),
        variants,
        own_words: sheet.own_words,
        evidence_required: sheet.evidence_required,
        leaves_address: sheet.action.leaves_address(),
        expires_at: sheet.expires_at.0,
        state: sheet.state,
        is_open: check_open(sheet.state, sheet.expires_at.0, now).is_ok(),
        completion: completion.map(|row| CompletionView {
            level: row.level,
            url: row.url,
            completed_at: row.completed_at.0,
            suspected: row.suspected,
            checked_at: row.checked_at.map(|at| at.0),
        }),
        undo_until,
        correction: matches!(
            (sheet.campaign_state, sheet.state),
            (CampaignState::Corrected, AssignmentState::Done | AssignmentState::Checked)
        )
        .then(|| link::correction_token(app, sheet.id, sheet.link_version)),
        nonce: link::nonce(app, sheet.id.uuid()),
    }
}

fn account(sheet: &TaskSheet) -> AccountView {
    let handle = Handle::parse(&sheet.handle, sheet.platform).ok();
    AccountView {
        handle: handle.as_ref().map_or_else(|| sheet.handle.clone(), ToString::to_string),
        name: sheet.account_name.clone(),
        kind: sheet.kind,
        profile_url: handle.as_ref().map(Handle::profile_url),
    }
}

/// What the task points at. A claim says what it said when the campaign was released, whatever became of it since.
pub(super) fn target(sheet: &TaskSheet) -> TargetView {
    if let (Some(url), Some(platform), Some(handle)) = (&sheet.post_url, sheet.post_platform, &sheet.post_handle) {
        return TargetView::Post {
            url: url.clone(),
            platform,
            owner: sheet.post_owner.clone().unwrap_or_default(),
            handle: Handle::parse(handle, platform).map_or_else(|_| handle.clone(), |h| h.to_string()),
            unit: sheet.post_unit.clone().unwrap_or_default(),
        };
    }
    if let TargetPlan::Claim { words: Some(words), .. } = &sheet.target.0 {
        return TargetView::of(words.clone());
    }
    if let (Some(claim), Some(fact), Some(source_url)) = (&sheet.claim, &sheet.claim_fact, &sheet.claim_source_url) {
        let (claim, fact, source_url) = (claim.clone(), fact.clone(), source_url.clone());
        return TargetView::Claim { claim, seen_url: sheet.claim_seen_url.clone(), fact, source_url };
    }
    TargetView::Message
}

/// The texts in the member's language, or all where there is none, beginning with this member's: neighbours begin with
/// different ones.
fn spread(texts: Vec<(VariantId, Locale, String)>, locale: Locale, variant_no: i32) -> Vec<VariantView> {
    let all: Vec<VariantView> = texts.into_iter().map(|(id, locale, text)| VariantView { id, locale, text }).collect();
    let mut own: Vec<VariantView> = all.iter().filter(|v| v.locale == locale).cloned().collect();
    if own.is_empty() {
        own = all;
    }
    if !own.is_empty() {
        let start = usize::try_from(variant_no).unwrap_or_default() % own.len();
        own.rotate_left(start);
    }
    own
}

/// What to call somebody: the first word of the name that is not a title or an initial.
#[must_use]
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().find(|word| !word.ends_with('.') && word.chars().count() > 1).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_their_name_not_their_title() {
        for (name, called) in [
            ("Siti Rahmawati", "Siti"),
            ("Dr. Ir. H. Budi Santoso", "Budi"),
            ("M. Rizki", "Rizki"),
            ("A Fauzi", "Fauzi"),
            ("Suharto", "Suharto"),
            ("H.", "H."),
        ] {
            assert_eq!(first_name(name), called);
        }
    }

    #[test]
    fn texts_are_spread_and_fall_back_to_the_other_language() {
        let text = |locale, text: &str| (VariantId::new(), locale, text.to_owned());
        let texts = vec![text(Locale::Id, "a"), text(Locale::En, "x"), text(Locale::Id, "b"), text(Locale::Id, "c")];
        let read = |locale, no| spread(texts.clone(), locale, no).into_iter().map(|v| v.text).collect::<String>();
        assert_eq!(
            [read(Locale::Id, 0), read(Locale::Id, 1), read(Locale::Id, 2), read(Locale::Id, 3)],
            ["abc", "bca", "cab", "abc"]
        );
        assert_eq!(read(Locale::En, 7), "x");
        let indonesian = texts.iter().filter(|t| t.1 == Locale::Id).cloned().collect();
        assert_eq!(spread(indonesian, Locale::En, 1).len(), 3);
        assert_eq!(spread(Vec::new(), Locale::En, 1), Vec::new());
    }
}
