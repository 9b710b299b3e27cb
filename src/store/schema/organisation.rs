//! The organisation: units, people, accounts, disclosures.

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Integer, Nullable, Text};

    units (id) {
        id -> Uid,
        parent_id -> Nullable<Uid>,
        code -> Text,
        code_norm -> Text,
        name -> Text,
        zone -> Text,
        created_at -> Ts,
        updated_at -> Ts,
        version -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Uid};
    use diesel::sql_types::{Integer};

    unit_closure (ancestor_id, descendant_id) {
        ancestor_id -> Uid,
        descendant_id -> Uid,
        depth -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Text};

    subjects (subject_ref) {
        subject_ref -> Text,
        holder_kind -> Text,
        holder_id -> Uid,
        created_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Integer, Nullable, Text};

    members (id) {
        id -> Uid,
        unit_id -> Uid,
        subject_ref -> Text,
        employee_no -> Text,
        employee_no_norm -> Text,
        name -> Text,
        email -> Text,
        email_norm -> Text,
        locale -> Text,
        zone -> Text,
        state -> Text,
        participate_version -> Nullable<Text>,
        operate_version -> Nullable<Text>,
        link_version -> Integer,
        created_at -> Ts,
        updated_at -> Ts,
        version -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    consents (id) {
        id -> Uid,
        member_id -> Uid,
        kind -> Text,
        text_version -> Text,
        requested_at -> Ts,
        given_at -> Nullable<Ts>,
        withdrawn_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Bool, Integer, Text};

    users (id) {
        id -> Uid,
        subject_ref -> Text,
        email -> Text,
        email_norm -> Text,
        name -> Text,
        password_hash -> Text,
        locale -> Text,
        zone -> Text,
        active -> Bool,
        created_at -> Ts,
        updated_at -> Ts,
        version -> Integer,
        daily_report -> Bool,
        reported_on -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Text};

    user_roles (user_id, unit_id, role) {
        user_id -> Uid,
        unit_id -> Uid,
        role -> Text,
        granted_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Binary};

    sessions (token_hash) {
        token_hash -> Binary,
        user_id -> Uid,
        created_at -> Ts,
        last_seen_at -> Ts,
        expires_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Bool, Integer, Nullable, SmallInt, Text};

    accounts (id) {
        id -> Uid,
        unit_id -> Uid,
        member_id -> Uid,
        kind -> Text,
        layer -> SmallInt,
        personal -> Bool,
        platform -> Text,
        handle -> Text,
        handle_norm -> Text,
        display_name -> Text,
        language -> Text,
        followers -> Integer,
        engagement -> Nullable<Text>,
        public_name -> Bool,
        state -> Text,
        disclosed_until -> Nullable<Ts>,
        created_at -> Ts,
        updated_at -> Ts,
        version -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Uid};
    use diesel::sql_types::{Text};

    account_topics (account_id, topic) {
        account_id -> Uid,
        topic -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::{Uid};

    account_operators (account_id, member_id) {
        account_id -> Uid,
        member_id -> Uid,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    disclosures (id) {
        id -> Uid,
        account_id -> Uid,
        statement -> Text,
        url -> Text,
        state -> Text,
        filed_by -> Text,
        filed_at -> Ts,
        checked_by -> Nullable<Text>,
        checked_at -> Nullable<Ts>,
        expires_at -> Nullable<Ts>,
        note -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Text};

    blocked_targets (id) {
        id -> Uid,
        platform -> Text,
        handle -> Text,
        handle_norm -> Text,
        label -> Text,
        added_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Text};

    freezes (id) {
        id -> Uid,
        label -> Text,
        starts_at -> Ts,
        ends_at -> Ts,
        added_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

    claims (id) {
        id -> Uid,
        unit_id -> Uid,
        claim -> Text,
        seen_url -> Nullable<Text>,
        fact -> Text,
        source_url -> Text,
        filed_at -> Ts,
        filed_by -> Nullable<Uid>,
        state -> Text,
        seen_at -> Nullable<Ts>,
        fact_by -> Nullable<Uid>,
        fact_at -> Nullable<Ts>,
        confirmed_by -> Nullable<Uid>,
        confirmed_at -> Nullable<Ts>,
        answer_unit_id -> Nullable<Uid>,
        answer_user_id -> Nullable<Uid>,
        taken_up_at -> Nullable<Ts>,
        answers -> BigInt,
        is_public -> Bool,
        ended_at -> Nullable<Ts>,
        ended_reason -> Text,
        version -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::Nullable;

    claim_answers (post_id) {
        post_id -> Uid,
        claim_id -> Uid,
        added_at -> Ts,
        added_by -> Nullable<Uid>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Ts, Uid};
    use diesel::sql_types::{BigInt, Nullable, Text};

    uploads (id) {
        id -> Uid,
        user_id -> Uid,
        kind -> Text,
        name -> Text,
        sha256 -> Text,
        octets -> BigInt,
        report -> Js,
        created_at -> Ts,
        expires_at -> Ts,
        applied_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::Uid;
    use diesel::sql_types::{Binary, Integer};

    upload_parts (upload_id, part_no) {
        upload_id -> Uid,
        part_no -> Integer,
        body -> Binary,
    }
}
