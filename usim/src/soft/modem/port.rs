//! A pseudo terminal with a name.

use std::{
    fs, io,
    os::{fd::OwnedFd, unix::fs::symlink},
    path::{Path, PathBuf},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, fcntl_setfl, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, tcgetattr, tcsetattr},
};

/// The modem's end of a pseudo terminal, and the link to its other end.
#[derive(Debug)]
pub(super) struct Port {
    master: OwnedFd,
    /// Kept open, so that callers may come and go without hanging up.
    _slave: OwnedFd,
    link: PathBuf,
}

impl Port {
    pub(super) fn open(link: &Path) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = open(name.as_c_str(), flags, Mode::empty())?;
        let mut settings = tcgetattr(&slave)?;
        settings.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &settings)?;
        fcntl_setfl(&master, OFlags::NONBLOCK)?;
        let target = name
            .to_str()
            .map_err(|_utf8| io::ErrorKind::InvalidFilename)?;
        point(link, Path::new(target))?;
        Ok(Self {
            master,
            _slave: slave,
            link: link.to_owned(),
        })
    }

    /// What came within a fifth of a second; possibly nothing.
    pub(super) fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        if !self.ready(PollFlags::IN, 200)? {
            return Ok(0);
        }
        match rustix::io::read(&self.master, octets) {
            Ok(size) => Ok(size),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes; what nobody reads for a second is dropped, as on a line without flow control.
    pub(super) fn write(&mut self, mut octets: &[u8]) -> io::Result<()> {
        while !octets.is_empty() {
            if !self.ready(PollFlags::OUT, 1000)? {
                return Ok(());
            }
            match rustix::io::write(&self.master, octets) {
                Ok(size) => octets = octets.get(size..).unwrap_or_default(),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn ready(&self, what: PollFlags, milliseconds: i64) -> io::Result<bool> {
        let limit = Timespec {
            tv_sec: milliseconds / 1000,
            tv_nsec: milliseconds % 1000 * 1_000_000,
        };
        let mut watched = [PollFd::new(&self.master, what)];
        match poll(&mut watched, Some(&limit)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        fs::remove_file(&self.link).unwrap_or_default();
    }
}

/// Makes `link` point to `target` at once, in place of an earlier link; a file that is no link
/// stays and is an error.
fn point(link: &Path, target: &Path) -> io::Result<()> {
    if fs::symlink_metadata(link).is_ok_and(|there| !there.is_symlink()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut new = link.as_os_str().to_owned();
    new.push(".new");
    if let Err(error) = fs::remove_file(&new)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    symlink(target, &new)?;
    fs::rename(&new, link)
}
