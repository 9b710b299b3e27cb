//! Roles, and the one table of what each role may do. A role is held per unit and reaches that unit's subtree.

use super::id::UnitId;

crate::text_enum! {
    /// What a console user may be within a unit's subtree.
    pub enum Role {
        /// Users, units, settings, keys.
        Admin = "admin",
        /// Writes, submits and runs campaigns.
        Lead = "lead",
        /// Releases or returns campaigns; never their own.
        Approver = "approver",
        /// Keeps members and accounts right.
        Coordinator = "coordinator",
        /// Reads everything, changes nothing but what they found themselves.
        Auditor = "auditor",
    }
}

crate::text_enum! {
    /// Something a console user may or may not do.
    pub enum Act {
        /// Add users and grant roles.
        ManageUsers = "manage_users",
        /// Add and move units.
        ManageUnits = "manage_units",
        /// Add and change members.
        ManageMembers = "manage_members",
        /// Add and change accounts, file disclosures.
        ManageAccounts = "manage_accounts",
        /// Confirm or reject a filed disclosure.
        ConfirmDisclosures = "confirm_disclosures",
        /// Keep the blocked-target list and the election calendar.
        ManageNeutrality = "manage_neutrality",
        /// See units, members and accounts.
        ViewOrganisation = "view_organisation",
        /// Write, submit, pause, resume and cancel campaigns; open or skip a held wave; register claims.
        RunCampaigns = "run_campaigns",
        /// Release or return a campaign.
        ReleaseCampaigns = "release_campaigns",
        /// Confirm the fact of a claim that somebody else wrote.
        ConfirmFacts = "confirm_facts",
        /// See campaigns and their counts.
        ViewCampaigns = "view_campaigns",
        /// Look at a linked completion and mark it checked.
        CheckEvidence = "check_evidence",
        /// Retry failed mail and settle `unknown`.
        ResolveMail = "resolve_mail",
        /// Hand in mail that came back, for the whole institution.
        HandInReports = "hand_in_reports",
        /// Read and export the log.
        ViewLog = "view_log",
        /// Answer what people ask for about their data: see it, correct it, withdraw, be erased.
        AnswerDataRequests = "answer_data_requests",
        /// Draw a sample and record what was found.
        RecordFindings = "record_findings",
    }
}

impl Role {
    /// Whether this role may do `act` (within the unit it is held for).
    #[must_use]
    pub const fn may(self, act: Act) -> bool {
        use Act::{
            CheckEvidence, ConfirmDisclosures, ConfirmFacts, ManageAccounts, ManageMembers, RecordFindings, ReleaseCampaigns,
            ResolveMail, RunCampaigns, ViewCampaigns, ViewLog, ViewOrganisation,
        };
        match self {
            Self::Admin => !matches!(act, RunCampaigns | ReleaseCampaigns | ConfirmFacts | CheckEvidence | RecordFindings),
            Self::Lead => {
                matches!(act, RunCampaigns | ConfirmFacts | ViewCampaigns | ViewOrganisation | CheckEvidence | ResolveMail)
            }
            Self::Approver => {
                matches!(
                    act,
                    ReleaseCampaigns | ConfirmFacts | ViewCampaigns | ViewOrganisation | ConfirmDisclosures | CheckEvidence
                )
            }
            Self::Coordinator => {
                matches!(act, ManageMembers | ManageAccounts | ConfirmDisclosures | ViewOrganisation | ViewCampaigns)
            }
            Self::Auditor => matches!(act, ViewOrganisation | ViewCampaigns | ViewLog | RecordFindings),
        }
    }
}

/// A role held for a unit and everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Grant {
    /// What the user may be.
    pub role: Role,
    /// Where: this unit and its subtree.
    pub unit_id: UnitId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_cell_of_the_role_by_act_table() {
        #[rustfmt::skip]
        let table = [
            //                          admin  lead   approver coord. auditor
            (Act::ManageUsers,         [true,  false, false, false, false]),
            (Act::ManageUnits,         [true,  false, false, false, false]),
            (Act::ManageMembers,       [true,  false, false, true,  false]),
            (Act::ManageAccounts,      [true,  false, false, true,  false]),
            (Act::ConfirmDisclosures,  [true,  false, true,  true,  false]),
            (Act::ManageNeutrality,    [true,  false, false, false, false]),
            (Act::ViewOrganisation,    [true,  true,  true,  true,  true]),
            (Act::RunCampaigns,        [false, true,  false, false, false]),
            (Act::ReleaseCampaigns,    [false, false, true,  false, false]),
            (Act::ConfirmFacts,        [false, true,  true,  false, false]),
            (Act::ViewCampaigns,       [true,  true,  true,  true,  true]),
            (Act::CheckEvidence,       [false, true,  true,  false, false]),
            (Act::ResolveMail,         [true,  true,  false, false, false]),
            (Act::HandInReports,       [true,  false, false, false, false]),
            (Act::ViewLog,             [true,  false, false, false, true]),
            (Act::AnswerDataRequests,  [true,  false, false, false, false]),
            (Act::RecordFindings,      [false, false, false, false, true]),
        ];
        assert_eq!(table.len(), Act::ALL.len());
        for (act, row) in table {
            for (role, allowed) in Role::ALL.iter().zip(row) {
                assert_eq!(role.may(act), allowed, "{role} {act}");
            }
        }
    }
}
