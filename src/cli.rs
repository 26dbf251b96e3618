//! The command line: Japanese help, Japanese answers, documented exit codes. Each command is one module.

mod bench;
mod check;
mod demo;
mod init;
mod serve;

use crate::app::StartError;
use crate::config::{self, Config, ConfigError, Flags};
use crate::folder::FolderError;
use crate::node::{CreateError, RunError};
use crate::pki::PkiError;
use crate::secret::SecretError;
use crate::telemetry;
use clap::error::{ContextKind, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

const TEMPLATE: &str = "{about}\n\n使い方: {usage}\n\n{all-args}{after-help}";
const EXIT_CODES: &str = "終了コード:
  0  正常に終わりました
  1  実行中に失敗しました
  2  コマンドの書き方に誤りがあります
  3  設定に誤りがあります
  4  データフォルダーを使えません
  5  待ち受けできません";

/// How a command ends. The numbers are documented in `ainas --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// As it should.
    Good = 0,
    /// While running.
    Failed = 1,
    /// Unknown command or flag.
    Usage = 2,
    /// Configuration.
    Config = 3,
    /// Data folder.
    Data = 4,
    /// Ports and certificates.
    Listen = 5,
}

/// A command can't be done: the exit code and a sentence.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// For the person at the terminal.
    pub sentence: String,
}

impl Failure {
    /// With any error's sentence.
    pub fn new(exit: Exit, cause: impl std::fmt::Display) -> Self {
        Self { exit, sentence: cause.to_string() }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Config, error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Failed, error)
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        Self::new(Exit::Data, error)
    }
}

impl From<PkiError> for Failure {
    fn from(error: PkiError) -> Self {
        Self::new(Exit::Data, error)
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new(Exit::Data, error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let exit = match error {
            StartError::Passwords(_) => Exit::Config,
            StartError::Key(_) | StartError::Store(_) => Exit::Data,
        };
        Self::new(exit, error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let exit = match error {
            RunError::Listen(_) => Exit::Listen,
            RunError::Pki(_) => Exit::Data,
            RunError::Read(_) | RunError::Signals(_) | RunError::WriterFailed => Exit::Failed,
        };
        Self::new(exit, error)
    }
}

impl From<CreateError> for Failure {
    fn from(error: CreateError) -> Self {
        let exit = match error {
            CreateError::Config(_) => Exit::Config,
            _ => Exit::Data,
        };
        Self::new(exit, error)
    }
}

/// AINAS node: 自動車の継続検査申請を共同で進めるためのサーバー
#[derive(Parser)]
#[command(name = "ainas", version, help_template = TEMPLATE, after_help = EXIT_CODES)]
#[command(disable_help_flag = true, disable_version_flag = true, disable_help_subcommand = true)]
#[command(subcommand_required = true, subcommand_help_heading = "コマンド", subcommand_value_name = "コマンド")]
#[command(override_usage = "ainas <コマンド> [オプション]")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// Flags of every command.
#[derive(Args)]
struct Common {
    /// この説明を表示します
    #[arg(short, long, global = true, action = clap::ArgAction::Help, help_heading = "オプション")]
    help: Option<bool>,
    /// 版を表示します
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "オプション")]
    version: Option<bool>,
}

#[derive(Subcommand)]
enum Command {
    /// 小さなデモ環境をこのコンピューターで動かします
    #[command(help_template = TEMPLATE)]
    Demo(demo::DemoArgs),
    /// データフォルダーを作成します
    #[command(help_template = TEMPLATE)]
    Init(init::Arguments),
    /// データフォルダーのノードを動かします
    #[command(help_template = TEMPLATE)]
    Serve(serve::Arguments),
    /// データの整合性を検査します (ノードを停止してから実行します。データは変更しません)
    #[command(help_template = TEMPLATE)]
    Check(check::Arguments),
    /// このコンピューターでの速さを計測します
    #[command(help_template = TEMPLATE)]
    Bench(bench::Arguments),
}

