//! Names, addresses and vehicles of the demo world: plainly invented, always the same for the same seed.

use crate::domain::chassis::ChassisNumber;
use crate::domain::plate::Plate;

/// A small generator of numbers (splitmix64), so that a demo looks the same wherever it is started.
#[derive(Debug, Clone)]
pub(super) struct Seeded(u64);

impl Seeded {
    /// From a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`, which is at least 1.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let limit = u64::try_from(limit).unwrap_or(1).max(1);
        usize::try_from((z ^ (z >> 31)) % limit).unwrap_or(0)
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T], otherwise: T) -> T {
        let index = self.below(of.len());
        of.get(index).copied().unwrap_or(otherwise)
    }
}

const FAMILY: &[&str] = &[
    "青葉", "若草", "朝日", "夕凪", "春野", "夏川", "秋庭", "冬木", "月島", "星野", "雪村", "風間", "花岡", "緑川",
    "白石", "黒部", "金沢", "銀林", "桃井", "梅津", "松風", "竹林", "桜田", "菊川", "海野", "山辺", "川瀬", "谷口",
    "森下", "野原",
];
const GIVEN: &[&str] = &[
    "一郎", "花子", "次郎", "美咲", "三郎", "陽菜", "健", "葵", "誠", "結衣", "学", "楓", "実", "凛", "茂", "桜", "進",
    "恵", "勇", "舞",
];
const COMPANIES: &[&str] = &[
    "株式会社見本運輸",
    "見本商事株式会社",
    "有限会社例示建設",
    "株式会社ひな形物産",
    "例示工業株式会社",
    "株式会社サンプル青果",
    "合同会社仮名デザイン",
    "仮名製作所株式会社",
];
const TOWNS: &[&str] = &[
    "東京都みどり区あおば町",
    "東京都みどり区わかば台",
    "東京都さくら区はなぞの",
    "東京都さくら区ひだまり町",
    "神奈川県みなと見本市うみべ",
    "埼玉県ひなた市のぞみ野",
    "千葉県しおかぜ市なぎさ",
    "東京都つばめ市そらの",
];
const REGIONS: &[&str] =
    &["品川", "練馬", "足立", "世田谷", "杉並", "江東", "葛飾", "板橋", "多摩", "八王子", "横浜", "大宮", "千葉"];
const CLASSES: &[&str] = &["300", "301", "330", "500", "501", "530", "580", "33A", "50C"];
const KANA: &[&str] = &[
    "さ", "す", "せ", "そ", "た", "ち", "つ", "て", "と", "な", "に", "ぬ", "ね", "の", "は", "ひ", "ふ", "ほ", "ま",
    "み", "む",
];
const LIGHT_CLASSES: &[&str] = &["580", "581", "583", "480", "50", "58A", "5X0"];
const LIGHT_MODELS: &[&str] = &["KDA11S", "KDB22V", "KEX33W", "KSM44S"];
const MODELS: &[&str] = &["DMA10", "DMB21", "DMC32", "EXA50", "EXB61", "SMP12", "SMQ33", "TRN05"];

/// A vehicle with its user, as the certificate says.
#[derive(Debug, Clone)]
pub(super) struct DemoVehicle {
    pub(super) plate: Plate,
    pub(super) chassis: ChassisNumber,
    pub(super) corporation: bool,
    pub(super) user: String,
    pub(super) representative: Option<String>,
    pub(super) address1: String,
    pub(super) address2: String,
    /// 車両重量 in kg.
    pub(super) weight: u32,
    /// Days from today to 有効期間満了日.
    pub(super) expires_in: i32,
    /// First registered this many years ago.
    pub(super) age: i32,
}

/// The n-th vehicle, a light one or not.
pub(super) fn vehicle(number: u32, light: bool) -> DemoVehicle {
    let (classes, models) = if light { (LIGHT_CLASSES, LIGHT_MODELS) } else { (CLASSES, MODELS) };
    // Some light vehicles are so old that they carry a small plate.
    let small = light && number.is_multiple_of(9);
    let mut seeded = Seeded::new(u64::from(number) * 7_919 + 11);
    let corporation = seeded.below(5) == 0;
    let person = format!("{}　{}", seeded.pick(FAMILY, "青葉"), seeded.pick(GIVEN, "花子"));
    let two = |seeded: &mut Seeded, limit: usize| full_width(seeded.below(limit) + 1);
    let address2 = format!("{}丁目{}番{}号", two(&mut seeded, 6), two(&mut seeded, 30), two(&mut seeded, 20));
    DemoVehicle {
        plate: Plate {
            region: seeded.pick(REGIONS, "品川").to_owned(),
            class: if small { "66".to_owned() } else { seeded.pick(classes, "500").to_owned() },
            kana: seeded.pick(KANA, "さ").to_owned(),
            serial: u16::try_from(seeded.below(9_999) + 1).unwrap_or(1),
            small,
        },
        chassis: ChassisNumber {
            number: format!("{}-{:07}", seeded.pick(models, "DMA10"), 1_000_000 + number * 37),
            officially_stamped: false,
        },
        corporation,
        user: if corporation { seeded.pick(COMPANIES, "株式会社見本運輸").to_owned() } else { person.clone() },
        representative: corporation.then_some(person),
        address1: seeded.pick(TOWNS, "東京都みどり区あおば町").to_owned(),
        address2,
        weight: u32::try_from(seeded.below(120)).unwrap_or(0) * if light { 2 } else { 10 }
            + if light { 780 } else { 980 },
        expires_in: i32::try_from(seeded.below(50)).unwrap_or(0) + 8,
        age: i32::try_from(seeded.below(16)).unwrap_or(0) + 3,
    }
}

fn full_width(number: usize) -> String {
    number.to_string().chars().filter_map(|c| char::from_u32(u32::from(c) + 0xFEE0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn vehicles_are_always_the_same_and_all_different() {
        let all: Vec<DemoVehicle> = (0..200).map(|number| vehicle(number, number.is_multiple_of(4))).collect();
        let chassis: BTreeSet<&str> = all.iter().map(|v| v.chassis.number.as_str()).collect();
        assert_eq!(chassis.len(), 200);
        assert_eq!(vehicle(3, false).user, all[3].user);
        assert!(all.iter().any(|v| v.corporation) && all.iter().any(|v| !v.corporation));
    }
}
