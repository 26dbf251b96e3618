//! The stylesheet, the script and the icon, inside the binary. Their address carries a hash of the content, so that a
//! browser asks once and never again.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "assets/web/"]
struct Files;

/// Addresses by plain file name.
static URLS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let hash = Files::get(&name)?.metadata.sha256_hash();
            let tag: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let (stem, extension) = name.rsplit_once('.')?;
            Some((name.to_string(), format!("/assets/{stem}.{tag}.{extension}")))
        })
        .collect()
});

/// Where a file is served: `app.css` → `/assets/app.<hash>.css`.
pub fn url(name: &str) -> &'static str {
    URLS.get(name).map_or("/assets/", String::as_str)
}

/// `GET /assets/{name}`: the file, to be kept for a year; an old address of a changed file is not found.
pub async fn serve(Path(name): Path<String>) -> Response {
    let wanted = format!("/assets/{name}");
    let file = URLS.iter().find(|(_, url)| **url == wanted).and_then(|(plain, _)| Files::get(plain));
    let Some(file) = file else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
    (headers, file.data.into_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_content() {
        for name in ["app.css", "app.js", "icon.svg"] {
            let (stem, extension) = name.rsplit_once('.').unwrap();
            let url = url(name);
            assert!(url.starts_with(&format!("/assets/{stem}.")) && url.ends_with(extension), "{url}");
        }
    }
}
