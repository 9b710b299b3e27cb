//! Identifiers: UUIDv7 (RFC 9562), one type per noun, so that a wave's id can't be passed for a campaign's.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

/// The id of a `T`. It reveals its time of making and its neighbours, so it is never a secret.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// A new id, ordered after those made before it.
    #[must_use]
    pub fn new() -> Self {
        Self::from_uuid(Uuid::now_v7())
    }
    /// The id that a UUID stands for.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
    /// The UUID itself.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T> Default for Id<T> {
    fn default() -> Self {
        Self::new()
    }
}
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self::from_uuid)
    }
}
impl<T> serde::Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T> serde::Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}
impl<T> utoipa::PartialSchema for Id<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
    }
}
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

macro_rules! nouns {
    ($($(#[$meta:meta])* $noun:ident => $id:ident),+ $(,)?) => {
        /// Empty types that say what an [`Id`] belongs to.
        pub mod noun {
            $($(#[$meta])* #[derive(Debug)] pub enum $noun {})+
        }
        $($(#[$meta])* pub type $id = Id<noun::$noun>;)+
    };
}

nouns! {
    /// An organisation unit.
    Unit => UnitId,
    /// A member: a person who may be asked.
    Member => MemberId,
    /// A console user.
    User => UserId,
    /// A social media account.
    Account => AccountId,
    /// A disclosure of an account's affiliation.
    Disclosure => DisclosureId,
    /// A consent or an operator's confirmation.
    Consent => ConsentId,
    /// An entry of the list of candidates' and parties' accounts.
    BlockedTarget => BlockedTargetId,
    /// An election freeze.
    Freeze => FreezeId,
    /// A campaign.
    Campaign => CampaignId,
    /// A release of a campaign.
    Release => ReleaseId,
    /// A wave of a campaign.
    Wave => WaveId,
    /// A task of a wave.
    Task => TaskId,
    /// A suggested text of a task.
    Variant => VariantId,
    /// A task for one account's person.
    Assignment => AssignmentId,
    /// A completion of an assignment.
    Completion => CompletionId,
    /// A campaign's correction.
    Correction => CorrectionId,
    /// A registered publication.
    Post => PostId,
    /// A piece of misinformation on file.
    Claim => ClaimId,
    AddressChange => AddressChangeId,
    /// An outbox message.
    Mail => MailId,
    /// What a worker took at once, until its lease ends.
    Lease => LeaseId,
    /// A file that was checked and waits to be imported.
    Upload => UploadId,
    /// A suppressed address.
    Suppression => SuppressionId,
    /// A recurring campaign's schedule.
    Schedule => ScheduleId,
    /// Something that came back for a mail.
    MailReport => MailReportId,
    /// A ledger entry.
    Entry => EntryId,
    /// A mail kept by the built-in mailbox.
    Kept => KeptId,
    /// A hold of all dispatch after a restore.
    Hold => HoldId,
    /// A calendar's revocable address.
    Feed => FeedId,
    /// What a person asks for about their data.
    DataRequest => DataRequestId,
    /// A mark that an erased person's address left.
    AddressMark => AddressMarkId,
    /// A kept sample.
    Sample => SampleId,
    /// A correction that was proposed.
    Proposal => ProposalId,
}
