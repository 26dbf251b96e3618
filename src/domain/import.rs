//! 依頼データ一括登録: how rows of a table become requests. Columns come from the procedure, so that a new procedure can
//! be uploaded as it stands; what is checked is what its forms check.

mod row;

pub use row::{Checked, NewRow, Offer, Place, check};

use super::ids::{ClientOrganizationId, ImportId, RequestId, UserId};
use super::procedure::common;
use super::procedure::{Editor, Field, FieldKind, Procedure, VehicleKind};
use super::request::Value;
use super::text;
use super::time::SystemTime;
use minicbor::{Decode, Encode};

/// The most rows of one upload.
pub const MOST_ROWS: usize = 10_000;

/// Headings of the columns that are no fields of the procedure. Lists that are downloaded carry the same.
pub mod heading {
    use super::Procedure;

    /// 車台番号.
    pub const CHASSIS: &str = "車台番号";
    /// 職権打刻フラグ.
    pub const STAMPED: &str = "職権打刻フラグ";
    /// 小板フラグ (light vehicles).
    pub const SMALL: &str = "小板フラグ";
    /// 依頼人拠点コード.
    pub const BRANCH_CODE: &str = "依頼人拠点コード";
    /// 拠点（略称）.
    pub const BRANCH: &str = "拠点";
    /// 代理人拠点ID.
    pub const AGENT_BRANCH_ID: &str = "代理人拠点ID";
    /// 代理人: organization and branch.
    pub const AGENT: &str = "代理人";

    /// 地名, （分類）, （仮名）, （番号） of the plate.
    pub fn plate(procedure: &Procedure) -> [String; 4] {
        ["地名", "分類", "仮名", "番号"].map(|part| format!("{}（{part}）", procedure.plate_label))
    }
}

/// What a column says of a request.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// 地名.
    Region,
    /// （分類）.
    Class,
    /// （仮名）.
    Kana,
    /// （番号）.
    Serial,
    /// 小板フラグ.
    Small,
    /// 車台番号.
    Chassis,
    /// 職権打刻フラグ.
    Stamped,
    /// 拠点, by code or name.
    Branch,
    /// 代理人, by code or name.
    Agent,
    /// A field of the procedure.
    Field(&'static Field),
}

/// A column of an upload.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it says.
    pub part: Part,
    /// The name under which a cell is kept.
    pub key: &'static str,
    /// The heading in the template.
    pub label: String,
    /// Another heading that means the same, in downloaded lists.
    pub also: Option<&'static str>,
    /// Every row needs it.
    pub required: bool,
    /// The input rule.
    pub rule: String,
}

/// The columns of an upload of this procedure, in the order of its pages.
pub fn columns(procedure: &Procedure) -> Vec<Column> {
    let [region, class, kana, serial] = heading::plate(procedure);
    let column = |part, key, label: &str, required, rule: &str| Column {
        part,
        key,
        label: label.to_owned(),
        also: None,
        required,
        rule: rule.to_owned(),
    };
    let light = procedure.vehicle == VehicleKind::Light;
    let class_rule = if light {
        "分類番号です。分類番号の無い標板では空欄にします。例：580"
    } else {
        "分類番号です。例：600"
    };
    let mut columns = vec![
        column(Part::Region, "plate.region", &region, true, "標板の地名です。例：品川"),
        column(Part::Class, "plate.class", &class, !light, class_rule),
        column(Part::Kana, "plate.kana", &kana, true, "標板の仮名1文字です。例：さ"),
        column(Part::Serial, "plate.serial", &serial, true, "一連指定番号です。1～4桁の数字で、例：1111"),
    ];
    if light {
        columns.push(column(
            Part::Small,
            "small",
            heading::SMALL,
            false,
            "「小板」か「小板以外」です。空欄は「小板以外」です。",
        ));
    }
    columns.extend([
        column(
            Part::Chassis,
            "chassis",
            heading::CHASSIS,
            true,
            "車検証の記載どおりに、ハイフンも入力します。例：CAR-01210002",
        ),
        column(
            Part::Stamped,
            "stamped",
            heading::STAMPED,
            false,
            "「職権打刻あり」か「職権打刻なし」です。空欄は「職権打刻なし」です。",
        ),
        Column {
            also: Some(heading::BRANCH),
            ..column(Part::Branch, "branch", heading::BRANCH_CODE, true, "拠点のコードか略称です。例：001")
        },
        Column {
            also: Some(heading::AGENT),
            ..column(
                Part::Agent,
                "agent",
                heading::AGENT_BRANCH_ID,
                false,
                "代理人拠点IDです。空欄のときは、拠点の既定の代理人になります。",
            )
        },
    ]);
    for field in procedure.fields().filter(|field| field.editor != Editor::Fixed) {
        columns.push(column(Part::Field(field), field.key, field.label, false, &rule(field)));
    }
    columns
}