/// Where settings come from.
#[derive(Args)]
#[command(next_help_heading = "オプション")]
pub struct Settings {
    /// 設定ファイル (TOML)
    #[arg(long, env = "AINAS_CONFIG", hide_env = true, value_name = "ファイル")]
    pub config: Option<PathBuf>,
    /// データフォルダー (設定の node.data)
    #[arg(long, value_name = "フォルダー")]
    pub data: Option<PathBuf>,
    /// 設定を一つ変えます。何度でも書けます (例: --set accounts.idle_minutes=30)
    #[arg(long, value_name = "項目=値", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
}

fn key_and_value(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("項目=値 の形で書いてください")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Settings {
    /// The configuration of file, environment and flags.
    ///
    /// # Errors
    /// A sentence with the place of the mistake.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let flags = Flags { data: self.data.clone(), set: self.set.clone() };
        config::load(self.config.as_deref(), environment(), &flags)
    }
}

/// Variables in other encodings can't be ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Does what the command line asks.
pub fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => match run(cli.command) {
            Ok(()) => Exit::Good,
            Err(failure) => {
                complain(&failure.sentence);
                failure.exit
            }
        },
        Err(error) => usage(&error),
    };
    ExitCode::from(exit as u8)
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => {
            // A person looks at this terminal, and wants to see addresses and names.
            let log = config::Log { filter: "warn".to_owned(), format: config::LogFormat::Text };
            telemetry::start(&log).map_err(|e| Failure::new(Exit::Config, e))?;
            runtime()?.block_on(demo::run(arguments))
        }
        Command::Init(arguments) => init::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    }
}

/// For commands that serve.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

#[expect(clippy::print_stderr, reason = "the command line talks to a terminal")]
fn complain(sentence: &str) {
    eprintln!("ainas: {sentence}");
}

#[expect(clippy::print_stdout, reason = "the command line talks to a terminal")]
fn say(text: &str) {
    println!("{text}");
}

/// Help and version are answers; everything else is a mistake, said in Japanese.
fn usage(error: &clap::Error) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        say(error.to_string().trim_end());
        return Exit::Good;
    }
    let about = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = about(ContextKind::InvalidArg);
    let sentence = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません", about(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let names: Vec<_> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
            format!("コマンドを書いてください: {}", names.join(", "))
        }
        ErrorKind::UnknownArgument => format!("「{argument}」という指定はありません"),
        ErrorKind::MissingRequiredArgument => format!("{argument} が必要です"),
        ErrorKind::ArgumentConflict => format!("{argument} は同時に指定できません"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = about(ContextKind::InvalidValue);
            let cause = std::error::Error::source(error).map(|cause| format!(" ({cause})")).unwrap_or_default();
            match about(ContextKind::ValidValue) {
                allowed if allowed.is_empty() => format!("{argument} に「{value}」は指定できません{cause}"),
                allowed => format!("{argument} に「{value}」は指定できません。使えるのは {allowed} です"),
            }
        }
        _ => error.to_string(),
    };
    complain(&format!("{sentence}。説明は ainas --help で表示します"));
    Exit::Usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_its_help_is_japanese() {
        Cli::command().debug_assert();
        let help = |arguments: &[&str]| Cli::try_parse_from(arguments).map(|_| ()).unwrap_err().to_string();
        let whole = help(&["ainas", "--help"]);
        for part in ["使い方: ainas", "コマンド:", "データフォルダーを作成します", "オプション:", "終了コード:"]
        {
            assert!(whole.contains(part), "{part} in\n{whole}");
        }
        for text in [
            whole,
            help(&["ainas", "serve", "--help"]),
            help(&["ainas", "init", "--help"]),
            help(&["ainas", "demo", "--help"]),
        ] {
            for english in ["Usage", "Options", "Commands", "Print", "possible values", "default:"] {
                assert!(!text.contains(english), "{english} in\n{text}");
            }
        }
    }
}
