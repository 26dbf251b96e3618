//! Puts the layers on top of each other and says, in one Japanese sentence, where a mistake is and what is allowed.

use super::Config;
use figment::error::{Actual, Kind};
use figment::providers::Serialized;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Provider};
use std::path::{Path, PathBuf};

/// Keys set on the command line; they win over everything.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--set`: pairs of a dotted key and its value as one would write it in the environment.
    pub set: Vec<(String, String)>,
}

/// The configuration can't be used; the sentence is for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("設定に誤りがあります。{place}{key}: {sentence}")]
pub struct ConfigError {
    /// File and line, variable or flag, with a space at the end; empty when unknown.
    pub place: String,
    /// The dotted key.
    pub key: String,
    /// What is wrong and what is allowed.
    pub sentence: String,
}

/// Environment variables of the node that are no configuration keys.
const OTHER_VARIABLES: &[&str] = &["AINAS_CONFIG"];
/// Variables that only tests and benches read.
const TEST_PREFIXES: &[&str] = &["AINAS_TEST_", "AINAS_BENCH_", "AINAS_SCREENSHOTS"];

/// One layer above the file.
struct Layer {
    name: &'static str,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<figment::Profile, Dict>, figment::Error> {
        Ok(figment::Profile::Default.collect(self.values.clone()))
    }
}

const ENVIRONMENT: &str = "environment";
const FLAGS: &str = "flags";

/// Reads the configuration.
///
/// # Errors
/// A sentence for whoever wrote it.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &Flags,
) -> Result<Config, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    let mut text = None;
    if let Some(path) = file {
        let content = std::fs::read_to_string(path).map_err(|e| ConfigError {
            place: format!("{} ", path.display()),
            key: String::new(),
            sentence: format!("ファイルを読めません ({e})"),
        })?;
        let values: Dict = toml_edit::de::from_str(&content).map_err(|e| syntax(path, &content, &e))?;
        figment = figment.merge(Layer { name: "file", values });
        text = Some((path, content));
    }
    figment = figment
        .merge(Layer { name: ENVIRONMENT, values: environment_values(environment)? })
        .merge(Layer { name: FLAGS, values: flag_values(flags) });
    let place = |key: &str, layer: Option<&str>| place(key, layer, text.as_ref().map(|(p, c)| (*p, c.as_str())));
    let mut config: Config = figment.extract().map_err(|error| {
        let (key, sentence) = explain(&error);
        ConfigError { place: place(&key, error.metadata.as_ref().map(|m| m.name.as_ref())), key, sentence }
    })?;
    config.check().map_err(|(key, sentence)| {
        let layer = figment.find_metadata(&key).map(|metadata| metadata.name.clone().into_owned());
        ConfigError { place: place(&key, layer.as_deref()), key, sentence }
    })?;
    let from_file = figment.find_metadata("node.data").is_some_and(|metadata| metadata.name == "file");
    if let (true, Some(folder)) = (from_file, file.and_then(Path::parent)) {
        config.node.data = folder.join(&config.node.data);
    }
    Ok(config)
}

fn environment_values(environment: impl IntoIterator<Item = (String, String)>) -> Result<Dict, ConfigError> {
    let mut values = Dict::new();
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix("AINAS_") else { continue };
        if OTHER_VARIABLES.contains(&name.as_str()) || TEST_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        if !rest.contains("__") {
            return Err(ConfigError {
                place: "環境変数 ".to_owned(),
                key: name,
                sentence: "節と項目を __ で区切ってください (例: AINAS_ACCOUNTS__IDLE_MINUTES)".to_owned(),
            });
        }
        insert(&mut values, &rest.to_lowercase().replace("__", "."), scalar(&value));
    }
    Ok(values)
}

fn flag_values(flags: &Flags) -> Dict {
    let mut values = Dict::new();
    for (key, value) in &flags.set {
        insert(&mut values, key, scalar(value));
    }
    if let Some(data) = &flags.data {
        insert(&mut values, "node.data", Value::from(data.to_string_lossy().into_owned()));
    }
    values
}

/// A number, a boolean, a list or plain text, whichever it looks like.
fn scalar(text: &str) -> Value {
    text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {})
}

