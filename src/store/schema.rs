//! The tables as diesel sees them; one schema for both databases.

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
    use diesel::sql_types::{Bool, Integer, Text};

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
    use diesel::sql_types::{};

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
    use diesel::sql_types::{Nullable, Text};

    claims (id) {
        id -> Uid,
        unit_id -> Uid,
        claim -> Text,
        seen_url -> Nullable<Text>,
        fact -> Text,
        source_url -> Text,
        filed_at -> Ts,
        filed_by -> Nullable<Uid>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Ts, Uid};
    use diesel::sql_types::{Integer, Nullable, Text};

    campaigns (id) {
        id -> Uid,
        unit_id -> Uid,
        slug -> Text,
        title -> Text,
        state -> Text,
        content -> Js,
        content_hash -> Text,
        author_id -> Uid,
        submitted_by -> Nullable<Uid>,
        submitted_at -> Nullable<Ts>,
        released_at -> Nullable<Ts>,
        started_at -> Nullable<Ts>,
        paused_at -> Nullable<Ts>,
        ended_at -> Nullable<Ts>,
        note -> Text,
        schedule_id -> Nullable<Uid>,
        created_at -> Ts,
        updated_at -> Ts,
        version -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    releases (id) {
        id -> Uid,
        campaign_id -> Uid,
        content_hash -> Text,
        released_by -> Uid,
        released_at -> Ts,
        voided_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Text};

    freeze_reasons (campaign_id, content_hash) {
        campaign_id -> Uid,
        content_hash -> Text,
        given_by -> Uid,
        reason -> Text,
        given_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, SmallInt, Text};

    posts (id) {
        id -> Uid,
        campaign_id -> Nullable<Uid>,
        wave_id -> Nullable<Uid>,
        assignment_id -> Nullable<Uid>,
        account_id -> Uid,
        unit_id -> Uid,
        layer -> SmallInt,
        platform -> Text,
        url -> Text,
        registered_at -> Ts,
        removed_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Ts, Uid};
    use diesel::sql_types::{Bool, Integer, Nullable, SmallInt, Text};

    waves (id) {
        id -> Uid,
        campaign_id -> Uid,
        unit_id -> Uid,
        ordinal -> Integer,
        name -> Text,
        layer -> SmallInt,
        state -> Text,
        timing -> Js,
        waits_for -> Nullable<Uid>,
        cascade -> Bool,
        opens_at -> Nullable<Ts>,
        grace_s -> Integer,
        open_s -> Integer,
        remind_before_end_s -> Nullable<Integer>,
        audience -> Js,
        opened_at -> Nullable<Ts>,
        closes_at -> Nullable<Ts>,
        filled_at -> Nullable<Ts>,
        closed_at -> Nullable<Ts>,
        held_reason -> Nullable<Text>,
        lease_until -> Nullable<Ts>,
        cursor -> Nullable<Uid>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Uid};
    use diesel::sql_types::{BigInt};

    wave_counts (wave_id) {
        wave_id -> Uid,
        planned -> BigInt,
        done -> BigInt,
        declined -> BigInt,
        expired -> BigInt,
        withdrawn -> BigInt,
        mail_planned -> BigInt,
        mail_sent -> BigInt,
        mail_failed -> BigInt,
        mail_suppressed -> BigInt,
        mail_unknown -> BigInt,
        mail_cancelled -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::{Uid};
    use diesel::sql_types::{BigInt};

    wave_unit_counts (wave_id, unit_id) {
        wave_id -> Uid,
        unit_id -> Uid,
        planned -> BigInt,
        done -> BigInt,
        declined -> BigInt,
        expired -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Uid};
    use diesel::sql_types::{Bool, Integer, Nullable, Text};

    tasks (id) {
        id -> Uid,
        wave_id -> Uid,
        campaign_id -> Uid,
        ordinal -> Integer,
        platform -> Text,
        action -> Text,
        brief -> Text,
        target -> Js,
        target_post_id -> Nullable<Uid>,
        target_claim_id -> Nullable<Uid>,
        own_words -> Bool,
        evidence_required -> Bool,
    }
}

diesel::table! {
    use crate::store::types::sql::{Uid};
    use diesel::sql_types::{Integer, Text};

    variants (id) {
        id -> Uid,
        task_id -> Uid,
        ordinal -> Integer,
        locale -> Text,
        body -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Integer, Nullable, Text};

    assignments (id) {
        id -> Uid,
        task_id -> Uid,
        wave_id -> Uid,
        campaign_id -> Uid,
        account_id -> Uid,
        member_id -> Uid,
        unit_id -> Uid,
        state -> Text,
        planned_at -> Ts,
        notified_at -> Nullable<Ts>,
        opened_at -> Nullable<Ts>,
        settled_at -> Nullable<Ts>,
        checked_at -> Nullable<Ts>,
        expires_at -> Ts,
        remind_at -> Nullable<Ts>,
        link_version -> Integer,
        variant_no -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Bool, Nullable, Text};

    completions (id) {
        id -> Uid,
        assignment_id -> Uid,
        account_id -> Uid,
        wave_id -> Uid,
        level -> Text,
        url -> Nullable<Text>,
        own_words -> Bool,
        suspected -> Bool,
        completed_at -> Ts,
        checked_at -> Nullable<Ts>,
        checked_by -> Nullable<Uid>,
        undone_at -> Nullable<Ts>,
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
        next_attempt_at -> Ts,
        lease_until -> Nullable<Ts>,
        last_error -> Nullable<Text>,
        settled_at -> Nullable<Ts>,
        created_at -> Ts,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Text};

    suppressions (id) {
        id -> Uid,
        email_norm -> Text,
        scope -> Text,
        reason -> Text,
        created_at -> Ts,
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
    use diesel::sql_types::{Integer, Nullable, Text};

    schedules (id) {
        id -> Uid,
        campaign_id -> Uid,
        content_hash -> Text,
        pattern -> Text,
        zone -> Text,
        policy -> Text,
        grace_s -> Integer,
        ends_at -> Nullable<Ts>,
        next_due_at -> Nullable<Ts>,
        last_planned_at -> Ts,
        stopped_at -> Nullable<Ts>,
        created_at -> Ts,
        version -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    occurrences (schedule_id, planned_at) {
        schedule_id -> Uid,
        planned_at -> Ts,
        campaign_id -> Nullable<Uid>,
        outcome -> Text,
        created_at -> Ts,
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

diesel::allow_tables_to_appear_in_same_query!(
    units,
    unit_closure,
    subjects,
    members,
    consents,
    users,
    user_roles,
    sessions,
    accounts,
    account_topics,
    account_operators,
    disclosures,
    blocked_targets,
    freezes,
    claims,
    campaigns,
    releases,
    freeze_reasons,
    posts,
    waves,
    wave_counts,
    wave_unit_counts,
    tasks,
    variants,
    assignments,
    completions,
    outbox,
    suppressions,
    mailbox,
    schedules,
    occurrences,
    idempotency_keys,
    ledger_entries,
    ledger_secrets,
    heartbeats
);
