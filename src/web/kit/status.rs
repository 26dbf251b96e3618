//! Status as colour and text, never colour alone.

use super::quick::Text;
use crate::domain::payment::PaymentStatus;
use crate::domain::request::{PortalStatus, Status};
use maud::{Markup, Render};

/// What a status means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing is moving yet.
    Idle,
    /// Under way, somebody else is at it.
    Going,
    /// Waits for a payment or an answer.
    Waiting,
    /// Came to a good end.
    Done,
    /// Needs mending, or ended badly.
    Stopped,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Idle => "tag",
            Self::Going => "tag go",
            Self::Waiting => "tag wait",
            Self::Done => "tag done",
            Self::Stopped => "tag stop",
        }
    }
}

/// A labelled tag.
pub fn tag(tone: Tone, label: &str) -> Markup {
    Tag(tone, label).render()
}

/// A labelled tag, written where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a>(Tone, &'a str);

impl Render for Tag<'_> {
    fn render_to(&self, page: &mut String) {
        page.push_str("<span class=\"");
        page.push_str(self.0.class());
        page.push_str("\">");
        Text(self.1).render_to(page);
        page.push_str("</span>");
    }
}

/// 申請ステータス. What waits at the portal for money is told apart from what is under review.
pub fn status_tag(status: Status, portal: Option<PortalStatus>) -> Tag<'static> {
    let awaits_money = matches!(
        portal,
        Some(
            PortalStatus::AwaitingInspectionFee
                | PortalStatus::AwaitingInformationFee
                | PortalStatus::AwaitingFees
                | PortalStatus::AwaitingWeightTax
                | PortalStatus::AwaitingRepayment
        )
    );
    let tone = match status {
        Status::Draft => Tone::Idle,
        Status::Filed if awaits_money => Tone::Waiting,
        Status::Accepted | Status::Filed => Tone::Going,
        Status::Sent | Status::Suspended | Status::Resuming | Status::Withdrawing => Tone::Waiting,
        Status::Completed => Tone::Done,
        Status::CorrectionRequested | Status::Failed => Tone::Stopped,
    };
    Tag(tone, status.label())
}

/// 納付状況.
pub fn payment_tag(status: PaymentStatus) -> Markup {
    let tone = match status {
        PaymentStatus::Unpaid => Tone::Waiting,
        PaymentStatus::Ordered => Tone::Going,
        PaymentStatus::Paid => Tone::Done,
        PaymentStatus::Waived => Tone::Idle,
        PaymentStatus::Refused => Tone::Stopped,
    };
    tag(tone, status.label())
}
