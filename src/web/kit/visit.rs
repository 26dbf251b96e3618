//! Who looks at a page, and through which session. Made by `web::edge` from the session cookie before any handler
//! runs; the extractors here hand it to handlers and state in their names who may call them.

use super::banner::Banner;
use super::error::Failure;
use super::layout::{self, Here};
use crate::domain::actor::{AgentActor, ClientActor, SimulatorActor};
use crate::domain::role::{AgentRole, Application, ClientRole, SimulatorRole};
use crate::domain::time::BusinessTime;
use crate::secret;
use crate::service::error::Error;
use crate::service::sessions::{self, CurrentActor};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use ring::hmac;
use std::sync::Arc;

/// What a page knows about its reader. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Visit(Arc<Inner>);

#[derive(Debug)]
pub(in crate::web) struct Inner {
    /// Which application's page this is; none for the node's own pages.
    pub(in crate::web) application: Option<Application>,
    /// Anything but production: the banner says so.
    pub(in crate::web) exercise: bool,
    /// People file at the real portal themselves: nothing reports from there.
    pub(in crate::web) by_hand: bool,
    /// When the page was made, for paper.
    pub(in crate::web) now: Option<BusinessTime>,
    /// The signed-in user, if any.
    pub(in crate::web) reader: Option<Reader>,
    /// What an action before this page did.
    pub(in crate::web) banner: Option<Banner>,
    /// Six characters of the node's id, so that two nodes on one host keep their cookies apart.
    pub(in crate::web) tag: Arc<str>,
    /// Session tokens that the browser sent along, of every application.
    pub(in crate::web) tokens: Vec<(Application, String)>,
}

impl Inner {
    /// Somebody of whom nothing is known.
    pub(in crate::web) fn stranger(application: Option<Application>) -> Self {
        Self {
            application,
            exercise: false,
            by_hand: false,
            now: None,
            reader: None,
            banner: None,
            tag: "".into(),
            tokens: Vec::new(),
        }
    }
}

/// The signed-in user behind a page.
pub(in crate::web) type Reader = sessions::Current;

impl Visit {
    pub(in crate::web) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(in crate::web) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(in crate::web) fn reader(&self) -> Option<&Reader> {
        self.0.reader.as_ref()
    }

    /// A page of this application. `here` marks the menu item and the procedure.
    pub fn page(&self, title: &str, here: Here, body: &Markup) -> Markup {
        layout::page(self, title, here, body)
    }

    /// The same from parts that were drawn before.
    pub fn page_around(&self, title: &str, here: Here, parts: &[&str]) -> Markup {
        layout::around(self, title, here, parts)
    }

    /// Goes to another page, which shows what happened. The back button does not repeat the action.
    pub fn redirect(&self, to: &str, banner: Banner) -> Response {
        let mut response = redirect(to);
        response.extensions_mut().insert(banner);
        response
    }

    /// The token of a session of this application that the browser holds, ended or not.
    pub(in crate::web) fn token_of(&self, application: Application) -> Option<&str> {
        self.0.tokens.iter().find(|(of, _)| *of == application).map(|(_, token)| token.as_str())
    }

    /// The session cookie of an application with this value; without one, the end of it.
    pub(in crate::web) fn session_cookie(&self, application: Application, token: Option<&str>) -> String {
        let name = cookie_name(application, &self.0.tag);
        match token {
            Some(token) => format!("{name}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"),
            None => format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
        }
    }

    /// A token for this session's forms: different in every form, so that compressed pages give nothing away.
    pub(in crate::web) fn csrf_token(&self) -> Option<String> {
        let reader = self.reader()?;
        let nonce = secret::random::<8>();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &reader.session.key), &purpose(&nonce));
        Some(secret::hex(&[nonce.as_slice(), tag.as_ref()].concat()))
    }

    /// Whether a form carries a token of this session.
    pub(in crate::web) fn accepts(&self, token: &str) -> bool {
        let Some(reader) = self.reader() else { return false };
        let bytes: Option<Vec<u8>> =
            (0..token.len() / 2).map(|at| u8::from_str_radix(token.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
        let Some(bytes) = bytes else { return false };
        let Some((nonce, tag)) = bytes.split_at_checked(8) else { return false };
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &reader.session.key), &purpose(nonce), tag).is_ok()
    }
}

/// The name of an application's session cookie.
pub(in crate::web) fn cookie_name(application: Application, tag: &str) -> String {
    format!("__Host-ainas-{}-{tag}", application.slug())
}

fn purpose(nonce: &[u8]) -> Vec<u8> {
    [b"form:".as_slice(), nonce].concat()
}

/// 303 to an address of this node.
pub fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Failure::from(Error::NotFound).into_response(),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::SignedOut.into())
    }
}

macro_rules! signed_in {
    ($(#[$doc:meta])* $name:ident, $side:ident, $actor:ty, $role:ident => $may:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            /// The page's reader.
            pub visit: Visit,
            /// Who acts.
            pub actor: $actor,
        }

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
                let visit = Visit::from_request_parts(parts, state).await?;
                let reader = visit.reader().ok_or(Error::SignedOut)?;
                if reader.session.must_change {
                    return Err(Error::Forbidden.into());
                }
                let CurrentActor::$side(actor) = &reader.actor else { return Err(Error::SignedOut.into()) };
                let $role = actor.role();
                if !$may {
                    return Err(Error::Forbidden.into());
                }
                let actor = actor.clone();
                Ok(Self { visit, actor })
            }
        }
    };
}

signed_in! {
    /// Any user of the client application.
    ClientUser, Client, ClientActor, _role => true
}
signed_in! {
    /// 担当者（送信可） or 担当者（送信不可）.
    ClientStaff, Client, ClientActor, role => role.is_staff()
}
signed_in! {
    /// 管理者 or 拠点管理者.
    ClientAdministrator, Client, ClientActor, role => matches!(role, ClientRole::Administrator | ClientRole::BranchManager)
}
signed_in! {
    /// Any user of the agent application.
    AgentUser, Agent, AgentActor, _role => true
}
signed_in! {
    /// 担当者 of an agent.
    AgentStaff, Agent, AgentActor, role => role == AgentRole::Staff
}
signed_in! {
    /// 管理者 of an agent.
    AgentAdministrator, Agent, AgentActor, role => role == AgentRole::Administrator
}
signed_in! {
    /// 講師 or 職員 of the simulated outside world.
    SimulatorUser, Simulator, SimulatorActor, _role => true
}
signed_in! {
    /// 講師.
    Instructor, Simulator, SimulatorActor, role => role == SimulatorRole::Instructor
}
