//! Kinds of account, their layers, and the one table of what each kind may be asked to do.

use super::text_enum::TextEnum;

crate::text_enum! {
    /// What an account is within the institution's layered structure.
    pub enum AccountKind {
        /// The institution's own voice.
        Official = "official",
        /// A leader or expert inside, in a voice of their own.
        KolInternal = "kol_internal",
        /// An engaged outsider.
        KolExternal = "kol_external",
        /// The institution's conversational account.
        Interactive = "interactive",
        /// Run by the institution under another brand name.
        WhiteLabel = "white_label",
        /// An employee's own account.
        Advocate = "advocate",
    }
}

crate::text_enum! {
    /// What a task may ask a person to do. `follow`, reporting and mass-replying do not exist here by design.
    pub enum Action {
        /// Publish the campaign's message.
        Publish = "publish",
        /// Make content of one's own.
        Create = "create",
        /// Say the target's point in other words.
        Rephrase = "rephrase",
        /// Reply with a fact and its source.
        Answer = "answer",
        /// Like a registered post.
        Like = "like",
        /// Comment on a registered post.
        Comment = "comment",
        /// Share a registered post.
        Share = "share",
    }
}

crate::text_enum! {
    /// The layer that an account, a wave or a post belongs to.
    pub enum Layer {
        /// Main official accounts.
        Main = "0",
        /// Opinion leaders, inside and outside.
        Opinion = "1",
        /// Conversational accounts.
        Conversation = "2",
        /// Employees' own accounts.
        Advocacy = "3",
    }
}

crate::text_enum! {
    /// Which confirmation a person gives before an account of theirs takes tasks.
    pub enum ConsentKind {
        /// A free opt-in: employees and outside opinion leaders.
        Participate = "participate",
        /// An operator confirms the role once: the institution's own accounts and inside opinion leaders.
        Operate = "operate",
    }
}

impl Layer {
    /// The layer's number, 0 to 3.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Main => 0,
            Self::Opinion => 1,
            Self::Conversation => 2,
            Self::Advocacy => 3,
        }
    }
    /// The layer with this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|l| l.number() == number)
    }
}

impl AccountKind {
    /// The layer of this kind.
    #[must_use]
    pub const fn layer(self) -> Layer {
        match self {
            Self::Official => Layer::Main,
            Self::KolInternal | Self::KolExternal => Layer::Opinion,
            Self::Interactive | Self::WhiteLabel => Layer::Conversation,
            Self::Advocate => Layer::Advocacy,
        }
    }
    /// Everything this kind may ever be asked to do. An organisation may switch actions off, never on.
    #[must_use]
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::Official => &[Action::Publish],
            Self::KolInternal | Self::KolExternal => &[Action::Create],
            Self::Interactive | Self::WhiteLabel => &[Action::Rephrase, Action::Answer],
            Self::Advocate => &[Action::Like, Action::Comment, Action::Share, Action::Create],
        }
    }
    /// Whether this kind may be asked for `action`.
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        self.actions().contains(&action)
    }
    /// The confirmation its person must have given.
    #[must_use]
    pub const fn consent(self) -> ConsentKind {
        match self {
            Self::KolExternal | Self::Advocate => ConsentKind::Participate,
            Self::Official | Self::KolInternal | Self::Interactive | Self::WhiteLabel => ConsentKind::Operate,
        }
    }
    /// Whether the account is a natural person's own: then one account a platform, and asked once a wave.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::KolInternal | Self::KolExternal | Self::Advocate)
    }
    /// The kinds of a layer.
    pub fn of_layer(layer: Layer) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |k| k.layer() == layer)
    }
}

impl Action {
    /// Whether doing it leaves an address that can be linked as evidence. A like leaves none.
    #[must_use]
    pub const fn leaves_address(self) -> bool {
        !matches!(self, Self::Like)
    }
    /// Whether a target on another platform still makes sense: new content can point anywhere, an interaction cannot.
    #[must_use]
    pub const fn crosses_platforms(self) -> bool {
        matches!(self, Self::Publish | Self::Create | Self::Rephrase)
    }
    /// Whether suggested texts make sense for it.
    #[must_use]
    pub const fn has_text(self) -> bool {
        !matches!(self, Self::Like)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of product.md, written out again by hand: one row a kind, one column an action.
    #[test]
    fn every_cell_of_the_kind_by_action_table() {
        #[rustfmt::skip]
        let table = [
            //                         publish create rephrase answer like  comment share
            (AccountKind::Official,    [true,  false, false,   false, false, false, false]),
            (AccountKind::KolInternal, [false, true,  false,   false, false, false, false]),
            (AccountKind::KolExternal, [false, true,  false,   false, false, false, false]),
            (AccountKind::Interactive, [false, false, true,    true,  false, false, false]),
            (AccountKind::WhiteLabel,  [false, false, true,    true,  false, false, false]),
            (AccountKind::Advocate,    [false, true,  false,   false, true,  true,  true]),
        ];
        assert_eq!(table.len(), AccountKind::ALL.len());
        for (kind, row) in table {
            assert_eq!(row.len(), Action::ALL.len());
            for (action, allowed) in Action::ALL.iter().zip(row) {
                assert_eq!(kind.may(*action), allowed, "{kind} {action}");
            }
        }
    }

    #[test]
    fn kinds_have_the_layers_and_confirmations_of_the_product() {
        let rows = AccountKind::ALL.iter().map(|k| (k.as_str(), k.layer().number(), k.consent().as_str(), k.is_personal()));
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                ("official", 0, "operate", false),
                ("kol_internal", 1, "operate", true),
                ("kol_external", 1, "participate", true),
                ("interactive", 2, "operate", false),
                ("white_label", 2, "operate", false),
                ("advocate", 3, "participate", true),
            ]
        );
    }

    #[test]
    fn there_is_no_word_for_following_or_reporting() {
        for word in ["follow", "report", "mass_reply", "dislike"] {
            assert!(Action::parse(word).is_err(), "{word}");
        }
    }
}
