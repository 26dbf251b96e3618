//! お知らせ案内検索: what users of the node are told.

use crate::app::App;
use crate::domain::time::Day;
use crate::service::error::{Error, Result};
use crate::store::{Audience, Notice};

/// Which notices.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// 登録日 from.
    pub from: Option<Day>,
    /// 登録日 to.
    pub to: Option<Day>,
    /// 対象: any of these; empty is all.
    pub audiences: Vec<Audience>,
}

/// A page of notices, newest first, and how many there are in all. Those of a later business day are not out yet.
///
/// # Errors
/// The store's.
pub fn search(app: &App, wanted: &Wanted, page: u32, size: u32) -> Result<(Vec<Notice>, u64)> {
    let today = app.clocks.business().day();
    let mut notices = app.store.read(|tx| Ok::<_, Error>(tx.notices()?))?;
    notices.retain(|notice| {
        notice.published <= today
            && wanted.from.is_none_or(|from| notice.published >= from)
            && wanted.to.is_none_or(|to| notice.published <= to)
            && (wanted.audiences.is_empty() || wanted.audiences.contains(&notice.audience))
    });
    let total = notices.len() as u64;
    let skip = usize::try_from(u64::from(page.saturating_sub(1)) * u64::from(size)).unwrap_or(usize::MAX);
    Ok((notices.into_iter().skip(skip).take(usize::try_from(size).unwrap_or(20)).collect(), total))
}
