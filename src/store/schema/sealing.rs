//! The tree over the log: what was numbered, what was signed, and how far it was read anew.

diesel::table! {
    use crate::store::types::sql::{Ts};
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};

    ledger_logs (no) {
        no -> Integer,
        origin -> Text,
        first_leaf -> BigInt,
        size -> BigInt,
        root -> Binary,
        frontier -> Binary,
        began_at -> Ts,
        ended_at -> Nullable<Ts>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts};
    use diesel::sql_types::{BigInt, Binary, Integer, Text};

    ledger_checkpoints (log_no, size) {
        log_no -> Integer,
        size -> BigInt,
        root -> Binary,
        note -> Text,
        signed_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer};

    ledger_tiles (log_no, level, idx) {
        log_no -> Integer,
        level -> Integer,
        idx -> BigInt,
        hashes -> Binary,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts};
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable};

    ledger_keys (public) {
        public -> Binary,
        from_log -> Integer,
        from_size -> BigInt,
        added_at -> Ts,
        retires_at -> Nullable<Ts>,
        until_log -> Nullable<Integer>,
        until_size -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::store::types::sql::{Ts};
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};

    ledger_checks (log_no) {
        log_no -> Integer,
        target -> BigInt,
        frontier -> Binary,
        began_at -> Ts,
        sound_size -> Nullable<BigInt>,
        sound_at -> Nullable<Ts>,
        broken_leaf -> Nullable<BigInt>,
        broken_why -> Nullable<Text>,
        broken_found_at -> Nullable<Ts>,
    }
}
