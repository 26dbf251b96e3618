//! Whatever comes from outside, spoiled: every parser that text or bytes of strangers reach answers or refuses, never
//! panics, and answers with no more than it was given. The same seeds give the same copies, so that what failed fails
//! again; `AINAS_TEST_ROUNDS` makes more of them.

mod files;
mod pages;
mod spoiled;
mod wire;

use ainas::config::{EXAMPLE, Flags, MonthDay, TimeOfDay, load};
use ainas::domain::procedure::VehicleKind;
use ainas::domain::reference::{Regions, Tables};
use ainas::domain::time::{BusinessTime, Day};
use ainas::domain::{calendar, chassis, field, import, observation, plate, procedure, proof, text};
use ainas::web::kit::fields::Fields;
use ainas::web::procedure::place::{Kind, Place};
use ainas::web::procedure::query::Query;
use plate::PlateInput;
use spoiled::{bytes, texts};

const VEHICLES: [VehicleKind; 2] = [VehicleKind::Registered, VehicleKind::Light];

fn regions() -> Regions {
    Tables::embedded().regions
}

#[test]
fn plates() {
    let regions = regions();
    texts(
        &["品川 300 さ 1234", "ナニワ　３a5 ｻ ・・・7", "袖ケ浦 33 y 12-34", "富士山 9XY Ｅ ..12"],
        1_500,
        |typed| {
            let part = |at| typed.split([' ', '　']).nth(at).unwrap_or_default().to_owned();
            for (vehicle, small) in VEHICLES.into_iter().zip([false, true]) {
                let input = PlateInput {
                    region: part(0),
                    class: part(1),
                    kana: part(2),
                    serial: part(3),
                    small,
                    no_class: false,
                };
                if let Ok((parsed, _)) = plate::parse(vehicle, &input, &regions) {
                    assert!((1..=9_999).contains(&parsed.serial) && parsed.to_string().chars().count() < 24);
                }
                let _ = plate::parse(vehicle, &PlateInput { no_class: true, ..input }, &regions);
            }
            plate::region_part(typed, &regions);
            plate::class_part(typed);
            plate::kana_part(typed);
            let _ = plate::serial_part(typed);
        },
    );
}

#[test]
fn chassis_numbers() {
    texts(
        &["CAR-01210002", "国[41]12345国", "ＮＺＥ１４１－１２３４５６７", "ｶｰ 1"],
        1_500,
        |typed| {
            for (vehicle, stamped) in [(VEHICLES[0], false), (VEHICLES[0], true), (VEHICLES[1], false)] {
                if let Ok(parsed) = chassis::parse(vehicle, typed, stamped) {
                    assert!(parsed.number.chars().count() <= chassis::max_length(vehicle).max(40));
                    assert_eq!(chassis::parse(vehicle, &parsed.number, stamped).as_ref(), Ok(&parsed));
                }
            }
            chassis::normalise(typed);
            chassis::stamped_parts(typed);
            chassis::differs_only_in_hyphens(typed, "国[41]12345国");
            assert!(!chassis::suffix_key(typed).contains('-'));
        },
    );
}

#[test]
fn japanese_text() {
    texts(
        &["髙橋　花子", "ﾀﾞｲﾊﾂ ＡＢＣ－１２３", "葛\u{e0100}飾ヴァ㍍㈱", "か\u{3099}ゝ〆"],
        1_500,
        |typed| {
            // No character becomes more than eighteen, NFKC's longest.
            let most = typed.chars().count() * 18;
            let fits = |text: &str| text.chars().count() <= most;
            let (full, half) = (text::to_full_width(typed), text::to_half_width(typed));
            assert!(fits(&full) && text::to_full_width(&full) == full);
            assert!(fits(&half) && text::to_half_width(&half) == half);
            let key = text::search_key(typed);
            assert!(fits(&key) && text::search_key(&key) == key);
            assert!(fits(&text::normalise(typed)));
            assert!(text::quoted(typed, 20).chars().count() <= 21);
            assert!(text::outside_cp932(typed).len() <= typed.chars().count());
            text::hyphens(&text::to_hiragana(&text::to_katakana(typed)));
            text::unprintable(text::trim(typed), true);
        },
    );
}

