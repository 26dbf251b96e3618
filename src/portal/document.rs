//! The application document as UTF-8 XML. One writer for the agent's side, one reader for the portal's, and nothing
//! but what an application says: no session, no store, no signature.
//!
//! ```xml
//! <?xml version="1.0" encoding="UTF-8"?>
//! <application version="1" request="100000001" procedure="1">
//!   <office>東京運輸支局</office>
//!   <region>品川</region><class>600</class><kana>さ</kana><serial>1111</serial><small>0</small>
//!   <chassis>SX31-9000001</chassis><stamped>0</stamped>
//!   <distribution>1845678-001</distribution>
//!   <field name="name">…</field>
//!   <agent name="trade_name">…</agent>
//! </application>
//! ```

use super::gateway::ApplicationDocument;
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::RequestId;
use crate::domain::plate::Plate;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

/// The longest document that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most elements that are read: a document has about thirty.
const MAX_ELEMENTS: usize = 500;
const ROOT: &str = "application";
const VERSION: &str = "1";

/// Why a document can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Longer than [`MAX_BYTES`] or with too many elements.
    #[error("the document is too large")]
    TooLarge,
    /// Not well-formed, or not of this form.
    #[error("the document is malformed: {0}")]
    Malformed(&'static str),
}

/// Writes the document. Control characters, which XML can't carry, become spaces.
pub fn write(document: &ApplicationDocument) -> Vec<u8> {
    let mut out = Vec::with_capacity(2_048);
    // Writing to memory can't fail; an empty document would be refused by every reader.
    if write_to(document, &mut out).is_err() {
        out.clear();
    }
    out
}

fn write_to(document: &ApplicationDocument, out: &mut Vec<u8>) -> std::io::Result<()> {
    let mut writer = Writer::new(out);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let request = document.request.to_string();
    let procedure = document.procedure.to_string();
    let root = BytesStart::new(ROOT).with_attributes([
        ("version", VERSION),
        ("request", request.as_str()),
        ("procedure", procedure.as_str()),
    ]);
    writer.write_event(Event::Start(root))?;
    let flag = |on: bool| if on { "1" } else { "0" };
    let plate = &document.plate;
    element(&mut writer, "office", None, &document.office)?;
    element(&mut writer, "region", None, &plate.region)?;
    element(&mut writer, "class", None, &plate.class)?;
    element(&mut writer, "kana", None, &plate.kana)?;
    element(&mut writer, "serial", None, &plate.serial.to_string())?;
    element(&mut writer, "small", None, flag(plate.small))?;
    element(&mut writer, "chassis", None, &document.chassis.number)?;
    element(&mut writer, "stamped", None, flag(document.chassis.officially_stamped))?;
    element(&mut writer, "distribution", None, &document.distribution)?;
    for (name, value) in &document.fields {
        element(&mut writer, "field", Some(name), value)?;
    }
    for (name, value) in &document.agent {
        element(&mut writer, "agent", Some(name), value)?;
    }
    writer.write_event(Event::End(BytesEnd::new(ROOT)))
}

fn element(writer: &mut Writer<&mut Vec<u8>>, tag: &str, name: Option<&str>, value: &str) -> std::io::Result<()> {
    let mut start = BytesStart::new(tag);
    let clean = |text: &str| text.replace(char::is_control, " ");
    if let Some(name) = name {
        start.push_attribute(("name", clean(name).as_str()));
    }
    writer.write_event(Event::Start(start))?;
    writer.write_event(Event::Text(BytesText::new(&clean(value))))?;
    writer.write_event(Event::End(BytesEnd::new(tag)))
}

/// Reads a document that somebody sent.
///
/// # Errors
/// When it is too large, not well-formed, not of this form, or uses what such a document never needs (document types,
/// processing instructions, own entities).
pub fn read(bytes: &[u8]) -> Result<ApplicationDocument, DocumentError> {
    if bytes.len() > MAX_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| DocumentError::Malformed("not UTF-8"))?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut document = root(&mut reader)?;
    let mut seen = Seen::default();
    for _ in 0..MAX_ELEMENTS {
        match next(&mut reader)? {
            Event::Start(start) => leaf(&mut reader, &start, &mut document, &mut seen)?,
            Event::Text(space) if space.trim().is_empty() => {}
            Event::End(_) => return end(&mut reader).and_then(|()| seen.complete(document)),
            _ => return Err(DocumentError::Malformed("unexpected content")),
        }
    }
    Err(DocumentError::TooLarge)
}

