//! 電子委任状 of a public vehicle (公用車): with it the office waives fees (lifecycle rule 9, decision 17). Only procedures
//! that have its fields take one: light vehicles with waived fees are outside the OSS (decision 18).

use super::field;
use super::problem::Problems;
use super::procedure::{Field, Procedure};
use super::request::{Value, Values};

/// The fields that 電子委任状設定 sets: the kind first, then what it waives.
const KEYS: [&str; 3] = ["power_of_attorney", "inspection_fee_waived", "information_fee_waived"];

/// The fields that a procedure has of these; none when it takes no 電子委任状.
pub fn fields(procedure: &Procedure) -> Vec<&'static Field> {
    match procedure.field(KEYS[0]) {
        Some(_) => KEYS.iter().filter_map(|key| procedure.field(key)).collect(),
        None => Vec::new(),
    }
}

/// What was typed. Nothing chosen clears the setting.
///
/// # Errors
/// What is to be corrected, under the keys of the fields: a fee is waived only by a 電子委任状.
pub fn parse<'a>(procedure: &Procedure, input: &dyn Fn(&str) -> &'a str) -> Result<Values, Problems> {
    let (mut values, mut problems) = (Values::new(), Problems::new());
    let fields = fields(procedure);
    for each in &fields {
        if let Some(Some(value)) = problems.take(each.key, field::parse(each, input(each.key))) {
            values.insert(each.no, value);
        }
    }
    let waives = values.values().any(|value| matches!(value, Value::Flag(true)));
    if let Some(kind) = fields.first()
        && waives
        && !values.contains_key(&kind.no)
        && problems.of(kind.key).is_none()
    {
        problems.add(kind.key, format!("手数料を無料化するときは、{}を選んでください。", kind.label));
    }
    problems.or(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::procedure::inspection::{PROCEDURE, no};

    fn typed(kind: &'static str, fee: &'static str) -> Result<Values, Problems> {
        parse(&PROCEDURE, &|key| match key {
            "power_of_attorney" => kind,
            "inspection_fee_waived" => fee,
            _ => "",
        })
    }

    #[test]
    fn a_fee_is_waived_only_by_a_power_of_attorney() {
        assert_eq!(typed("", "").unwrap(), Values::new());
        let set = typed("office_certificate", "on").unwrap();
        assert_eq!(
            set,
            Values::from([(no::POWER_OF_ATTORNEY, Value::Choice(1)), (no::INSPECTION_FEE_WAIVED, Value::Flag(true))])
        );
        assert!(typed("office_certificate", "").is_ok());
        assert!(typed("", "on").unwrap_err().of("power_of_attorney").unwrap().contains("委任状種別"));
        assert!(typed("somebody", "").is_err());
    }
}