/// The rule of the form, and the words that a cell takes.
fn rule(field: &Field) -> String {
    let words = words(field);
    let words = match &field.kind {
        _ if !words.is_empty() => format!("「{}」のどれかです。", words.join("」「")),
        FieldKind::Date => "日付です。例：2026/12/24".to_owned(),
        _ => String::new(),
    };
    let initial = match (common::initial_values().get(&field.no), &field.kind) {
        (Some(Value::Choice(code)), FieldKind::Choice(choices)) => choices.iter().find(|choice| choice.code == *code),
        _ => None,
    };
    let empty = match initial {
        Some(choice) => format!("空欄のときは「{}」になります。", choice.label),
        None if field.required => "送信するときは必須です。".to_owned(),
        None => String::new(),
    };
    format!("{words}{}{empty}", field.rule)
}

/// The words that a cell of this field takes; none for free text.
pub fn words(field: &Field) -> Vec<&'static str> {
    match &field.kind {
        FieldKind::Choice(choices) => choices.iter().map(|choice| choice.label).collect(),
        FieldKind::Flag { on, off, .. } => vec![on, off],
        _ => Vec::new(),
    }
}

/// Where the columns of the procedure stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// For each column of the procedure the places in the file, the one that counts first.
    places: Vec<Vec<usize>>,
    /// Headings that are read over.
    pub unknown: Vec<String>,
}

impl Mapping {
    /// From the headings of a file.
    ///
    /// # Errors
    /// A sentence for each heading that is missing or there twice.
    pub fn of(columns: &[Column], headings: &[String]) -> Result<Self, Vec<String>> {
        let keys: Vec<String> = headings.iter().map(|heading| heading_key(heading)).collect();
        let mut wrong = Vec::new();
        let mut known = vec![false; headings.len()];
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            let mut found = Vec::new();
            for label in [Some(column.label.as_str()), column.also].into_iter().flatten() {
                let key = heading_key(label);
                let at: Vec<usize> = (0..).zip(&keys).filter(|(_, other)| **other == key).map(|(at, _)| at).collect();
                if at.len() > 1 {
                    wrong.push(format!("見出し「{label}」の列が{}つあります。1つにしてください。", at.len()));
                }
                at.iter().for_each(|at| known.iter_mut().skip(*at).take(1).for_each(|known| *known = true));
                found.extend(at.first());
            }
            if found.is_empty() && column.required {
                wrong.push(format!("見出し「{}」の列がありません。1行目に見出しを入れてください。", column.label));
            }
            places.push(found);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let unknown = headings.iter().zip(known).filter(|(heading, known)| !known && !text::trim(heading).is_empty());
        Ok(Self { places, unknown: unknown.map(|(heading, _)| text::quoted(heading, 40)).collect() })
    }

    /// The cells of a row in the order of the procedure's columns.
    pub fn cells(&self, row: &[String]) -> Vec<String> {
        let cell = |places: &Vec<usize>| {
            let texts = places.iter().filter_map(|at| row.get(*at)).map(|text| text::trim(text));
            texts.filter(|text| !text.is_empty()).map(str::to_owned).next().unwrap_or_default()
        };
        self.places.iter().map(cell).collect()
    }
}

