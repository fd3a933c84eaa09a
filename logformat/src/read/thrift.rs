//! Looks through Thrift's compact encoding, in which Parquet writes its footers and the headers of its
//! pages, without making room for anything that these claim.
//!
//! Source: Apache Thrift, *Thrift Compact protocol encoding*.

/// Structures within structures; Parquet has five or six.
const DEEPEST: usize = 32;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(u8);

impl Kind {
    const STOP: u8 = 0;
    const TRUE: u8 = 1;
    const FALSE: u8 = 2;
    const BYTE: u8 = 3;
    const I16: u8 = 4;
    const I64: u8 = 6;
    const DOUBLE: u8 = 7;
    const BINARY: u8 = 8;
    const LIST: u8 = 9;
    const SET: u8 = 10;
    const MAP: u8 = 11;
    const STRUCT: u8 = 12;
    const UUID: u8 = 13;

    pub(crate) fn is_list(self) -> bool {
        self.0 == Self::LIST
    }

    pub(crate) fn is_struct(self) -> bool {
        self.0 == Self::STRUCT
    }
}

/// Encoded bytes that have not been looked at. `None` from its functions: they are not as they should be.
#[derive(Debug, Clone)]
pub(crate) struct Thrift<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Thrift<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The fields of a structure by their numbers; `take` has to read or [`Thrift::skip`] each.
    pub(crate) fn fields(
        &mut self,
        mut take: impl FnMut(&mut Self, i64, Kind) -> Option<()>,
    ) -> Option<()> {
        let mut field = 0;
        loop {
            let header = self.byte()?;
            if header == Kind::STOP {
                return Some(());
            }
            field = match header >> 4 {
                0 => self.integer()?,
                further => field + i64::from(further),
            };
            take(self, field, Kind(header & 0xf))?;
        }
    }

    /// The number of values of a list and their kind.
    pub(crate) fn list(&mut self) -> Option<(u64, Kind)> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => self.varint()?,
            count => count.into(),
        };
        // Each takes a byte at least.
        (count <= self.bytes.len() as u64).then_some((count, Kind(header & 0xf)))
    }

    pub(crate) fn integer(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    pub(crate) fn skip(&mut self, kind: Kind) -> Option<()> {
        self.skip_below(kind, DEEPEST)
    }

    fn skip_below(&mut self, kind: Kind, depth: usize) -> Option<()> {
        let deeper = depth.checked_sub(1)?;
        match kind.0 {
            // Of a field they are the value.
            Kind::TRUE | Kind::FALSE => Some(()),
            Kind::BYTE => self.take(1),
            Kind::I16..=Kind::I64 => self.varint().map(|_| ()),
            Kind::DOUBLE => self.take(8),
            Kind::BINARY => {
                let length = self.varint()?;
                self.take(length)
            }
            Kind::LIST | Kind::SET => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip_item(kind, deeper))
            }
            Kind::MAP => {
                let count = self.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..count).try_for_each(|_| {
                    self.skip_item(Kind(kinds >> 4), deeper)?;
                    self.skip_item(Kind(kinds & 0xf), deeper)
                })
            }
            Kind::STRUCT => self.fields(|inner, _, kind| inner.skip_below(kind, deeper)),
            Kind::UUID => self.take(16),
            _ => None,
        }
    }

    fn skip_item(&mut self, kind: Kind, depth: usize) -> Option<()> {
        match kind.0 {
            Kind::TRUE | Kind::FALSE => self.take(1),
            _ => self.skip_below(kind, depth),
        }
    }

    fn take(&mut self, count: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_zigzag_and_fields_count_from_the_one_before() {
        // Field 1, an i32 of 150: zigzag 300 = 0xac 0x02; field 3, an i64 of -1: zigzag 1.
        let bytes = [0x15, 0xac, 0x02, 0x26, 0x01, 0x00];
        let mut found = Vec::new();
        let mut thrift = Thrift::new(&bytes);
        thrift
            .fields(|value, field, _| {
                found.push((field, value.integer()?));
                Some(())
            })
            .unwrap();
        assert_eq!(found, [(1, 150), (3, -1)]);
        assert!(thrift.bytes.is_empty());
    }

    #[test]
    fn a_list_that_claims_more_values_than_there_are_bytes_is_none() {
        // 2³¹ − 1 structures in the five bytes of that number.
        let bytes = [0xfc, 0xff, 0xff, 0xff, 0xff, 0x07];
        assert_eq!(Thrift::new(&bytes).list(), None);
        assert_eq!(Thrift::new(&[0x18, 0]).list(), Some((1, Kind(8))));
    }

    #[test]
    fn structures_are_followed_to_a_depth_and_no_further() {
        let nested = |depth: usize| [vec![0x1c; depth], vec![0; depth + 1]].concat();
        let skip = |bytes: &[u8]| Thrift::new(bytes).skip(Kind(Kind::STRUCT));
        assert!(skip(&nested(20)).is_some());
        assert!(skip(&nested(100_000)).is_none());
    }
}
