//! The work: campaigns, waves, tasks, assignments, completions, posts.

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
        pause_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Js, Ts, Uid};
    use diesel::sql_types::{Nullable, Text};

    releases (id) {
        id -> Uid,
        campaign_id -> Uid,
        content_hash -> Text,
        released_by -> Uid,
        released_at -> Ts,
        voided_at -> Nullable<Ts>,
        content -> Nullable<Js>,
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
        url_key -> Text,
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
        mail_returned -> BigInt,
        correction_asked -> BigInt,
        correction_fixed -> BigInt,
        correction_removed -> BigInt,
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
    use crate::store::types::sql::{Ts, Uid};
    use diesel::sql_types::{BigInt};

    wave_pace (wave_id, quarter_at) {
        wave_id -> Uid,
        quarter_at -> Ts,
        done -> BigInt,
        linked -> BigInt,
        checked -> BigInt,
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
        url_key -> Nullable<Text>,
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
