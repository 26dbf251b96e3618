//! How a record becomes bytes: one version byte, then numbered fields (minicbor). Fields can be added without a new
//! version; an incompatible change keeps the old type and turns it into the new one in [`Record::read`].

use minicbor::{Decode, Encode};

/// Something that is the value of a table row.
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> + Sized {
    /// The version that is written.
    const VERSION: u8 = 1;

    /// Reads a value of any version that was ever written.
    ///
    /// # Errors
    /// What is wrong with the bytes, for the log.
    fn read(version: u8, bytes: &[u8]) -> Result<Self, String> {
        if version != Self::VERSION {
            return Err(format!("unknown version {version}"));
        }
        minicbor::decode(bytes).map_err(|error| error.to_string())
    }
}

/// The bytes of a record.
///
/// # Errors
/// What the record's own encoding refuses, for the log.
pub fn encode<T: Record>(record: &T) -> Result<Vec<u8>, String> {
    let mut bytes = vec![T::VERSION];
    minicbor::encode(record, &mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The record in these bytes.
///
/// # Errors
/// What is wrong with the bytes, for the log.
pub fn decode<T: Record>(bytes: &[u8]) -> Result<T, String> {
    let (version, rest) = bytes.split_first().ok_or_else(|| "empty value".to_owned())?;
    T::read(*version, rest)
}