fn insert(values: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            values.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = values.entry(section.to_owned()).or_insert_with(|| Value::from(Dict::new()));
            if !matches!(inner, Value::Dict(..)) {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// Where a key was written: `config.toml:12 `, `環境変数 AINAS_… `, `コマンドラインの `.
fn place(key: &str, layer: Option<&str>, file: Option<(&Path, &str)>) -> String {
    match (layer, file) {
        (Some(ENVIRONMENT), _) => format!("環境変数 AINAS_{} ", key.to_uppercase().replace('.', "__")),
        (Some(FLAGS), _) => "コマンドライン ".to_owned(),
        (_, Some((path, text))) => match line_of(text, key) {
            Some(line) => format!("{} {line}行目 ", path.display()),
            None => format!("{} ", path.display()),
        },
        _ => String::new(),
    }
}

fn line_of(text: &str, key: &str) -> Option<usize> {
    let document = toml_edit::ImDocument::parse(text).ok()?;
    let mut item = document.as_item();
    let mut span = None;
    for part in key.split('.') {
        if let Ok(index) = part.parse::<usize>() {
            item = item.get(index)?;
            span = item.span().or(span);
        } else {
            let Some((key, next)) = item.as_table_like().and_then(|table| table.get_key_value(part)) else { break };
            span = key.span().or(span);
            item = next;
        }
    }
    line_at(text, span?.start)
}

fn line_at(text: &str, offset: usize) -> Option<usize> {
    Some(text.get(..offset)?.matches('\n').count() + 1)
}

fn syntax(path: &Path, text: &str, error: &toml_edit::de::Error) -> ConfigError {
    let line = error.span().and_then(|span| line_at(text, span.start));
    ConfigError {
        place: match line {
            Some(line) => format!("{} {line}行目 ", path.display()),
            None => format!("{} ", path.display()),
        },
        key: String::new(),
        sentence: format!("TOMLとして読めません ({})", error.message().replace('\n', " ")),
    }
}

/// The dotted key and a sentence.
fn explain(error: &figment::Error) -> (String, String) {
    let mut path = error.path.clone();
    let mut add = |name: &str| {
        if path.last().is_none_or(|last| last != name) {
            path.push(name.to_owned());
        }
    };
    let sentence = match &error.kind {
        Kind::UnknownField(name, known) => {
            add(name);
            format!("この項目はありません。{}", choices(name, known))
        }
        Kind::UnknownVariant(name, known) => format!("「{name}」は指定できません。{}", choices(name, known)),
        Kind::MissingField(name) => {
            add(name);
            "この項目が必要です".to_owned()
        }
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("{} は指定できません。{}", shown(actual), wanted(expected))
        }
        Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "数が大きすぎるか小さすぎます".to_owned(),
        Kind::Message(message) if message.contains("socket address") => {
            "\"0.0.0.0:8443\" や \"[::]:8443\" のように、IPアドレスとポート番号を書いてください (名前は使えません)"
                .to_owned()
        }
        Kind::Message(message) => message.clone(),
        other => other.to_string(),
    };
    (path.join("."), sentence)
}

fn choices(given: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), *name))
        .filter(|(distance, name)| *distance <= name.len().max(3) / 3 + 1)
        .min();
    match nearest {
        Some((_, name)) => format!("「{name}」ではありませんか。使えるのは {} です", known.join(", ")),
        None => format!("使えるのは {} です", known.join(", ")),
    }
}

fn shown(actual: &Actual) -> String {
    match actual {
        Actual::Str(text) => format!("文字列「{text}」"),
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => value.to_string(),
        Actual::Seq => "並び [ ]".to_owned(),
        Actual::Map => "節".to_owned(),
        _ => "この値".to_owned(),
    }
}

