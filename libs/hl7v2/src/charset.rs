use std::borrow::Cow;

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5,
    ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15, SHIFT_JIS, UTF_8,
    WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

/// The character set of a message, after MSH-18 (HL7 table 0211).
///
/// Nothing declared, or ASCII, is read as UTF-8: ASCII is a part of it, and
/// senders that say ASCII and mean more send UTF-8 most. So is a set that is not
/// supported. 8859/1 is read as its superset windows-1252, as browsers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset {
    encoding: &'static Encoding,
    standing: Standing,
}

impl Charset {
    pub const UTF_8: Charset = Charset { encoding: UTF_8, standing: Standing::Declared };

    /// The set MSH-18 names; `None` when it is unknown or does not fit bytes (UTF-16, UTF-32).
    ///
    /// Names of table 0211 and of the WHATWG registry, in any case and punctuation.
    pub fn named(name: &str) -> Option<Charset> {
        let key: String =
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        if matches!(key.as_str(), "" | "ASCII" | "USASCII" | "ISOIR6") {
            return Some(Charset { encoding: UTF_8, standing: Standing::Assumed });
        }
        let listed = TABLE_0211.iter().find(|(listed, _)| *listed == key).map(|(_, encoding)| *encoding);
        let encoding = listed.or_else(|| Encoding::for_label_no_replacement(name.as_bytes()))?;
        let fits_bytes = encoding.is_ascii_compatible() || encoding == ISO_2022_JP;
        fits_bytes.then_some(Charset { encoding, standing: Standing::Declared })
    }

    /// Decodes bytes; what does not fit becomes U+FFFD.
    pub fn decode<'a>(&self, bytes: impl Into<Cow<'a, [u8]>>) -> Cow<'a, str> {
        match bytes.into() {
            Cow::Borrowed(bytes) => self.encoding.decode_without_bom_handling(bytes).0,
            Cow::Owned(bytes) => Cow::Owned(self.decode(&*bytes).into_owned()),
        }
    }

    /// Whether all bytes are text in this set.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        if self.encoding == UTF_8 {
            return std::str::from_utf8(bytes).is_ok();
        }
        let is_plain = self.encoding != ISO_2022_JP && bytes.is_ascii();
        is_plain || self.encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some()
    }

    /// The WHATWG name of what the bytes are read as.
    pub fn name(&self) -> &'static str {
        self.encoding.name()
    }

    /// Reads the repetitions of MSH-18.
    pub(crate) fn declared<'a>(names: impl Iterator<Item = Cow<'a, str>>) -> Option<Charset> {
        let mut sets = names.map(|name| Charset::named(&name));
        // The first is the default; the others may be switched to in mid-value.
        let default = sets.next().unwrap_or(Some(Charset::default()))?;
        // Japanese sets are switched to by bytes ISO-2022-JP knows: `~ISO IR87` is ASCII plus kanji.
        let switched = sets.flatten().find(|set| set.encoding == ISO_2022_JP);
        Some(switched.filter(|_| default.is_assumed()).unwrap_or(default))
    }

    /// The set read when MSH-18 is not understood.
    pub(crate) fn unknown() -> Charset {
        Charset { encoding: UTF_8, standing: Standing::Unknown }
    }

    /// Nothing, or only ASCII, was declared.
    pub(crate) fn is_assumed(&self) -> bool {
        self.standing == Standing::Assumed
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.standing == Standing::Unknown
    }

    pub(crate) fn is_single_byte(&self) -> bool {
        self.encoding.is_single_byte()
    }

    pub(crate) fn reach(&self) -> Reach {
        match self.encoding {
            encoding if encoding == GB18030 || encoding == GBK || encoding == BIG5 || encoding == EUC_KR => {
                Reach::Pairs
            }
            encoding if encoding == SHIFT_JIS => Reach::ShiftJis,
            encoding if encoding == ISO_2022_JP => Reach::Switched,
            _ => Reach::Bytes,
        }
    }
}

impl Default for Charset {
    /// Nothing declared.
    fn default() -> Self {
        Charset { encoding: UTF_8, standing: Standing::Assumed }
    }
}

