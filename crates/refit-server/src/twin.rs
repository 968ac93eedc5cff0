//! The twin as a Kubernetes API server over HTTP.
//!
//! Nothing is decided here: a request becomes an [`ApiRequest`], and what the
//! twin answers becomes a response. Real clients, ours among them, can so be
//! pointed at a simulated cluster.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use refit_twin::{ApiRequest, ApiResponse, Method, SharedTwin};
use serde_json::json;

/// The largest body that is read. Source: `MaxRequestBodyBytes` of the API
/// server, 3 MiB, which is twice what etcd takes.
const BODY: usize = 3 << 20;

/// The Kubernetes endpoint of `twin`: every path, as an API server answers it.
///
/// There is no authentication: whoever reaches the listener may change the twin.
/// Its time moves as its other holders move it, never by a request.
pub fn twin_endpoint(twin: SharedTwin) -> Router {
    endpoint(move |request| twin.with(|twin| twin.api(request)))
}

/// A router that gives every request to `answer`.
fn endpoint(answer: impl Fn(&ApiRequest) -> ApiResponse + Clone + Send + Sync + 'static) -> Router {
    Router::new().fallback(move |request: Request| {
        let answer = answer.clone();
        async move {
            let asked = match asked(request).await {
                Ok(asked) => asked,
                Err(refused) => return refused,
            };
            // A list of everything takes the twin a while; other connections
            // are served meanwhile.
            match tokio::task::spawn_blocking(move || answer(&asked)).await {
                Ok(response) => said(response),
                Err(_) => status(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalError",
                    "the twin failed to answer",
                ),
            }
        }
    })
}

/// The request as the twin takes it.
async fn asked(request: Request) -> Result<ApiRequest, Response<Body>> {
    let (parts, body) = request.into_parts();
    let Some(method) = Method::parse(parts.method.as_str()) else {
        return Err(status(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        ));
    };
    let Ok(body) = to_bytes(body, BODY).await else {
        return Err(status(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "Request entity too large: limit is 3145728",
        ));
    };
    let content_type = parts.headers.get(CONTENT_TYPE);
    Ok(ApiRequest {
        method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        content_type: content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        body: body.to_vec(),
    })
}

/// The twin's answer as a response.
fn said(answer: ApiResponse) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // Header values hold what the twin was loaded with; what HTTP cannot
        // carry is left out.
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A `Status` for what never reaches the twin.
fn status(code: StatusCode, reason: &str, message: &str) -> Response<Body> {
    let body = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code.as_u16(),
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = code;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn answered(request: Request<Body>) -> Result<ApiRequest, (u16, String)> {
        match asked(request).await {
            Ok(asked) => Ok(asked),
            Err(refused) => {
                let code = refused.status().as_u16();
                let body = to_bytes(refused.into_body(), BODY).await.unwrap();
                Err((code, String::from_utf8(body.to_vec()).unwrap()))
            }
        }
    }

    #[tokio::test]
    async fn a_request_keeps_its_encoding_and_its_type() {
        let request = Request::patch("/api/v1/nodes/a%2Fb?fieldManager=x%20y&dryRun=All")
            .header(CONTENT_TYPE, "application/merge-patch+json")
            .body(Body::from("{}"))
            .unwrap();
        let expected = ApiRequest {
            method: Method::Patch,
            path: "/api/v1/nodes/a%2Fb".to_owned(),
            query: "fieldManager=x%20y&dryRun=All".to_owned(),
            content_type: "application/merge-patch+json".to_owned(),
            body: b"{}".to_vec(),
        };
        assert_eq!(answered(request).await, Ok(expected));
    }

    #[tokio::test]
    async fn what_is_too_large_or_unknown_never_reaches_the_twin() {
        let large =
            Request::post("/api/v1/namespaces/a/pods").body(Body::from(vec![b' '; BODY + 1]));
        let (code, body) = answered(large.unwrap()).await.unwrap_err();
        assert_eq!(code, 413);
        assert!(body.contains("RequestEntityTooLarge"), "{body}");
        let odd = Request::options("/api").body(Body::empty());
        assert_eq!(answered(odd.unwrap()).await.unwrap_err().0, 405);
        let fits = Request::post("/api/v1/namespaces/a/pods").body(Body::from(vec![b' '; BODY]));
        assert!(answered(fits.unwrap()).await.is_ok());
    }

    #[test]
    fn an_answer_keeps_its_code_and_headers() {
        let response = said(ApiResponse {
            code: 429,
            headers: vec![
                ("Content-Type", "application/json".to_owned()),
                ("Retry-After", "10".to_owned()),
                ("Warning", "a\nb".to_owned()),
            ],
            body: b"{}".to_vec(),
        });
        assert_eq!(response.status().as_u16(), 429);
        assert_eq!(response.headers()["retry-after"], "10");
        assert!(!response.headers().contains_key("warning"));
    }
}
