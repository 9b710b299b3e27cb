//! Registered posts: which may be registered, and when one may be taken off the register.

use super::kind::Layer;

crate::refusals! {
    /// Why a post is not registered, or not taken off.
    pub enum PostRefusal {
        /// A post is registered once.
        AlreadyRegistered = "post.already_registered": "This post is already registered, for another account",
        /// The cascade has used it.
        AlreadyTarget = "post.already_target": "A later wave already points at this post, so it stays on the register",
        /// Layer 3 is people's own: nothing points at it.
        LayerNotRegistered = "post.layer_not_registered": "Only posts of layers 0 to 2 are registered; an employee's own post is never a target",
        /// The post and the wave don't belong together.
        WaveMismatch = "post.wave_mismatch": "The wave asks accounts of another layer, or belongs to another campaign",
        /// Already off.
        AlreadyRemoved = "post.already_removed": "This post is no longer on the register",
    }
}

/// Whether posts of this layer are registered: what no layer may point at has no place on the register.
///
/// # Errors
/// [`PostRefusal::LayerNotRegistered`].
pub const fn check_layer(layer: Layer) -> Result<(), PostRefusal> {
    match layer {
        Layer::Main | Layer::Opinion | Layer::Conversation => Ok(()),
        Layer::Advocacy => Err(PostRefusal::LayerNotRegistered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::target::{TargetClass, may_target};
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn a_layer_is_registered_exactly_when_some_layer_may_point_at_its_posts() {
        for layer in Layer::ALL {
            let target = Layer::ALL.iter().any(|by| may_target(*by, TargetClass::Post(*layer)));
            assert_eq!(check_layer(*layer).is_ok(), target, "{layer}");
        }
    }
}
