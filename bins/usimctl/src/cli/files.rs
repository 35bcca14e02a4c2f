//! `usimctl files`: what is on the card, and what it says.

mod decode;
mod names;

use clap::Args;
use serde_json::{Value, json};
use usim::{
    ApplicationKind, Card, CardError, Error, FileInfo, Generation, Session,
    fcp::{FileKind, Records},
    file::Fid,
};

use crate::cli::{Failure, Report, hex, report::Text};
use names::{Directory, Entry};

#[derive(Args)]
pub(crate) struct Files {
    /// Show octets instead of what they say, keys included
    #[arg(long)]
    raw: bool,
}

/// A directory with the files that were found in it.
struct Branch {
    name: String,
    leaves: Vec<Leaf>,
}

/// A file and its content.
struct Leaf {
    path: String,
    name: &'static str,
    structure: String,
    content: Content,
}

enum Content {
    Says(Vec<String>),
    Withheld(String),
}

impl Files {
    /// Every file that has a name in the standards and is on the card.
    pub(crate) fn run(&self, card: &mut Card) -> Result<Report, Failure> {
        let mut branches = vec![self.branch("MF".to_owned(), names::MF, &mut card.root()?)?];
        if card.generation() == Generation::Gsm {
            branches.push(self.branch("DF_GSM".to_owned(), names::GSM, card.sim()?.session())?);
            return Ok(report(&branches));
        }
        for application in card.applications()?.to_vec() {
            let (name, entries) = match application.kind() {
                Some(ApplicationKind::Usim) => ("ADF_USIM", names::USIM),
                Some(ApplicationKind::Isim) => ("ADF_ISIM", names::ISIM),
                _ => ("ADF", names::UNKNOWN),
            };
            let name = format!("{name} {}", application.aid);
            let mut session = card.application(&application.aid)?;
            branches.push(self.branch(name, entries, &mut session)?);
        }
        Ok(report(&branches))
    }

    fn branch(
        &self,
        name: String,
        entries: Directory,
        session: &mut Session<'_>,
    ) -> Result<Branch, Failure> {
        let mut leaves = Vec::new();
        for entry in entries {
            leaves.extend(self.leaf(entry, session)?);
        }
        Ok(Branch { name, leaves })
    }

    /// `None` for a file that the card does not have.
    fn leaf(&self, entry: &Entry, session: &mut Session<'_>) -> Result<Option<Leaf>, Failure> {
        let path: Vec<Fid> = entry.path.iter().copied().map(Fid::new).collect();
        let info = match session.select(&path) {
            Ok(info) => info,
            Err(Error::Card(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let path_text: Vec<String> = path.iter().map(Fid::to_string).collect();
        Ok(Some(Leaf {
            path: path_text.join("/"),
            name: entry.name,
            structure: structure(&info),
            content: self.content(entry, &path, &info, session)?,
        }))
    }

    fn content(
        &self,
        entry: &Entry,
        path: &[Fid],
        info: &FileInfo,
        session: &mut Session<'_>,
    ) -> Result<Content, Failure> {
        if entry.is_secret() && !self.raw {
            return Ok(Content::Withheld("keys, shown with --raw".to_owned()));
        }
        let records = info.kind.and_then(FileKind::records).is_some();
        let read = if records {
            session.records(path)
        } else {
            session.read(path).map(|file| vec![file])
        };
        match read {
            Ok(parts) if self.raw => Ok(Content::Says(octets(&parts))),
            Ok(parts) => Ok(Content::Says(decode::words(entry.meaning, &parts))),
            Err(Error::Card(CardError::PinRequired)) => {
                Ok(Content::Withheld("PIN needed".to_owned()))
            }
            Err(Error::Card(error)) => Ok(Content::Withheld(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

/// Records that hold nothing are left out.
fn octets(parts: &[Vec<u8>]) -> Vec<String> {
    written(parts).map(hex::text).collect()
}

fn written(parts: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    let written = |part: &&Vec<u8>| part.iter().any(|octet| *octet != FILLER);
    parts.iter().filter(written).map(Vec::as_slice)
}

/// What an erased octet is.
const FILLER: u8 = 0xff;

fn structure(info: &FileInfo) -> String {
    let records = |name, Records { length, count }: Records| format!("{name} {count} x {length}");
    match info.kind {
        Some(FileKind::Linear(shape)) => records("linear", shape),
        Some(FileKind::Cyclic(shape)) => records("cyclic", shape),
        Some(FileKind::Dedicated) => "directory".to_owned(),
        Some(FileKind::BerTlv) => "BER-TLV".to_owned(),
        Some(FileKind::Transparent | _) | None => match info.size {
            Some(size) => format!("transparent {size}"),
            None => "transparent".to_owned(),
        },
    }
}

fn report(branches: &[Branch]) -> Report {
    let mut human = Text::default();
    for branch in branches {
        human.line(format_args!("{}", branch.name));
        for leaf in &branch.leaves {
            leaf.write(&mut human);
        }
    }
    Report::new(human, branches.iter().map(Branch::json).collect())
}

impl Branch {
    fn json(&self) -> Value {
        let leaves: Value = self.leaves.iter().map(Leaf::json).collect();
        json!({"name": self.name, "files": leaves})
    }
}

impl Leaf {
    fn write(&self, text: &mut Text) {
        let head = format!(
            "  {:<9}  {:<14}  {:<15}",
            self.path, self.name, self.structure
        );
        let says = match &self.content {
            Content::Withheld(why) => vec![format!("({why})")],
            Content::Says(words) if words.is_empty() => vec!["-".to_owned()],
            Content::Says(words) => words.clone(),
        };
        for (line, words) in says.iter().enumerate() {
            let head = if line == 0 { head.as_str() } else { "" };
            text.line(format_args!("{head:<44}  {words}"));
        }
    }

    fn json(&self) -> Value {
        let (content, withheld) = match &self.content {
            Content::Says(words) => (Some(words), None),
            Content::Withheld(why) => (None, Some(why)),
        };
        json!({
            "path": self.path,
            "name": self.name,
            "structure": self.structure,
            "content": content,
            "withheld": withheld,
        })
    }
}
