//! The parts of an address that name things.

use super::error::Failure;
use crate::service::error::Error;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use std::str::FromStr;

/// The part of the address between these brackets of its row in the list of routes.
///
/// # Errors
/// `NotFound` when it is no text.
pub async fn part<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, Failure> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
    let value = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    value.ok_or_else(|| Error::NotFound.into())
}

/// The first two parts of the address: what it names, and the number of something that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered<T>(pub T, pub u32);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Numbered<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        let mut values = params.iter().map(|(_, value)| value);
        let id = values.next().and_then(|value| value.parse().ok());
        let number = values.next().and_then(|value| value.parse().ok());
        id.zip(number).map(|(id, number)| Self(id, number)).ok_or_else(|| Error::NotFound.into())
    }
}

/// The only part of the address that names something; what can't be one is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        let id = params.iter().next().and_then(|(_, value)| value.parse().ok());
        id.map(Self).ok_or_else(|| Error::NotFound.into())
    }
}
