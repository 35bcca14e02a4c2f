//! A signed text as people see it: plain, or a small subset of Markdown.
//!
//! Headings, bold, lists and tables; no links, images or HTML. What is none of these is shown as it
//! was written, so that nothing that was signed is ever left out.

use passkey_idp::visible::{Piece, pieces};

/// A text that is to be signed, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signed {
    /// Plain text; line breaks are kept.
    Plain(Vec<Piece>),
    /// The subset of Markdown.
    Blocks(Vec<Block>),
}

/// A part of a text in the subset of Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// `#`, `##` or `###`.
    Heading(u8, Vec<Piece>),
    /// Lines without a blank one between them.
    Paragraph(Vec<Piece>),
    /// Lines that begin with `- ` or `* `.
    List(Vec<Vec<Piece>>),
    /// Lines that begin with a number and a full stop; the number is shown as it was written.
    Numbered(Vec<(String, Vec<Piece>)>),
    /// Lines that begin with `|`: the head, then the rows.
    Table(Row, Vec<Row>),
}

/// The cells of a table's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// From left to right.
    pub cells: Vec<Vec<Piece>>,
}

impl Signed {
    /// A text without markup.
    pub fn plain(text: &str) -> Self {
        Self::Plain(pieces(text))
    }

    /// A text with markup.
    ///
    /// ```
    /// use passkey_server::pages::{Block, Piece, Signed};
    ///
    /// let shown = Signed::markdown("# Loan\nI owe **100**");
    /// let heading = Block::Heading(1, vec![Piece::Text("Loan".into())]);
    /// let text = [Piece::Text("I owe ".into()), Piece::Bold("100".into())];
    /// assert_eq!(
    ///     shown,
    ///     Signed::Blocks(vec![heading, Block::Paragraph(text.into())])
    /// );
    /// ```
    pub fn markdown(text: &str) -> Self {
        let mut lines = text.lines().peekable();
        let mut blocks = Vec::new();
        while let Some(line) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            let kind = Kind::of(line);
            let mut group = vec![line];
            while let Some(next) = lines.next_if(|next| kind.goes_on_with(next)) {
                group.push(next);
            }
            blocks.push(kind.block(&group));
        }
        Self::Blocks(blocks)
    }
}

/// What a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Heading,
    List,
    Numbered,
    Table,
    Paragraph,
}

impl Kind {
    fn of(line: &str) -> Self {
        if heading(line).is_some() {
            Self::Heading
        } else if item(line).is_some() {
            Self::List
        } else if numbered(line).is_some() {
            Self::Numbered
        } else if line.starts_with('|') {
            Self::Table
        } else {
            Self::Paragraph
        }
    }

    fn goes_on_with(self, line: &str) -> bool {
        self != Self::Heading && !line.trim().is_empty() && Self::of(line) == self
    }

    fn block(self, lines: &[&str]) -> Block {
        match self {
            Self::Heading => {
                let line = lines.first().copied().unwrap_or_default();
                let (level, text) = heading(line).unwrap_or((1, line));
                Block::Heading(level, inline(text))
            }
            Self::List => Block::List(lines.iter().filter_map(|l| item(l)).map(inline).collect()),
            Self::Numbered => {
                let items = lines.iter().filter_map(|line| numbered(line));
                Block::Numbered(
                    items
                        .map(|(number, text)| (number.to_owned(), inline(text)))
                        .collect(),
                )
            }
            Self::Table => table(lines),
            Self::Paragraph => Block::Paragraph(inline(&lines.join("\n"))),
        }
    }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    [(1, "# "), (2, "## "), (3, "### ")]
        .into_iter()
        .find_map(|(level, mark)| Some((level, line.strip_prefix(mark)?)))
}

