//! Plates.
use minicbor::{Decode, Encode};

/// 自動車登録番号標 or 車両番号標, as four parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Plate {
    /// 地名; empty on very old plates.
    #[n(0)]
    pub region: String,
    /// 分類番号, upper case half-width; empty with 分類番号なし.
    #[n(1)]
    pub class: String,
    /// 仮名, one full-width character.
    #[n(2)]
    pub kana: String,
    /// 一連指定番号, 1–9999.
    #[n(3)]
    pub serial: u16,
    /// 小板.
    #[n(4)]
    pub small: bool,
}
