//! Where a page stands: whose application, which procedure, 依頼データ or 申請データ. Addresses and titles come from here.

use crate::domain::ids::RequestId;
use crate::domain::procedure::Procedure;
use crate::domain::request::{Side, Status};
use crate::domain::role::Application;

/// 依頼データ or 申請データ: the same record before and after the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 依頼データ.
    Requests,
    /// 申請データ.
    Applications,
}

impl Kind {
    /// The kind of data that a record in this status is.
    pub fn of(status: Status) -> Self {
        if status.is_request() { Self::Requests } else { Self::Applications }
    }

    /// The part of addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Applications => "applications",
        }
    }

    /// The noun of titles.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Requests => "依頼データ",
            Self::Applications => "申請データ",
        }
    }
}

/// Where a page stands.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// 依頼人 or 代理人業務アプリケーション.
    pub application: Application,
    /// The chosen procedure.
    pub procedure: &'static Procedure,
    /// Which of the two lists.
    pub kind: Kind,
}

impl Place {
    /// The side that reads the page.
    pub fn side(&self) -> Side {
        match self.application {
            Application::Agent => Side::Agent,
            _ => Side::Client,
        }
    }

    /// Whether it is the agent's page.
    pub fn is_agent(&self) -> bool {
        self.application == Application::Agent
    }

    /// The same place for the other kind of data, or the same.
    pub fn with(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// `【継続検査】依頼データ検索` and its like; `what` is the last word.
    pub fn title(&self, what: &str) -> String {
        format!("【{}】{}{what}", self.procedure.label, self.kind.noun())
    }

    /// The list's address.
    pub fn list(&self) -> String {
        format!("/{}/{}/{}", self.application.slug(), self.procedure.slug, self.kind.slug())
    }

    /// The address of one record's page; `verb` is empty or one of its sub-pages (`edit`).
    pub fn record(&self, id: RequestId, verb: &str) -> String {
        let slash = if verb.is_empty() { "" } else { "/" };
        format!("{}/{id}{slash}{verb}", self.list())
    }

    /// The statuses that this list can hold, in the order of its boxes.
    pub fn statuses(&self) -> Vec<Status> {
        match (self.kind, self.application) {
            (Kind::Applications, _) => self.procedure.application_statuses.to_vec(),
            // What the garage has not sent is not the agent's to see.
            (Kind::Requests, Application::Agent) => {
                self.procedure.request_statuses.iter().copied().filter(|s| *s != Status::Draft).collect()
            }
            (Kind::Requests, _) => self.procedure.request_statuses.to_vec(),
        }
    }
}
