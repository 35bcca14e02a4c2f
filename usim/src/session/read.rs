//! Reading files within a session.

use crate::{
    Error,
    apdu::{Command, StatusWord},
    exchange::MAX_SHORT_RESPONSE,
    fcp::FileKind,
    file::Fid,
};

use super::Session;

impl Session<'_> {
    /// Reads a transparent file whole (TS 102 221 §11.1.3).
    ///
    /// # Errors
    /// [`NotFound`](crate::CardError::NotFound), [`PinRequired`](crate::CardError::PinRequired);
    /// otherwise as [`transmit`](Session::transmit).
    pub fn read(&mut self, path: &[Fid]) -> Result<Vec<u8>, Error> {
        self.repeatable(|session| session.read_binary(path))
    }

    /// Reads all records of a file, empty ones included (TS 102 221 §11.1.5).
    ///
    /// # Errors
    /// As [`read`](Session::read).
    pub fn records(&mut self, path: &[Fid]) -> Result<Vec<Vec<u8>>, Error> {
        self.repeatable(|session| session.read_records(path))
    }

    fn read_binary(&mut self, path: &[Fid]) -> Result<Vec<u8>, Error> {
        let info = self.select_path(path)?;
        let size = info.size.and_then(|size| usize::try_from(size).ok());
        let mut file = Vec::new();
        loop {
            let left = size.map(|size| size.saturating_sub(file.len()));
            if left == Some(0) || file.len() > MAX_OFFSET {
                return Ok(file);
            }
            let asked = left.unwrap_or(CHUNK).min(CHUNK);
            let read = self.read_chunk(file.len(), asked, &mut file)?;
            if read < asked {
                return Ok(file);
            }
        }
    }

    /// Appends up to `octets` from `offset` on; fewer mean that the file ends there.
    fn read_chunk(
        &mut self,
        offset: usize,
        octets: usize,
        file: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        let [.., high, low] = offset.to_be_bytes();
        let read = Command::new(self.attached.target.class(), 0xb0, high, low);
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let response = self.transmit(&read.expecting(octets)?, &mut buffer)?;
        if offset > 0 && response.status() == StatusWord::WRONG_PARAMETERS {
            return Ok(0);
        }
        let data = response.require("READ BINARY")?;
        let data = data.get(..octets).unwrap_or(data);
        file.extend_from_slice(data);
        Ok(data.len())
    }

    fn read_records(&mut self, path: &[Fid]) -> Result<Vec<Vec<u8>>, Error> {
        let info = self.select_path(path)?;
        let shape = info.kind.and_then(FileKind::records);
        let length = shape.map_or(0, |records| records.length);
        let count = shape.map_or(MAX_RECORDS, |records| records.count);
        let mut records = Vec::new();
        for number in 1..=count.min(MAX_RECORDS) {
            match self.read_record(number, length)? {
                Some(record) => records.push(record),
                None => break,
            }
        }
        Ok(records)
    }

    /// `None` behind the last record.
    fn read_record(&mut self, number: u8, length: u8) -> Result<Option<Vec<u8>>, Error> {
        let read = Command::new(self.attached.target.class(), 0xb2, number, 0x04);
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let response = self.transmit(&read.expecting_short(length), &mut buffer)?;
        match response.status() {
            StatusWord::RECORD_NOT_FOUND | StatusWord::GSM_OUT_OF_RANGE => Ok(None),
            StatusWord::FILE_NOT_FOUND if number > 1 => Ok(None),
            _ => {
                let record = response.require("READ RECORD");
                Ok(Some(record?.to_vec()))
            }
        }
    }
}

/// READ BINARY brings 256 octets at most in a short command.
const CHUNK: usize = 256;
/// Bit 8 of P1 is not part of the offset (TS 102 221 §11.1.3).
const MAX_OFFSET: usize = 0x7fff;
/// Record numbers are 1 to 254 (TS 102 221 §8.2.2.2).
const MAX_RECORDS: u8 = 254;
