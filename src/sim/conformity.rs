//! 保適証サービス: what a garage may do with a vehicle's electronic conformity certificate, and in which state.

use super::tables::{Change, Look};
use super::world::{Conformity, ConformityState as State};
use super::{Sim, SimError};
use crate::domain::plate::Plate;
use crate::domain::time::Day;

/// Something a garage does with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// 作成・登録 of a new one, in place of one that has ended.
    Create {
        /// 番号 as the garage types it.
        plate: Plate,
        /// 検査をした日.
        inspected_on: Day,
    },
    /// 引戻し, to mend it.
    Withdraw,
    /// 修正 while it is withdrawn. Chassis number and day of inspection stay: they need a new certificate.
    Correct {
        /// 番号.
        plate: Plate,
    },
    /// 再登録 of what was withdrawn.
    Register,
    /// 削除 of what was withdrawn.
    Delete,
}

impl Deed {
    /// The button.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Create { .. } => "登録",
            Self::Withdraw => "引戻し",
            Self::Correct { .. } => "修正",
            Self::Register => "再登録",
            Self::Delete => "削除",
        }
    }
}

/// The certificate afterwards.
///
/// # Errors
/// Why it can't be done, in Japanese.
pub fn perform(before: Option<&Conformity>, chassis: &str, deed: &Deed) -> Result<Conformity, String> {
    let state = before.map(|certificate| certificate.state);
    let moved = |state| before.map(|certificate| Conformity { state, by_hand: true, ..certificate.clone() });
    let after = match (deed, state) {
        (Deed::Create { plate, inspected_on }, None | Some(State::Deleted | State::Finished)) => Some(Conformity {
            chassis: chassis.to_owned(),
            plate: plate.clone(),
            inspected_on: *inspected_on,
            state: State::Registered,
            by_hand: true,
        }),
        (Deed::Withdraw, Some(State::Registered | State::Rejected)) => moved(State::Draft),
        (Deed::Correct { plate }, Some(State::Draft)) => {
            moved(State::Draft).map(|certificate| Conformity { plate: plate.clone(), ..certificate })
        }
        (Deed::Register, Some(State::Draft)) => moved(State::Registered),
        (Deed::Delete, Some(State::Draft)) => moved(State::Deleted),
        _ => None,
    };
    after.ok_or_else(|| match state {
        Some(State::Reported) => {
            "申請に使われているため、いまは変更できません。補正要求または却下になると引き戻せます。".to_owned()
        }
        Some(state) => format!("状態が「{}」のため、「{}」はできません。", state.label(), deed.label()),
        None => "該当する保安基準適合証がありません。".to_owned(),
    })
}

impl Sim {
    /// A garage does something with a vehicle's certificate.
    ///
    /// # Errors
    /// [`SimError::Refused`] when its state does not allow it.
    pub fn conformity_deed(&self, chassis: &str, deed: &Deed) -> Result<(), SimError> {
        let (chassis, deed) = (chassis.to_owned(), deed.clone());
        self.database.write_blocking(move |tx| {
            let before = tx.conformity(&chassis)?;
            let after = perform(before.as_ref(), &chassis, &deed).map_err(SimError::Refused)?;
            Ok(tx.put_conformity(&after)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plate(serial: u16) -> Plate {
        Plate { region: "品川".into(), class: "300".into(), kana: "さ".into(), serial, small: false }
    }

    fn certificate(state: State) -> Conformity {
        let inspected_on = Day::new(2026, 12, 1).unwrap();
        Conformity { chassis: "ABC-1".into(), plate: plate(1), inspected_on, state, by_hand: false }
    }

    fn deeds() -> [Deed; 5] {
        let inspected_on = Day::new(2026, 12, 2).unwrap();
        [
            Deed::Create { plate: plate(2), inspected_on },
            Deed::Withdraw,
            Deed::Correct { plate: plate(2) },
            Deed::Register,
            Deed::Delete,
        ]
    }

    /// Given a state, which deeds are open.
    #[test]
    fn what_a_garage_may_do() {
        for (state, open) in [
            (None, vec!["登録"]),
            (Some(State::Draft), vec!["修正", "再登録", "削除"]),
            (Some(State::Registered), vec!["引戻し"]),
            (Some(State::Reported), vec![]),
            (Some(State::Finished), vec!["登録"]),
            (Some(State::Rejected), vec!["引戻し"]),
            (Some(State::Deleted), vec!["登録"]),
        ] {
            let before = state.map(certificate);
            let done: Vec<&str> = deeds()
                .iter()
                .filter(|deed| perform(before.as_ref(), "ABC-1", deed).is_ok())
                .map(Deed::label)
                .collect();
            assert_eq!(done, open, "{state:?}");
        }
    }

    #[test]
    fn only_a_new_certificate_has_another_day() {
        let mended = perform(Some(&certificate(State::Draft)), "ABC-1", &deeds()[2]).unwrap();
        assert_eq!((mended.plate.serial, mended.inspected_on), (2, Day::new(2026, 12, 1).unwrap()));
        let anew = perform(Some(&certificate(State::Deleted)), "ABC-1", &deeds()[0]).unwrap();
        assert_eq!((anew.inspected_on, anew.state), (Day::new(2026, 12, 2).unwrap(), State::Registered));
    }
}
