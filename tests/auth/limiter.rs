//! Limits on guessing: how many, how soon again, for whom, and that the memory they take is bounded.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use gaung::auth::limiter::{Limiter, SignInLimits};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[test]
fn a_key_is_refused_after_its_burst_and_gets_its_uses_back_one_by_one() {
    let limiter = Limiter::new(3, TimeDelta::seconds(30));
    for _ in 0..3 {
        limiter.attempt("a", now()).unwrap();
    }
    let refused = limiter.attempt("a", now()).unwrap_err();
    assert_eq!(refused.retry_after, TimeDelta::seconds(10));
    assert!(limiter.attempt("b", now()).is_ok());
    let later = now() + refused.retry_after;
    assert!(limiter.attempt("a", later - TimeDelta::microseconds(1)).is_err());
    assert!(limiter.attempt("a", later).is_ok());
    assert!(limiter.attempt("a", later).is_err());
    limiter.forget("a");
    assert!(limiter.attempt("a", later).is_ok());
}

#[test]
fn a_clock_that_was_set_back_locks_nobody_out_for_longer_than_the_window() {
    let limiter = Limiter::new(2, TimeDelta::minutes(1));
    let tomorrow = now() + TimeDelta::days(1);
    limiter.attempt("a", tomorrow).unwrap();
    let refused = limiter.attempt("a", now()).unwrap_err();
    assert!(refused.retry_after <= TimeDelta::minutes(1), "{refused:?}");
}

#[test]
fn memory_is_bounded_however_many_keys_come() {
    let limiter = Limiter::new(1, TimeDelta::hours(1));
    for n in 0..250_000 {
        limiter.attempt(&n.to_string(), now() + TimeDelta::milliseconds(n)).unwrap();
    }
    assert!(limiter.len() <= 100_000, "{}", limiter.len());
    // The latest are still known.
    assert!(limiter.attempt("249999", now() + TimeDelta::minutes(5)).is_err());
}

#[test]
fn signing_in_is_limited_by_address_and_by_client() {
    let limits = SignInLimits::default();
    let client = |n: u32| IpAddr::from([10, 0, (n / 250) as u8, (n % 250) as u8]);
    for n in 0..10 {
        limits.attempt("Siti@Instansi.go.id ", client(n), now()).unwrap();
    }
    assert!(limits.attempt("siti@instansi.go.id", client(99), now()).is_err());
    limits.succeeded("SITI@instansi.go.id");
    assert!(limits.attempt("siti@instansi.go.id", client(99), now()).is_ok());
    // One client over many addresses, within one IPv6 network.
    let v6 = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, n, 0, 0, 1]);
    let tried = (0..60).filter(|n| limits.attempt(&format!("u{n}@x.id"), v6(*n), now()).is_ok()).count();
    assert_eq!(tried, 50);
    assert!(limits.attempt("lain@x.id", IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, 1]), now()).is_ok());
}
