//! What members and users choose for themselves.

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Bool, Integer, Nullable};

    member_preferences (member_id) {
        member_id -> Uid,
        mail_from -> Nullable<Integer>,
        mail_until -> Nullable<Integer>,
        mail_days -> Nullable<Integer>,
        paused_until -> Nullable<Ts>,
        digest_at -> Nullable<Integer>,
        on_holidays -> Bool,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::Nullable;

    sign_in_links (id) {
        id -> Uid,
        user_id -> Nullable<Uid>,
        created_at -> Ts,
        expires_at -> Ts,
        used_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::Nullable;

    calendar_feeds (id) {
        id -> Uid,
        user_id -> Uid,
        created_at -> Ts,
        revoked_at -> Nullable<Ts>,
    }
}
