//! The bodies of `/v1`: hex in either case comes in, lower case goes out.

use aka::{Autn, MncLength, Rand};
use serde::{Deserialize, Serialize};
use usim::{
    ApplicationKind, Authentication, GbaBootstrapping, GsmAuthentication, KsExtNaf,
    transport::TransportKind,
};
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    sim::{Leased, Sim, Status},
    state::Outcome,
};

/// All SIMs that a caller may use.
#[derive(Serialize, ToSchema)]
pub(super) struct SimList {
    pub(super) sims: Vec<SimBody>,
}

/// One SIM.
#[derive(Serialize, ToSchema)]
#[schema(as = Sim)]
pub(in crate::routes) struct SimBody {
    index: usize,
    /// The reader's or port's name.
    name: String,
    alias: Option<String>,
    /// The way to the card.
    #[schema(example = "pcsc")]
    kind: &'static str,
    state: StateBody,
    iccid: Option<String>,
    imsi: Option<String>,
    #[schema(minimum = 2, maximum = 3)]
    mnc_length: Option<usize>,
    applications: Vec<ApplicationBody>,
    pin: Option<PinBody>,
}

/// Whether the card answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = State)]
enum StateBody {
    Ready,
    Absent,
    Failed,
    Locked,
}

/// An application of the card.
#[derive(Serialize, ToSchema)]
#[schema(as = Application)]
struct ApplicationBody {
    aid: String,
    kind: Option<&'static str>,
    label: Option<String>,
}

/// The state of PIN1, or of the universal PIN.
#[derive(Serialize, ToSchema)]
#[schema(as = Pin)]
struct PinBody {
    enabled: bool,
    tries_left: Option<u8>,
}

impl SimBody {
    pub(in crate::routes) fn new(index: usize, sim: &Sim) -> Self {
        let profile = sim.profile();
        let applications = profile.applications.iter().map(|known| ApplicationBody {
            aid: hex::encode(&known.aid),
            kind: known.kind,
            label: known.label.clone(),
        });
        Self {
            index,
            name: sim.name().to_owned(),
            alias: sim.alias().map(str::to_owned),
            kind: kind(sim.kind()),
            state: sim.status().into(),
            iccid: profile.iccid.clone(),
            imsi: profile.imsi.map(|imsi| imsi.as_str().to_owned()),
            mnc_length: profile.mnc_length.map(MncLength::digits),
            applications: applications.collect(),
            pin: profile.pin.map(|pin| PinBody {
                enabled: pin.enabled,
                tries_left: pin.tries_left,
            }),
        }
    }
}

impl From<Status> for StateBody {
    fn from(status: Status) -> Self {
        match status {
            Status::Ready => Self::Ready,
            Status::Absent => Self::Absent,
            Status::Failed => Self::Failed,
            Status::Locked => Self::Locked,
        }
    }
}

/// The word for a way to a card.
pub(in crate::routes) fn kind(kind: TransportKind) -> &'static str {
    match kind {
        TransportKind::Pcsc => "pcsc",
        TransportKind::Serial => "serial",
        TransportKind::Remote => "remote",
        TransportKind::Soft => "soft",
        TransportKind::Replay => "replay",
        _ => "other",
    }
}

/// A challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthenticateRequest {
    /// RAND, 16 octets.
    #[schema(pattern = "^[0-9a-fA-F]{32}$")]
    rand: String,
    /// AUTN, 16 octets; not for the GSM context.
    #[schema(pattern = "^[0-9a-fA-F]{32}$")]
    autn: Option<String>,
    #[serde(default)]
    app: AppBody,
    #[serde(default)]
    context: Context,
    /// An exclusive lease, if there is one.
    pub(super) lease: Option<String>,
}

/// Whose keys answer.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = App)]
enum AppBody {
    #[default]
    Usim,
    Isim,
}

/// The security context of the AUTHENTICATE command.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
enum Context {
    #[default]
    #[serde(rename = "3g")]
    Umts,
    #[serde(rename = "gsm")]
    Gsm,
    #[serde(rename = "gba")]
    Gba,
    #[serde(rename = "ims")]
    Ims,
}

/// A challenge, read and sound.
pub(super) enum Challenge {
    Umts(ApplicationKind, Rand, Autn),
    Gsm(Rand),
    Gba(Rand, Autn),
}

impl AuthenticateRequest {
    pub(super) fn challenge(&self) -> Result<Challenge, ApiError> {
        let rand = self.rand.parse();
        let rand = rand.map_err(|_error| ApiError::BadRequest("rand is not 32 hex digits"))?;
        let application = match (self.app, self.context) {
            (AppBody::Isim, _) | (_, Context::Ims) => ApplicationKind::Isim,
            (AppBody::Usim, _) => ApplicationKind::Usim,
        };
        Ok(match (self.context, &self.autn) {
            (Context::Gsm, None) => Challenge::Gsm(rand),
            (Context::Gsm, Some(_)) => {
                return Err(ApiError::BadRequest("the gsm context takes no autn"));
            }
            (Context::Gba, _) => Challenge::Gba(rand, self.autn()?),
            (Context::Umts | Context::Ims, _) => Challenge::Umts(application, rand, self.autn()?),
        })
    }

    fn autn(&self) -> Result<Autn, ApiError> {
        let text = self.autn.as_deref().unwrap_or_default();
        text.parse()
            .map_err(|_error| ApiError::BadRequest("autn is not 32 hex digits"))
    }
}

/// What came of a challenge.
#[derive(Serialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum AuthenticateAnswer {
    /// The challenge was answered.
    Success(KeysBody),
    /// The challenge is stale: the home needs `auts`.
    SynchronisationFailure {
        /// 14 octets.
        auts: String,
    },
}

