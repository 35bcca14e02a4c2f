//! What lies on the card: every file of a profile.

use super::{
    Application, Content, Elementary, File, FileId, Files, Kind, Rule, Structure,
    encode::{services_2g, text},
};
use crate::{
    ApplicationKind,
    file::{ad, dir, imsi, msisdn, service_table::ServiceTable, spn},
    soft::{Isim, Profile, Quirk},
};

/// The USIM's name: RID of 3GPP, application 1002, then this project's own digits (TS 101 220 annex E).
const USIM_AID: [u8; 16] = *b"\xa0\x00\x00\x00\x87\x10\x02\xff\x01\xff\x01\x89\x00\x00\x01\x00";
/// The ISIM's name: application 1004.
const ISIM_AID: [u8; 16] = *b"\xa0\x00\x00\x00\x87\x10\x04\xff\x01\xff\x01\x89\x00\x00\x01\x00";
/// A second USIM's name.
const SECOND_USIM_AID: [u8; 16] =
    *b"\xa0\x00\x00\x00\x87\x10\x02\xff\x01\xff\x01\x89\x00\x00\x02\x00";

const EF_DIR_RECORD: usize = 38;
/// The longest text of the ISIM's files, with its tag and length.
const ISIM_TEXT: usize = 128;

impl Files {
    /// Every file of `profile`, as a card comes from its factory.
    pub(in crate::soft) fn of(profile: &Profile) -> Self {
        let files = Self {
            files: Vec::new(),
            contents: Vec::new(),
        };
        let mut image = Image { files };
        image.directory(FileId::MF, 0x3f00);
        image.master_file(profile);
        let shared = image.usim(USIM_AID, profile);
        if profile.quirks.has(Quirk::TwoUsims) {
            image.usim(SECOND_USIM_AID, profile);
        }
        if let Some(isim) = &profile.isim {
            image.isim(isim, profile);
        }
        image.telecom(&shared);
        image.gsm(&shared);
        image.files
    }
}

/// Files of the USIM that the 2G directories show as well.
struct Shared {
    imsi: usize,
    ad: usize,
    spn: usize,
    loci: usize,
    msisdn: usize,
    acc: usize,
    fplmn: usize,
    fdn: usize,
    language: usize,
    hpplmn: usize,
}

/// Where a file stands: its directory, its identifier, and its short one (0: none).
type Place = (FileId, u16, u8);

/// The table of files while it grows.
struct Image {
    files: Files,
}

impl Image {
    fn master_file(&mut self, profile: &Profile) {
        let quirks = &profile.quirks;
        self.transparent(
            (FileId::MF, 0x2fe2, 2),
            Rule::Public,
            &profile.iccid.encode(),
        );
        self.transparent((FileId::MF, 0x2f05, 5), Rule::PublicUser, b"en\xff\xff");
        self.access_rules(FileId::MF, 0x2f06);
        let size = if quirks.has(Quirk::LongDirectoryRecords) {
            127
        } else {
            EF_DIR_RECORD
        };
        let mut records = Vec::new();
        if quirks.has(Quirk::EmptyDirectoryRecords) {
            records.push(vec![0xff; size]);
        }
        records.push(directory_entry(USIM_AID, "USIM", size));
        if quirks.has(Quirk::TwoUsims) {
            records.push(directory_entry(SECOND_USIM_AID, "USIM 2", size));
        }
        if profile.isim.is_some() {
            records.push(directory_entry(ISIM_AID, "ISIM", size));
        }
        if quirks.has(Quirk::EmptyDirectoryRecords) {
            records.push(vec![0xff; size]);
        }
        if !quirks.has(Quirk::NoDirectory) {
            self.linear((FileId::MF, 0x2f00, 30), Rule::Public, &records);
        }
    }

    fn usim(&mut self, aid: [u8; 16], profile: &Profile) -> Shared {
        let kind = ApplicationKind::Usim;
        let adf = self.application(kind, aid);
        let ad = ad::encode(Some(profile.mnc_length));
        let ad = if profile.quirks.has(Quirk::ShortAd) {
            &ad[..3]
        } else {
            &ad[..]
        };
        self.access_rules(adf, 0x6f06);
        let services = ServiceTable::encode(&[2, 19, 21, 27, 33, 38, 68, 85, 122, 123]);
        self.transparent((adf, 0x6f38, 4), Rule::Subscriber, &services);
        self.transparent((adf, 0x6f56, 5), Rule::Pin2, &[0x00]);
        self.usim_keys(adf);
        self.usim_locations(adf);
        self.gba(adf, 0x6fd6, 0x6fda);
        self.five_g(adf);
        self.linear(
            (adf, 0x6fb7, 1),
            Rule::Public,
            &[b"\x11\xf2\xff\x00".to_vec()],
        );
        let name = spn::encode(&profile.spn).unwrap_or_else(|| vec![0xff; spn::SIZE]);
        let number = profile.msisdn.as_ref();
        let number = number.and_then(|number| msisdn::encode(number, LABEL_SIZE).ok());
        let number = number.unwrap_or_else(|| vec![0xff; 24]);
        Shared {
            imsi: self.transparent(
                (adf, 0x6f07, 7),
                Rule::Subscriber,
                &imsi::encode(&profile.imsi),
            ),
            ad: self.transparent((adf, 0x6fad, 3), Rule::Public, ad),
            spn: self.transparent((adf, 0x6f46, 0), Rule::Public, &name),
            loci: self.transparent((adf, 0x6f7e, 11), Rule::User, &UNKNOWN_LOCATION),
            msisdn: self.linear((adf, 0x6f40, 0), Rule::User, &[number]),
            acc: self.transparent((adf, 0x6f78, 6), Rule::Subscriber, &[0x00, 0x01]),
            fplmn: self.transparent((adf, 0x6f7b, 13), Rule::User, &[0xff; 12]),
            fdn: self.linear(
                (adf, 0x6f3b, 0),
                Rule::Pin2,
                &[vec![0xff; 24], vec![0xff; 24]],
            ),
            language: self.transparent((adf, 0x6f05, 2), Rule::PublicUser, b"en\xff\xff"),
            hpplmn: self.transparent((adf, 0x6f31, 18), Rule::Subscriber, &[0x05]),
        }
    }

