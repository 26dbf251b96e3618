//! The parts of an address that name a procedure and a record.

use crate::domain::ids::RequestId;
use crate::domain::procedure::{self, Procedure};
use crate::service::error::Error;
use crate::web::kit::address::part;
use crate::web::kit::error::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// `{procedure}`: one of this version's procedures.
#[derive(Debug, Clone, Copy)]
pub struct Chosen(pub &'static Procedure);

/// `{procedure}` and `{id}`.
#[derive(Debug, Clone, Copy)]
pub struct Named(pub &'static Procedure, pub RequestId);

impl<S: Send + Sync> FromRequestParts<S> for Chosen {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let slug = part(parts, state, "procedure").await?;
        Ok(Self(procedure::by_slug(&slug).ok_or(Error::NotFound)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Chosen(procedure) = Chosen::from_request_parts(parts, state).await?;
        let id = part(parts, state, "id").await?.parse().map_err(|()| Error::NotFound)?;
        Ok(Self(procedure, id))
    }
}
