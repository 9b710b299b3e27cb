//! API tokens: JWTs (RFC 7519), HS256, short-lived, good for the API and for nothing else. What they must say is checked here, all of it.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::secret::MasterKey;

/// The purpose that `typ` names in the claims.
const PURPOSE: &str = "access";
/// The media type in the header (RFC 9068 section 2.1).
const HEADER_TYPE: &str = "at+jwt";
/// Who the token is for.
const AUDIENCE: &str = "gaung-api";
/// Longer texts are not even looked at.
const LONGEST_TEXT: usize = 4096;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: this installation's base URL.
    pub iss: String,
    /// Who it is for.
    pub aud: String,
    /// The user.
    pub sub: Uuid,
    /// The token's purpose.
    pub typ: String,
    /// The token's own id, to name it in the log.
    pub jti: Uuid,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid before.
    pub nbf: i64,
    /// Not valid from.
    pub exp: i64,
}

/// A token that was just issued.
#[derive(Clone)]
pub struct Issued {
    /// The token's text. Shown once.
    pub token: String,
    /// Its id.
    pub jti: Uuid,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("jti", &self.jti).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Why a token was refused. None of them repeats the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Its time is over.
    #[error("the token has expired; sign in again")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet; is a clock wrong?")]
    NotYet,
    /// It is for something else: another issuer, audience or purpose.
    #[error("the token is for something else")]
    OtherPurpose,
    /// It is no token of ours.
    #[error("the token is not valid")]
    Invalid,
    /// It could not be made.
    #[error("the token could not be signed: {0}")]
    Signing(String),
}

/// Issues and checks API tokens.
#[derive(Clone)]
pub struct ApiTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    issuer: String,
    ttl: TimeDelta,
    leeway: TimeDelta,
}

impl std::fmt::Debug for ApiTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiTokens").field("issuer", &self.issuer).field("ttl", &self.ttl).finish_non_exhaustive()
    }
}

impl ApiTokens {
    /// Tokens of this installation, under a key of their own.
    #[must_use]
    pub fn new(master: &MasterKey, issuer: &str, ttl: TimeDelta) -> Self {
        // 32 bytes, as RFC 7518 section 3.2 asks of HS256: the master key refuses shorter secrets.
        let key = master.derive("jwt/access");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[issuer]);
        // The library reads the machine's clock; the times are compared below with the service's own.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            encoding: EncodingKey::from_secret(key.bytes()),
            decoding: DecodingKey::from_secret(key.bytes()),
            validation,
            issuer: issuer.to_owned(),
            ttl,
            leeway: TimeDelta::zero(),
        }
    }

    /// Accepts tokens this long after their end and before their start; none by default.
    #[must_use]
    pub const fn with_leeway(mut self, leeway: TimeDelta) -> Self {
        self.leeway = leeway;
        self
    }

    /// A token for one user, from `now` on.
    ///
    /// # Errors
    /// [`JwtError::Signing`], which means a broken build.
    pub fn issue(&self, user: Uuid, now: DateTime<Utc>) -> Result<Issued, JwtError> {
        let expires_at = now + self.ttl;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            typ: PURPOSE.to_owned(),
            jti: Uuid::new_v4(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let header = Header { typ: Some(HEADER_TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(|e| JwtError::Signing(e.to_string()))?;
        Ok(Issued { token, jti: claims.jti, expires_at })
    }

    /// What a token says, if all of it holds at `now`.
    ///
    /// # Errors
    /// [`JwtError`].
    pub fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, JwtError> {
        if token.len() > LONGEST_TEXT {
            return Err(JwtError::Invalid);
        }
        let read = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).map_err(|e| match e.kind() {
            ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => JwtError::OtherPurpose,
            _ => JwtError::Invalid,
        })?;
        let claims = read.claims;
        if claims.typ != PURPOSE || read.header.typ.as_deref() != Some(HEADER_TYPE) {
            return Err(JwtError::OtherPurpose);
        }
        let (now, leeway) = (now.timestamp(), self.leeway.num_seconds());
        if now >= claims.exp.saturating_add(leeway) {
            return Err(JwtError::Expired);
        }
        if claims.nbf.max(claims.iat) > now.saturating_add(leeway) {
            return Err(JwtError::NotYet);
        }
        Ok(claims)
    }
}
