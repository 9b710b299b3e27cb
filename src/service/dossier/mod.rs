//! A campaign's dossier: everything on record about it in one place, for whoever may read the log.

mod archive;

pub use archive::{Texts, archive};

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::CampaignId;
use crate::domain::role::Act;
use crate::service::campaign::{self, CampaignView, MailCounts, Outcome, WaveProgress};
use crate::service::log::{CampaignEntries, LogEntry, of_campaign};
use crate::service::{Caller, ServiceError};
use crate::store::dossier::{self, LayerRow, PostRow, ReasonRow, ReleaseRow};
use crate::store::{Conn, campaign as campaigns, unit};

/// Posts that the dossier names.
pub const POSTS: usize = 200;
/// Changes of state that the dossier lists.
const CHANGES: i64 = 1_000;

/// The dossier.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The campaign and its content.
    pub campaign: CampaignView,
    /// The unit whose campaign it is.
    pub unit: String,
    /// Who wrote it.
    pub author: String,
    /// Who submitted it.
    pub submitter: Option<String>,
    /// Every release, oldest first.
    pub releases: Vec<Release>,
    /// Reasons for an election freeze.
    pub reasons: Vec<Reason>,
    /// Its waves; what became of the assignments is told by layer.
    pub waves: Vec<WaveProgress>,
    /// Numbers by layer.
    pub layers: Vec<LayerFigures>,
    /// Its mail, all waves together.
    pub mail: MailCounts,
    /// Posts of layers 0 to 2, oldest first.
    pub posts: Vec<Post>,
    /// Whether there are more of them.
    pub more_posts: bool,
    /// Changes of its state and its waves', oldest first.
    pub changes: Vec<LogEntry>,
    /// The first entry about it.
    pub first: Option<LogEntry>,
    /// The latest entry about it.
    pub last: Option<LogEntry>,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The content's hash.
    pub content_hash: String,
    /// Who released.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When an edit voided it.
    pub voided_at: Option<DateTime<Utc>>,
}

/// A reason for an election freeze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The content it was given for.
    pub content_hash: String,
    /// Who gave it.
    pub by: String,
    /// The reason.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Its layer's number.
    pub layer: i16,
    /// The platform's word.
    pub platform: String,
    /// Its address.
    pub url: String,
    /// When it was registered.
    pub at: DateTime<Utc>,
    /// When it was taken off the list.
    pub removed_at: Option<DateTime<Utc>>,
}

/// A layer's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerFigures {
    /// The layer's number.
    pub layer: i16,
    /// Assignments made.
    pub planned: i64,
    /// What became of them; withheld for a small group, and where a small wave's would follow by subtraction.
    pub outcome: Option<Outcome>,
}

fn layer(row: LayerRow, least: i64) -> LayerFigures {
    let hidden = row.planned < least || (row.small > 0 && row.small < least);
    let outcome = Outcome { done: row.done, declined: row.declined, expired: row.expired };
    LayerFigures { layer: row.layer, planned: row.planned, outcome: (!hidden).then_some(outcome) }
}

fn together(waves: &[WaveProgress]) -> MailCounts {
    waves.iter().fold(MailCounts::default(), |sum, wave| MailCounts {
        planned: sum.planned + wave.mail.planned,
        sent: sum.sent + wave.mail.sent,
        failed: sum.failed + wave.mail.failed,
        suppressed: sum.suppressed + wave.mail.suppressed,
        unknown: sum.unknown + wave.mail.unknown,
        cancelled: sum.cancelled + wave.mail.cancelled,
        returned: sum.returned + wave.mail.returned,
        open: sum.open + wave.mail.open,
    })
}

impl From<ReleaseRow> for Release {
    fn from(row: ReleaseRow) -> Self {
        Self { content_hash: row.content_hash, by: row.by, at: row.released_at.0, voided_at: row.voided_at.map(|at| at.0) }
    }
}

impl From<ReasonRow> for Reason {
    fn from(row: ReasonRow) -> Self {
        Self { content_hash: row.content_hash, by: row.by, text: row.reason, at: row.given_at.0 }
    }
}

impl From<PostRow> for Post {
    fn from(row: PostRow) -> Self {
        let removed_at = row.removed_at.map(|at| at.0);
        Self { layer: row.layer, platform: row.platform.to_string(), url: row.url, at: row.registered_at.0, removed_at }
    }
}

/// The kinds that change where a campaign or one of its waves stands.
fn is_change(kind: EventKind) -> bool {
    use crate::domain::event::EventGroup::{Campaigns, Waves};
    matches!(kind.group(), Campaigns | Waves) && !matches!(kind, EventKind::WaveAssigned | EventKind::WaveFilled)
        || kind == EventKind::FreezeReasonGiven
}

/// The dossier of a campaign.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach, [`ServiceError::Forbidden`] for who may not read the log.
pub async fn read(app: &App, caller: &Caller, id: CampaignId) -> Result<Dossier, ServiceError> {
    let (by, least) = (caller.clone(), i64::from(app.config.privacy.small_group));
    let records = app.db.read(move |conn| records(conn, &by, id, least)).await?;
    let shown = campaign::view(app, caller, id).await?;
    Ok(Dossier { mail: together(&shown.waves), waves: shown.waves, ..records })
}

fn records(conn: &mut Conn, caller: &Caller, id: CampaignId, least: i64) -> Result<Dossier, ServiceError> {
    use crate::domain::text_enum::TextEnum as _;
    caller.reach(Act::ViewLog)?;
    let row = campaigns::get(conn, id)?;
    caller.check(conn, Act::ViewLog, row.unit_id)?;
    let kinds: Vec<EventKind> = EventKind::ALL.iter().copied().filter(|kind| is_change(*kind)).collect();
    let CampaignEntries { some: changes, first, last } = of_campaign(conn, id, kinds, CHANGES)?;
    let mut posts: Vec<Post> = dossier::posts(conn, id, 201)?.into_iter().map(Post::from).collect();
    let more_posts = posts.len() > POSTS;
    posts.truncate(POSTS);
    let name = |conn: &mut Conn, user| Ok::<_, ServiceError>(dossier::user_name(conn, user)?.unwrap_or_default());
    Ok(Dossier {
        unit: unit::get(conn, row.unit_id)?.name,
        author: name(conn, row.author_id)?,
        submitter: row.submitted_by.map(|user| name(conn, user)).transpose()?,
        releases: dossier::releases(conn, id)?.into_iter().map(Into::into).collect(),
        reasons: dossier::reasons(conn, id)?.into_iter().map(Into::into).collect(),
        layers: dossier::layers(conn, id, least)?.into_iter().map(|row| layer(row, least)).collect(),
        waves: Vec::new(),
        mail: MailCounts::default(),
        posts,
        more_posts,
        changes,
        first,
        last,
        campaign: row.into(),
    })
}
