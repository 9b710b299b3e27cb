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
        /// Nothing was signed yet.
        NoCheckpoint = "sample.no_checkpoint": "The log has no signed checkpoint yet, so there is nothing that a draw could be bound to",
        /// The announcement is not covered by a signed checkpoint.
        NotCovered = "sample.not_covered": "No signed checkpoint covers the announcement yet; try again in some seconds",
        /// The log is not the announced one any more.
        FrameGone = "sample.frame_gone": "The log has no such checkpoint any more; announce another draw",
        /// It was drawn already.
        Drawn = "sample.drawn": "This sample was drawn already; its value changes no more",
        /// It was not drawn yet.
        NotDrawn = "sample.not_drawn": "This sample was announced and is not drawn yet",
        /// Items are left.
        Unfinished = "sample.unfinished": "Record a finding for every item first; what can't be told is a finding too",
    }
}