/// How a character set hides bytes that look like delimiters inside characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It does not: an ASCII byte is that character.
    Bytes,
    /// A byte from 0x81 takes the next byte with it.
    Pairs,
    /// As `Pairs`, but for half-width katakana.
    ShiftJis,
    /// ESC sequences switch to pairs and back.
    Switched,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Declared,
    Assumed,
    Unknown,
}

/// Names without punctuation, in capitals.
const TABLE_0211: [(&str, &Encoding); 31] = [
    ("88591", WINDOWS_1252),
    ("88592", ISO_8859_2),
    ("88593", ISO_8859_3),
    ("88594", ISO_8859_4),
    ("88595", ISO_8859_5),
    ("88596", ISO_8859_6),
    ("88597", ISO_8859_7),
    ("88598", ISO_8859_8),
    ("88599", WINDOWS_1254),
    ("885910", ISO_8859_10),
    ("885911", WINDOWS_874),
    ("885913", ISO_8859_13),
    ("885914", ISO_8859_14),
    ("885915", ISO_8859_15),
    ("ISO88591", WINDOWS_1252),
    ("ISO885915", ISO_8859_15),
    ("UNICODE", UTF_8),
    ("UNICODEUTF8", UTF_8),
    ("UTF8", UTF_8),
    ("GB180302000", GB18030),
    ("GB18030", GB18030),
    ("GB2312", GB18030),
    ("BIG5", BIG5),
    ("KSX1001", EUC_KR),
    ("ISOIR13", SHIFT_JIS),
    ("ISOIR14", ISO_2022_JP),
    ("ISOIR87", ISO_2022_JP),
    ("ISOIR159", ISO_2022_JP),
    ("JIS", ISO_2022_JP),
    ("SHIFTJIS", SHIFT_JIS),
    ("SJIS", SHIFT_JIS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, bytes: &[u8], expected: Option<&str>) {
        assert_eq!(Charset::named(name).map(|set| set.decode(bytes)).as_deref(), expected, "{name}");
    }

    #[test]
    fn names_of_table_0211_decode_their_bytes() {
        check("", "Müller".as_bytes(), Some("Müller"));
        check("ASCII", "Müller".as_bytes(), Some("Müller"));
        check("ASCII", b"M\xfcller", Some("M\u{fffd}ller"));
        check("8859/1", b"M\xfcller", Some("Müller"));
        check("8859/2", b"\xa3\xf3d\xbc", Some("Łódź"));
        check("8859/5", b"\xb8\xd2\xd0\xdd", Some("Иван"));
        check("8859/15", b"5 \xa4", Some("5 €"));
        check("iso-8859-1", b"\xfc", Some("ü"));
        check("UNICODE UTF-8", "Łódź".as_bytes(), Some("Łódź"));
        check("UNICODE", "Łódź".as_bytes(), Some("Łódź"));
        check("GB 18030-2000", b"\xd5\xc5", Some("张"));
        check("BIG-5", b"\xb1i", Some("張"));
        check("ISO IR87", b"\x1b$B;3ED\x1b(B", Some("山田"));
        check("KS X 1001", b"\xb1\xe8", Some("김"));
        check("windows-1251", b"\xc8", Some("И"));
        check("UNICODE UTF-16", b"", None);
        check("UNICODE UTF-32", b"", None);
        check("CNS 11643-1992", b"", None);
        check("8859/99", b"", None);
    }

    #[test]
    fn the_first_repetition_is_the_default_and_kanji_are_added_to_ascii() {
        let read = |names: &[&'static str]| Charset::declared(names.iter().map(|name| Cow::Borrowed(*name)));
        assert_eq!(read(&[]), Some(Charset::default()));
        assert_eq!(read(&["8859/1", "UNICODE UTF-8"]), Charset::named("8859/1"));
        assert_eq!(read(&["", "ISO IR87"]), Charset::named("ISO IR87"));
        assert_eq!(read(&["klingon", "8859/1"]), None);
    }
}
