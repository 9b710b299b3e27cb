//! Campaigns: their states, who may move them, and what a release binds.

use super::id::UserId;

crate::text_enum! {
    /// Where a campaign stands.
    pub enum CampaignState {
        /// Being written.
        Draft = "draft",
        /// Waits for an approver.
        Submitted = "submitted",
        /// Released; its first wave has not opened.
        Released = "released",
        /// At least one wave has opened.
        Running = "running",
        /// Every wave is over and no mail is open; derived from the rows.
        Finished = "finished",
        /// Stopped for a time.
        Paused = "paused",
        /// Ended early.
        Cancelled = "cancelled",
        /// A correction was issued.
        Corrected = "corrected",
    }
}

crate::refusals! {
    /// Why a campaign may not do something.
    pub enum CampaignRefusal {
        /// One correction at a time.
        CorrectionProposed = "correction.proposed": "A correction of this campaign waits for a second person already",
        /// No other approver.
        NobodyElse = "correction.nobody_else": "There is no other approver for this campaign's unit who could confirm the correction",
        /// Confirmed or withdrawn meanwhile.
        NoProposal = "correction.no_proposal": "No correction of this campaign waits for a second person",
        /// Two persons.
        SamePerson = "correction.same_person": "A correction is confirmed by another person than the one who proposed it",
        /// Four eyes.
        AuthorMayNotRelease = "campaign.author_may_not_release": "A campaign is released by another person than its author or the one who submitted it",
        /// Only drafts are submitted.
        NotDraft = "campaign.not_draft": "Only a draft can be submitted",
        /// Only submitted ones are released or returned.
        NotSubmitted = "campaign.not_submitted": "Only a submitted campaign can be released or returned",
        /// The content changed since it was looked at.
        ContentChanged = "campaign.content_changed": "The content has changed since it was looked at; look again before releasing",
        /// Editing ends with the first opened wave.
        NotEditable = "campaign.not_editable": "A campaign that has opened a wave can no longer be edited; cancel or correct it",
        /// Only released or running ones pause.
        NotPausable = "campaign.not_pausable": "Only a released or running campaign can be paused",
        /// Only paused ones resume.
        NotPaused = "campaign.not_paused": "Only a paused campaign can be resumed",
        /// Already over.
        NotCancellable = "campaign.not_cancellable": "This campaign is already over",
        /// Nothing has gone out, or a correction has been issued.
        NotCorrectable = "campaign.not_correctable": "Only a campaign that has opened a wave can be corrected, and only once",
        /// Rule 6.
        ElectionFreeze = "campaign.election_freeze": "The campaign falls into an election freeze; a second approver must give a reason on file first",
        /// Rule 6: the reason comes from somebody else.
        FreezeReasonNeedsSecondApprover = "campaign.freeze_needs_second_approver": "The reason for a campaign in an election freeze comes from another approver than the one who releases it, and not from its author",
        /// Every wave's time must lie ahead.
        OpensInThePast = "campaign.opens_in_the_past": "A wave's opening time has already passed; move it before submitting or releasing",
        /// Rule 5 and the content's own rules.
        ContentInvalid = "campaign.content_invalid": "The content has errors; mend them before submitting",
        /// Rule 5: near-identical variants need a word on why.
        NearIdenticalVariants = "campaign.near_identical_variants": "Some suggested texts are nearly identical; rewrite them or acknowledge it when submitting",
    }
}

/// Something that moves a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The content is replaced.
    Edit,
    /// The lead asks for release.
    Submit,
    /// The approver sends it back.
    Return,
    /// The approver releases it.
    Release,
    /// The first wave opens.
    Start,
    /// The lead stops it for a time.
    Pause,
    /// The lead lets it go on; `opened` says whether a wave had opened.
    Resume {
        /// Whether a wave had opened before the pause.
        opened: bool,
    },
    /// The lead ends it.
    Cancel,
    /// What it said was wrong; `opened` says whether a wave had opened, so that somebody may have published it.
    Correct {
        /// Whether a wave had opened.
        opened: bool,
    },
    /// Everything is over.
    Finish,
}

impl CampaignState {
    /// The state after `step`.
    ///
    /// # Errors
    /// The [`CampaignRefusal`] that fits.
    pub const fn after(self, step: Step) -> Result<Self, CampaignRefusal> {
        use CampaignState::{Draft, Finished, Paused, Released, Running, Submitted};
        match (self, step) {
            (Draft | Submitted | Released, Step::Edit) | (Submitted, Step::Return) => Ok(Draft),
            (_, Step::Edit) => Err(CampaignRefusal::NotEditable),
            (Draft, Step::Submit) => Ok(Submitted),
            (_, Step::Submit) => Err(CampaignRefusal::NotDraft),
            (Submitted, Step::Release) => Ok(Released),
            (_, Step::Release | Step::Return) => Err(CampaignRefusal::NotSubmitted),
            (Released | Running, Step::Start) => Ok(Running),
            (Released | Running, Step::Pause) => Ok(Paused),
            (_, Step::Pause) => Err(CampaignRefusal::NotPausable),
            (Paused, Step::Resume { opened: true }) => Ok(Running),
            (Paused, Step::Resume { opened: false }) => Ok(Released),
            (_, Step::Resume { .. }) => Err(CampaignRefusal::NotPaused),
            (Draft | Submitted | Released | Running | Paused, Step::Cancel) => Ok(Self::Cancelled),
            (_, Step::Cancel) => Err(CampaignRefusal::NotCancellable),
            (Running | Paused | Finished | Self::Cancelled, Step::Correct { opened: true }) => Ok(Self::Corrected),
            (_, Step::Correct { .. }) => Err(CampaignRefusal::NotCorrectable),
            (Released | Running, Step::Finish) => Ok(Finished),
            (_, Step::Start | Step::Finish) => Err(CampaignRefusal::NotPausable),
        }
    }
    /// Whether its waves may open and its mail may leave.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Released | Self::Running)
    }
}

/// What an approver must satisfy to release.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseCheck<'a> {
    /// Who wrote it.
    pub author: UserId,
    /// Who submitted it.
    pub submitter: Option<UserId>,
    /// Who wants to release it.
    pub approver: UserId,
    /// The hash the approver looked at.
    pub seen_hash: &'a str,
    /// The hash of the content as it stands.
    pub content_hash: &'a str,
    /// Whether a wave falls into an election freeze.
    pub in_freeze: bool,
    /// The second approver who gave a reason for this content, if any.
    pub freeze_reason_by: Option<UserId>,
}

impl ReleaseCheck<'_> {
    /// Whether the release may go ahead.
    ///
    /// # Errors
    /// A [`CampaignRefusal`].
    pub fn check(&self) -> Result<(), CampaignRefusal> {
        if self.approver == self.author || Some(self.approver) == self.submitter {
            return Err(CampaignRefusal::AuthorMayNotRelease);
        }
        if self.seen_hash != self.content_hash {
            return Err(CampaignRefusal::ContentChanged);
        }
        if self.in_freeze {
            let second = self.freeze_reason_by.ok_or(CampaignRefusal::ElectionFreeze)?;
            if second == self.approver || second == self.author || Some(second) == self.submitter {
                return Err(CampaignRefusal::FreezeReasonNeedsSecondApprover);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "campaign_tests.rs"]
mod tests;
