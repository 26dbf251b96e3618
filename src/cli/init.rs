//! `ainas init`: makes a data folder and says, once, how the first operator signs in.

use super::{Exit, Failure, Settings, say};
use crate::clock::Clocks;
use crate::config::{Config, EXAMPLE, Profile};
use crate::node::{self, Created};
use clap::Args;
use std::path::Path;

#[derive(Args)]
#[command(
    override_usage = "ainas init --data フォルダー [--profile 用途] [--name 名前] [--host 名前] [--config ファイル]"
)]
#[command(next_help_heading = "オプション")]
pub(super) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// 用途: production (本番、省略時), training (訓練), test (試験), demo (お試し)。あとから変更できません
    #[arg(long, value_name = "用途", default_value = "production", hide_default_value = true)]
    profile: Profile,
    /// 事務所などの名前 (設定の node.name)
    #[arg(long, value_name = "名前")]
    name: Option<String>,
    /// 利用者が開くアドレスの名前かIPアドレス (例: ainas.example.jp)
    #[arg(long, value_name = "名前")]
    host: Option<String>,
    /// 結果をJSONで表示します
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = arguments.settings.config.as_deref();
    let missing = file.filter(|path| !path.exists());
    let mut config = match missing {
        // It is written at the end, so it can't be read now.
        Some(_) => {
            Settings { config: None, data: arguments.settings.data.clone(), set: arguments.settings.set.clone() }
                .load()?
        }
        None => arguments.settings.load()?,
    };
    config.node.data = std::path::absolute(&config.node.data).map_err(|e| Failure::new(Exit::Data, e))?;
    if let Some(name) = &arguments.name {
        config.node.name.clone_from(name);
    }
    if let Some(host) = &arguments.host {
        for listener in &mut config.listeners {
            listener.public_url = public_url(host, listener.address.port());
        }
    }
    config.check_values()?;
    let created = node::create(&config.node.data, arguments.profile, &config, Clocks::machine().system())?;
    if let Some(file) = missing {
        write_config(file, &config).map_err(|e| Failure::new(Exit::Failed, format!("{}: {e}", file.display())))?;
    }
    say(&report(arguments, &created, missing));
    Ok(())
}

fn public_url(host: &str, port: u16) -> String {
    let host = match host.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.to_lowercase(),
    };
    if port == 443 { format!("https://{host}") } else { format!("https://{host}:{port}") }
}

/// The commented example with the answers filled in.
fn write_config(file: &Path, config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let mut document: toml_edit::DocumentMut = EXAMPLE.parse()?;
    let set = |item: Option<&mut toml_edit::Item>, text: &str| {
        if let Some(value) = item.and_then(toml_edit::Item::as_value_mut) {
            // Keeps the comment above the line.
            let decor = value.decor().clone();
            *value = text.into();
            *value.decor_mut() = decor;
        }
    };
    let node = document.get_mut("node").and_then(toml_edit::Item::as_table_mut);
    if let Some(node) = node {
        set(node.get_mut("data"), &config.node.data.to_string_lossy());
        set(node.get_mut("name"), &config.node.name);
    }
    if let Some(listeners) = document.get_mut("listeners").and_then(toml_edit::Item::as_array_of_tables_mut) {
        for (table, listener) in listeners.iter_mut().zip(&config.listeners) {
            set(table.get_mut("public_url"), &listener.public_url);
        }
    }
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent)?;
    }
    // Somebody else's file that appeared meanwhile is not overwritten.
    let mut new = std::fs::OpenOptions::new().write(true).create_new(true).open(file)?;
    std::io::Write::write_all(&mut new, document.to_string().as_bytes())?;
    Ok(())
}

fn report(arguments: &Arguments, created: &Created, written: Option<&Path>) -> String {
    let data = created.folder.root().display().to_string();
    let password = created.password.reveal();
    if arguments.json {
        return serde_json::json!({
            "data": data,
            "profile": created.folder.profile().slug(),
            "config": written.map(|path| path.display().to_string()),
            "operator": { "login_id": created.operator, "initial_password": password },
        })
        .to_string();
    }
    let mut lines = vec![format!("データフォルダーを作成しました: {data} ({})", created.folder.profile())];
    if let Some(file) = written {
        lines.push(format!("設定ファイルを作成しました: {}", file.display()));
    }
    lines.push(String::new());
    lines.push("最初の運営者です。この表示は一度だけです。書き留めてください。".to_owned());
    lines.push(format!("  ログインID      {}", created.operator));
    lines.push(format!("  初期パスワード  {password}"));
    lines.push(String::new());
    lines.push(match arguments.settings.config.as_deref() {
        Some(file) => format!("次のコマンドで動かします: ainas serve --config {}", file.display()),
        None => format!("次のコマンドで動かします: ainas serve --data {data}"),
    });
    lines.join("\n")
}
