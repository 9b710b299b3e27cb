//! Bodies within limits of size and time: JSON for the API, fields for forms.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::service::ServiceError;
use crate::web::error::Failure;

/// The largest JSON body.
pub const JSON_LIMIT: usize = 1024 * 1024;
/// The largest form.
pub const FORM_LIMIT: usize = 256 * 1024;
/// The largest CSV file.
pub const CSV_LIMIT: usize = 64 * 1024 * 1024;
/// A body of ordinary size arrives within this time, or not at all.
const PATIENCE: Duration = Duration::from_secs(30);

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Reads a whole body.
///
/// # Errors
/// [`Failure::TooLarge`], [`Failure::TooSlow`], or a body that was cut off.
pub async fn read(payload: &mut Payload, limit: usize) -> Result<Vec<u8>, Failure> {
    let reading = async {
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| malformed("request.cut_off", "The request's body was cut off"))?;
            if body.len() + chunk.len() > limit {
                return Err(Failure::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or(Err(Failure::TooSlow))
}

fn malformed(code: &'static str, message: impl Into<String>) -> Failure {
    Failure::Malformed { code, message: message.into() }
}

/// Whether the request says that its body is of this media type; parameters such as the charset don't matter.
#[must_use]
pub fn is_type(req: &HttpRequest, expected: &str) -> bool {
    let header = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(expected)
}

fn declared_too_large(req: &HttpRequest, limit: usize) -> bool {
    let length = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit)
}

/// A JSON body. Unknown fields are refused by the types that are read into.
#[derive(Debug, Clone)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Failure;
    type Future = Extracting<Self>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (fits, is_json) = (!declared_too_large(req, JSON_LIMIT), is_type(req, "application/json"));
        let mut payload = payload.take();
        Box::pin(async move {
            if !is_json {
                return Err(Failure::UnsupportedType { expected: "application/json" });
            }
            if !fits {
                return Err(Failure::TooLarge { limit: JSON_LIMIT });
            }
            parse(&read(&mut payload, JSON_LIMIT).await?).map(Self)
        })
    }
}

/// Reads JSON; what is no JSON is malformed, what is JSON of another shape is invalid.
///
/// # Errors
/// [`Failure::Malformed`], or a field error with line and column.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ServiceError::field("", "json.shape", error.to_string()).into(),
        _ => malformed("json.syntax", format!("The body is not JSON: {error}")),
    })
}

/// The fields of a form, in order. A field that was not sent reads as empty.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of an encoded form (WHATWG URL, section 5.1).
    #[must_use]
    pub fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }
    /// Fields with these values.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
    /// The first value of a field, as typed.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
    /// Every value of a field, as typed.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
    /// How many rows a form has whose fields are named `list-0…`, `list-1…`; no form has more than 200.
    #[must_use]
    pub fn rows(&self, list: &str) -> usize {
        let number = |field: &str| {
            let rest = field.strip_prefix(list)?.strip_prefix('-')?;
            let digits = rest.split('-').next().unwrap_or_default();
            digits.parse::<usize>().ok().filter(|number| *number < 200)
        };
        self.0.iter().filter_map(|(field, _)| number(field)).max().map_or(0, |last| last + 1)
    }
    /// Every field with its value.
    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
    /// Whether a box was ticked.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }
    /// The value without blanks around it; nothing where that is empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|value| !value.is_empty())
    }
}

impl FromRequest for Fields {
    type Error = Failure;
    type Future = Extracting<Self>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (fits, is_form) = (!declared_too_large(req, FORM_LIMIT), is_type(req, "application/x-www-form-urlencoded"));
        let mut payload = payload.take();
        Box::pin(async move {
            if !fits {
                return Err(Failure::TooLarge { limit: FORM_LIMIT });
            }
            let body = read(&mut payload, FORM_LIMIT).await?;
            // A form without fields may come without a type.
            if !is_form && !body.is_empty() {
                return Err(Failure::UnsupportedType { expected: "application/x-www-form-urlencoded" });
            }
            Ok(Self::parse(&body))
        })
    }
}

/// The fields of an address's query.
#[derive(Debug, Clone, Default)]
pub struct QueryFields(pub Fields);

impl FromRequest for QueryFields {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(Fields::parse(req.query_string().as_bytes()))))
    }
}

/// The query of an API address, read into a type; unknown parameters are refused by it.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> Query<T> {
    /// Reads a request's query.
    ///
    /// # Errors
    /// A field error for what does not fit the type.
    pub fn read(req: &HttpRequest) -> Result<Self, Failure> {
        let wrong = |error: actix_web::error::QueryPayloadError| match error {
            actix_web::error::QueryPayloadError::Deserialize(error) => ServiceError::field("", "query.shape", error.to_string()),
            _ => ServiceError::field("", "query.shape", "The address's query can't be read"),
        };
        let read = web::Query::<T>::from_query(req.query_string());
        read.map(|query| Self(query.into_inner())).map_err(|error| wrong(error).into())
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::read(req))
    }
}
