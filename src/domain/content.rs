//! A campaign's content: one document, edited as a whole and bound as a whole by its release.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audience::Audience;
use super::id::{ClaimId, PostId, TaskId, VariantId, WaveId};
use super::kind::{Action, Layer};
use super::locale::Locale;
use super::platform::Platform;
use super::wave::Timing;

mod check;
pub use check::{ContentFault, check};

/// What a campaign says and asks. Its canonical JSON is what a release's hash binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignContent {
    /// The campaign's name, at most 120 characters.
    pub title: String,
    /// The one message: a single sentence.
    pub message: String,
    /// Facts that support it, each with its source.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// What to avoid saying.
    #[serde(default)]
    pub avoid: Vec<String>,
    /// Whether anybody is paid for taking part; shown in the public register.
    #[serde(default)]
    pub paid: bool,
    /// One wave a layer, or several.
    #[serde(default)]
    pub waves: Vec<WavePlan>,
}

/// A fact and where it can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The fact, one sentence or two.
    pub text: String,
    /// An https address.
    pub source_url: String,
}

/// A wave as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WavePlan {
    /// The wave's id; made when left out, kept over edits.
    #[serde(default)]
    pub id: WaveId,
    /// A short name for people.
    pub name: String,
    /// Whose accounts are asked.
    pub layer: Layer,
    /// When it opens.
    pub timing: Timing,
    /// How long people have, in minutes.
    pub open_minutes: u32,
    /// How late it may still open, in minutes; unset: the organisation's grace.
    #[serde(default)]
    pub grace_minutes: Option<u32>,
    /// Remind those not done so many minutes before the deadline; unset: no reminder.
    #[serde(default)]
    pub remind_minutes_before_end: Option<u32>,
    /// Whom it asks.
    #[serde(default)]
    pub audience: Audience,
    /// What it asks, one task a platform.
    pub tasks: Vec<TaskPlan>,
}

/// A task as planned: what a wave asks on one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskPlan {
    /// The task's id; made when left out, kept over edits.
    #[serde(default)]
    pub id: TaskId,
    /// On which platform.
    pub platform: Platform,
    /// What to do.
    pub action: Action,
    /// The brief: how, in a few sentences.
    pub brief: String,
    /// What it points at.
    pub target: TargetPlan,
    /// Whether the member must use their own words (then variants are examples, not texts to copy).
    #[serde(default)]
    pub own_words: bool,
    /// Whether *Done* needs the address of the post.
    #[serde(default)]
    pub evidence_required: bool,
    /// Suggested texts, spread over the members.
    #[serde(default)]
    pub variants: Vec<VariantPlan>,
}

/// A suggested text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPlan {
    /// The variant's id; made when left out, kept over edits.
    #[serde(default)]
    pub id: VariantId,
    /// Its language.
    pub locale: Locale,
    /// The text.
    pub text: String,
}

/// What a task points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetPlan {
    /// The campaign's own message.
    Message,
    /// The post that an earlier wave of this campaign registers.
    PostOf {
        /// The earlier wave.
        wave_id: WaveId,
    },
    /// A post registered already.
    Post {
        /// The post.
        post_id: PostId,
    },
    /// A piece of misinformation on file.
    Claim {
        /// The claim.
        claim_id: ClaimId,
        /// Its words as they stood when the campaign was saved, put in by the service: what people are asked to say is bound by the
        /// release's hash, whatever becomes of the claim. Contents saved before it was kept lack it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<ClaimWords>,
    },
}

/// A claim's words, as a task shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimWords {
    /// What is claimed.
    pub claim: String,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_url: Option<String>,
    /// What is true.
    pub fact: String,
    /// Where that can be read.
    pub source_url: String,
}

impl CampaignContent {
    /// The wave with this id.
    #[must_use]
    pub fn wave(&self, id: WaveId) -> Option<&WavePlan> {
        self.waves.iter().find(|w| w.id == id)
    }
    /// Every task with its wave.
    pub fn tasks(&self) -> impl Iterator<Item = (&WavePlan, &TaskPlan)> {
        self.waves.iter().flat_map(|w| w.tasks.iter().map(move |t| (w, t)))
    }
}
