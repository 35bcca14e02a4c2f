//! One command of a line: its name, and how it is called (TS 27.007 §4, ITU-T V.250 §5.4).

/// A command as it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'l> {
    /// `+CSIM`, `E`, `&F`: as it was written.
    pub(super) name: &'l str,
    pub(super) form: Form<'l>,
}

/// How a command is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form<'l> {
    /// `+X`, or a basic command with its number.
    Execute(Option<u32>),
    /// `+X?`
    Read,
    /// `+X=?`
    Test,
    /// `+X=...`; a value that is left out is empty.
    Set(Vec<&'l str>),
}

/// The line could not be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Takes the first command off a line without its `AT`; gives the rest.
pub(super) fn first(line: &str) -> Result<(Call<'_>, &str), Malformed> {
    match line.as_bytes().first() {
        Some(b'+' | b'^' | b'$' | b'%' | b'#' | b'*') => extended(line),
        Some(b'&') => basic(line, 2),
        Some(letter) if letter.is_ascii_alphabetic() => basic(line, 1),
        _ => Err(Malformed),
    }
}

/// `E0`, `&F`, `I`: letters and a number.
fn basic(line: &str, letters: usize) -> Result<(Call<'_>, &str), Malformed> {
    let (name, rest) = line.split_at_checked(letters).ok_or(Malformed)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at_checked(digits).ok_or(Malformed)?;
    let number = match number {
        "" => None,
        number => Some(number.parse().ok().ok_or(Malformed)?),
    };
    Ok((
        Call {
            name,
            form: Form::Execute(number),
        },
        rest.trim_start_matches(';'),
    ))
}

/// `+CSIM=14,"..."`: up to a semicolon outside of quotes.
fn extended(line: &str) -> Result<(Call<'_>, &str), Malformed> {
    let mut quoted = false;
    let end = line.find(|letter| {
        quoted ^= letter == '"';
        letter == ';' && !quoted
    });
    let (command, rest) = line
        .split_at_checked(end.unwrap_or(line.len()))
        .ok_or(Malformed)?;
    let form = |form| (command.trim_end_matches(['?', '=']), form);
    let (name, form) = if command.ends_with("=?") {
        form(Form::Test)
    } else if command.ends_with('?') {
        form(Form::Read)
    } else {
        match command.split_once('=') {
            Some((name, values)) => (name, Form::Set(split(values)?)),
            None => (command, Form::Execute(None)),
        }
    };
    Ok((
        Call {
            name: name.trim(),
            form,
        },
        rest.trim_start_matches(';'),
    ))
}

/// Values between commas; those in quotes lose them.
fn split(values: &str) -> Result<Vec<&str>, Malformed> {
    let mut quoted = false;
    let parts = values.split(move |letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    });
    parts.map(unquote).collect()
}

fn unquote(value: &str) -> Result<&str, Malformed> {
    let value = value.trim();
    match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or(Malformed),
        None if value.contains('"') => Err(Malformed),
        None => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'l>(name: &'l str, form: Form<'l>) -> Call<'l> {
        Call { name, form }
    }

    #[test]
    fn a_line_holds_basic_and_extended_commands() {
        let (one, rest) = first("E0V1+CMEE=1;+CSIM=4,\"0;0,\";I").unwrap();
        assert_eq!(one, call("E", Form::Execute(Some(0))));
        let (two, rest) = first(rest).unwrap();
        assert_eq!(two, call("V", Form::Execute(Some(1))));
        let (three, rest) = first(rest).unwrap();
        assert_eq!(three, call("+CMEE", Form::Set(vec!["1"])));
        let (four, rest) = first(rest).unwrap();
        assert_eq!(four, call("+CSIM", Form::Set(vec!["4", "0;0,"])));
        assert_eq!(first(rest).unwrap(), (call("I", Form::Execute(None)), ""));
    }

    #[test]
    fn a_command_is_read_tested_or_executed() {
        assert_eq!(first("+CPIN?").unwrap().0, call("+CPIN", Form::Read));
        assert_eq!(first("+CSIM=?").unwrap().0, call("+CSIM", Form::Test));
        assert_eq!(
            first("+CIMI").unwrap().0,
            call("+CIMI", Form::Execute(None))
        );
        assert_eq!(first("&F").unwrap().0, call("&F", Form::Execute(None)));
        assert_eq!(
            first("+X=,2,").unwrap().0,
            call("+X", Form::Set(vec!["", "2", ""]))
        );
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for line in ["", "1", "+X=\"1", "+X=1\"2\"", "E99999999999", "\u{e9}"] {
            assert_eq!(first(line), Err(Malformed), "{line}");
        }
    }
}
