//! 代理人証明書 (agent guide): what an agent signs filings with, which of several signs today, and what is wrong with it.
//! Knows nothing of files and keys beyond their bytes.

use super::ids::AgentOrganizationId;
use super::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};

/// 代理人証明書: what signs filings. The private key is sealed under the node key; the uploaded file is kept under its own
/// password, and sealed as well.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AgentCertificate {
    /// Whose certificate it is.
    #[n(0)]
    pub organization: AgentOrganizationId,
    /// Number within the organization, from 1.
    #[n(1)]
    pub number: u32,
    /// 登録日時.
    #[n(2)]
    pub registered_at: BusinessTime,
    /// The certificate, DER (X.509).
    #[cbor(n(3), with = "minicbor::bytes")]
    pub certificate: Vec<u8>,
    /// The private key, PKCS#8 DER, sealed; AAD names this table and record.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub sealed_key: Vec<u8>,
    /// 屋号（漢字） as in the certificate (O).
    #[n(5)]
    pub trade_name: String,
    /// 氏名又は代表者名（漢字） as in the certificate (CN).
    #[n(6)]
    pub person_name: String,
    /// 住所（都道府県～番地） as in the certificate.
    #[n(7)]
    pub address: String,
    /// First day on which it may sign: 利用開始日. None until 代理人証明書更新 was done.
    #[n(8)]
    pub usable_from: Option<Day>,
    /// 証明書有効期限.
    #[n(9)]
    pub valid_until: BusinessTime,
    /// 屋号（カナ）.
    #[cbor(n(10), default)]
    pub trade_name_kana: String,
    /// 氏名又は代表者名（カナ）.
    #[cbor(n(11), default)]
    pub person_name_kana: String,
    /// 郵便番号, `123-4567`.
    #[cbor(n(12), default)]
    pub postal_code: String,
    /// 住所（建物名等）.
    #[cbor(n(13), default)]
    pub building: String,
    /// The uploaded file, sealed; empty when there was none.
    #[cbor(n(14), with = "minicbor::bytes", default)]
    pub sealed_file: Vec<u8>,
    /// Grows by one with every change.
    #[cbor(n(15), default)]
    pub version: u32,
}

/// What can be said of a certificate on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 代理人証明書更新 is still to be done.
    Unfinished,
    /// It signs from this day on.
    Waiting(Day),
    /// It may sign.
    Usable,
    /// 証明書有効期限 is over.
    Expired,
}

impl AgentCertificate {
    /// Where a sealed key belongs: table and record, part of what the seal vouches for.
    pub fn place(organization: AgentOrganizationId, number: u32) -> String {
        format!("agent_certificates/{organization}/{number}")
    }

    /// Where a sealed file belongs.
    pub fn file_place(organization: AgentOrganizationId, number: u32) -> String {
        format!("agent_certificates/{organization}/{number}/file")
    }

    /// Both parts of 住所, as the portal reads them.
    pub fn whole_address(&self) -> String {
        format!("{}{}", self.address, self.building)
    }

    /// What it is good for now.
    pub fn state(&self, now: BusinessTime) -> State {
        match self.usable_from {
            _ if now > self.valid_until => State::Expired,
            None => State::Unfinished,
            Some(day) if day > now.day() => State::Waiting(day),
            Some(_) => State::Usable,
        }
    }
}

/// The certificate that signs now: the latest 利用開始日, then the latest 登録日時.
pub fn signing(certificates: &[AgentCertificate], now: BusinessTime) -> Option<&AgentCertificate> {
    certificates
        .iter()
        .filter(|certificate| certificate.state(now) == State::Usable)
        .max_by_key(|certificate| (certificate.usable_from, certificate.registered_at, certificate.number))
}

/// Days before the end of what can be signed, on which it is announced: from the first, more urgently from each further
/// one.
pub const ANNOUNCED: [i32; 3] = [60, 30, 7];

/// That an agent can't sign any more, or soon can't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Nothing can sign; the next one does from this day on, if there is one.
    Nothing(Option<Day>),
    /// The last day on which something can sign, and how many days are left until then.
    Ends(Day, i32),
}

/// What to announce of an agent's certificates. A certificate that takes over in time ends no warning before its own end
/// comes near.
pub fn warning(certificates: &[AgentCertificate], now: BusinessTime) -> Option<Warning> {
    if signing(certificates, now).is_none() {
        let next = certificates.iter().filter_map(|certificate| match certificate.state(now) {
            State::Waiting(day) => Some(day),
            _ => None,
        });
        return Some(Warning::Nothing(next.min()));
    }
    let mut end = now;
    loop {
        let further = certificates
            .iter()
            .filter(|certificate| certificate.usable_from.is_some_and(|day| day <= end.day()))
            .map(|certificate| certificate.valid_until)
            .max()?;
        if further <= end {
            break;
        }
        end = further;
    }
    let left = now.day().days_until(end.day());
    (left <= ANNOUNCED[0]).then_some(Warning::Ends(end.day(), left))
}

