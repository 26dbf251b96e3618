//! 車両台帳: what the offices know of each vehicle. The review compares applications with it.

use super::form::{plate_typed, read_plate, typed_plate};
use super::{Act, act, here, look, nothing, page_of};
use crate::app::Shared;
use crate::domain::chassis::{self, suffix_key};
use crate::domain::problem::Problems;
use crate::domain::text;
use crate::domain::time::Day;
use crate::sim::world::{TaxCategory, Vehicle, VehicleClass};
use crate::web::kit::layout::Outside;
use crate::web::kit::prelude::*;
use axum::extract::State;
use axum::response::Response;

const COLUMNS: [Column<'_>; 6] = [
    Column::new("車台番号"),
    Column::new("番号"),
    Column::new("使用者"),
    Column::new("住所"),
    Column::new("有効期間満了日"),
    Column::new("備考"),
];

const CLASSES: [(&str, VehicleClass, &str); 4] = [
    ("passenger", VehicleClass::Passenger, "乗用（自家用）"),
    ("cargo", VehicleClass::Cargo, "貨物（自家用）"),
    ("light", VehicleClass::Light, "軽自動車（自家用）"),
    ("light_business", VehicleClass::LightBusiness, "軽自動車（事業用）"),
];

const TAXES: [(&str, TaxCategory, &str); 3] = [
    ("reduced", TaxCategory::Reduced, "本則税率"),
    ("standard", TaxCategory::Standard, "当分の間税率（経過年数による）"),
    ("exempt", TaxCategory::Exempt, "免税"),
];

fn edit_address(chassis: &str) -> String {
    Fields::default().with("chassis", chassis).on(&format!("{}/edit", urls::outside(Outside::Vehicles)))
}

