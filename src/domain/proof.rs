//! 証拠ファイル: what shows that something was seen at the real portal — a printed page, a receipt, a picture of the
//! screen. Kept as it came; what it is tells its content, never its name.

use super::ids::RequestId;
use super::request::Stamp;
use minicbor::{Decode, Encode};

/// The largest file, in bytes: a page scanned in colour or a picture of a telephone's camera fits.
pub const LARGEST: usize = 5 << 20;

/// The most files of one 申請ID: a picture of every page of a filing that was corrected more than once. With
/// [`LARGEST`] it bounds what one request can add to the data file.
pub const MOST: u32 = 20;

/// The endings that a choice of files offers.
pub const ENDINGS: &str = ".pdf,.png,.jpg,.jpeg";

/// A file of 証拠ファイル; its content is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Proof {
    /// Of which request.
    #[n(0)]
    pub request: RequestId,
    /// From 1 within the request.
    #[n(1)]
    pub number: u32,
    /// The place in 履歴, from 0, of what it shows.
    #[n(2)]
    pub entry: u32,
    /// Its name on the sender's machine, without folders.
    #[n(3)]
    pub name: String,
    /// What it is.
    #[n(4)]
    pub kind: ProofKind,
    /// Bytes.
    #[n(5)]
    pub size: u32,
    /// Who added it, and when.
    #[n(6)]
    pub added: Stamp,
}

/// The content of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ProofContent {
    /// As it came.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// What is taken as a proof. Nothing of it can act when it is opened from a disk in a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ProofKind {
    /// PDF.
    #[n(1)]
    Pdf,
    /// PNG.
    #[n(2)]
    Png,
    /// JPEG.
    #[n(3)]
    Jpeg,
}

impl ProofKind {
    /// What this content is; none when it is nothing that is taken.
    pub fn of(content: &[u8]) -> Option<Self> {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
        match content {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ if content.starts_with(PNG) && content.get(12..16) == Some(b"IHDR") => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            _ => None,
        }
    }

    /// The word of pages and of the audit.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
        }
    }

    /// Its content type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The ending of its name when it is saved.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
        }
    }
}

impl Proof {
    /// The name under which it is saved again: the sender's, with the ending of what it is.
    pub fn file_name(&self) -> String {
        let (stem, ending) = self.name.rsplit_once('.').unwrap_or((&self.name, ""));
        let endings = self.kind.endings();
        if endings.contains(&ending.to_ascii_lowercase().as_str()) {
            return self.name.clone();
        }
        let stem = if stem.is_empty() { "証拠ファイル" } else { stem };
        format!("{stem}.{}", endings.first().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;
    use crate::domain::time::BusinessTime;

    #[test]
    fn the_content_tells_what_a_file_is() {
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0, 0, 0, 13], b"IHDR", &[0; 8]].concat();
        for (content, kind) in [
            (b"%PDF-1.7\n%".as_slice(), Some(ProofKind::Pdf)),
            (&png, Some(ProofKind::Png)),
            (b"\xff\xd8\xff\xe0\x00\x10JFIF", Some(ProofKind::Jpeg)),
            (b"<html><script>", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"\n%PDF-1.7", None),
            (b"\x89PNG\r\n\x1a\n", None),
            (b"MZ\x90", None),
            (b"", None),
        ] {
            assert_eq!(ProofKind::of(content), kind, "{content:?}");
        }
    }

    #[test]
    fn a_file_is_saved_as_what_it_is() {
        let named = |name: &str, kind| {
            let added = Stamp { user: UserId(1), name: "代理".into(), at: BusinessTime::from_unix(0) };
            let (request, name) = (RequestId(1), name.to_owned());
            Proof { request, number: 1, entry: 0, name, kind, size: 1, added }.file_name()
        };
        assert_eq!(named("受付.PDF", ProofKind::Pdf), "受付.PDF");
        assert_eq!(named("写真.jpeg", ProofKind::Jpeg), "写真.jpeg");
        assert_eq!(named("page.html", ProofKind::Pdf), "page.pdf");
        assert_eq!(named("受付", ProofKind::Png), "受付.png");
        assert_eq!(named("", ProofKind::Png), "証拠ファイル.png");
    }
}