/// Which of the elements that must be there once have been seen, one bit each.
#[derive(Default)]
struct Seen(u16);

const ONCE: [&str; 9] = ["office", "region", "class", "kana", "serial", "small", "chassis", "stamped", "distribution"];

impl Seen {
    fn note(&mut self, tag: &str) -> Result<(), DocumentError> {
        let Some(place) = ONCE.iter().position(|once| *once == tag) else { return Ok(()) };
        let bit = 1 << place;
        if self.0 & bit != 0 {
            return Err(DocumentError::Malformed("an element stands twice"));
        }
        self.0 |= bit;
        Ok(())
    }

    fn complete(&self, document: ApplicationDocument) -> Result<ApplicationDocument, DocumentError> {
        if self.0 == (1 << ONCE.len()) - 1 {
            Ok(document)
        } else {
            Err(DocumentError::Malformed("an element is missing"))
        }
    }
}

fn next<'a>(reader: &mut Reader<&'a [u8]>) -> Result<Event<'a>, DocumentError> {
    match reader.read_event() {
        Ok(Event::DocType(_) | Event::PI(_) | Event::CData(_) | Event::Comment(_)) => {
            Err(DocumentError::Malformed("not allowed here"))
        }
        Ok(event) => Ok(event),
        Err(_) => Err(DocumentError::Malformed("not well-formed")),
    }
}

fn root(reader: &mut Reader<&[u8]>) -> Result<ApplicationDocument, DocumentError> {
    let start = loop {
        match next(reader)? {
            Event::Decl(_) => {}
            Event::Text(space) if space.trim().is_empty() => {}
            Event::Start(start) if start.name().as_ref() == ROOT => break start,
            _ => return Err(DocumentError::Malformed("another root element")),
        }
    };
    if attribute(&start, "version").as_deref() != Some(VERSION) {
        return Err(DocumentError::Malformed("another version"));
    }
    Ok(ApplicationDocument {
        request: attribute(&start, "request")
            .and_then(|text| text.parse::<RequestId>().ok())
            .ok_or(DocumentError::Malformed("request"))?,
        procedure: attribute(&start, "procedure")
            .and_then(|text| text.parse().ok())
            .ok_or(DocumentError::Malformed("procedure"))?,
        office: String::new(),
        plate: Plate { region: String::new(), class: String::new(), kana: String::new(), serial: 0, small: false },
        chassis: ChassisNumber { number: String::new(), officially_stamped: false },
        fields: Vec::new(),
        agent: Vec::new(),
        distribution: String::new(),
    })
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok().flatten()?;
    quick_xml::escape::unescape(&attribute.value).ok().map(std::borrow::Cow::into_owned)
}

fn leaf(
    reader: &mut Reader<&[u8]>,
    start: &BytesStart<'_>,
    document: &mut ApplicationDocument,
    seen: &mut Seen,
) -> Result<(), DocumentError> {
    let name = attribute(start, "name");
    let value = content(reader)?;
    let tag = start.name();
    seen.note(tag.as_ref())?;
    let flag = |value: &str| match value {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(DocumentError::Malformed("not 0 or 1")),
    };
    match tag.as_ref() {
        "office" => document.office = value,
        "region" => document.plate.region = value,
        "class" => document.plate.class = value,
        "kana" => document.plate.kana = value,
        "serial" => document.plate.serial = value.parse().map_err(|_| DocumentError::Malformed("serial"))?,
        "small" => document.plate.small = flag(&value)?,
        "chassis" => document.chassis.number = value,
        "stamped" => document.chassis.officially_stamped = flag(&value)?,
        "distribution" => document.distribution = value,
        "field" => document.fields.push((name.ok_or(DocumentError::Malformed("field without name"))?, value)),
        "agent" => document.agent.push((name.ok_or(DocumentError::Malformed("agent without name"))?, value)),
        _ => return Err(DocumentError::Malformed("unknown element")),
    }
    Ok(())
}

