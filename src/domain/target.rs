//! The amplification rule: what a task of each layer may point at. Nothing else can be a target.

use super::kind::Layer;

/// What a task points at, as far as the rule cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetClass {
    /// The campaign's own message.
    Message,
    /// A registered post of this layer.
    Post(Layer),
    /// A piece of misinformation on file, with the fact and its source.
    Claim,
}

crate::refusals! {
    /// Why something cannot be a target.
    pub enum TargetRefusal {
        /// The rule's table says no.
        NotForThisLayer = "target.not_for_this_layer": "A task of this layer cannot point at that: layer 3 points at registered posts of layers 0 to 2, layer 2 at posts of layers 0 and 1 or a claim, layer 1 at a layer-0 post or the message, layer 0 at the message",
        /// Not a registered post or claim.
        NotRegistered = "target.not_registered": "The target is not a registered post or claim; register it first",
        /// On the list of candidates' and parties' accounts.
        Blocked = "target.blocked": "The target is on the list of candidates' and parties' accounts",
        /// The claim's fact is missing or was not confirmed.
        ClaimNotReady = "target.claim_not_ready": "The claim's fact is not confirmed yet; it is confirmed on the claim's page",
        /// The claim is closed.
        ClaimClosed = "target.claim_closed": "The claim is closed; reopen it, or point at another",
        /// The claim or its fact was changed since the campaign was last saved.
        ClaimChanged = "target.claim_changed": "The claim or its fact was changed since this was saved; read it and save the wave again",
        /// A like, comment or share must happen where the post is.
        OtherPlatform = "target.other_platform": "A like, comment, share or answer needs a target on the same platform",
        /// The wave that should provide the post is not an earlier one.
        NotAnEarlierWave = "target.not_an_earlier_wave": "The target must come from a wave of a lower layer earlier in this campaign",
    }
}

/// Whether a task of `layer` may point at `target`.
#[must_use]
pub fn may_target(layer: Layer, target: TargetClass) -> bool {
    use Layer::{Advocacy, Conversation, Main, Opinion};
    use TargetClass::{Claim, Message, Post};
    matches!(
        (layer, target),
        (Main | Opinion, Message)
            | (Opinion, Post(Main))
            | (Conversation, Post(Main | Opinion) | Claim)
            | (Advocacy, Post(Main | Opinion | Conversation))
    )
}

/// [`may_target`] as a check.
///
/// # Errors
/// [`TargetRefusal::NotForThisLayer`].
pub fn check_target(layer: Layer, target: TargetClass) -> Result<(), TargetRefusal> {
    if may_target(layer, target) { Ok(()) } else { Err(TargetRefusal::NotForThisLayer) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_cell_of_the_target_rule() {
        let columns = [
            TargetClass::Message,
            TargetClass::Claim,
            TargetClass::Post(Layer::Main),
            TargetClass::Post(Layer::Opinion),
            TargetClass::Post(Layer::Conversation),
            TargetClass::Post(Layer::Advocacy),
        ];
        #[rustfmt::skip]
        let rows = [
            //                    message claim  post0  post1  post2  post3
            (Layer::Main,         [true,  false, false, false, false, false]),
            (Layer::Opinion,      [true,  false, true,  false, false, false]),
            (Layer::Conversation, [false, true,  true,  true,  false, false]),
            (Layer::Advocacy,     [false, false, true,  true,  true,  false]),
        ];
        assert_eq!(rows.len(), Layer::ALL.len());
        for (layer, row) in rows {
            for (target, allowed) in columns.iter().zip(row) {
                assert_eq!(may_target(layer, *target), allowed, "{layer} {target:?}");
                assert_eq!(check_target(layer, *target).is_ok(), allowed);
            }
        }
    }
}
