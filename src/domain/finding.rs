//! What an auditor finds about one item of a sample.

crate::text_enum! {
    /// What was found.
    pub enum Finding {
        /// What was claimed is there.
        AsClaimed = "as_claimed",
        /// It is there, and says something else than what was asked.
        Changed = "changed",
        /// It is not there.
        NotThere = "not_there",
        /// It can't be told: private, deleted account, a platform that shows nothing.
        CantTell = "cant_tell",
    }
}

crate::refusals! {
    /// Why a sample takes nothing more.
    pub enum SampleRefusal {
        /// Its findings were sealed.
        Sealed = "sample.sealed": "The findings of this sample are sealed; draw another to look again",
        /// Items are left.
        Unfinished = "sample.unfinished": "Record a finding for every item first; what can't be told is a finding too",
    }
}
