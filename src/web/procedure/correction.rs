//! 補正要求 as garage and agent read it: why, until when, what the portal named, who mends it and how.

use super::place::Place;
use crate::domain::correction::{Correction, Matter};
use crate::domain::procedure::Procedure;
use crate::domain::request::Side;
use crate::web::kit::prelude::*;

/// The notice that stands above everything else. `aside` stands behind the deadline.
pub fn notice(place: &Place, correction: &Correction, aside: &str) -> Markup {
    let (procedure, reader) = (place.procedure, place.side());
    html! {
        div .banner.warning {
            p {
                strong { "補正が求められています。" }
                span .deadline { "（補正期限 " (correction.deadline) (aside) "）" }
            }
            ul { @for reason in &correction.reasons { li { (reason) } } }
            @if !correction.named.is_empty() {
                dl .tasks {
                    @for matter in &correction.named { (task(procedure, *matter, reader)) }
                }
            }
        }
    }
}

fn task(procedure: &Procedure, matter: Matter, reader: Side) -> Markup {
    let (doer, sentence) = matter.task();
    let doer = if doer == reader { "あなた" } else { doer.label() };
    html! {
        dt { (matter.label(procedure)) }
        dd { strong { (doer) "：" } (sentence) }
    }
}
