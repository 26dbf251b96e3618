//! What happens to every request before and after its handler: request id, reader, origin, form body, hours, time
//! limit; then error pages, banners and headers. Knows no page.

use super::kit::banner::Banner;
use super::kit::error::{Failure, Unrendered};
use super::kit::fields::Fields;
use super::kit::form::Posted;
use super::kit::upload;
use super::kit::urls;
use super::kit::visit::{Inner, Visit, cookie_name};
use crate::app::{App, Shared};
use crate::domain::role::Application;
use crate::domain::time::SystemTime;
use crate::listener::Peer;
use crate::service::error::Error;
use crate::service::sessions::SessionHash;
use crate::service::{manual, sessions};
use crate::telemetry::RequestId;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The largest body, in bytes, of somebody who is not signed in: a sign-in, or a form of a session that has ended.
const STRANGERS_BODY: usize = 64 << 10;
/// Seconds that a banner waits for the page it belongs to.
const BANNER_WAITS: i64 = 300;

const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`, which would take the origin from our own forms too.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// What the edge remembers between requests.
#[derive(Clone)]
pub(in crate::web) struct Edge {
    app: Shared,
    /// Six characters of the node's id, so that two nodes on one host keep their cookies apart.
    tag: Arc<str>,
    banners: Banners,
}

/// Results of actions, until the page they lead to is asked for; one for each session, because a person may be at work
/// at two places at once.
#[derive(Clone, Default)]
struct Banners(Arc<Mutex<HashMap<SessionHash, Waiting>>>);

struct Waiting {
    location: String,
    banner: Banner,
    since: SystemTime,
}

impl Banners {
    fn put(&self, session: SessionHash, location: &str, banner: Banner, now: SystemTime) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, waiting| now.since(waiting.since) < BANNER_WAITS);
        waiting.insert(session, Waiting { location: location.to_owned(), banner, since: now });
    }

    fn take(&self, session: SessionHash, location: &str) -> Option<Banner> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = waiting.get(&session).is_some_and(|waiting| waiting.location == location);
        if here { waiting.remove(&session).map(|waiting| waiting.banner) } else { None }
    }
}

/// Goes with an answer that begins another session: what the answer says waits for that one.
#[derive(Debug, Clone)]
pub(in crate::web) struct Begins(pub(in crate::web) SessionHash);

/// Where a request comes from, for lock-out and audit.
#[derive(Debug, Clone)]
pub(in crate::web) struct Source(pub(in crate::web) String);

impl Edge {
    pub(in crate::web) fn new(app: &Shared) -> Result<Self, Error> {
        let id = app.store.read(|tx| Ok::<_, Error>(tx.node_id()?))?.unwrap_or_default();
        let tag: String = id.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
        let tag = if tag.is_empty() { "node".to_owned() } else { tag.to_ascii_lowercase() };
        Ok(Self { app: Arc::clone(app), tag: tag.into(), banners: Banners::default() })
    }

    /// Who asks, from the cookie of the application that the address names.
    fn visit(&self, request: &Request) -> Result<Visit, Error> {
        let application = application(request.uri().path());
        let token_of = |of: Application| cookie(request.headers(), &cookie_name(of, &self.tag)).map(str::to_owned);
        let tokens: Vec<_> = Application::ALL.iter().filter_map(|of| Some((*of, token_of(*of)?))).collect();
        let token = application.and_then(|of| tokens.iter().find(|(held, _)| *held == of));
        let mut reader = match token {
            Some((application, token)) => sessions::current(&self.app, *application, token)?,
            None => None,
        };
        if let Some(reader) = &mut reader {
            sessions::note_seen(&self.app, reader);
            // A session can't be handed to another listener: that is another origin.
            let peer = request.extensions().get::<Peer>();
            reader.others.retain(|other| peer.is_none_or(|peer| peer.listener.serves(&urls::home(other.application))));
        }
        let location = request.uri().path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
        let banner = match &reader {
            Some(reader) if request.method() == Method::GET => self.banners.take(reader.hash, location),
            _ => None,
        };
        Ok(Visit::new(Inner {
            application,
            exercise: !self.app.profile().is_production(),
            by_hand: manual::is_manual(&self.app),
            now: Some(self.app.clocks.business()),
            reader,
            banner,
            tag: Arc::clone(&self.tag),
            tokens,
        }))
    }

    async fn answer(&self, visit: &Visit, request: Request, next: Next) -> Response {
        let request = match self.check(visit, request).await {
            Ok(request) => request,
            Err(failure) => return failure.into_response(),
        };
        next.run(request).await
    }

    /// Hours, origin and body. The form's token is checked at the gate of the route, which also reads what comes with
    /// files: only the route knows how large they may be.
    async fn check(&self, visit: &Visit, request: Request) -> Result<Request, Failure> {
        let leaving = request.uri().path().ends_with("/sign-out");
        if visit.inner().application.is_some() && !leaving {
            open(&self.app)?;
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(request);
        }
        let scheme = match request.extensions().get::<Peer>() {
            Some(peer) => peer.listener.public_url.split_once("://").map_or("https", |(scheme, _)| scheme).to_owned(),
            None => "https".to_owned(),
        };
        same_origin(request.headers(), host(&request), &scheme)?;
        let (mut parts, body) = request.into_parts();
        let kib = |kib: u32| usize::try_from(kib).unwrap_or(1024) << 10;
        let limits = &self.app.config.limits;
        if upload::boundary(&parts.headers).is_some() {
            let limit = if visit.reader().is_none() { STRANGERS_BODY } else { kib(limits.upload_kib) };
            return Ok(Request::from_parts(parts, Body::new(Limited::new(body, limit))));
        }
        let limit = kib(limits.body_kib);
        let limit = if visit.reader().is_none() { limit.min(STRANGERS_BODY) } else { limit };
        let bytes = to_bytes(body, limit).await.map_err(|_| Failure::Status(StatusCode::PAYLOAD_TOO_LARGE))?;
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded") {
            parts.extensions.insert(Posted::new(Fields::parse_bytes(&bytes), Vec::new()));
        }
        Ok(Request::from_parts(parts, Body::from(bytes)))
    }

    /// Error pages, banners and headers.
    fn finish(&self, visit: &Visit, id: &str, back: Option<&str>, response: Response) -> Response {
        let mut response = render(visit, id, back, response);
        if let Some(banner) = response.extensions_mut().remove::<Banner>()
            && let Some(location) = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok())
        {
            let begun = response.extensions().get().map(|Begins(session)| *session);
            if let Some(session) = begun.or_else(|| visit.reader().map(|reader| reader.hash)) {
                self.banners.put(session, location, banner, self.app.clocks.system());
            }
        }
        let headers = response.headers_mut();
        harden(headers);
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
}

/// The outermost step of the router.
pub(in crate::web) async fn pass(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    // The listener numbers requests; one that came without a listener gets its number here.
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::fresh);
    let id = id.as_str();
    let (visit, broken) = match edge.visit(&request) {
        Ok(visit) => (visit, None),
        Err(error) => (Visit::new(Inner::stranger(application(request.uri().path()))), Some(error)),
    };
    let back = back(&request);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let source = source(request.extensions().get());
    request.extensions_mut().insert(visit.clone());
    request.extensions_mut().insert(source);
    let response = match broken {
        Some(error) => Failure::from(error).into_response(),
        None => edge.answer(&visit, request, next).await,
    };
    if let Some(Unrendered(failure)) = response.extensions().get::<Unrendered>()
        && let Failure::Service(Error::Internal(cause)) = failure.as_ref()
    {
        tracing::error!(request = id, %method, path, error = chain(cause.as_ref()), "a request failed");
    }
    edge.finish(&visit, id, back.as_deref(), response)
}

/// Makes the page of a failure; axum's own refusals are plain text and get one too.
fn render(visit: &Visit, id: &str, back: Option<&str>, response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let failure = match response.extensions().get::<Unrendered>() {
        Some(Unrendered(failure)) => Arc::clone(failure),
        None if response.extensions().get::<Plain>().is_some() || is_html(&response) => return response,
        None => Arc::new(Failure::Status(status)),
    };
    let mut page = (failure.status(), failure.page(visit, id, back)).into_response();
    for name in [header::ALLOW, header::RETRY_AFTER, header::LOCATION] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    if matches!(failure.as_ref(), Failure::Service(Error::Busy)) {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    page
}

/// Headers of every answer.
pub(in crate::web) fn harden(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
}

/// Marks an answer for machines that stays as it is, whatever its status.
#[derive(Debug, Clone)]
pub(in crate::web) struct Plain;

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// The application that an address belongs to.
fn application(path: &str) -> Option<Application> {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    Application::ALL.iter().copied().find(|application| application.slug() == first)
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The name that the browser asked for; the listener has checked that it is one of ours.
fn host(request: &Request) -> &str {
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    let header = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    authority.or_else(header).unwrap_or_default()
}

/// Where a request comes from: a verified certificate is a source of its own; of IPv6, the network counts.
fn source(peer: Option<&Peer>) -> Source {
    let Some(peer) = peer else { return Source("in-process".to_owned()) };
    if let Some(certificate) = &peer.certificate {
        return Source(format!("certificate {}", certificate.serial));
    }
    Source(match peer.address.ip().to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    })
}

/// An unsafe request has to come from a page of this very origin.
fn same_origin(headers: &HeaderMap, host: &str, scheme: &str) -> Result<(), Failure> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let origin = text(header::ORIGIN);
    let origin_fits = origin.map(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(with, rest)| with == scheme && !host.is_empty() && rest.eq_ignore_ascii_case(host))
    });
    match (site, origin_fits) {
        (None | Some("same-origin"), Some(true)) | (Some("same-origin"), None) => Ok(()),
        _ => Err(Failure::Forged),
    }
}

/// The page of this node that the reader came from, for the way back from an error page.
fn back(request: &Request) -> Option<String> {
    let referer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let path = referer.split_once("://")?.1.strip_prefix(host(request))?;
    // Two slashes would lead to another host.
    (path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}

/// システム利用時間.
fn open(app: &App) -> Result<(), Failure> {
    let hours = &app.config.hours;
    if hours.is_open(app.clocks.business()) {
        return Ok(());
    }
    Err(Failure::Closed { opens: hours.opens.to_string(), closes: hours.closes.to_string() })
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn only_our_own_pages_may_send() {
        let ok = |pairs: &[(&str, &str)]| same_origin(&headers(pairs), "localhost:8443", "https").is_ok();
        assert!(ok(&[("origin", "https://localhost:8443")]));
        assert!(ok(&[("origin", "https://localhost:8443"), ("sec-fetch-site", "same-origin")]));
        assert!(!ok(&[]));
        assert!(!ok(&[("origin", "null")]));
        assert!(!ok(&[("origin", "https://localhost:9443")]));
        assert!(!ok(&[("origin", "https://evil.example")]));
        assert!(!ok(&[("origin", "https://localhost:8443"), ("sec-fetch-site", "same-site")]));
        assert!(!ok(&[("sec-fetch-site", "cross-site")]));
        assert!(!ok(&[("origin", "http://localhost:8443")]));
        assert!(!ok(&[("origin", "https://")]));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = headers(&[("cookie", "a=1; __Host-ainas-client-x=abc; b=2")]);
        assert_eq!(cookie(&headers, "__Host-ainas-client-x"), Some("abc"));
        assert_eq!(cookie(&headers, "ainas-client-x"), None);
    }
}