    /// EF_Keys, EF_KeysPS, EF_START-HFN, EF_THRESHOLD: what the phone leaves on the card.
    fn usim_keys(&mut self, adf: FileId) {
        let mut keys = [0xff; 33];
        keys[0] = 0x07;
        self.transparent((adf, 0x6f08, 8), Rule::User, &keys);
        self.transparent((adf, 0x6f09, 9), Rule::User, &keys);
        let start = [0xf0, 0x00, 0x00, 0xf0, 0x00, 0x00];
        self.transparent((adf, 0x6f5b, 15), Rule::User, &start);
        self.transparent((adf, 0x6f5c, 16), Rule::Subscriber, &[0xff; 3]);
    }

    /// EF_PSLOCI, EF_EPSLOCI, EF_EPSNSC.
    fn usim_locations(&mut self, adf: FileId) {
        let mut packet = [0xff; 14];
        packet[13] = 0x01;
        self.transparent((adf, 0x6f73, 12), Rule::User, &packet);
        let mut evolved = [0xff; 18];
        evolved[17] = 0x01;
        self.transparent((adf, 0x6fe3, 0), Rule::User, &evolved);
        self.linear((adf, 0x6fe4, 0), Rule::User, &[vec![0xff; 54]]);
    }

    /// EF_GBABP and EF_GBANL, both still empty.
    fn gba(&mut self, adf: FileId, parameters: u16, nafs: u16) {
        let mut empty = [0xff; 128];
        empty[..3].fill(0x00);
        self.transparent((adf, parameters, 0), Rule::User, &empty);
        self.linear(
            (adf, nafs, 0),
            Rule::Subscriber,
            &[vec![0xff; 128], vec![0xff; 128]],
        );
    }

    /// DF.5GS: locations, security contexts and keys, all still empty, and UAC_AIC.
    fn five_g(&mut self, adf: FileId) {
        let df = self.directory(adf, 0x5fc0);
        let mut location = [0xff; 20];
        location[19] = 0x01;
        self.transparent((df, 0x4f01, 1), Rule::User, &location);
        self.transparent((df, 0x4f02, 2), Rule::User, &location);
        self.linear((df, 0x4f03, 3), Rule::User, &[vec![0xff; 62]]);
        self.linear((df, 0x4f04, 4), Rule::User, &[vec![0xff; 62]]);
        self.transparent((df, 0x4f05, 5), Rule::User, &[0xff; 110]);
        self.transparent((df, 0x4f06, 6), Rule::Subscriber, &[0x00; 4]);
    }

    fn isim(&mut self, isim: &Isim, profile: &Profile) {
        let adf = self.application(ApplicationKind::Isim, ISIM_AID);
        let ad = ad::encode(Some(profile.mnc_length));
        self.access_rules(adf, 0x6f06);
        let public: Vec<_> = isim.impu.iter().map(|impu| text(impu, ISIM_TEXT)).collect();
        self.transparent(
            (adf, 0x6f02, 2),
            Rule::Subscriber,
            &text(&isim.impi, ISIM_TEXT),
        );
        self.transparent(
            (adf, 0x6f03, 5),
            Rule::Subscriber,
            &text(&isim.domain, ISIM_TEXT),
        );
        self.linear((adf, 0x6f04, 4), Rule::Subscriber, &public);
        self.transparent((adf, 0x6fad, 3), Rule::Public, &ad);
        self.transparent(
            (adf, 0x6f07, 7),
            Rule::Subscriber,
            &ServiceTable::encode(&[2]),
        );
        self.gba(adf, 0x6fd5, 0x6fd7);
    }