fn item(line: &str) -> Option<&str> {
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

fn numbered(line: &str) -> Option<(&str, &str)> {
    let (number, text) = line.split_once(". ")?;
    let short = (1..=3).contains(&number.len());
    (short && number.bytes().all(|byte| byte.is_ascii_digit())).then_some((number, text))
}

fn table(lines: &[&str]) -> Block {
    let mut rows = lines.iter().enumerate().filter_map(|(index, line)| {
        let rule = index == 1 && line.bytes().all(|byte| b"|-: ".contains(&byte));
        (!rule).then(|| row(line))
    });
    let head = rows.next().unwrap_or(Row { cells: Vec::new() });
    Block::Table(head, rows.collect())
}

fn row(line: &str) -> Row {
    let inner = line.strip_prefix('|').unwrap_or(line).trim_end();
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let cells = inner.split('|').map(|cell| inline(cell.trim())).collect();
    Row { cells }
}

/// `**bold**`; a mark without its partner is shown as it stands.
fn inline(text: &str) -> Vec<Piece> {
    let mut shown = Vec::new();
    let mut rest = text;
    while let Some((before, bold, after)) = bold(rest) {
        shown.extend(pieces(before));
        shown.extend(pieces(bold).into_iter().map(|piece| match piece {
            Piece::Text(text) | Piece::Bold(text) => Piece::Bold(text),
            hidden @ Piece::Hidden(_) => hidden,
        }));
        rest = after;
    }
    shown.extend(pieces(rest));
    shown
}

fn bold(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("**")?;
    let (bold, after) = rest.split_once("**")?;
    (!bold.is_empty()).then_some((before, bold, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<Piece> {
        vec![Piece::Text(text.into())]
    }

    #[test]
    fn lists_tables_and_paragraphs_stand_apart() {
        let shown =
            Signed::markdown("one\ntwo\n- a\n- b\n7. c\n| h | i |\n|---|---|\n| j | k |\n\nend");
        let row = |left: &str, right: &str| Row {
            cells: vec![text(left), text(right)],
        };
        assert_eq!(
            shown,
            Signed::Blocks(vec![
                Block::Paragraph(text("one\ntwo")),
                Block::List(vec![text("a"), text("b")]),
                Block::Numbered(vec![("7".into(), text("c"))]),
                Block::Table(row("h", "i"), vec![row("j", "k")]),
                Block::Paragraph(text("end")),
            ])
        );
    }

    #[test]
    fn markup_of_others_is_shown_as_it_was_written() {
        for line in [
            "<script>alert(1)</script>",
            "![x](https://example.com/x.png)",
            "[x](javascript:alert(1))",
            "**",
            "****",
            "** open",
            "#no heading",
            "-no item",
            "12345. no item",
        ] {
            assert_eq!(
                Signed::markdown(line),
                Signed::Blocks(vec![Block::Paragraph(text(line))])
            );
        }
    }

    #[test]
    fn a_rule_elsewhere_than_under_the_head_is_a_row() {
        let Signed::Blocks(blocks) = Signed::markdown("|a|\n|b|\n|-|") else {
            panic!("markdown has blocks");
        };
        let Some(Block::Table(_, rows)) = blocks.first() else {
            panic!("a table: {blocks:?}");
        };
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn a_hidden_character_within_bold_is_shown() {
        assert_eq!(
            inline("**a\u{200b}b**"),
            [
                Piece::Bold("a".into()),
                Piece::Hidden("U+200B".into()),
                Piece::Bold("b".into())
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn every_letter_that_is_signed_is_shown(text in "[a-z*#|\\-0-9. \n]{0,80}") {
            let letters = |text: &str| -> String {
                text.chars().filter(char::is_ascii_alphabetic).collect()
            };
            let shown = format!("{:?}", Signed::markdown(&text));
            let wanted = letters(&text);
            let mut left = wanted.chars().peekable();
            for quoted in shown.split('"').skip(1).step_by(2) {
                for letter in letters(&quoted.replace("\\n", " ")).chars() {
                    proptest::prop_assert_eq!(left.next(), Some(letter));
                }
            }
            proptest::prop_assert_eq!(left.next(), None);
        }
    }
}
