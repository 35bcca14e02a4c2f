//! Osmocom's libosmocore, in a small C program that is built here and times itself.
//!
//! It needs a C compiler, pkg-config and libosmocore's headers (Debian: libosmocore-dev).
//! `PKG_CONFIG_PATH` may lead to another version; TUAK came with 1.9.

use std::{
    env, fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use aka::algorithm::HomeAlgorithm;

use super::inputs::Subscriber;

/// What the peer is to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// Under OPc.
    Milenage,
    /// Under the TOPc of every subscriber, with a RES of 64 bits.
    Tuak([u8; 32]),
}

/// The program, with the inputs in it. It ends when this is dropped.
pub(crate) struct Libosmocore {
    child: Child,
    orders: Option<ChildStdin>,
    answers: ChildStdout,
}

impl Libosmocore {
    /// Starts it and checks that it makes the same vectors as `keys`.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub(crate) fn start<A: HomeAlgorithm>(
        algorithm: Algorithm,
        subscribers: &[Subscriber],
        keys: &[A],
    ) -> Result<Self, String> {
        let program = build(algorithm)?;
        let failed = |error| format!("libosmocore: {error}");
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut orders = child.stdin.take().expect("piped");
        let answers = child.stdout.take().expect("piped");
        let inputs = inputs(algorithm, subscribers);
        // The vectors come back while the inputs go in: somebody must read them.
        let writer = std::thread::spawn(move || orders.write_all(&inputs).map(|()| orders));
        let mut peer = Self {
            child,
            orders: None,
            answers,
        };
        for (number, (subscriber, key)) in subscribers.iter().zip(keys).enumerate() {
            let made = peer.read::<56>().map_err(failed)?;
            assert_eq!(made, vector(subscriber, key), "vector {number}");
        }
        peer.orders = Some(writer.join().expect("it does not panic").map_err(failed)?);
        Ok(peer)
    }

    /// Makes all vectors once.
    pub(crate) fn round(&mut self) -> Duration {
        let orders = self.orders.as_mut().expect("there from the start");
        orders.write_all(&[1]).expect("it reads orders");
        orders.flush().expect("it reads orders");
        let nanoseconds = self.read().expect("it answers each order");
        Duration::from_nanos(u64::from_le_bytes(nanoseconds))
    }

    fn read<const N: usize>(&mut self) -> std::io::Result<[u8; N]> {
        let mut octets = [0; N];
        self.answers.read_exact(&mut octets).map(|()| octets)
    }
}

impl Drop for Libosmocore {
    fn drop(&mut self) {
        drop(self.orders.take());
        drop(self.child.wait());
    }
}

/// Both algorithms are in one program; which one runs, the inputs say.
fn build(algorithm: Algorithm) -> Result<PathBuf, String> {
    let pkg_config = |words: &[&str]| {
        let output = Command::new("pkg-config").args(words).output();
        let output = output.map_err(|error| format!("libosmocore: pkg-config: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok::<_, String>(output.status.success().then_some(text))
    };
    let version = pkg_config(&["--modversion", "libosmogsm"])?
        .ok_or("libosmocore: its headers are missing (libosmocore-dev)")?;
    let knows_tuak = pkg_config(&["--atleast-version=1.9.0", "libosmogsm"])?.is_some();
    if algorithm != Algorithm::Milenage && !knows_tuak {
        return Err(format!("libosmocore {version} has no TUAK, 1.9 has"));
    }
    let flags = pkg_config(&["--cflags", "--libs", "libosmogsm"])?.unwrap_or_default();
    let folder = pkg_config(&["--variable=libdir", "libosmogsm"])?.unwrap_or_default();
    compile(knows_tuak, &flags, &folder)
}

fn compile(knows_tuak: bool, flags: &str, folder: &str) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ratios/libosmocore.c");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(built).map_err(|error| format!("libosmocore: {error}"))?;
    let program = built.join("libosmocore");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = Command::new(compiler);
    command.args(["-O2", "-Wall", "-o"]);
    command.arg(&program).arg(source);
    if knows_tuak {
        command.arg("-DWITH_TUAK");
    }
    command.args(flags.split_whitespace());
    command.arg(format!("-Wl,-rpath,{folder}"));
    match command.status() {
        Ok(status) if status.success() => Ok(program),
        Ok(status) => Err(format!("libosmocore: the C compiler ended with {status}")),
        Err(error) => Err(format!("libosmocore: no C compiler: {error}")),
    }
}

/// What the program reads first.
fn inputs(algorithm: Algorithm, subscribers: &[Subscriber]) -> Vec<u8> {
    let (letter, topc) = match algorithm {
        Algorithm::Milenage => (b'm', None),
        Algorithm::Tuak(topc) => (b't', Some(topc)),
    };
    let count = u16::try_from(subscribers.len()).expect("COUNT");
    let mut octets = vec![letter];
    octets.extend(count.to_le_bytes());
    for s in subscribers {
        let mut opc = [0; 32];
        for (to, from) in opc.iter_mut().zip(s.opc.expose()) {
            *to = *from;
        }
        octets.extend(s.k.expose());
        octets.extend(topc.unwrap_or(opc));
        octets.extend(s.rand.as_bytes());
        octets.extend(s.sqn.to_bytes());
        octets.extend(s.amf.as_bytes());
        octets.extend([0; 12]);
    }
    octets
}

/// What it writes for a subscriber.
fn vector(s: &Subscriber, key: &impl HomeAlgorithm) -> [u8; 56] {
    let (autn, response) = key.challenge(&s.rand, s.sqn, s.amf);
    let mut made = [0; 56];
    let parts = [
        &autn.as_bytes()[..],
        response.res.expose(),
        response.ck.expose(),
        response.ik.expose(),
    ];
    for (to, from) in made.iter_mut().zip(parts.concat()) {
        *to = from;
    }
    made
}