    /// DF.TELECOM, as a 2G phone looks for it.
    fn telecom(&mut self, shared: &Shared) {
        let df = self.directory(FileId::MF, 0x7f10);
        self.link(
            (df, 0x6f40, 0),
            Rule::User,
            Structure::Linear(24),
            shared.msisdn,
        );
        self.link(
            (df, 0x6f3b, 0),
            Rule::Pin2,
            Structure::Linear(24),
            shared.fdn,
        );
        self.linear((df, 0x6f3a, 0), Rule::User, &vec![vec![0xff; 24]; 10]);
        let dialled = vec![0xff; 240];
        self.elementary((df, 0x6f44, 0), Rule::User, Structure::Cyclic(24), dialled);
    }

    /// DF.GSM, as a 2G phone looks for it.
    fn gsm(&mut self, shared: &Shared) {
        let df = self.directory(FileId::MF, 0x7f20);
        let (flat, user) = (Structure::Transparent, Rule::User);
        self.link((df, 0x6f05, 0), Rule::PublicUser, flat, shared.language);
        self.link((df, 0x6f07, 0), Rule::Subscriber, flat, shared.imsi);
        self.link((df, 0x6f31, 0), Rule::Subscriber, flat, shared.hpplmn);
        self.link((df, 0x6f46, 0), Rule::Public, flat, shared.spn);
        self.link((df, 0x6f78, 0), Rule::Subscriber, flat, shared.acc);
        self.link((df, 0x6f7b, 0), user, flat, shared.fplmn);
        self.link((df, 0x6f7e, 0), user, flat, shared.loci);
        self.link((df, 0x6fad, 0), Rule::Public, flat, shared.ad);
        let services: [u8; 6] = services_2g(&[1, 2, 3, 7, 9, 17]);
        self.transparent((df, 0x6f38, 0), Rule::Subscriber, &services);
        self.transparent(
            (df, 0x6f20, 0),
            user,
            b"\xff\xff\xff\xff\xff\xff\xff\xff\x07",
        );
        self.transparent((df, 0x6f30, 0), user, &[0xff; 24]);
        self.transparent((df, 0x6f74, 0), user, &[0xff; 16]);
        self.transparent((df, 0x6fae, 0), Rule::Public, &[0x03]);
    }

    /// EF_ARR: one record for each rule (TS 102 221 §9.2.4, §13.4).
    fn access_rules(&mut self, parent: FileId, fid: u16) {
        let records: Vec<_> = Rule::ALL
            .iter()
            .map(|rule| {
                let mut record = vec![0x80, 0x01, 0x01];
                record.extend_from_slice(rule.read().security_condition());
                record.extend_from_slice(&[0x80, 0x01, 0x02]);
                record.extend_from_slice(rule.update().security_condition());
                record.resize(24, 0xff);
                record
            })
            .collect();
        self.linear((parent, fid, 6), Rule::Public, &records);
    }

    fn directory(&mut self, parent: FileId, fid: u16) -> FileId {
        self.add(parent, fid, Kind::Directory)
    }

    fn application(&mut self, kind: ApplicationKind, aid: [u8; 16]) -> FileId {
        let aid = aid.to_vec();
        self.add(
            FileId::MF,
            0x7fff,
            Kind::Application(Application { kind, aid }),
        )
    }

    fn transparent(&mut self, place: Place, rule: Rule, octets: &[u8]) -> usize {
        self.elementary(place, rule, Structure::Transparent, octets.to_vec())
    }

    /// A file of records, which all have the size of the first one.
    fn linear(&mut self, place: Place, rule: Rule, records: &[Vec<u8>]) -> usize {
        let size = records.first().map_or(0, Vec::len);
        let structure = Structure::Linear(u8::try_from(size).unwrap_or(u8::MAX));
        self.elementary(place, rule, structure, records.concat())
    }

    fn elementary(
        &mut self,
        place: Place,
        rule: Rule,
        structure: Structure,
        octets: Vec<u8>,
    ) -> usize {
        let content = self.files.contents.len();
        self.files.contents.push(Content {
            octets,
            changed: false,
        });
        self.link(place, rule, structure, content);
        content
    }

    /// A file that shows the octets of another one.
    fn link(&mut self, place: Place, rule: Rule, structure: Structure, content: usize) {
        let (parent, fid, sfi) = place;
        let file = Elementary {
            sfi,
            rule,
            structure,
            content,
        };
        self.add(parent, fid, Kind::Elementary(file));
    }

    fn add(&mut self, parent: FileId, fid: u16, kind: Kind) -> FileId {
        let id = FileId(self.files.files.len());
        self.files.files.push(File { fid, parent, kind });
        id
    }
}

/// The octets of a name in front of a telephone number.
const LABEL_SIZE: usize = 10;

/// A record of EF_DIR; FF where it does not fit.
fn directory_entry(aid: [u8; 16], label: &str, size: usize) -> Vec<u8> {
    let entry = dir::Aid::new(&aid).map(|aid| dir::Application::new(aid).with_label(label));
    let record = entry.and_then(|entry| dir::encode(&entry, size));
    record.unwrap_or_else(|_too_large| vec![0xff; size])
}

/// EF_LOCI of a card that has never been in a network (TS 31.102 §4.2.17).
const UNKNOWN_LOCATION: [u8; 11] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff, 0x01,
];
