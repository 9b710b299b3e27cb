//! What the log's tree is built of: the bytes of one entry, and their leaf hash (RFC 6962 section 2.1). No personal data is in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::canonical::{NotCanonical, canonical};
use super::content_hash::to_hex;

/// The form of the leaf's bytes. A change of form is a new number; old leaves keep theirs.
const FORM: u8 = 1;

/// An entry, as far as the tree knows it. People appear under random references only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLeaf {
    /// The entry's id.
    pub id: Uuid,
    /// When it happened: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// What happened, in the past tense: `campaign.released`.
    pub kind: String,
    /// Who did it: a user's or member's random reference, or a sweep's name.
    pub actor_ref: Option<String>,
    /// The unit it concerns.
    pub unit: Option<Uuid>,
    /// The campaign it concerns.
    pub campaign: Option<Uuid>,
    /// The wave it concerns.
    pub wave: Option<Uuid>,
    /// The assignment it concerns.
    pub assignment: Option<Uuid>,
    /// The random reference of the member it concerns.
    pub subject_ref: Option<String>,
    /// What is public about it: counts, hashes, states. Whole numbers only.
    pub payload: Value,
    /// The salted commitment to its personal detail.
    pub commitment: Option<[u8; 32]>,
}

#[derive(Serialize)]
struct Form<'a> {
    v: u8,
    id: Uuid,
    at_us: i64,
    kind: &'a str,
    actor: Option<&'a str>,
    unit: Option<Uuid>,
    campaign: Option<Uuid>,
    wave: Option<Uuid>,
    assignment: Option<Uuid>,
    subject: Option<&'a str>,
    payload: &'a Value,
    commitment: Option<String>,
}

#[derive(Deserialize)]
struct Read {
    v: u8,
    id: Uuid,
    at_us: i64,
    kind: String,
    actor: Option<String>,
    unit: Option<Uuid>,
    campaign: Option<Uuid>,
    wave: Option<Uuid>,
    assignment: Option<Uuid>,
    subject: Option<String>,
    payload: Value,
    commitment: Option<String>,
}

impl EntryLeaf {
    /// The entry of a leaf's bytes; none where they are of another form.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let read: Read = serde_json::from_slice(bytes).ok().filter(|read: &Read| read.v == FORM)?;
        let commitment = match read.commitment {
            Some(text) => {
                let mut commitment = [0; 32];
                hex::decode_to_slice(text, &mut commitment).ok()?;
                Some(commitment)
            }
            None => None,
        };
        Some(Self {
            id: read.id,
            at_us: read.at_us,
            kind: read.kind,
            actor_ref: read.actor,
            unit: read.unit,
            campaign: read.campaign,
            wave: read.wave,
            assignment: read.assignment,
            subject_ref: read.subject,
            payload: read.payload,
            commitment,
        })
    }

    /// The leaf's bytes: canonical JSON with every key present, absent values as `null`.
    ///
    /// # Errors
    /// [`NotCanonical`] where a number of the payload has no canonical form.
    pub fn encode(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical(&Form {
            v: FORM,
            id: self.id,
            at_us: self.at_us,
            kind: &self.kind,
            actor: self.actor_ref.as_deref(),
            unit: self.unit,
            campaign: self.campaign,
            wave: self.wave,
            assignment: self.assignment,
            subject: self.subject_ref.as_deref(),
            payload: &self.payload,
            commitment: self.commitment.map(|bytes| to_hex(&bytes)),
        })
    }

    /// The leaf's hash in the tree.
    ///
    /// # Errors
    /// As [`EntryLeaf::encode`].
    pub fn hash(&self) -> Result<[u8; 32], NotCanonical> {
        Ok(leaf_hash(&self.encode()?))
    }
}

/// RFC 6962 section 2.1: `SHA-256(00 ‖ data)`, so that a leaf can never be passed for an inner node (`01`).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(data);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn entry() -> EntryLeaf {
        EntryLeaf {
            id: Uuid::from_u128(1),
            at_us: 1_800_000_000_000_001,
            kind: "campaign.released".into(),
            actor_ref: Some("u-1".into()),
            unit: None,
            campaign: Some(Uuid::from_u128(2)),
            wave: None,
            assignment: None,
            subject_ref: None,
            payload: json!({"waves": 4, "hash": "ab"}),
            commitment: Some([0xab; 32]),
        }
    }

    #[test]
    fn leaf_hashes_are_those_of_rfc_6962() {
        // The two leaf vectors that Certificate Transparency implementations share.
        assert_eq!(to_hex(&leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(to_hex(&leaf_hash(b"L123456")), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    }

    #[test]
    fn the_encoding_is_frozen() {
        let expected = concat!(
            r#"{"actor":"u-1","assignment":null,"at_us":1800000000000001,"campaign":"00000000-0000-0000-0000-000000000002","#,
            r#""commitment":"abababababababababababababababababababababababababababababababab","#,
            r#""id":"00000000-0000-0000-0000-000000000001","kind":"campaign.released","#,
            r#""payload":{"hash":"ab","waves":4},"subject":null,"unit":null,"v":1,"wave":null}"#
        );
        assert_eq!(String::from_utf8(entry().encode().unwrap()).unwrap(), expected);
        assert_eq!(EntryLeaf::decode(expected.as_bytes()), Some(entry()));
        assert_eq!(EntryLeaf::decode(expected.replace("\"v\":1", "\"v\":2").as_bytes()), None);
    }

    #[test]
    fn every_field_is_bound() {
        let changes: [fn(&mut EntryLeaf); 11] = [
            |e| e.id = Uuid::from_u128(9),
            |e| e.at_us += 1,
            |e| e.kind.push('x'),
            |e| e.actor_ref = None,
            |e| e.unit = Some(Uuid::from_u128(9)),
            |e| e.campaign = None,
            |e| e.wave = Some(Uuid::from_u128(9)),
            |e| e.assignment = Some(Uuid::from_u128(9)),
            |e| e.subject_ref = Some("m-1".into()),
            |e| e.payload = json!({"waves": 5, "hash": "ab"}),
            |e| e.commitment = None,
        ];
        let mut seen = vec![entry().hash().unwrap()];
        for change in changes {
            let mut changed = entry();
            change(&mut changed);
            seen.push(changed.hash().unwrap());
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), changes.len() + 1);
    }
}
