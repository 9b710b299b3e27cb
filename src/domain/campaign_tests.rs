//! Every transition of a campaign, and who may release.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::text_enum::TextEnum;

#[test]
fn every_transition() {
    use CampaignState::{Cancelled, Corrected, Draft, Finished, Paused, Released, Running, Submitted};
    let steps = [
        Step::Edit,
        Step::Submit,
        Step::Return,
        Step::Release,
        Step::Start,
        Step::Pause,
        Step::Resume { opened: true },
        Step::Resume { opened: false },
        Step::Cancel,
        Step::Finish,
        Step::Correct { opened: true },
        Step::Correct { opened: false },
    ];
    let no = None;
    #[rustfmt::skip]
    let table = [
        //          edit         submit           return       release         start          pause         resume/opened  resume          cancel           finish  correct/opened   correct
        (Draft,     [Some(Draft), Some(Submitted), no,          no,             no,            no,           no,            no,             Some(Cancelled), no, no, no]),
        (Submitted, [Some(Draft), no,              Some(Draft), Some(Released), no,            no,           no,            no,             Some(Cancelled), no, no, no]),
        (Released,  [Some(Draft), no,              no,          no,             Some(Running), Some(Paused), no,            no,             Some(Cancelled), Some(Finished), no, no]),
        (Running,   [no,          no,              no,          no,             Some(Running), Some(Paused), no,            no,             Some(Cancelled), Some(Finished), Some(Corrected), no]),
        (Finished,  [no,          no,              no,          no,             no,            no,           no,            no,             no,              no, Some(Corrected), no]),
        (Paused,    [no,          no,              no,          no,             no,            no,           Some(Running), Some(Released), Some(Cancelled), no, Some(Corrected), no]),
        (Cancelled, [no,          no,              no,          no,             no,            no,           no,            no,             no,              no, Some(Corrected), no]),
        (Corrected, [no,          no,              no,          no,             no,            no,           no,            no,             no,              no, no, no]),
    ];
    assert_eq!(table.len(), CampaignState::ALL.len());
    for (from, row) in table {
        for (step, to) in steps.iter().zip(row) {
            assert_eq!(from.after(*step).ok(), to, "{from} {step:?}");
        }
    }
}

#[test]
fn a_release_needs_another_person_the_seen_content_and_a_reason_in_a_freeze() {
    let (author, lead, approver, second) = (UserId::new(), UserId::new(), UserId::new(), UserId::new());
    let good = ReleaseCheck {
        author,
        submitter: Some(lead),
        approver,
        seen_hash: "a",
        content_hash: "a",
        in_freeze: false,
        freeze_reason_by: None,
    };
    assert_eq!(good.check(), Ok(()));
    for same in [author, lead] {
        assert_eq!(ReleaseCheck { approver: same, ..good }.check(), Err(CampaignRefusal::AuthorMayNotRelease));
    }
    assert_eq!(ReleaseCheck { seen_hash: "b", ..good }.check(), Err(CampaignRefusal::ContentChanged));
    let freeze = ReleaseCheck { in_freeze: true, ..good };
    assert_eq!(freeze.check(), Err(CampaignRefusal::ElectionFreeze));
    assert_eq!(ReleaseCheck { freeze_reason_by: Some(second), ..freeze }.check(), Ok(()));
    for own in [approver, author, lead] {
        assert_eq!(
            ReleaseCheck { freeze_reason_by: Some(own), ..freeze }.check(),
            Err(CampaignRefusal::FreezeReasonNeedsSecondApprover)
        );
    }
}