/// 住所 of a certificate in the two parts of the form: what follows a space after the number of the house is the building.
pub fn split_address(address: &str) -> (String, String) {
    let mut digit = false;
    for (at, character) in address.char_indices() {
        if digit && character.is_whitespace() {
            let (street, building) = address.split_at(at);
            return (street.to_owned(), building.trim().to_owned());
        }
        digit |= character.is_numeric() || "一二三四五六七八九十番号地".contains(character);
    }
    (address.to_owned(), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: i8, day: i8) -> Day {
        Day::new(2026, month, day).unwrap()
    }

    fn noon(day: Day) -> BusinessTime {
        BusinessTime::at(day, 12, 0)
    }

    fn certificate(number: u32, usable_from: Option<Day>, last: Day) -> AgentCertificate {
        AgentCertificate {
            organization: AgentOrganizationId(1),
            number,
            registered_at: noon(day(1, 1)),
            certificate: Vec::new(),
            sealed_key: Vec::new(),
            trade_name: String::new(),
            person_name: String::new(),
            address: String::new(),
            usable_from,
            valid_until: noon(last),
            trade_name_kana: String::new(),
            person_name_kana: String::new(),
            postal_code: String::new(),
            building: String::new(),
            sealed_file: Vec::new(),
            version: 1,
        }
    }

    #[test]
    fn the_latest_beginning_signs_and_what_is_unfinished_never_does() {
        let all = [
            certificate(1, Some(day(1, 1)), day(12, 31)),
            certificate(2, Some(day(6, 1)), day(8, 31)),
            certificate(3, None, day(12, 31)),
        ];
        let number = |at: Day| signing(&all, noon(at)).map(|certificate| certificate.number);
        assert_eq!(number(day(5, 31)), Some(1));
        assert_eq!(number(day(6, 1)), Some(2));
        assert_eq!(number(day(9, 1)), Some(1), "the older one takes over again");
        assert_eq!(signing(&all, BusinessTime::at(day(12, 31), 12, 1)), None);
        let twins = [certificate(4, Some(day(1, 1)), day(2, 1)), certificate(5, Some(day(1, 1)), day(2, 1))];
        assert_eq!(signing(&twins, noon(day(1, 5))).unwrap().number, 5);
    }

    #[test]
    fn the_end_is_announced_unless_another_takes_over_in_time() {
        let one = certificate(1, Some(day(1, 1)), day(6, 30));
        let at = |all: &[AgentCertificate], when: Day| warning(all, noon(when));
        assert_eq!(at(std::slice::from_ref(&one), day(4, 30)), None);
        assert_eq!(at(std::slice::from_ref(&one), day(5, 1)), Some(Warning::Ends(day(6, 30), 60)));
        assert_eq!(at(std::slice::from_ref(&one), day(6, 30)), Some(Warning::Ends(day(6, 30), 0)));
        assert_eq!(at(std::slice::from_ref(&one), day(7, 1)), Some(Warning::Nothing(None)));
        let next = certificate(2, Some(day(6, 30)), day(12, 31));
        assert_eq!(at(&[one.clone(), next], day(6, 20)), None);
        let late = certificate(2, Some(day(7, 5)), day(12, 31));
        assert_eq!(at(&[one.clone(), late.clone()], day(6, 20)), Some(Warning::Ends(day(6, 30), 10)));
        assert_eq!(at(&[one.clone(), late], day(7, 2)), Some(Warning::Nothing(Some(day(7, 5)))));
        let unfinished = certificate(2, None, day(12, 31));
        assert_eq!(at(&[one, unfinished], day(6, 20)), Some(Warning::Ends(day(6, 30), 10)));
        assert_eq!(at(&[], day(6, 20)), Some(Warning::Nothing(None)));
    }

    #[test]
    fn the_building_is_what_stands_behind_the_number() {
        let parts = |address: &str| split_address(address);
        let two = |street: &str, building: &str| (street.to_owned(), building.to_owned());
        assert_eq!(parts("東京都品川区東大井一丁目１２番１７号"), two("東京都品川区東大井一丁目１２番１７号", ""));
        assert_eq!(parts("東京都品川区東大井1-12-17　青空ビル 3階"), two("東京都品川区東大井1-12-17", "青空ビル 3階"));
        assert_eq!(parts("東京都 品川区 大井"), two("東京都 品川区 大井", ""));
    }
}
