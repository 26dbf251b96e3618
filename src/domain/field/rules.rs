//! Rules between fields. A rule applies to every procedure that has the fields it speaks of.

use crate::domain::problem::Problems;
use crate::domain::procedure::{FieldKind, Procedure};
use crate::domain::request::{Value, Values};

/// 電子車検証更新区分 in every procedure.
const RENEWAL_DIVISION: &str = "renewal_division";

/// Ending of the keys of 代理人（申請個別指定） and 依頼人（申請個別指定）.
const BY_NUMBER: &str = "_by_number";

/// Checks what must hold when a request is sent.
pub(super) fn to_send(procedure: &Procedure, values: &Values, problems: &mut Problems) {
    commission_number(procedure, values, problems);
}

/// The commission number belongs to 申請個別指定 and to nothing else (manual J1316–1332).
fn commission_number(procedure: &Procedure, values: &Values, problems: &mut Problems) {
    let Some(number) = procedure.fields().find(|field| matches!(field.kind, FieldKind::CommissionNumber)) else {
        return;
    };
    let Some(division) = procedure.field(RENEWAL_DIVISION) else {
        return;
    };
    let (FieldKind::Choice(choices), Some(Value::Choice(code))) = (&division.kind, values.get(&division.no)) else {
        return;
    };
    let Some(chosen) = choices.iter().find(|choice| choice.code == *code) else {
        return;
    };
    let by_number = chosen.key.ends_with(BY_NUMBER);
    match (by_number, values.contains_key(&number.no)) {
        (true, false) => problems.add(
            number.key,
            format!(
                "{}が「{}」のときは、{}を半角英数字10文字で入力してください。例：A123456789",
                division.label, chosen.label, number.label
            ),
        ),
        (false, true) => problems.add(
            number.key,
            format!(
                "{}は、{}が「申請個別指定」のときだけ入力できます。番号を消すか、区分を選び直してください。",
                number.label, division.label
            ),
        ),
        (true, true) | (false, false) => {}
    }
}