/// The register.
pub(super) async fn show(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Markup> {
    let (suffix, name) = (suffix_key(asked.get("chassis")), text::search_key(asked.get("user")));
    let vehicles = look(&app, move |sim| {
        let mut vehicles = sim.vehicles()?;
        vehicles.retain(|vehicle| {
            suffix_key(&vehicle.chassis).ends_with(&suffix) && text::search_key(&vehicle.user_name).contains(&name)
        });
        Ok(vehicles)
    })
    .await?;
    let (listed, rows) = page_of(vehicles, &asked);
    let action = urls::outside(Outside::Vehicles);
    let found = if rows.is_empty() {
        nothing("車両", &asked, &action)
    } else {
        table("車両台帳", &COLUMNS, &html! { @for vehicle in &rows { (row(vehicle)) } })
    };
    let basic = html! {
        (field("chassis", "車台番号（後方一致）").value(asked.get("chassis")).text(25))
        (field("user", "使用者").value(asked.get("user")).text(30))
    };
    let new = button::link("車両の登録", &format!("{action}/edit"));
    Ok(user.visit.page(
        "車両台帳",
        here(Outside::Vehicles),
        &html! {
            (SearchPanel { action: &action, basic, details: None }.render())
            (listing(listed, &action, &asked, &new, &found))
        },
    ))
}

fn row(vehicle: &Vehicle) -> Markup {
    let mut remarks = Vec::new();
    if vehicle.unpaid_fine {
        remarks.push("放置違反金 未納");
    }
    if vehicle.public {
        remarks.push("公用車");
    }
    if vehicle.tax == TaxCategory::Exempt {
        remarks.push("免税");
    }
    html! {
        tr {
            td { a href=(edit_address(&vehicle.chassis)) { (vehicle.chassis) } }
            td { (plate(&vehicle.plate, vehicle.class.kind(), false)) }
            td .name { (vehicle.user_name) }
            td .name { (vehicle.user_address) }
            td { (vehicle.expires_on) }
            td { (remarks.join("、")) }
        }
    }
}

/// 登録 or 更新 of one vehicle.
pub(super) async fn edit(State(app): State<Shared>, user: Instructor, asked: Fields) -> Result<Response> {
    let chassis = asked.get("chassis").to_owned();
    let vehicle = look(&app, move |sim| sim.vehicle(&chassis)).await?;
    let typed = vehicle.as_ref().map_or_else(|| asked.clone(), filled);
    Ok(form_page(&user.visit, &typed, vehicle.is_some(), &Problems::new()))
}

fn filled(vehicle: &Vehicle) -> Fields {
    let on = |flag: bool| if flag { "on" } else { "" };
    plate_typed(&vehicle.plate)
        .with("chassis", &vehicle.chassis)
        .with("user_name", &vehicle.user_name)
        .with("user_address", &vehicle.user_address)
        .with("expires_on", vehicle.expires_on.iso())
        .with("weight_kg", vehicle.weight_kg)
        .with("class", CLASSES.iter().find(|(_, class, _)| *class == vehicle.class).map_or("", |(key, ..)| *key))
        .with("first_registered", vehicle.first_registered.iso())
        .with("tax", TAXES.iter().find(|(_, tax, _)| *tax == vehicle.tax).map_or("", |(key, ..)| *key))
        .with("unpaid_fine", on(vehicle.unpaid_fine))
        .with("public", on(vehicle.public))
        .with("reissued", vehicle.reissued.as_deref().unwrap_or_default())
}

fn form_page(visit: &Visit, typed: &Fields, known: bool, problems: &Problems) -> Response {
    let list = urls::outside(Outside::Vehicles);
    let one = |name, label| field(name, label).value(typed.get(name)).problems(problems);
    let body = html! {
        (error_summary(problems))
        (form::post(visit, &format!("{list}/edit"), &html! {
            (group("vehicle", "", &html! {
                @if known {
                    (form::hidden("chassis", typed.get("chassis")))
                    (field("chassis", "車台番号").value(typed.get("chassis")).fixed())
                } @else {
                    (one("chassis", "車台番号").required(true).rule("車検証の記載どおりに、ハイフンも入力します。").text(25))
                }
                (one("class", "用途").select(None, CLASSES.iter().map(|(key, _, label)| (*key, *label))))
                (plate_input("番号", typed_plate(typed), true, problems, "例：品川（分類）300（仮名）さ（番号）1111。小板と分類番号なしは、軽自動車だけです。", 12, &plate_flags(typed)))
                (one("user_name", "使用者の氏名又は名称").required(true).rule("60文字以内です。").text(60))
                (one("user_address", "使用者の住所").required(true).rule("都道府県から番地まで、続けて入力します。160文字以内です。").text(160))
                (one("expires_on", "有効期間満了日").required(true).date())
                (one("first_registered", "初度登録年月日").required(true).date())
                (one("weight_kg", "車両重量（kg）").required(true).rule("貨物自動車は車両総重量です。1～30000。").text(5))
                (one("tax", "自動車重量税の区分").select(None, TAXES.iter().map(|(key, _, label)| (*key, *label))))
                (one("unpaid_fine", "放置違反金").check("未納あり"))
                (one("reissued", "再交付された車検証の管理番号").rule("軽自動車の車検証が再交付されているときだけ、半角数字5～13文字で入力します。").text(13))
                (one("public", "公用車").check("公用車（電子委任状で手数料が免除される）"))
            }))
            (action_bar(&html! { (button::primary("確定")) (button::link("戻る", &list)) }, &Markup::default()))
        }))
    };
    let title = if known { "車両台帳 更新" } else { "車両台帳 登録" };
    page_with(visit, problems, title, here(Outside::Vehicles), &body)
}

/// 確定.
pub(super) async fn save(State(app): State<Shared>, user: Instructor, posted: Posted) -> Result<Response> {
    let chassis = posted.get("chassis").to_owned();
    let before = look(&app, move |sim| sim.vehicle(&chassis)).await?;
    let vehicle = match read(&app, &posted, before.as_ref()) {
        Ok(vehicle) => vehicle,
        Err(problems) => return Ok(form_page(&user.visit, &posted, before.is_some(), &problems)),
    };
    let to = urls::outside(Outside::Vehicles);
    let done = Act {
        posted: &posted,
        action: "sim.vehicle",
        subject: format!("vehicle {}", vehicle.chassis),
        to: &to,
        said: format!("車台番号 {} の車両を保存しました。", vehicle.chassis),
    };
    act(&app, &user.visit, &user.actor, done, move |sim| Ok(sim.put_vehicle(vehicle)?)).await
}

fn read(app: &Shared, posted: &Fields, before: Option<&Vehicle>) -> Result<Vehicle, Problems> {
    let mut problems = Problems::new();
    let class =
        CLASSES.iter().find(|(key, ..)| *key == posted.get("class")).map_or(VehicleClass::Passenger, |one| one.1);
    let kind = class.kind();
    let plate = read_plate(app, kind, posted, &mut problems);
    let number = match before {
        Some(vehicle) => Some(vehicle.chassis.clone()),
        None => problems.take("chassis", chassis::parse(kind, posted.get("chassis"), false)).map(|read| read.number),
    };
    let mut line = |key: &'static str, label: &str, max: usize| {
        let value = text::trim(posted.get(key)).to_owned();
        let length = value.chars().count();
        if length == 0 || length > max || text::unprintable(&value, false).is_some() {
            problems.add(key, format!("{label}を、{max}文字以内で入力してください。"));
        }
        value
    };
    let user_name = line("user_name", "使用者の氏名又は名称", 60);
    let user_address = line("user_address", "使用者の住所", 160);
    let mut day = |key: &'static str, label: &str| {
        problems.take(
            key,
            Day::parse(posted.get(key))
                .ok_or_else(|| format!("{label}を、年・月・日で入力してください。例：2025/01/06")),
        )
    };
    let expires_on = day("expires_on", "有効期間満了日");
    let first_registered = day("first_registered", "初度登録年月日");
    let weight = text::normalise(posted.get("weight_kg")).parse::<u32>().ok().filter(|kg| (1..=30_000).contains(kg));
    let weight =
        problems.take("weight_kg", weight.ok_or("車両重量は、1から30000までの半角数字で入力してください。例：1200"));
    let reissued = text::normalise(posted.get("reissued"));
    let digits = reissued.bytes().all(|b| b.is_ascii_digit()) && (5..=13).contains(&reissued.len());
    if !digits && !reissued.is_empty() {
        problems.add("reissued", "再交付された車検証の管理番号は、半角数字5～13文字で入力してください。");
    }
    let tax = TAXES.iter().find(|(key, ..)| *key == posted.get("tax")).map_or(TaxCategory::Standard, |one| one.1);
    match (number, plate, expires_on, first_registered, weight) {
        (Some(chassis), Some(plate), Some(expires_on), Some(first_registered), Some(weight_kg))
            if problems.is_empty() =>
        {
            Ok(Vehicle {
                chassis,
                plate,
                user_name,
                user_address,
                expires_on,
                weight_kg,
                class,
                first_registered,
                tax,
                unpaid_fine: posted.has("unpaid_fine"),
                public: posted.has("public"),
                learned: false,
                reissued: (!reissued.is_empty()).then_some(reissued),
            })
        }
        _ => Err(problems),
    }
}