/// Response and keys: which ones, the context decides.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Keys)]
pub(super) struct KeysBody {
    /// 4 to 16 octets; contexts 3g, ims and gba.
    #[serde(skip_serializing_if = "Option::is_none")]
    res: Option<String>,
    /// 16 octets; contexts 3g and ims.
    #[serde(skip_serializing_if = "Option::is_none")]
    ck: Option<String>,
    /// 16 octets; contexts 3g and ims.
    #[serde(skip_serializing_if = "Option::is_none")]
    ik: Option<String>,
    /// 4 octets; context gsm.
    #[serde(skip_serializing_if = "Option::is_none")]
    sres: Option<String>,
    /// 8 octets; context gsm, and 3g where the card gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    kc: Option<String>,
}

impl From<Authentication> for AuthenticateAnswer {
    fn from(outcome: Authentication) -> Self {
        match outcome {
            Authentication::Success(keys) => Self::Success(KeysBody {
                res: Some(format!("{:x}", keys.res.expose_hex())),
                ck: Some(format!("{:x}", keys.ck.expose_hex())),
                ik: Some(format!("{:x}", keys.ik.expose_hex())),
                kc: keys.kc.map(|kc| format!("{:x}", kc.expose_hex())),
                ..KeysBody::default()
            }),
            Authentication::SyncFailure(auts) => Self::SynchronisationFailure {
                auts: format!("{:x}", auts.hex()),
            },
        }
    }
}

impl From<GsmAuthentication> for AuthenticateAnswer {
    fn from(answer: GsmAuthentication) -> Self {
        Self::Success(KeysBody {
            sres: Some(format!("{:x}", answer.sres.expose_hex())),
            kc: Some(format!("{:x}", answer.kc.expose_hex())),
            ..KeysBody::default()
        })
    }
}

impl From<GbaBootstrapping> for AuthenticateAnswer {
    fn from(outcome: GbaBootstrapping) -> Self {
        match outcome {
            GbaBootstrapping::Success(res) => Self::Success(KeysBody {
                res: Some(format!("{:x}", res.expose_hex())),
                ..KeysBody::default()
            }),
            GbaBootstrapping::SyncFailure(auts) => Self::SynchronisationFailure {
                auts: format!("{:x}", auts.hex()),
            },
        }
    }
}

impl Outcome for AuthenticateAnswer {
    fn class(&self) -> &'static str {
        match self {
            Self::Success(_) => "success",
            Self::SynchronisationFailure { .. } => "synchronisation_failure",
        }
    }
}

/// A NAF whose key is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NafRequest {
    /// The NAF's name and the security protocol, as TS 33.220 puts them together.
    naf_id: String,
    /// The private user identity.
    pub(super) impi: String,
}

impl NafRequest {
    pub(super) fn naf_id(&self) -> Result<Vec<u8>, ApiError> {
        hex::decode(&self.naf_id).map_err(|_error| ApiError::BadRequest("naf_id is not hex"))
    }
}

/// The key for a NAF.
#[derive(Serialize, ToSchema)]
pub(super) struct NafAnswer {
    #[schema(example = "success")]
    result: &'static str,
    /// 32 octets.
    ks_ext_naf: String,
}

impl From<KsExtNaf> for NafAnswer {
    fn from(key: KsExtNaf) -> Self {
        Self {
            result: "success",
            ks_ext_naf: hex::encode(key.expose()),
        }
    }
}

impl Outcome for NafAnswer {}

/// A command.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApduRequest {
    /// The command APDU; under a lease its class is that of the basic channel.
    #[schema(example = "00a40004023f00")]
    pub(super) apdu: String,
    /// The lease under which it is sent.
    pub(super) lease: Option<String>,
}

/// A card's answer.
#[derive(Serialize, ToSchema)]
pub(super) struct ApduAnswer {
    data: String,
    /// The status word, 2 octets.
    #[schema(example = "9000")]
    sw: String,
}

impl ApduAnswer {
    pub(super) fn new(answer: &[u8]) -> Self {
        let (data, status) = answer.split_last_chunk::<2>().unwrap_or((&[], &[0, 0]));
        Self {
            data: hex::encode(data),
            sw: hex::encode(status),
        }
    }
}

/// What to lease, and for how long.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelRequest {
    pub(super) kind: ChannelKind,
    /// The application to select.
    aid: Option<String>,
    #[serde(default = "half_a_minute")]
    #[schema(default = 30, minimum = 1)]
    pub(super) seconds: u64,
}

/// What is leased.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChannelKind {
    /// A logical channel of its own.
    Channel,
    /// The whole SIM: nobody else's request comes between.
    Exclusive,
}

impl ChannelRequest {
    pub(super) fn aid(&self) -> Result<Option<Vec<u8>>, ApiError> {
        let wrong = || ApiError::BadRequest("aid is not 5 to 16 octets in hex");
        let Some(text) = &self.aid else {
            return Ok(None);
        };
        let aid = hex::decode(text).map_err(|_error| wrong())?;
        if (5..=16).contains(&aid.len()) {
            Ok(Some(aid))
        } else {
            Err(wrong())
        }
    }
}

fn half_a_minute() -> u64 {
    30
}

/// A lease.
#[derive(Serialize, ToSchema)]
pub(super) struct ChannelAnswer {
    /// Its name: to be shown with every command, and to nobody.
    lease: String,
    /// The logical channel; the server puts it into the class of commands.
    #[schema(maximum = 19)]
    channel: u8,
    /// Seconds.
    expires_in: u64,
}

impl ChannelAnswer {
    pub(super) fn new(leased: Leased, expires_in: u64) -> Self {
        Self {
            lease: leased.name,
            channel: leased.channel.number(),
            expires_in,
        }
    }
}
