//! The published example of RFC 8463 appendix A: both of its signatures over one message.

#![allow(clippy::unwrap_used)]

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canonical;
use super::sign::signed_data;

const MESSAGE: &str = "From: Joe SixPack <joe@football.example.com>\r
To: Suzie Q <suzie@shopping.example.net>\r
Subject: Is dinner ready?\r
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r
Message-ID: <20030712040037.46341.5F8J@football.example.com>\r
\r
Hi.\r
\r
We lost the game.  Are you hungry yet?\r
\r
Joe.\r
";
const BODY_HASH: &str = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
const ED25519_FIELD: &str = " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r
 d=football.example.com; i=@football.example.com;\r
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r
 subject : date : message-id : from : subject : date;\r
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
 b=";
const ED25519_SIGNATURE: &str = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
const ED25519_SECRET: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const RSA_FIELD: &str = " v=1; a=rsa-sha256; c=relaxed/relaxed;\r
 d=football.example.com; i=@football.example.com;\r
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r
 date : message-id : from : subject : date;\r
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
 b=";
const RSA_SIGNATURE: &str = "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=";
const RSA_PUBLIC: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
const NAMES: [&str; 8] = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];

#[test]
fn the_body_hash_and_the_ed25519_signature_are_the_published_ones() {
    let (fields, body) = canonical::split(MESSAGE.as_bytes());
    assert_eq!(STANDARD.encode(digest(&SHA256, &canonical::body(body))), BODY_HASH);
    let key = Ed25519KeyPair::from_seed_unchecked(&STANDARD.decode(ED25519_SECRET).unwrap()).unwrap();
    let hash = digest(&SHA256, &signed_data(&fields, &NAMES, ED25519_FIELD));
    assert_eq!(STANDARD.encode(key.sign(hash.as_ref())), ED25519_SIGNATURE);
}

#[test]
fn the_published_rsa_signature_is_over_what_we_would_sign() {
    // Its key has 1024 bits, too few for us to sign with, but enough to tell whether the bytes are the same.
    let (fields, _) = canonical::split(MESSAGE.as_bytes());
    let public = STANDARD.decode(RSA_PUBLIC).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, public);
    let signature = STANDARD.decode(RSA_SIGNATURE).unwrap();
    assert!(key.verify(&signed_data(&fields, &NAMES, RSA_FIELD), &signature).is_ok());
    assert!(key.verify(&signed_data(&fields, &NAMES[1..], RSA_FIELD), &signature).is_err());
}