/// The text of a leaf up to its end; nothing nests inside a leaf.
fn content(reader: &mut Reader<&[u8]>) -> Result<String, DocumentError> {
    let mut value = String::new();
    loop {
        match next(reader)? {
            Event::Text(text) => value.push_str(&text),
            Event::GeneralRef(reference) => value.push(resolve(&reference)?),
            Event::End(_) => return Ok(value),
            _ => return Err(DocumentError::Malformed("nested too deep")),
        }
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, DocumentError> {
    if let Some(character) =
        reference.resolve_char_ref().map_err(|_| DocumentError::Malformed("character reference"))?
    {
        return Ok(character);
    }
    match &**reference {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(DocumentError::Malformed("own entity")),
    }
}

fn end(reader: &mut Reader<&[u8]>) -> Result<(), DocumentError> {
    loop {
        match next(reader)? {
            Event::Eof => return Ok(()),
            Event::Text(space) if space.trim().is_empty() => {}
            _ => return Err(DocumentError::Malformed("something after the end")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        "[ -~あ-んァ-ヶ一-龠０-９Ａ-Ｚ　（）・ー々&<>\"']{0,40}"
    }

    fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec((text(), text()), 0..12)
    }

    prop_compose! {
        fn documents()(
            request in 1_u64..9_999_999_999, procedure in any::<u8>(), office in text(), region in text(),
            class in text(), kana in text(), serial in 1_u16..9_999, small in any::<bool>(), number in text(),
            officially_stamped in any::<bool>(), (fields, agent, distribution) in (pairs(), pairs(), text()),
        ) -> ApplicationDocument {
            ApplicationDocument {
                request: RequestId(request), procedure, office, fields, agent, distribution,
                plate: Plate { region, class, kana, serial, small },
                chassis: ChassisNumber { number, officially_stamped },
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn what_is_written_is_read_back(document in documents()) {
            prop_assert_eq!(read(&write(&document)), Ok(document));
        }

        #[test]
        fn nothing_that_is_sent_makes_the_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_cut_document_is_refused(document in documents(), part in 0.0_f64..1.0) {
            let bytes = write(&document);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place inside a short document")]
            let cut = (bytes.len() as f64 * part) as usize;
            prop_assert!(read(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn what_no_application_needs_is_refused() {
        let good = String::from_utf8(write(&sample())).unwrap();
        assert!(read(good.as_bytes()).is_ok());
        let bomb = good.replace("<application", "<!DOCTYPE a [<!ENTITY b \"c\">]><application");
        let entity = good.replace("品川", "&b;");
        let deep = good.replace("<office>", "<office><office>").replace("</office>", "</office></office>");
        let twice = good.replace("<serial>", "<serial>1</serial><serial>");
        let missing = good.replace("<stamped>0</stamped>", "");
        let version = good.replace("version=\"1\" request", "version=\"2\" request");
        let after = format!("{good}<more/>");
        for bad in [bomb, entity, deep, twice, missing, version, after, " ".repeat(MAX_BYTES + 1)] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:.200}");
        }
    }

    fn sample() -> ApplicationDocument {
        ApplicationDocument {
            request: RequestId(100_000_001),
            procedure: 1,
            office: "東京運輸支局".to_owned(),
            plate: Plate {
                region: "品川".to_owned(),
                class: "600".to_owned(),
                kana: "さ".to_owned(),
                serial: 1_111,
                small: false,
            },
            chassis: ChassisNumber { number: "SX31-9000001".to_owned(), officially_stamped: false },
            fields: vec![("name".to_owned(), "検査　太郎".to_owned())],
            agent: vec![("trade_name".to_owned(), "Ａ＆Ｂ <行政書士>".to_owned())],
            distribution: "1845678-001".to_owned(),
        }
    }
}
