//! Files that come with a form (multipart/form-data). Read at the gate of a route, after it is known who sends, and
//! never beyond what the route takes: the rest of a file that is too large is thrown away as it comes in, so that the
//! form can be shown again with its other fields.

use super::error::Failure;
use super::fields::{Fields, MOST};
use super::form::Posted;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::LengthLimitError;
use multer::{Field, Multipart};
use std::error::Error as _;
use std::{fmt, io};

/// The most bytes of text in the other fields of such a form, all together.
const TEXT: usize = 256 << 10;
/// The most files that one form takes.
const FILES: usize = 8;
/// The most characters kept of a file's name.
const NAME: usize = 200;

/// A file that came with a form. Its content shows in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The field it was chosen in.
    pub(super) field: String,
    name: String,
    content: Vec<u8>,
    /// The size that the route takes, once the file has passed it.
    beyond: Option<usize>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Upload").field("field", &self.field).field("bytes", &self.content.len()).finish()
    }
}

impl Upload {
    /// The file's name on the sender's machine, without folders and control characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is in it.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    pub(super) fn usable(&self) -> Result<(), String> {
        match self.beyond {
            Some(limit) => {
                Err(format!("「{}」は大きすぎます。{}以下のファイルを選んでください。", self.name, size(limit)))
            }
            None if self.content.is_empty() => {
                Err(format!("「{}」は空のファイルです。正しいファイルを選んでください。", self.name))
            }
            None => Ok(()),
        }
    }
}

fn size(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{} KB", bytes >> 10) } else { format!("{} MB", bytes >> 20) }
}

/// The boundary of a form with files; none when the body is something else.
pub(in crate::web) fn boundary(headers: &HeaderMap) -> Option<String> {
    multer::parse_boundary(headers.get(header::CONTENT_TYPE)?.to_str().ok()?).ok()
}

/// Reads the fields and files of a form, when it is one with files. `largest` is the size of one file.
pub(in crate::web) async fn read(request: Request, largest: usize) -> Result<Request, Failure> {
    let Some(boundary) = boundary(request.headers()) else { return Ok(request) };
    if largest == 0 {
        return Err(Failure::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let (mut parts, body) = request.into_parts();
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let (mut fields, mut files, mut text) = (Fields::default(), Vec::new(), 0);
    let mut pairs = 0;
    while let Some(field) = form.next_field().await.map_err(|error| failure(&error))? {
        pairs += 1;
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file) = field.file_name().map(plain_name) {
            let (content, beyond) = take(field, largest).await?;
            // A field in which nothing was chosen sends a file without name and content.
            if !(file.is_empty() && content.is_empty()) && files.len() < FILES {
                files.push(Upload { field: name, name: file, content, beyond: beyond.then_some(largest) });
            }
        } else {
            let (content, beyond) = take(field, TEXT).await?;
            text += content.len();
            if beyond || text > TEXT {
                return Err(Failure::Status(StatusCode::PAYLOAD_TOO_LARGE));
            }
            if pairs <= MOST {
                fields.push(&name, String::from_utf8_lossy(&content));
            }
        }
    }
    parts.extensions.insert(Posted::new(fields, files));
    Ok(Request::from_parts(parts, Body::empty()))
}

/// The content up to a size, and whether there was more; then nothing is kept.
async fn take(mut field: Field<'_>, most: usize) -> Result<(Vec<u8>, bool), Failure> {
    let (mut content, mut beyond) = (Vec::new(), false);
    while let Some(chunk) = field.chunk().await.map_err(|error| failure(&error))? {
        let chunk: Bytes = chunk;
        beyond |= content.len() + chunk.len() > most;
        if beyond {
            content = Vec::new();
        } else {
            content.extend_from_slice(&chunk);
        }
    }
    Ok((content, beyond))
}

/// Some browsers send the whole path.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|character| !character.is_control()).take(NAME).collect()
}

fn failure(error: &multer::Error) -> Failure {
    let mut status = StatusCode::BAD_REQUEST;
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            status = StatusCode::PAYLOAD_TOO_LARGE;
        } else if error.downcast_ref().is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::TimedOut) {
            status = StatusCode::REQUEST_TIMEOUT;
        }
        cause = error.source();
    }
    Failure::Status(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Limited;
    use proptest::prelude::*;

    fn request(body: Vec<u8>, limit: usize) -> Request {
        let body = Body::new(Limited::new(Body::from(body), limit));
        Request::builder().header("content-type", "multipart/form-data; boundary=xx").body(body).unwrap()
    }

    fn part(name: &str, file: Option<&str>, content: &[u8]) -> Vec<u8> {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        let head = format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    }

    fn posted(parts: &[Vec<u8>], largest: usize) -> Result<Posted, Failure> {
        let body = [parts.concat(), b"--xx--\r\n".to_vec()].concat();
        let read = futures_util::FutureExt::now_or_never(read(request(body, 1 << 20), largest)).unwrap();
        read.map(|request| request.extensions().get::<Posted>().unwrap().clone())
    }

    #[test]
    fn fields_and_files_are_read_and_told_apart() {
        let parts = [
            part("csrf", None, b"token"),
            part("file", Some("C:\\Users\\me\\行政書士電子証明書.p12"), b"\x30\r\n--x\x00"),
            part("password", None, " 空白も".as_bytes()),
            part("second", Some(""), b""),
            part("third", Some("empty.p12"), b""),
        ];
        let posted = posted(&parts, 64).unwrap();
        assert_eq!(posted.get("csrf"), "token");
        assert_eq!(posted.raw("password"), Some(" 空白も"));
        let file = posted.file("file").unwrap();
        assert_eq!((file.name(), file.content()), ("行政書士電子証明書.p12", b"\x30\r\n--x\x00".as_slice()));
        assert!(posted.file("second").unwrap_err().contains("選んで"));
        assert!(posted.file("third").unwrap_err().contains("空のファイル"));
        assert!(!format!("{posted:?}").contains("48, 13"), "content in {posted:?}");
    }

    #[test]
    fn a_file_that_is_too_large_leaves_the_other_fields() {
        let parts = [part("file", Some("big.p12"), &[7; 2_000]), part("once", None, b"0123")];
        let posted = posted(&parts, 1_024).unwrap();
        assert_eq!(posted.file("file").unwrap_err(), "「big.p12」は大きすぎます。1 KB以下のファイルを選んでください。");
        assert_eq!(posted.get("once"), "0123");
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_status() {
        let status = |result: Result<Posted, Failure>| result.unwrap_err().status();
        assert_eq!(status(posted(&[part("a", None, b"1")], 0)), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let long = vec![b'a'; TEXT + 1];
        assert_eq!(status(posted(&[part("a", None, &long)], 10)), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(status(posted(&[part("a", Some("b"), &vec![0; 2 << 20])], 10)), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(status(posted(&[b"--xx\r\nnothing".to_vec()], 10)), StatusCode::BAD_REQUEST);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_sent(bytes: Vec<u8>, cut in 0_usize..200) {
            let _ = posted(std::slice::from_ref(&bytes), 100);
            let mut parts = part("a", Some("b"), &bytes);
            parts.truncate(cut);
            let _ = posted(&[parts], 100);
        }
    }
}