/// Headings are the same whatever their width, spaces and marks such as ※必須.
fn heading_key(heading: &str) -> String {
    let plain: String = text::normalise(heading).chars().filter(|c| !c.is_whitespace()).collect();
    plain.replace("※必須", "").replace('*', "")
}

/// An uploaded table, kept until its rows are registered and looked at. Its rows are kept beside it, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Import {
    /// Its number.
    #[n(0)]
    pub id: ImportId,
    /// Whose requests they would become.
    #[n(1)]
    pub organization: ClientOrganizationId,
    /// Who uploaded it: the only one who sees it.
    #[n(2)]
    pub owner: UserId,
    /// The procedure's code.
    #[n(3)]
    pub procedure: u8,
    /// The file's name.
    #[n(4)]
    pub name: String,
    /// SHA-256 of its content.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub digest: [u8; 32],
    /// When.
    #[n(6)]
    pub uploaded: SystemTime,
    /// Headings that were read over.
    #[n(7)]
    pub unknown: Vec<String>,
    /// How many rows.
    #[n(8)]
    pub rows: u32,
    /// Of these, without problems.
    #[n(9)]
    pub good: u32,
    /// Of the good ones, with doubts.
    #[n(10)]
    pub doubtful: u32,
    /// Of the good ones, those that can be sent.
    #[n(11)]
    pub sendable: u32,
}

/// Something about a cell.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Finding {
    /// The heading of its column; empty for the row as a whole.
    #[n(0)]
    pub column: String,
    /// A sentence.
    #[n(1)]
    pub message: String,
}

/// A row of an uploaded table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ImportRow {
    /// The number under which people see it in the file.
    #[n(0)]
    pub line: u32,
    /// What stands in it: key of the column, and text.
    #[n(1)]
    pub cells: Vec<Cell>,
    /// What is wrong with it.
    #[n(2)]
    pub problems: Vec<Finding>,
    /// What should be looked at before it is registered.
    #[n(3)]
    pub doubts: Vec<String>,
    /// What is missing before it can be sent.
    #[n(4)]
    pub unsendable: Vec<Finding>,
    /// What it became.
    #[n(5)]
    pub request: Option<RequestId>,
}

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Cell {
    /// The key of its column.
    #[n(0)]
    pub key: String,
    /// What stands in it.
    #[n(1)]
    pub text: String,
}

impl ImportRow {
    /// What stands under a key; empty when nothing does.
    pub fn cell(&self, key: &str) -> &str {
        self.cells.iter().find(|cell| cell.key == key).map_or("", |cell| &cell.text)
    }

    /// The parts of the plate as they stand there.
    pub fn plate(&self) -> String {
        let parts = ["plate.region", "plate.class", "plate.kana", "plate.serial"].map(|key| self.cell(key));
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The cells in the order of the columns.
    pub fn in_order(&self, columns: &[Column]) -> Vec<String> {
        columns.iter().map(|column| self.cell(column.key).to_owned()).collect()
    }
}

/// Numbers of rows as people write them: `2-50, 60、62～64`.
///
/// # Errors
/// A sentence.
pub fn lines(typed: &str) -> Result<Vec<(u32, u32)>, String> {
    let plain = text::hyphens(&text::normalise(typed)).replace(['~', '〜'], "-").replace('、', ",");
    let mut found = Vec::new();
    for part in plain.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        match (from.trim().parse(), to.trim().parse()) {
            (Ok(from), Ok(to)) if from <= to && found.len() < 1_000 => found.push((from, to)),
            _ => return Err(format!("行番号「{}」が読み取れません。例：2-50, 60", text::quoted(part, 15))),
        }
    }
    if found.is_empty() {
        return Err("登録する行の番号を入力してください。例：2-50, 60".to_owned());
    }
    Ok(found)
}
