//! A scripted modem at one end of a pty.

use std::{
    fs::File,
    io::{Read, Write},
    os::unix::fs::symlink,
    path::Path,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// What the modem does about a line.
pub(super) enum Act {
    /// Writes this.
    Say(String),
    /// Writes these octets, one at a time.
    Stutter(Vec<u8>),
    /// Hangs up.
    HangUp,
}

/// Says this.
pub(super) fn say(text: &str) -> Act {
    Act::Say(text.to_owned())
}

/// A modem that is plugged in until it is dropped.
pub(super) struct Modem {
    heard: Arc<Mutex<Vec<String>>>,
    ours: File,
    thread: Option<JoinHandle<()>>,
}

impl Modem {
    /// Plugs in a modem at `port`. It answers what is asked to greet it; `answer` all else.
    pub(super) fn plug_in(port: &Path, answer: impl FnMut(&str) -> Act + Send + 'static) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let slave = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let ours = File::options().read(true).write(true).open(&slave).unwrap();
        drop(std::fs::remove_file(port));
        symlink(slave, port).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        let thread = thread::spawn(move || serve(&mut File::from(master), &log, answer));
        let thread = Some(thread);
        Self {
            heard,
            ours,
            thread,
        }
    }

    /// What it heard since the last time, without greetings.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        // It may have hung up before.
        drop(self.ours.write_all(UNPLUG));
        self.thread.take().unwrap().join().unwrap();
    }
}

const UNPLUG: &[u8] = b"UNPLUG\r";

fn serve(port: &mut File, heard: &Mutex<Vec<String>>, mut answer: impl FnMut(&str) -> Act) {
    while let Some(line) = read_line(port) {
        let act = match line.as_str() {
            "UNPLUG" => Act::HangUp,
            "AT" | "ATE0" | "AT+CMEE=1" => say("\r\nOK\r\n"),
            _ => {
                heard.lock().unwrap().push(line.clone());
                answer(&line)
            }
        };
        match act {
            Act::Say(text) => port.write_all(text.as_bytes()).unwrap(),
            Act::Stutter(octets) => octets
                .iter()
                .for_each(|octet| port.write_all(&[*octet]).unwrap()),
            Act::HangUp => return,
        }
    }
}

fn read_line(port: &mut File) -> Option<String> {
    let mut line = Vec::new();
    let mut octet = [0];
    loop {
        port.read_exact(&mut octet).ok()?;
        match octet {
            [b'\r'] => return Some(String::from_utf8(line).unwrap()),
            [octet] => line.push(octet),
        }
    }
}