fn wanted(expected: &str) -> String {
    match expected {
        "a string" | "string" | "path string" => "\" \" で囲んだ文字列を書いてください".to_owned(),
        "a boolean" | "bool" => "true か false を書いてください".to_owned(),
        "a sequence" | "sequence" => "[ ] で囲んで並べてください".to_owned(),
        number if number.starts_with(['u', 'i']) => "数を書いてください".to_owned(),
        "socket address" => {
            "\"0.0.0.0:8443\" のように、IPアドレスとポート番号を書いてください (名前は使えません)".to_owned()
        }
        section if section.starts_with("struct") => "節 [ ] か { } で書いてください".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EXAMPLE, LogFormat, Profile};

    fn from_text(text: &str, environment: &[(&str, &str)], set: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ainas.toml");
        std::fs::write(&path, text).unwrap();
        let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let environment: Vec<(String, String)> = owned(environment);
        load(Some(&path), environment, &Flags { data: None, set: owned(set) })
    }

    #[test]
    fn the_example_is_complete_and_is_the_default() {
        let mut config = from_text(EXAMPLE, &[], &[]).unwrap();
        config.node.data = PathBuf::from("data");
        assert_eq!(config, Config::default());
        // Every key of the defaults is written in the example, directly below a comment.
        let defaults = toml_edit::ser::to_document(&Config::default()).unwrap();
        let example: toml_edit::DocumentMut = EXAMPLE.parse().unwrap();
        fn keys(prefix: &str, item: &toml_edit::Item, found: &mut Vec<String>) {
            match item {
                toml_edit::Item::ArrayOfTables(tables) => {
                    tables.iter().for_each(|table| keys(prefix, &toml_edit::Item::Table(table.clone()), found));
                }
                item => match item.as_table_like() {
                    Some(table) => table.iter().for_each(|(key, item)| keys(&format!("{prefix}.{key}"), item, found)),
                    None => match item.as_array() {
                        Some(list) if list.iter().any(toml_edit::Value::is_inline_table) => {
                            list.iter().for_each(|value| keys(prefix, &toml_edit::Item::Value(value.clone()), found));
                        }
                        _ => found.push(prefix.to_owned()),
                    },
                },
            }
        }
        let (mut expected, mut written) = (Vec::new(), Vec::new());
        keys("", defaults.as_item(), &mut expected);
        keys("", example.as_item(), &mut written);
        expected.sort();
        written.sort();
        assert_eq!(written, expected);
        let lines: Vec<&str> = EXAMPLE.lines().collect();
        for pair in lines.windows(2) {
            if pair[1].contains(" = ") && !pair[1].starts_with('#') {
                assert!(pair[0].starts_with("# "), "no comment above {}", pair[1]);
            }
        }
    }

    #[test]
    fn flags_win_over_environment_over_file_over_defaults() {
        let file = "[accounts]\nidle_minutes = 20\nfailures = 7\n[log]\nformat = \"text\"\n";
        let environment = [
            ("AINAS_ACCOUNTS__IDLE_MINUTES", "30"),
            ("AINAS_ACCOUNTS__HISTORY", "3"),
            ("AINAS_TEST_ROUNDS", "2"),
            ("AINAS_LISTENERS", ""),
        ];
        let config = from_text(file, &environment[..3], &[("accounts.history", "4")]).unwrap();
        assert_eq!(config.accounts.idle_minutes, 30);
        assert_eq!(config.accounts.failures, 7);
        assert_eq!(config.accounts.history, 4);
        assert_eq!(config.accounts.lockout_minutes, 15);
        assert_eq!(config.log.format, LogFormat::Text);
        assert_eq!(config.host_names(), ["localhost", "127.0.0.1", "::1"]);
        let wrong = from_text(file, &environment, &[]).unwrap_err();
        assert_eq!(wrong.key, "AINAS_LISTENERS");
    }

    #[test]
    fn mistakes_name_the_place_the_key_and_what_is_allowed() {
        for (text, environment, expected) in [
            (
                "[accounts]\n\nidel_minutes = 5\n",
                None,
                "3行目 accounts.idel_minutes: この項目はありません。「idle_minutes」ではありませんか。使えるのは idle_minutes,",
            ),
            (
                "[acounts]\nidle_minutes = 5\n",
                None,
                "1行目 acounts: この項目はありません。「accounts」ではありませんか",
            ),
            (
                "[accounts]\nidle_minutes = 0\n",
                None,
                "2行目 accounts.idle_minutes: 0 は指定できません。1 から 1440 まで",
            ),
            (
                "[accounts]\nidle_minutes = \"five\"\n",
                None,
                "2行目 accounts.idle_minutes: 文字列「five」 は指定できません。数を",
            ),
            ("[accounts\n", None, "1行目 : TOMLとして読めません"),
            ("[hours]\nopens = \"25:00\"\n", None, "2行目 hours.opens: 時刻は"),
            (
                "[portal]\ngateway = \"simulate\"\n",
                None,
                "2行目 portal.gateway: 「simulate」は指定できません。「simulated」ではありませんか。",
            ),
            ("[health]\naddress = \"0.0.0.0:80\"\n", None, "2行目 health.address: 暗号化しない"),
            (
                "[[listeners]]\naddress = \"localhost:80\"\napplications = [\"client\"]\npublic_url = \"https://a\"\n",
                None,
                "2行目 listeners.0.address: \"0.0.0.0:8443\"",
            ),
            (
                "[[listeners]]\naddress = \"127.0.0.1:80\"\napplications = [\"client\"]\npublic_url = \"http://a\"\n",
                None,
                "4行目 listeners.0.public_url: \"https://",
            ),
            (
                "[[listeners]]\naddress = \"127.0.0.1:80\"\napplications = [\"clinet\"]\npublic_url = \"https://a\"\n",
                None,
                "「client」ではありませんか",
            ),
            (
                "",
                Some(("AINAS_LIMITS__STREAM", "5")),
                "環境変数 AINAS_LIMITS__STREAM limits.stream: この項目はありません。「streams」",
            ),
            ("", Some(("AINAS_LIMITS__STREAMS", "0")), "環境変数 AINAS_LIMITS__STREAMS limits.streams: 0 は"),
        ] {
            let error = from_text(text, environment.as_slice(), &[]).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}\n  should contain\n{expected}");
        }
    }

    #[test]
    fn production_has_no_simulated_portal() {
        let config = from_text("[portal]\ngateway = \"simulated\"\n", &[], &[]).unwrap();
        assert!(config.check_profile(Profile::Training).is_ok());
        assert!(config.check_profile(Profile::Production).unwrap_err().contains("portal.gateway"));
    }
}
