//! What is logged of a request: its id, method, route and status. Never its path: that may hold a token.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::RootSpanBuilder;

use crate::web::request_id;

/// Builds the span around each request.
#[derive(Debug)]
pub struct Spans;

impl RootSpanBuilder for Spans {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let request_id = request_id::give(request);
        let route = request.match_pattern().unwrap_or_default();
        tracing::info_span!("request", request_id, method = %request.method(), route, status = Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        // At least one line names each request; what went wrong within has lines of its own.
        span.in_scope(|| tracing::debug!("answered"));
    }
}
