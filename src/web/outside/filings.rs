//! The OSS portals as the offices see them: everything that was filed.

use super::{here, look, nothing, page_of};
use crate::app::Shared;
use crate::domain::chassis::suffix_key;
use crate::domain::procedure;
use crate::domain::request::{PortalStatus, Status};
use crate::domain::workflow::status_of;
use crate::portal::document;
use crate::portal::gateway::ApplicationDocument;
use crate::sim::world::PortalFiling;
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;

const COLUMNS: [Column<'_>; 8] = [
    Column::new("受付番号"),
    Column::new("申請ID"),
    Column::new("番号"),
    Column::new("車台番号"),
    Column::new("使用者"),
    Column::new("申請先"),
    Column::new("OSSステータス"),
    Column::new("申請日時"),
];

/// A filing and what its document says.
pub(super) struct Row {
    pub(super) filing: PortalFiling,
    pub(super) application: Option<ApplicationDocument>,
}

/// The key of a filing in addresses.
pub(super) fn address(filing: &PortalFiling) -> String {
    urls::filing_outside(filing.number)
}

/// The list, newest first.
pub(super) async fn show(State(app): State<Shared>, user: SimulatorUser, asked: Fields) -> Result<Markup> {
    let wanted = Wanted::of(&asked);
    let rows = look(&app, move |sim| {
        let mut filings = sim.filings()?;
        filings.sort_by_key(|filing| (std::cmp::Reverse(filing.filed_at), std::cmp::Reverse(filing.request)));
        let rows = filings.into_iter().map(|filing| Row { application: document::read(&filing.document).ok(), filing });
        Ok(rows.filter(|row| wanted.holds(row)).collect::<Vec<_>>())
    })
    .await?;
    let (listed, rows) = page_of(rows, &asked);
    let action = urls::outside(Outside::Filings);
    let found = if rows.is_empty() {
        nothing("申請", &asked, &action)
    } else {
        table("届いた申請", &COLUMNS, &html! { @for one in &rows { (row(one)) } })
    };
    Ok(user.visit.page(
        "OSSポータル 申請一覧",
        here(Outside::Filings),
        &html! {
            (SearchPanel { action: &action, basic: conditions(&asked), details: None }.render())
            (listing(listed, &action, &asked, &Markup::default(), &found))
        },
    ))
}

fn conditions(asked: &Fields) -> Markup {
    let procedures = procedure::ALL.iter().map(|one| (one.code.to_string(), one.label));
    let statuses = PortalStatus::ALL.iter().map(|status| (status.code().to_string(), status.label()));
    html! {
        (field("number", "受付番号・申請ID").value(asked.get("number")).text(24))
        (field("chassis", "車台番号（後方一致）").value(asked.get("chassis")).text(25))
        (field("procedure", "手続").value(asked.get("procedure")).select(Some("すべて"), procedures))
        (field("status", "OSSステータス").value(asked.get("status")).select(Some("すべて"), statuses))
    }
}

/// What to look for.
struct Wanted {
    number: String,
    chassis: String,
    procedure: Option<u8>,
    status: Option<PortalStatus>,
}

impl Wanted {
    fn of(asked: &Fields) -> Self {
        Self {
            number: crate::domain::text::normalise(asked.get("number")),
            chassis: suffix_key(asked.get("chassis")),
            procedure: asked.parsed("procedure"),
            status: asked.parsed("status").and_then(PortalStatus::from_code),
        }
    }

    fn holds(&self, row: &Row) -> bool {
        let filing = &row.filing;
        let application = row.application.as_ref();
        let named = self.number.is_empty()
            || filing.receipt.as_deref() == Some(self.number.as_str())
            || filing.request.to_string() == self.number;
        let chassis = application.map(|application| suffix_key(&application.chassis.number)).unwrap_or_default();
        named
            && chassis.ends_with(&self.chassis)
            && self.status.is_none_or(|status| filing.status == status)
            && self.procedure.is_none_or(|code| application.is_some_and(|application| application.procedure == code))
    }
}

fn row(row: &Row) -> Markup {
    let filing = &row.filing;
    let application = row.application.as_ref();
    let procedure = application.and_then(|application| procedure::by_code(application.procedure));
    let user = application.and_then(|application| application.fields.iter().find(|(key, _)| key == "name"));
    html! {
        tr {
            td { a href=(address(filing)) { (filing.receipt.as_deref().unwrap_or("（未採番）")) } }
            td { (filing.request) }
            td { @if let (Some(application), Some(procedure)) = (application, procedure) { (plate(&application.plate, procedure.vehicle, false)) } }
            td { (application.map_or("", |application| application.chassis.number.as_str())) }
            td .name { (user.map_or("", |(_, name)| name.as_str())) }
            td .name { (application.map_or("", |application| application.office.as_str())) }
            td { (portal_tag(filing.status)) }
            td { (filing.filed_at) }
        }
    }
}

/// OSSステータス as the office sees it.
pub(super) fn portal_tag(status: PortalStatus) -> Markup {
    let tone = match status_of(status) {
        Status::Completed => Tone::Done,
        Status::Failed | Status::CorrectionRequested => Tone::Stopped,
        Status::Filed if matches!(status, PortalStatus::ReceptionReview | PortalStatus::Review) => Tone::Waiting,
        _ => Tone::Going,
    };
    tag(tone, status.label())
}
