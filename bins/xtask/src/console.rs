//! What a person sees while steps run.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::arguments::Arguments;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A line a step; a program's output only when it failed.
    Steps,
    /// Everything the programs say, as they say it.
    Everything,
}

impl Detail {
    /// Takes `--verbose`.
    pub(crate) fn of(arguments: &mut Arguments) -> Self {
        if arguments.flag("--verbose") {
            Self::Everything
        } else {
            Self::Steps
        }
    }
}

/// The terminal or the log.
#[derive(Debug)]
pub(crate) struct Console {
    detail: Detail,
    live: bool,
    head: RefCell<String>,
    begun: Cell<Instant>,
    last: RefCell<String>,
}

impl Console {
    /// A console for standard output.
    pub(crate) fn new(detail: Detail) -> Self {
        Self {
            detail,
            live: detail == Detail::Steps && io::stdout().is_terminal(),
            head: RefCell::default(),
            begun: Cell::new(Instant::now()),
            last: RefCell::default(),
        }
    }

    /// A console that shows nothing, for what runs beside something else.
    pub(crate) fn silent() -> Self {
        Self {
            live: false,
            ..Self::new(Detail::Steps)
        }
    }

    /// Announces a step.
    pub(crate) fn begin(&self, head: &str) {
        head.clone_into(&mut self.head.borrow_mut());
        self.begun.set(Instant::now());
        self.last.borrow_mut().clear();
        match self.detail {
            Detail::Steps => print!("{head}"),
            Detail::Everything => println!("{head}"),
        }
        flush();
    }

    /// Ends the step with a word, such as `ok`.
    pub(crate) fn end(&self, result: &str) {
        let time = format_time(self.begun.get().elapsed());
        match (self.live, self.detail) {
            (true, _) => println!("\r\x1b[2K{}{time:>9}  {result}", self.head.borrow()),
            (false, Detail::Steps) => println!("{time:>9}  {result}"),
            (false, Detail::Everything) => println!("{}{time:>9}  {result}", self.head.borrow()),
        }
    }

    /// Takes a line that a program printed.
    pub(crate) fn line(&self, line: &str) {
        if self.detail == Detail::Everything {
            print!("{line}");
            flush();
        }
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last.borrow_mut());
        }
        self.tick();
    }

    /// Shows that the step is alive: its time and the program's last line.
    pub(crate) fn tick(&self) {
        if self.live {
            let time = format_time(self.begun.get().elapsed());
            let last: String = self
                .last
                .borrow()
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            let last: String = last.chars().take(40).collect();
            print!(
                "\r\x1b[2K{}{time:>9}  \x1b[2m{last}\x1b[0m",
                self.head.borrow()
            );
            flush();
        }
    }
}

/// `0.4 s`, `12.0 s`, `3 min 05 s`.
pub(crate) fn format_time(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 100 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

fn flush() {
    // A closed standard output shows at the next `println`.
    drop(io::stdout().flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!(format_time(Duration::from_millis(440)), "0.4 s");
        assert_eq!(format_time(Duration::from_secs(185)), "3 min 05 s");
    }
}
