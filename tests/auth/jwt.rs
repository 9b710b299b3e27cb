//! API tokens: each claim is required, and each wrong one is refused.

use chrono::{DateTime, TimeDelta, Utc};
use gaung::auth::jwt::{ApiTokens, JwtError};
use gaung::auth::secret::MasterKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

const ISSUER: &str = "https://gaung.instansi.go.id";

fn master() -> MasterKey {
    MasterKey::new([7; 32]).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn tokens() -> ApiTokens {
    ApiTokens::new(&master(), ISSUER, TimeDelta::hours(1))
}

fn good_claims() -> Value {
    let at = now().timestamp();
    json!({
        "iss": ISSUER, "aud": "gaung-api", "sub": Uuid::from_u128(1), "typ": "access", "jti": Uuid::from_u128(2),
        "iat": at, "nbf": at, "exp": at + 60,
    })
}

fn signed(header: &Header, claims: &Value) -> String {
    let key = master().derive("jwt/access");
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(key.bytes())).unwrap()
}

fn access_header() -> Header {
    Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::HS256) }
}

#[test]
fn an_issued_token_names_its_user_until_it_ends() {
    let user = Uuid::now_v7();
    let issued = tokens().issue(user, now()).unwrap();
    let claims = tokens().check(&issued.token, now()).unwrap();
    assert_eq!((claims.sub, claims.jti, claims.exp), (user, issued.jti, issued.expires_at.timestamp()));
    assert!(tokens().check(&issued.token, issued.expires_at - TimeDelta::seconds(1)).is_ok());
    assert_eq!(tokens().check(&issued.token, issued.expires_at), Err(JwtError::Expired));
    assert_eq!(tokens().check(&issued.token, now() - TimeDelta::seconds(1)), Err(JwtError::NotYet));
    assert!(!format!("{issued:?}").contains(&issued.token[..20]));
}

#[test]
fn leeway_is_none_unless_it_is_given() {
    let issued = tokens().issue(Uuid::nil(), now()).unwrap();
    let lenient = tokens().with_leeway(TimeDelta::seconds(5));
    let late = issued.expires_at + TimeDelta::seconds(4);
    assert_eq!(tokens().check(&issued.token, late), Err(JwtError::Expired));
    assert!(lenient.check(&issued.token, late).is_ok());
    assert_eq!(lenient.check(&issued.token, late + TimeDelta::seconds(1)), Err(JwtError::Expired));
    assert!(lenient.check(&issued.token, now() - TimeDelta::seconds(5)).is_ok());
}

#[test]
fn the_claims_are_good_and_each_of_them_is_required() {
    assert!(tokens().check(&signed(&access_header(), &good_claims()), now()).is_ok());
    for claim in ["iss", "aud", "sub", "typ", "jti", "iat", "nbf", "exp"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(tokens().check(&signed(&access_header(), &claims), now()), Err(JwtError::Invalid), "{claim}");
    }
}

#[test]
fn each_wrong_claim_is_refused() {
    let at = now().timestamp();
    let wrong = [
        ("iss", json!("https://lain.example"), JwtError::OtherPurpose),
        ("aud", json!("lain"), JwtError::OtherPurpose),
        ("aud", json!(["lain", "gaung-api"]), JwtError::Invalid),
        ("typ", json!("refresh"), JwtError::OtherPurpose),
        ("sub", json!("bukan uuid"), JwtError::Invalid),
        ("exp", json!(at), JwtError::Expired),
        ("exp", json!(-1), JwtError::Invalid),
        ("exp", json!("besok"), JwtError::Invalid),
        ("exp", json!(1e300), JwtError::Invalid),
        ("nbf", json!(at + 1), JwtError::NotYet),
        ("iat", json!(at + 1), JwtError::NotYet),
    ];
    for (claim, value, error) in wrong {
        let mut claims = good_claims();
        claims[claim] = value.clone();
        assert_eq!(tokens().check(&signed(&access_header(), &claims), now()), Err(error), "{claim} = {value}");
    }
}

#[test]
fn other_types_algorithms_and_keys_are_refused() {
    let claims = good_claims();
    let untyped = signed(&Header::new(Algorithm::HS256), &claims);
    assert_eq!(tokens().check(&untyped, now()), Err(JwtError::OtherPurpose));
    let longer = signed(&Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::HS512) }, &claims);
    assert_eq!(tokens().check(&longer, now()), Err(JwtError::Invalid));
    let key = EncodingKey::from_secret(&[9; 32]);
    let foreign = jsonwebtoken::encode(&access_header(), &claims, &key).unwrap();
    assert_eq!(tokens().check(&foreign, now()), Err(JwtError::Invalid));
    // "alg": "none", and what is no token at all.
    let body = good_claims_encoded(&signed(&access_header(), &claims));
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{body}.");
    for text in [none.as_str(), "", ".", "..", "a.b.c", &"x".repeat(5000), &untyped[..20]] {
        assert_eq!(tokens().check(text, now()), Err(JwtError::Invalid), "{text:.60}");
    }
}

fn good_claims_encoded(token: &str) -> String {
    token.split('.').nth(1).unwrap().to_owned()
}
