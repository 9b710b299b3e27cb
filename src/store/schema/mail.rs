//! What goes out beside tasks, what comes back, and how each destination fares.

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{BigInt, Text};

    corrections (id) {
        id -> Uid,
        campaign_id -> Uid,
        body -> Text,
        created_by -> Uid,
        created_at -> Ts,
        asked -> BigInt,
        fixed -> BigInt,
        removed -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    correction_asks (assignment_id) {
        assignment_id -> Uid,
        correction_id -> Uid,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    mail_reports (id) {
        id -> Uid,
        kind -> Text,
        source -> Text,
        message_sha256 -> Text,
        mail_id -> Nullable<Uid>,
        campaign_id -> Nullable<Uid>,
        wave_id -> Nullable<Uid>,
        member_id -> Nullable<Uid>,
        status -> Nullable<Text>,
        detail -> Nullable<Text>,
        received_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::Ts;
    use diesel::sql_types::{Integer, Text};

    soft_bounces (email_norm) {
        email_norm -> Text,
        bounces -> Integer,
        last_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::Ts;
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};

    mail_domains (domain) {
        domain -> Text,
        first_sent_at -> Ts,
        next_slot_at -> Ts,
        window_began_at -> Ts,
        delivered -> BigInt,
        deferred -> BigInt,
        refused -> BigInt,
        rests -> Integer,
        resting_until -> Nullable<Ts>,
        resting_why -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::BigInt;

    campaign_mail (campaign_id) {
        campaign_id -> Uid,
        window_began_at -> Ts,
        delivered -> BigInt,
        deferred -> BigInt,
        refused -> BigInt,
    }
}
