//! Forms. Every form that changes something carries the session's token and a once-only token; both are put in here
//! and nowhere else. The checks themselves are in `web::gate`.

use super::error::Failure;
use super::fields::Fields;
use super::layout::Here;
use super::upload::Upload;
use super::visit::Visit;
use crate::domain::problem::Problems;
use crate::service::error::Error;
use crate::service::once::Token;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::ops::Deref;
use std::sync::Arc;

/// Name of the field with the session's token.
pub const CSRF: &str = "csrf";
/// Name of the field with the once-only token.
pub const ONCE: &str = "once";
/// Name of the field with the version of the record that an edit was made from.
pub const VERSION: &str = "version";

/// A form that changes something.
pub fn post(visit: &Visit, action: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) novalidate data-once {
            (tokens(visit))
            (content)
        }
    }
}

/// The same with files to choose; its route has to say that it takes them.
pub fn upload(visit: &Visit, action: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype="multipart/form-data" novalidate data-once {
            (tokens(visit))
            (content)
        }
    }
}

/// The same for entering data: Enter leads to the next box and never sends. The first submit of a form is what Enter
/// presses; this one can't be pressed, with or without scripts.
pub fn entry(visit: &Visit, action: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) novalidate data-once data-entry {
            button type="submit" disabled hidden {}
            (tokens(visit))
            (content)
        }
    }
}

/// The same with a name, for controls that stand elsewhere on the page (`form="…"`).
pub fn named(visit: &Visit, id: &str, action: &str, content: &Markup) -> Markup {
    html! {
        form id=(id) method="post" action=(action) novalidate data-once {
            (tokens(visit))
            (content)
        }
    }
}

/// The same around a single button in a row of buttons.
pub fn inline(visit: &Visit, action: &str, content: &Markup) -> Markup {
    html! {
        form .inline method="post" action=(action) data-once {
            (tokens(visit))
            (content)
        }
    }
}

/// A form that only asks; its fields end up in the address.
pub fn get(id: &str, action: &str, content: &Markup) -> Markup {
    html! { form id=(id) method="get" action=(action) { (content) } }
}

/// Remembers which version of the record an edit was made from.
pub fn version(version: u32) -> Markup {
    html! { input type="hidden" name=(VERSION) value=(version); }
}

/// A value that goes along unseen.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A page with a form, with the status that its problems deserve.
pub fn page_with(visit: &Visit, problems: &Problems, title: &str, here: Here, body: &Markup) -> Response {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, visit.page(title, here, body)).into_response()
}

fn tokens(visit: &Visit) -> Markup {
    html! {
        @if let Some(token) = visit.csrf_token() { input type="hidden" name=(CSRF) value=(token); }
        input type="hidden" name=(ONCE) value=(Token::random().as_str());
    }
}

/// The fields of a form that was sent by one of this node's own pages: origin and token have been checked before.
#[derive(Debug, Clone)]
pub struct Posted {
    fields: Arc<Fields>,
    files: Arc<[Upload]>,
}

impl Posted {
    pub(in crate::web) fn new(fields: Fields, files: Vec<Upload>) -> Self {
        Self { fields: Arc::new(fields), files: files.into() }
    }

    /// The file that was chosen in a field; without one, or with one that can't be used, what is wrong with it.
    ///
    /// # Errors
    /// The sentence for the field.
    pub fn file(&self, name: &str) -> Result<&Upload, String> {
        let Some(file) = self.files.iter().find(|file| file.field == name) else {
            return Err("ファイルを選んでください。".to_owned());
        };
        file.usable()?;
        Ok(file)
    }

    /// The file of a field in which none need be chosen.
    ///
    /// # Errors
    /// The sentence for the field, when one was chosen that can't be used.
    pub fn file_if_any(&self, name: &str) -> Result<Option<&Upload>, String> {
        if self.files.iter().any(|file| file.field == name) { self.file(name).map(Some) } else { Ok(None) }
    }

    /// The once-only token, to be written with the outcome in the same transaction.
    ///
    /// # Errors
    /// A form without a token was not made by a page of this node.
    pub fn once(&self) -> Result<Token, Error> {
        Token::parse(self.get(ONCE)).ok_or(Error::Forbidden)
    }

    /// The version of the record that the edit was made from.
    ///
    /// # Errors
    /// A form without one can't be compared, so it counts as changed meanwhile.
    pub fn version(&self) -> Result<u32, Error> {
        self.parsed(VERSION).ok_or(Error::Conflict)
    }

    /// Every value of a name as a number or identifier; those that are none are left out.
    pub fn ids<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|text| text.parse().ok()).collect()
    }
}

impl Deref for Posted {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Posted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or(Failure::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
    }
}

/// `Ok` with nothing wrong, or the problems back to the form that shows them. Any other error goes on.
///
/// # Errors
/// Everything except [`Error::Invalid`].
pub fn problems<T>(result: Result<T, Error>) -> Result<Result<T, Problems>, Failure> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Invalid(problems)) => Ok(Err(problems)),
        Err(other) => Err(other.into()),
    }
}

/// Marks a page that shows a secret once: neither compressed nor kept by the browser.
#[derive(Debug, Clone)]
pub struct Secret;

/// A page that shows a secret once.
pub fn secret(page: Markup) -> Response {
    let mut response = ([(header::CACHE_CONTROL, "no-store")], page).into_response();
    response.extensions_mut().insert(Secret);
    response
}
