//! What the log records: one word for each change of state, in the past tense.

crate::text_enum! {
    /// The kind of a ledger entry.
    pub enum EventKind {
        /// A unit was added.
        UnitAdded = "unit.added",
        /// A unit was changed or moved.
        UnitChanged = "unit.changed",
        /// A member was added.
        MemberAdded = "member.added",
        /// A member's record was changed.
        MemberChanged = "member.changed",
        /// A new address was asked for; it waits to be confirmed by its reader.
        AddressChangeAsked = "member.address_asked",
        /// The reader of a new address confirmed it.
        AddressChangeConfirmed = "member.address_confirmed",
        /// A new address was not confirmed in time, or is not wanted any more.
        AddressChangeEnded = "member.address_ended",
        /// A member paused.
        MemberPaused = "member.paused",
        /// A member came back.
        MemberResumed = "member.resumed",
        /// A member left.
        MemberLeft = "member.left",
        /// A member was erased: nothing says any more who they were.
        MemberErased = "member.erased",
        /// Somebody asked for something about their data.
        DataRequested = "request.asked",
        /// Somebody confirmed by a mailed link what they had asked for.
        DataRequestConfirmed = "request.confirmed",
        /// What somebody had asked for about their data was done.
        DataRequestGranted = "request.granted",
        /// What somebody had asked for about their data was refused.
        DataRequestRefused = "request.refused",
        /// What somebody had asked for was never confirmed.
        DataRequestLapsed = "request.lapsed",
        /// A member or operator was asked to confirm.
        ConsentRequested = "consent.requested",
        /// A member opted in, or an operator confirmed the role.
        ConsentGiven = "consent.given",
        /// A consent was withdrawn.
        ConsentWithdrawn = "consent.withdrawn",
        /// A console user was added.
        UserAdded = "user.added",
        /// A console user's password was set; every session of theirs ended.
        UserPasswordSet = "user.password_set",
        /// A console user was stopped; every session of theirs ended.
        UserDisabled = "user.disabled",
        /// A console user may sign in again.
        UserEnabled = "user.enabled",
        /// A role was granted.
        RoleGranted = "role.granted",
        /// A role was taken away.
        RoleRevoked = "role.revoked",
        /// A user signed in.
        UserSignedIn = "user.signed_in",
        /// A user asked for a link that signs them in.
        SignInLinkAsked = "user.sign_in_link_asked",
        /// A user made an address to subscribe to their calendar.
        CalendarFeedMade = "user.calendar_feed_made",
        /// A user revoked the address of their calendar.
        CalendarFeedRevoked = "user.calendar_feed_revoked",
        /// A user who runs campaigns wants the report of the day again.
        DailyReportWanted = "user.daily_report_wanted",
        /// A user who runs campaigns wants no report of the day.
        DailyReportStopped = "user.daily_report_stopped",
        /// A user signed out.
        UserSignedOut = "user.signed_out",
        /// An account was added.
        AccountAdded = "account.added",
        /// An account was changed.
        AccountChanged = "account.changed",
        /// A disclosure was filed.
        DisclosureFiled = "disclosure.filed",
        /// A disclosure was confirmed by a second person.
        DisclosureConfirmed = "disclosure.confirmed",
        /// A disclosure was rejected by a second person.
        DisclosureRejected = "disclosure.rejected",
        /// A file was imported.
        Imported = "import.applied",
        /// Rows that were older than they are kept went: which, and how many.
        RetentionPruned = "retention.pruned",
        /// An account was put on the blocked-target list.
        TargetBlocked = "target.blocked",
        /// An account was taken off the blocked-target list.
        TargetUnblocked = "target.unblocked",
        /// An election freeze was put on the calendar.
        FreezeAdded = "freeze.added",
        /// A second approver gave a reason for a campaign in a freeze.
        FreezeReasonGiven = "freeze.reason_given",
        /// A claim was put on file.
        ClaimFiled = "claim.filed",
        /// A claim's words, its fact or who answers it were changed.
        ClaimChanged = "claim.changed",
        /// A second person confirmed a claim's fact.
        ClaimConfirmed = "claim.confirmed",
        /// A campaign that answers a claim was released.
        ClaimTakenUp = "claim.taken_up",
        /// A published answer was put on file with its claim.
        ClaimAnswerFiled = "claim.answer_filed",
        /// A claim was closed as answered.
        ClaimAnswered = "claim.answered",
        /// A claim was closed without an answer.
        ClaimWithdrawn = "claim.withdrawn",
        /// A closed claim was taken up again.
        ClaimReopened = "claim.reopened",
        /// A claim is shown in the public register.
        ClaimPublished = "claim.published",
        /// A claim is not shown in the public register any more.
        ClaimUnpublished = "claim.unpublished",
        /// An auditor said from what a sample will be drawn, before the value that decides it is known.
        SampleAnnounced = "sample.announced",
        /// An auditor drew a sample and keeps it.
        SampleDrawn = "sample.drawn",
        /// The findings of a sample were sealed.
        SampleSealed = "sample.sealed",
        /// A campaign was created.
        CampaignCreated = "campaign.created",
        /// A campaign's content was replaced.
        CampaignEdited = "campaign.edited",
        /// A campaign was submitted.
        CampaignSubmitted = "campaign.submitted",
        /// A campaign was returned to its author.
        CampaignReturned = "campaign.returned",
        /// A campaign was released.
        CampaignReleased = "campaign.released",
        /// A release was voided by an edit.
        ReleaseVoided = "release.voided",
        /// A campaign's first wave opened.
        CampaignStarted = "campaign.started",
        /// A campaign was paused.
        CampaignPaused = "campaign.paused",
        /// A campaign was resumed.
        CampaignResumed = "campaign.resumed",
        /// A campaign was cancelled.
        CampaignCancelled = "campaign.cancelled",
        /// Somebody proposed to correct a campaign, in earnest or as a drill.
        CorrectionProposed = "correction.proposed",
        /// A proposed correction was withdrawn.
        CorrectionWithdrawn = "correction.withdrawn",
        /// The drill of a correction was run to its end.
        CorrectionDrilled = "correction.drilled",
        /// A campaign was wrong: it was stopped, and everyone who had published for it is asked to fix or remove that.
        CampaignCorrected = "campaign.corrected",
        /// A member says that what they had published is fixed or removed.
        CorrectionAnswered = "correction.answered",
        /// Everything in a campaign is over.
        CampaignFinished = "campaign.finished",
        /// A recurring campaign was set up.
        ScheduleAdded = "schedule.added",
        /// A recurring campaign's schedule was stopped.
        ScheduleStopped = "schedule.stopped",
        /// A schedule made a campaign.
        ScheduleFired = "schedule.fired",
        /// An occurrence was missed beyond its grace.
        ScheduleHeld = "schedule.held",
        /// A wave began to open.
        WaveOpened = "wave.opened",
        /// A chunk of a wave's assignments was made: a contiguous range of ids.
        WaveAssigned = "wave.assigned",
        /// Every assignment of a wave exists.
        WaveFilled = "wave.filled",
        /// A wave was held, with its reason.
        WaveHeld = "wave.held",
        /// A lead made a held wave due.
        WaveMadeDue = "wave.made_due",
        /// A wave was skipped by a lead.
        WaveSkipped = "wave.skipped",
        /// A wave's window ended.
        WaveClosed = "wave.closed",
        /// A member completed an assignment.
        AssignmentDone = "assignment.done",
        /// A member declined an assignment.
        AssignmentDeclined = "assignment.declined",
        /// A member took a completion or a refusal back.
        AssignmentUndone = "assignment.undone",
        /// A reviewer checked a completion.
        AssignmentChecked = "assignment.checked",
        /// A member confirmed a completion that looked automatic.
        CompletionConfirmed = "completion.confirmed",
        /// An assignment's deadline passed.
        AssignmentExpired = "assignment.expired",
        /// Assignments were withdrawn with their campaign.
        AssignmentsWithdrawn = "assignment.withdrawn",
        /// A post was registered.
        PostRegistered = "post.registered",
        /// A post was taken off the register.
        PostRemoved = "post.removed",
        /// A mail was handed over.
        MailSent = "mail.sent",
        /// A mail failed for good.
        MailFailed = "mail.failed",
        /// A mail's fate is not known.
        MailUnknown = "mail.unknown",
        /// A mail was not sent because its address is suppressed or its member paused.
        MailSuppressed = "mail.suppressed",
        /// Mails were cancelled.
        MailCancelled = "mail.cancelled",
        /// A destination refused or put off too many mails, and is left alone for a while.
        DestinationRested = "mail.destination_rested",
        /// Reminders were put in the outbox.
        RemindersPlanned = "mail.reminders_planned",
        /// A person sent a failed or unknown mail again.
        MailRetried = "mail.retried",
        /// A person accepted an unknown mail as sent.
        MailAccepted = "mail.accepted",
        /// A mail that had been handed over came back.
        MailReturned = "mail.returned",
        /// Something else was reported about a mail: a delay, a complaint, an automatic reply.
        MailReported = "mail.reported",
        /// A person sent many failed or unknown mails again: a contiguous range of ids.
        MailsRetried = "mail.many_retried",
        /// A person accepted many unknown mails as sent: a contiguous range of ids.
        MailsAccepted = "mail.many_accepted",
        /// The database was restored: nothing is sent until a person says so.
        DispatchHeld = "dispatch.held",
        /// What may have been sent since the restored rows were written is marked.
        DispatchMarked = "dispatch.marked",
        /// A person let dispatch go on after a restore.
        DispatchReleased = "dispatch.released",
        /// Mails may have left since the restored rows were written: a person decides about each.
        MailsDoubted = "mail.many_unknown",
        /// An entry was found not to be what was sealed.
        LedgerBroken = "ledger.broken",
        /// A new key signs the log.
        LedgerKeyRotated = "ledger.key_rotated",
        /// A new log began, after the old one could not be gone on with.
        LedgerRestarted = "ledger.restarted",
        /// Somebody mailed a wave's mail to themselves as a test.
        TestMailAsked = "mail.test_asked",
        /// An address was suppressed.
        AddressSuppressed = "address.suppressed",
        /// The suppression of an address that only bounced was lifted.
        AddressLifted = "address.lifted",
    }
}