#[test]
fn days_numbers_and_lines() {
    texts(
        &["2026/12/24", "2026-12-24", "20261224", "令和8年12月24日", "08:00", "12-29", "3-5, 9"],
        1_500,
        |typed| {
            if let Some(day) = Day::parse(typed) {
                assert_eq!(Day::parse(&day.to_string()), Some(day));
                calendar::show_era(day);
                let _ = day.plus_months(-2).plus_days(14).days_until(day);
            }
            let number = |part: &str| part.parse().unwrap_or_default();
            let parts: Vec<i64> = typed.split(|c: char| !c.is_ascii_digit()).map(number).collect();
            for seconds in parts.iter().flat_map(|part| [*part, -part, part.saturating_mul(86_400)]) {
                assert!(!BusinessTime::from_unix(seconds).plus(seconds).to_string().is_empty());
            }
            let _ = (typed.parse::<TimeOfDay>(), typed.parse::<MonthDay>());
            if let Ok(lines) = import::lines(typed) {
                assert!(lines.len() <= typed.len());
            }
            let _ = (observation::receipt(typed), observation::reasons("理由", typed));
        },
    );
}

#[test]
fn fields_of_every_procedure() {
    let good =
        ["見本　太郎", "１－２－３", "2026/12/24", "2年", "1", "03-1234-5678", "a@example.jp", "令和8年12月24日"];
    texts(&good, 400, |typed| {
        for field in procedure::ALL.iter().flat_map(|procedure| procedure.fields()) {
            if let Ok(Some(value)) = field::parse(field, typed) {
                let kept = field::raw(field, &value);
                assert!(kept.chars().count() <= typed.chars().count() * 18 + 20);
                assert_eq!(field::parse(field, &kept), Ok(Some(value)), "{} of {kept:?}", field.key);
            }
        }
    });
}

#[test]
fn conditions_of_a_list() {
    let regions = regions();
    let good = [
        "plate.region=%E5%93%81%E5%B7%9D&plate.class=300&plate.kana=%E3%81%95&plate.serial=12-34&chassis=4567",
        "id=100000001&status=4&status=5&portal=3&division=client&receiving=office&order=oldest&size=50&page=2",
        "user=%E9%AB%98&office=12&agent=1&client=2&branch=3&completed_from=2026-11-01&completed_to=2026-12-01",
        "cashless=yes&memo=x&custom=y&details=closed&beside=100000001",
    ];
    bytes(&good.map(str::as_bytes), 1_500, |typed| {
        let fields = Fields::parse_bytes(typed);
        assert_eq!(Fields::parse(&fields.query()).query(), fields.query());
        let query = Query::of(&fields);
        assert_eq!(Query::of(&query.fields()), query);
        assert!(query.text().len() <= 40 * 200 * 12, "an address stays an address");
        for procedure in procedure::ALL {
            for kind in [Kind::Requests, Kind::Applications] {
                let place = Place { application: ainas::domain::role::Application::Agent, procedure, kind };
                let _ = query.conditions(&place, &regions);
            }
        }
    });
}

#[test]
fn proofs() {
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0, 0, 0, 13], b"IHDR"].concat();
    bytes(&[b"%PDF-1.7\n", &png, b"\xff\xd8\xff\xe0\x00\x10JFIF", b"<svg onload=x>"], 1_500, |content| {
        let markup = content.first().is_some_and(|first| matches!(first, b'<' | b' ' | b'\n' | b'\t'));
        assert!(!(markup && proof::ProofKind::of(content).is_some()));
    });
}

#[test]
fn the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ainas.toml");
    texts(&[EXAMPLE, "[accounts]\nidle_minutes = 5\n[[listeners]]\naddress = \"[::]:1\"\n"], 150, |text| {
        std::fs::write(&path, text).unwrap();
        let word = text.chars().filter(|c| !c.is_control()).take(40).collect::<String>();
        for environment in [None, Some(("AINAS_LIMITS__STREAMS".to_owned(), word.clone()))] {
            let flags = Flags { data: None, set: vec![("node.name".to_owned(), word.clone())] };
            if let Err(error) = load(Some(&path), environment, &flags) {
                assert!(!error.sentence.is_empty() && error.to_string().len() < 4_000, "{error}");
            }
        }
    });
}
