//! Logs on standard error, and the number every request gets. Logs are English and never hold what people typed.

use crate::config::{Log, LogFormat};
use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// The filter can't be read.
#[derive(Debug, thiserror::Error)]
#[error("log.filter を読めません。\"info\" や \"info,ainas::listener=debug\" のように書いてください ({0})")]
pub struct FilterError(String);

/// Starts logging; the first call counts. Panics are logged as one line with their place.
///
/// # Errors
/// When the filter can't be read.
pub fn start(log: &Log) -> Result<(), FilterError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|e| FilterError(e.to_string()))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first.
    let _ = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Only messages written in the code are logged: a formatted one may hold what people typed.
fn log_panic(info: &std::panic::PanicHookInfo<'_>) {
    let message = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("(withheld)");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(message, place, "panic");
}

/// The number of a request: in the log, on error pages and in the header `x-request-id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// A fresh one. 12 hexadecimal digits: short enough to read over the telephone.
    pub fn fresh() -> Self {
        Self(crate::secret::hex(&crate::secret::random::<6>()).into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
