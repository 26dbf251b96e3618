//! The rules as a table that a domain expert reads (`rules.tsv`): given a good case with something changed, when
//! people and time do this, then that. Each row is run against the portal, the certificate service and the node's own
//! tables; a word that the table's head does not explain fails.

use super::life::{Life, agent, ask_of, client};
use super::*;
use crate::domain::field;
use crate::domain::request::{Ask, Status, Value};
use crate::domain::role::{AgentRole, ClientRole};
use crate::domain::workflow::{Action, ActionKind, Refusal};
use crate::sim::conformity::{self, Deed};
use crate::sim::world::Speed;

mod then;
mod words;

/// Read when the test runs, so that whoever edits the table sees at once what comes of it.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sim/oss_portal/tests/rules.tsv");
const COLUMNS: &str = "番号\t区分\t手続\t前提\t操作・出来事\t結果\t根拠";

/// A row, its cells cut into words.
#[derive(Debug, Clone)]
struct Row<'a> {
    number: &'a str,
    /// A 規則 row needs every word of its 前提 and 操作; a 対照 row shows where a rule does not bite.
    contrast: bool,
    procedures: Vec<&'static Procedure>,
    given: Vec<&'a str>,
    when: Vec<&'a str>,
    then: Vec<&'a str>,
}

/// Words are parted by 、 outside 「」.
fn words(cell: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = cell.split(move |letter| {
        quoted = (quoted || letter == '「') && letter != '」';
        letter == '、' && !quoted
    });
    parts.collect()
}

fn rows() -> Vec<Row<'static>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| std::fs::read_to_string(TABLE).unwrap());
    let mut lines = TEXT.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    assert_eq!(lines.next(), Some(COLUMNS));
    lines.map(row).collect()
}

fn row(line: &'static str) -> Row<'static> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [number, class, procedures, given, when, then, source] = cells[..] else { panic!("not seven cells: {line}") };
    assert!(!source.is_empty(), "{number}: no source");
    Row {
        number,
        contrast: match class {
            "規則" => false,
            "対照" => true,
            other => panic!("{number}: {other} is no 区分"),
        },
        procedures: match procedures {
            "登録" => vec![&procedure::inspection::PROCEDURE],
            "軽" => vec![&procedure::light_inspection::PROCEDURE],
            "両方" => vec![&procedure::inspection::PROCEDURE, &procedure::light_inspection::PROCEDURE],
            other => panic!("{number}: {other} is no 手続"),
        },
        given: if given == "問題なし" { Vec::new() } else { words(given) },
        when: words(when),
        then: words(then),
    }
}

impl Row<'_> {
    /// Plays the row and looks at everything it says.
    fn check(&self, procedure: &'static Procedure) -> Result<(), String> {
        let mut play = Play::of(procedure);
        for word in &self.given {
            play.change(word)?;
        }
        for (place, word) in self.when.iter().enumerate() {
            if let Some(refused) = play.refused.take() {
                return Err(format!("「{}」ができません：{refused}", self.when[place - 1]));
            }
            play.act(word)?;
        }
        let mut expects_refusal = false;
        for word in &self.then {
            expects_refusal |= word.starts_with("できない");
            play.holds(word)?;
        }
        match play.refused {
            Some(refused) if !expects_refusal => Err(format!("最後の操作ができません：{refused}")),
            _ => Ok(()),
        }
    }
}

/// A row under way.
struct Play {
    life: Life,
    procedure: &'static Procedure,
    /// Why what was done last was not possible.
    refused: Option<String>,
}

#[test]
fn every_row_of_the_table_holds() {
    let rows = rows();
    let wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| row.procedures.iter().map(move |procedure| (row, *procedure)))
        .filter_map(|(row, procedure)| {
            let problem = row.check(procedure).err()?;
            Some(format!("{}（{}）: {problem}", row.number, procedure.label))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut numbers: Vec<&str> = rows.iter().map(|row| row.number).collect();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "a number twice");
}

/// In a 規則 row nothing can be left out: without any one word of 前提 or 操作 something of 結果 is different. And a 対照
/// row stands beside a 規則 row of the same rule.
#[test]
fn no_row_says_nothing() {
    let rows = rows();
    let mut idle = Vec::new();
    for row in &rows {
        assert!(!row.then.is_empty());
        if row.contrast {
            let rule = |row: &Row<'_>| row.number.rsplit_once('-').unwrap().0.to_owned();
            assert!(
                rows.iter().any(|other| !other.contrast && rule(other) == rule(row)),
                "{}: nothing to contrast with",
                row.number
            );
            continue;
        }
        for procedure in &row.procedures {
            for place in 0..row.given.len() + row.when.len() {
                let mut less = row.clone();
                let word = if place < row.given.len() {
                    less.given.remove(place)
                } else {
                    less.when.remove(place - row.given.len())
                };
                if less.check(procedure).is_ok() {
                    idle.push(format!("{}（{}）: {word}", row.number, procedure.label));
                }
            }
        }
    }
    assert!(idle.is_empty(), "these change nothing:\n{}", idle.join("\n"));
}

/// Whatever a row expects, expecting something else fails.
#[test]
fn a_wrong_expectation_fails() {
    let mut lax = Vec::new();
    for row in rows() {
        for place in 0..row.then.len() {
            for wrong in then::wrong(row.then[place]) {
                let mut other = row.clone();
                other.then[place] = &wrong;
                for procedure in &row.procedures {
                    if other.check(procedure).is_ok() {
                        lax.push(format!("{}（{}）: {wrong}", row.number, procedure.label));
                    }
                }
            }
        }
    }
    assert!(lax.is_empty(), "these hold as well:\n{}", lax.join("\n"));
}

#[test]
fn a_word_that_nobody_knows_fails() {
    let good = rows().into_iter().find(|row| !row.given.is_empty()).unwrap();
    assert!(good.check(good.procedures[0]).is_ok());
    let mut spoilt = [good.clone(), good.clone(), good];
    spoilt[0].given.push("月が青い");
    spoilt[1].when.push("月を見る");
    spoilt[2].then.push("月＝青い");
    for row in spoilt {
        let problem = row.check(row.procedures[0]).unwrap_err();
        assert!(problem.contains('月'), "{problem}");
    }
}

/// Every OSSステータス and 申請ステータス of both procedures stands in some row's 結果.
#[test]
fn the_table_names_every_status() {
    for procedure in procedure::ALL {
        let rows = rows();
        let said: Vec<&str> = rows
            .iter()
            .filter(|row| row.procedures.iter().any(|of| of.code == procedure.code))
            .flat_map(|row| row.then.iter().copied())
            .collect();
        for status in procedure.portal_statuses {
            let named = |word: &&str| {
                word.split_once('＝').is_some_and(|(key, value)| {
                    (key == "OSSステータス" && value == status.label())
                        || (key == "経過" && value.split('→').any(|step| step == status.label()))
                })
            };
            assert!(said.iter().any(named), "{}: {}", procedure.label, status.label());
        }
        for status in procedure.request_statuses.iter().chain(procedure.application_statuses) {
            let wanted = format!("申請ステータス＝{}", status.label());
            assert!(said.contains(&wanted.as_str()), "{}: {wanted}", procedure.label);
        }
    }
}
