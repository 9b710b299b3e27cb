//! The rights of people: requests, erasures, marks of addresses, notices.

diesel::table! {
    use crate::store::types::sql::{Js, Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    data_requests (id) {
        id -> Uid,
        member_id -> Uid,
        unit_id -> Uid,
        kind -> Text,
        state -> Text,
        asked_by -> Text,
        asked_at -> Ts,
        due_at -> Ts,
        answered_at -> Nullable<Ts>,
        wish -> Js,
        answer -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    erasures (member_id) {
        member_id -> Uid,
        erased_at -> Ts,
        listed_at -> Nullable<Ts>,
        swept_at -> Nullable<Ts>,
        subject_ref -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    address_marks (id) {
        id -> Uid,
        address_hash -> Text,
        mark -> Text,
        reason -> Text,
        campaign_id -> Nullable<Uid>,
        created_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::Uid;
    use diesel::sql_types::Text;

    notices (mail_id) {
        mail_id -> Uid,
        topic -> Text,
        about_id -> Uid,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    address_changes (id) {
        id -> Uid,
        member_id -> Uid,
        old_email -> Text,
        email -> Text,
        email_norm -> Text,
        asked_by -> Text,
        asked_at -> Ts,
        expires_at -> Ts,
        settled_at -> Nullable<Ts>,
        outcome -> Nullable<Text>,
    }
}
