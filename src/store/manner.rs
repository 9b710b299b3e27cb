//! How a transaction is to be run: what PostgreSQL is told about it in the message that begins it, so that it costs no way there and back.

/// What PostgreSQL is told at the beginning of a transaction; it holds until the end. SQLite is told nothing: it finds everything by
/// index, has one process, and its commits are as durable as its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manner {
    plans: Plans,
    is_forgettable: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Plans {
    #[default]
    Any,
    WholeTables,
    ByIndex,
    InOrder,
}

/// Each row by an index, and what belongs to it by the next. A statement is planned once a connection, by figures from then: planned while
/// a table was all but empty, it would go through all of it when a campaign has filled it. That such a plan looks costly by later figures
/// is no reason to compile it.
macro_rules! by_index {
    ($more:literal) => {
        concat!(
            "; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off; SET LOCAL enable_material = off; ",
            "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
            $more
        )
    };
}

/// And nothing is sorted. There is no other plan then, whatever the values, so one is made for any.
const IN_ORDER: &str = by_index!("; SET LOCAL enable_sort = off; SET LOCAL plan_cache_mode = force_generic_plan");

/// Tables as a whole, each gone through once, and by an index only what is asked for each of their rows. By figures from when they were
/// small, one would be gone through for each row of the other.
const WHOLE_TABLES: &str = "; SET LOCAL enable_nestloop = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off";

impl Manner {
    /// For a check of everything against everything.
    #[must_use]
    pub const fn whole_tables() -> Self {
        Self { plans: Plans::WholeTables, is_forgettable: false }
    }

    /// For a few rows that are asked for by their keys, from tables that may grow by the thousand within a minute.
    #[must_use]
    pub const fn by_index() -> Self {
        Self { plans: Plans::ByIndex, is_forgettable: false }
    }

    /// For the next few rows of a queue, in the order of its index.
    #[must_use]
    pub const fn in_order() -> Self {
        Self { plans: Plans::InOrder, is_forgettable: false }
    }

    /// The commit does not wait for the disk. For what may be forgotten if the server dies, because whatever is done on the strength of it
    /// is committed as ever and would find it gone.
    #[must_use]
    pub const fn may_be_forgotten(self) -> Self {
        Self { is_forgettable: true, ..self }
    }

    /// Whether whoever runs in this manner runs in that one, too.
    pub(super) fn covers(self, other: Self) -> bool {
        let plans = other.plans == Plans::Any
            || self.plans == other.plans
            || (self.plans, other.plans) == (Plans::InOrder, Plans::ByIndex);
        plans && self.is_forgettable >= other.is_forgettable
    }

    /// What PostgreSQL is told, behind something else.
    pub(super) fn settings(self) -> String {
        let plans = match self.plans {
            Plans::Any => "",
            Plans::WholeTables => WHOLE_TABLES,
            Plans::ByIndex => by_index!(""),
            Plans::InOrder => IN_ORDER,
        };
        format!("{plans}{}", if self.is_forgettable { "; SET LOCAL synchronous_commit = off" } else { "" })
    }
}
