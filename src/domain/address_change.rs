//! A new address waits until somebody who reads it has said so: until then everything goes to the one that is on file.

use chrono::TimeDelta;

/// How long the link in the confirmation mail opens.
pub const VALID: TimeDelta = TimeDelta::days(7);

crate::text_enum! {
    /// Who asked for a member's new address.
    pub enum AddressAsker {
        /// The member, on their own page.
        Member = "member",
        /// A coordinator, or the desk for requests about data.
        Desk = "desk",
        /// An imported file.
        Import = "import",
    }
}

crate::text_enum! {
    /// How the wait for a new address ended.
    pub enum AddressEnd {
        /// Confirmed by its reader: it is on file.
        Confirmed = "confirmed",
        /// Nobody confirmed it in time.
        Lapsed = "lapsed",
        /// Another address was asked for, or the one on file is to stay.
        Replaced = "replaced",
    }
}

crate::refusals! {
    /// Why a new address cannot be confirmed, or asked for.
    pub enum AddressRefusal {
        /// The link's wait is over.
        Unknown = "address.unknown": "This link does not open any more; ask for the change of address again",
        /// Somebody else has it by now.
        Taken = "address.taken": "Another member has this address by now; ask the institution",
        /// It wants no mail.
        Suppressed = "address.suppressed": "This address gets no mail from here; its suppression has to be lifted first",
    }
}
