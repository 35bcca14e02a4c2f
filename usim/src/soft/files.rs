//! The card's files: a tree of directories and elementary files in one table.

mod encode;
mod image;

use super::pin::Condition;

/// A place in the table of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId(usize);

impl FileId {
    /// The master file.
    pub(super) const MF: Self = Self(0);
}

/// One file or directory.
#[derive(Debug)]
pub(super) struct File {
    pub(super) fid: u16,
    pub(super) parent: FileId,
    pub(super) kind: Kind,
}

/// What a file is.
#[derive(Debug)]
pub(super) enum Kind {
    /// MF or DF.
    Directory,
    /// An application's directory (ADF).
    Application(Application),
    /// An elementary file.
    Elementary(Elementary),
}

/// An application: which keys' context it opens, and its name.
#[derive(Debug)]
pub(super) struct Application {
    pub(super) kind: crate::ApplicationKind,
    pub(super) aid: Vec<u8>,
}

/// What is known of an elementary file; its octets may be shared with another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elementary {
    pub(super) sfi: u8,
    pub(super) rule: Rule,
    pub(super) structure: Structure,
    content: usize,
}

/// The structure of an elementary file (TS 102 221 §8.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Structure {
    Transparent,
    Linear(u8),
    Cyclic(u8),
}

impl Structure {
    /// Octets a record, where there are records.
    pub(super) const fn record_size(self) -> Option<u8> {
        match self {
            Self::Transparent => None,
            Self::Linear(size) | Self::Cyclic(size) => Some(size),
        }
    }
}

/// Who may read and update a file; each rule is one record of EF_ARR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Read always, update by the issuer.
    Public,
    /// Read always, update after PIN1.
    PublicUser,
    /// Read after PIN1, update by the issuer.
    Subscriber,
    /// Read and update after PIN1.
    User,
    /// Read after PIN1, update after PIN2.
    Pin2,
}

impl Rule {
    /// All of them, in the order of the records of EF_ARR.
    pub(super) const ALL: [Self; 5] = [
        Self::Public,
        Self::PublicUser,
        Self::Subscriber,
        Self::User,
        Self::Pin2,
    ];

    /// The number of its record in EF_ARR.
    pub(super) const fn record(self) -> u8 {
        match self {
            Self::Public => 1,
            Self::PublicUser => 2,
            Self::Subscriber => 3,
            Self::User => 4,
            Self::Pin2 => 5,
        }
    }

    pub(super) const fn read(self) -> Condition {
        match self {
            Self::Public | Self::PublicUser => Condition::Always,
            Self::Subscriber | Self::User | Self::Pin2 => Condition::Pin1,
        }
    }

    pub(super) const fn update(self) -> Condition {
        match self {
            Self::Public | Self::Subscriber => Condition::Issuer,
            Self::PublicUser | Self::User => Condition::Pin1,
            Self::Pin2 => Condition::Pin2,
        }
    }
}

/// The octets of one or several linked files.
#[derive(Debug)]
struct Content {
    octets: Vec<u8>,
    changed: bool,
}

/// All files of the card.
#[derive(Debug)]
pub(super) struct Files {
    files: Vec<File>,
    contents: Vec<Content>,
}

impl Files {
    /// The octets of an elementary file, to be changed.
    pub(super) fn octets_mut(&mut self, file: Elementary) -> &mut [u8] {
        match self.contents.get_mut(file.content) {
            Some(content) => {
                content.changed = true;
                &mut content.octets
            }
            None => &mut [],
        }
    }

    /// Puts back what was changed in an earlier life; a file that is no longer there, or has
    /// another size now, is left alone.
    pub(super) fn restore(&mut self, path: &str, octets: &[u8]) {
        let found = self.iter().find_map(|(id, _)| {
            let file = self.elementary(id)?;
            (self.path(id) == path).then_some(file)
        });
        let Some(file) = found else { return };
        if self.octets(file).len() == octets.len() {
            self.octets_mut(file).copy_from_slice(octets);
        }
    }

    pub(super) fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0)
    }

    /// The elementary file at `id`, if it is one.
    pub(super) fn elementary(&self, id: FileId) -> Option<Elementary> {
        match &self.get(id)?.kind {
            Kind::Elementary(file) => Some(*file),
            Kind::Directory | Kind::Application(_) => None,
        }
    }

    /// The application at `id`, if it is one's directory.
    pub(super) fn application(&self, id: FileId) -> Option<&Application> {
        match &self.get(id)?.kind {
            Kind::Application(application) => Some(application),
            Kind::Directory | Kind::Elementary(_) => None,
        }
    }

    pub(super) fn octets(&self, file: Elementary) -> &[u8] {
        self.contents
            .get(file.content)
            .map_or(&[], |content| &content.octets)
    }

    /// The octets of record `number`, counted from 1.
    pub(super) fn record(&self, file: Elementary, number: u8) -> Option<&[u8]> {
        let size = usize::from(file.structure.record_size()?);
        let index = usize::from(number.checked_sub(1)?);
        self.octets(file).chunks_exact(size).nth(index)
    }

    /// The file or directory `fid` directly under `parent`; applications are not found by FID.
    pub(super) fn child(&self, parent: FileId, fid: u16) -> Option<FileId> {
        self.children(parent)
            .find(|(_, file)| file.fid == fid && !matches!(file.kind, Kind::Application(_)))
            .map(|(id, _)| id)
    }

    /// The elementary file with this short identifier directly under `parent`.
    pub(super) fn by_sfi(&self, parent: FileId, sfi: u8) -> Option<FileId> {
        self.children(parent)
            .find(|(_, file)| matches!(&file.kind, Kind::Elementary(ef) if ef.sfi == sfi))
            .map(|(id, _)| id)
    }

    /// What lies directly under `parent`, in the order of the table.
    pub(super) fn children(&self, parent: FileId) -> impl Iterator<Item = (FileId, &File)> {
        self.iter()
            .filter(move |(id, file)| file.parent == parent && *id != FileId::MF)
    }

    /// The applications, in the order of EF_DIR.
    pub(super) fn applications(&self) -> impl DoubleEndedIterator<Item = (FileId, &Application)> {
        self.iter().filter_map(|(id, file)| match &file.kind {
            Kind::Application(application) => Some((id, application)),
            Kind::Directory | Kind::Elementary(_) => None,
        })
    }

    /// What was changed since the card was made: the path and the octets of each file.
    pub(super) fn changed(&self) -> Vec<(String, Vec<u8>)> {
        let contents = self.contents.iter().enumerate();
        let changed = contents.filter(|(_, content)| content.changed);
        changed
            .filter_map(|(index, content)| {
                let holds =
                    |id: &FileId| self.elementary(*id).is_some_and(|ef| ef.content == index);
                let id = self.iter().map(|(id, _)| id).find(holds)?;
                Some((self.path(id), content.octets.clone()))
            })
            .collect()
    }

    /// The way from the MF: file identifiers, and the names of applications.
    fn path(&self, id: FileId) -> String {
        match self.get(id) {
            Some(file) if id != FileId::MF => {
                let name = match &file.kind {
                    Kind::Application(application) => hex::encode(&application.aid),
                    Kind::Directory | Kind::Elementary(_) => format!("{:04x}", file.fid),
                };
                format!("{}/{name}", self.path(file.parent))
            }
            _ => "3f00".to_owned(),
        }
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = (FileId, &File)> {
        let files = self.files.iter().enumerate();
        files.map(|(index, file)| (FileId(index), file))
    }
}