crate::text_enum! {
    /// Kinds of entries that belong together, for whoever looks for something in the log.
    pub enum EventGroup {
        /// Campaigns, their releases and schedules.
        Campaigns = "campaigns",
        /// Waves.
        Waves = "waves",
        /// What members did with what they were asked.
        Assignments = "assignments",
        /// Registered posts and claims.
        Posts = "posts",
        /// Mail.
        Mail = "mail",
        /// Members and their consent.
        Members = "members",
        /// Accounts and their disclosures.
        Accounts = "accounts",
        /// Units and imports.
        Organisation = "organisation",
        /// Who may sign in, and who did.
        Access = "access",
        /// Blocked targets and election freezes.
        Neutrality = "neutrality",
    }
}

impl EventKind {
    /// The group that this kind belongs to.
    #[must_use]
    pub fn group(self) -> EventGroup {
        let word = crate::domain::text_enum::TextEnum::as_str(self);
        match word.split('.').next().unwrap_or_default() {
            "campaign" | "release" | "schedule" => EventGroup::Campaigns,
            "wave" => EventGroup::Waves,
            "assignment" | "completion" | "correction" | "sample" => EventGroup::Assignments,
            "post" | "claim" => EventGroup::Posts,
            "mail" | "address" | "dispatch" => EventGroup::Mail,
            "member" | "consent" | "request" => EventGroup::Members,
            "account" | "disclosure" => EventGroup::Accounts,
            "user" | "role" => EventGroup::Access,
            "target" | "freeze" => EventGroup::Neutrality,
            _ => EventGroup::Organisation,
        }
    }
}

impl EventGroup {
    /// The kinds of this group, in the order of their declaration.
    pub fn kinds(self) -> impl Iterator<Item = EventKind> {
        let all: &'static [EventKind] = <EventKind as crate::domain::text_enum::TextEnum>::ALL;
        all.iter().copied().filter(move |kind| kind.group() == self)
    }
}
