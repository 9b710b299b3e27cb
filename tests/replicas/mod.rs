//! Many real processes on one PostgreSQL: what is promised must hold whatever number of them runs, by whatever way they reach it.

mod many;
