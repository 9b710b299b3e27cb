//! Samples that auditors keep.

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Integer, Nullable, Text};

    samples (id) {
        id -> Uid,
        value -> Text,
        anchor -> Text,
        asked -> Integer,
        campaign_id -> Nullable<Uid>,
        until_at -> Ts,
        drawn_by -> Uid,
        drawn_at -> Ts,
        sealed_at -> Nullable<Ts>,
        findings_sha256 -> Nullable<Text>,
        plan -> Nullable<Text>,
        announced_in -> Nullable<Uid>,
        announced_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::Uid;
    use diesel::sql_types::{Integer, Nullable, SmallInt};

    sample_strata (sample_id, no) {
        sample_id -> Uid,
        no -> Integer,
        layer -> SmallInt,
        unit_id -> Nullable<Uid>,
        population -> Integer,
        drawn -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Integer, Nullable, Text};

    sample_items (sample_id, no) {
        sample_id -> Uid,
        no -> Integer,
        stratum -> Integer,
        assignment_id -> Uid,
        order_sha256 -> Text,
        finding -> Nullable<Text>,
        note -> Text,
        found_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};

    correction_proposals (id) {
        id -> Uid,
        campaign_id -> Uid,
        drill -> Bool,
        body -> Text,
        proposed_by -> Uid,
        proposed_at -> Ts,
        confirmed_by -> Nullable<Uid>,
        ended_at -> Nullable<Ts>,
        outcome -> Nullable<Text>,
        asked -> Nullable<BigInt>,
    }
}
