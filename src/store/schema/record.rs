//! The record: mail, log, and what the service remembers of itself.

diesel::table! {
    use crate::store::types::sql::{Uid};

    test_mails (mail_id) {
        mail_id -> Uid,
        campaign_id -> Uid,
        wave_id -> Uid,
        user_id -> Uid,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Bool, Integer, Nullable, Text};

    outbox (id) {
        id -> Uid,
        kind -> Text,
        assignment_id -> Nullable<Uid>,
        wave_id -> Nullable<Uid>,
        campaign_id -> Nullable<Uid>,
        member_id -> Nullable<Uid>,
        user_id -> Nullable<Uid>,
        consent_id -> Nullable<Uid>,
        dedupe -> Nullable<Text>,
        state -> Text,
        held -> Bool,
        attempt -> Integer,
        deferrals -> Integer,
        next_attempt_at -> Ts,
        lease_until -> Nullable<Ts>,
        last_error -> Nullable<Text>,
        settled_at -> Nullable<Ts>,
        created_at -> Ts,
        digest_id -> Nullable<Uid>,
        domain -> Nullable<Text>,
        returned_at -> Nullable<Ts>,
        begun -> Nullable<Integer>,
        lease_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    suppressions (id) {
        id -> Uid,
        email_norm -> Text,
        scope -> Text,
        reason -> Text,
        created_at -> Ts,
        campaign_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Binary, Text};

    mailbox (id) {
        id -> Uid,
        message_id -> Text,
        mail_from -> Text,
        rcpt_to -> Text,
        subject -> Text,
        raw -> Binary,
        received_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Binary, Integer, Nullable, Text};

    idempotency_keys (actor_id, idem_key) {
        actor_id -> Uid,
        idem_key -> Text,
        request_hash -> Binary,
        status -> Integer,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Ts, Uid};
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};

    ledger_entries (id) {
        id -> Uid,
        at -> Ts,
        kind -> Text,
        actor_kind -> Text,
        actor_ref -> Text,
        unit_id -> Nullable<Uid>,
        campaign_id -> Nullable<Uid>,
        wave_id -> Nullable<Uid>,
        assignment_id -> Nullable<Uid>,
        subject_ref -> Nullable<Text>,
        payload -> Js,
        commitment -> Nullable<Binary>,
        leaf_index -> Nullable<BigInt>,
        sealed_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Uid};
    use diesel::sql_types::{Binary};

    ledger_secrets (entry_id) {
        entry_id -> Uid,
        salt -> Binary,
        detail -> Js,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts};
    use diesel::sql_types::{Text};

    heartbeats (name) {
        name -> Text,
        beat_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{BigInt, Nullable};

    dispatch_holds (id) {
        id -> Uid,
        rows_from -> Nullable<Ts>,
        began_at -> Ts,
        settled_at -> Nullable<Ts>,
        ended_at -> Nullable<Ts>,
        mails_unknown -> BigInt,
        waves_held -> BigInt,
        campaigns_paused -> BigInt,
        occurrences_held -> BigInt,
        reminders_dropped -> BigInt,
    }
}
