//! The check before each handler, as its row in the list of routes asks for it: who, with which password state, and
//! for forms the session's token. Nothing in the list can do without.

use super::kit::error::Failure;
use super::kit::form::{CSRF, Posted};
use super::kit::visit::{Visit, redirect};
use super::kit::{upload, urls};
use super::routes::{Route, Who};
use crate::app::Shared;
use crate::domain::role::Application;
use crate::service::error::Error;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

/// A route's handler behind its check.
pub(in crate::web) fn guarded(route: &'static Route) -> MethodRouter<Shared> {
    (route.handler)().route_layer(middleware::from_fn(move |request: Request, next: Next| check(route, request, next)))
}

async fn check(route: &Route, request: Request, next: Next) -> Response {
    let Some(application) = route.who.application() else {
        return next.run(request).await;
    };
    match admit(route.who, application, &request) {
        Ok(None) => {}
        Ok(Some(elsewhere)) => return redirect(&elsewhere),
        Err(failure) => return failure.into_response(),
    }
    let request = match upload::read(request, route.file).await {
        Ok(request) => request,
        Err(failure) => return failure.into_response(),
    };
    match own_form(&request) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Nothing when the reader may go on, an address to go to instead, or a refusal.
fn admit(who: Who, application: Application, request: &Request) -> Result<Option<String>, Failure> {
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let visit = request.extensions().get::<Visit>();
    let Some(reader) = visit.and_then(Visit::reader) else {
        return if asks { Ok(Some(sign_in_and_return(application, request))) } else { Err(Error::SignedOut.into()) };
    };
    if !who.admits(reader) {
        return Err(Error::Forbidden.into());
    }
    if reader.session.must_change && !matches!(who, Who::Arriving(_)) {
        return if asks { Ok(Some(urls::password(application))) } else { Err(Error::Forbidden.into()) };
    }
    Ok(None)
}

/// A form has to carry the session's token.
fn own_form(request: &Request) -> Result<(), Failure> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let visit = request.extensions().get::<Visit>();
    let token = request.extensions().get::<Posted>().map(|posted| posted.get(CSRF));
    match (visit, token) {
        (Some(visit), Some(token)) if visit.accepts(token) => Ok(()),
        _ => Err(Failure::Forged),
    }
}

/// ログイン, and from there back to the page that was asked for.
fn sign_in_and_return(application: Application, request: &Request) -> String {
    let wanted = request.uri().path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
    if wanted == urls::home(application) {
        return urls::sign_in(application);
    }
    super::kit::fields::Fields::default().with("next", wanted).on(&urls::sign_in(application))
}
