//! Passwords: the policy, the stored form, equal work for unknown users, a bounded pool.

use gaung::auth::hash_pool::{HashPool, PoolError};
use gaung::auth::password::{self, WeakPassword};

#[test]
fn the_policy_asks_for_length_and_nothing_that_is_guessed_first() {
    let accept = |text: &str| password::accept(text, "Siti.Rahma@instansi.go.id");
    assert_eq!(accept("kuda baterai"), Ok(()));
    assert_eq!(accept("sebelas-krk"), Err(WeakPassword::Short));
    assert_eq!(accept(&"kata ".repeat(25)), Ok(()));
    assert_eq!(accept(&"kata ".repeat(26)), Err(WeakPassword::Long));
    assert_eq!(accept("siti.rahma@INSTANSI.go.id"), Err(WeakPassword::SameAsAddress));
    assert_eq!(password::accept("Panjang.Sekali", "panjang.sekali@x.id"), Err(WeakPassword::SameAsAddress));
    assert_eq!(accept("aAaaaaaaaaaaaaa"), Err(WeakPassword::OneCharacter));
    // Characters are counted, not bytes, and not the pieces they may be typed in.
    assert_eq!(accept("éééééééééé1"), Err(WeakPassword::Short));
    assert_eq!(accept("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}1"), Err(WeakPassword::Short));
}

#[test]
fn a_hash_is_argon2id_with_the_stated_cost_and_a_salt_of_its_own() {
    let (one, other) = (password::hash("kuda baterai staples").unwrap(), password::hash("kuda baterai staples").unwrap());
    assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
    assert_ne!(one, other);
    assert!(!password::is_outdated(&one));
    assert!(password::is_outdated("$argon2id$v=19$m=16,t=2,p=1$MTIzNDU2Nzg$abcd"));
    assert!(password::verify(Some(&one), "kuda baterai staples").unwrap());
    assert!(!password::verify(Some(&one), "kuda baterai stapler").unwrap());
    assert!(!password::verify(None, "kuda baterai staples").unwrap());
    assert!(password::verify(Some("rusak"), "kuda baterai staples").is_err());
}

#[test]
fn a_password_typed_on_another_keyboard_is_the_same() {
    let stored = password::hash("caf\u{e9} di pojok").unwrap();
    assert!(password::verify(Some(&stored), "cafe\u{301} di pojok").unwrap());
}

#[test]
fn an_unknown_user_costs_what_a_known_one_does() {
    let stored = password::hash("kuda baterai staples").unwrap();
    let _warm = password::verify(None, "x");
    let best = |stored: Option<&str>| {
        let timed = (0..5).map(|_| {
            let start = std::time::Instant::now();
            let _ = password::verify(stored, "bukan ini").unwrap();
            start.elapsed()
        });
        timed.min().unwrap().as_secs_f64()
    };
    let ratio = best(None) / best(Some(&stored));
    assert!((0.33..3.0).contains(&ratio), "unknown to known: {ratio}");
}

#[tokio::test]
async fn the_pool_turns_away_what_it_cannot_do_soon() {
    let pool = HashPool::new(1);
    let stored = pool.hash("kuda baterai staples".into()).await.unwrap();
    assert!(pool.verify(Some(stored.clone()), "kuda baterai staples".into()).await.unwrap());
    let many = (0..60).map(|_| {
        let (pool, stored) = (pool.clone(), stored.clone());
        async move { pool.verify(Some(stored), "bukan ini".into()).await }
    });
    let answers = futures_util::future::join_all(many).await;
    let busy = answers.iter().filter(|answer| **answer == Err(PoolError::Busy)).count();
    let wrong = answers.iter().filter(|answer| **answer == Ok(false)).count();
    assert_eq!((busy, wrong), (60 - 17, 17));
    assert!(pool.verify(Some(stored), "kuda baterai staples".into()).await.unwrap());
}
