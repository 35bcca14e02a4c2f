//! A form as it is sent.

use anyhow::{Context as _, Result};
use url::form_urlencoded::Serializer;

use super::{Page, boundary, unescaped};

/// A file that goes with a form.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a field, a name, a content")]
pub struct File<'a> {
    /// The name of the field.
    pub field: &'a str,
    /// The file's name.
    pub name: &'a str,
    /// Its content.
    pub content: &'a [u8],
}

/// What is sent.
pub(super) struct Form {
    fields: Vec<(String, String)>,
    parts: Option<Vec<u8>>,
    boundary: String,
}

impl Form {
    /// The form of a page for `action`, with its hidden fields.
    pub(super) fn find(page: &Page, action: &str) -> Result<Self> {
        let mark = format!("action=\"{action}\"");
        let (_, rest) = page
            .html
            .split_once(&mark)
            .with_context(|| format!("no form for {action} at {} ({})", page.url, page.status))?;
        let form = rest.split("</form>").next().unwrap_or_default();
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
        let fields = hidden.filter_map(|input| {
            let (name, rest) = input.split_once("\" value=\"")?;
            Some((name.to_owned(), unescaped(rest.split('"').next()?)))
        });
        Ok(Self {
            fields: fields.collect(),
            parts: form_in_parts(rest).then(Vec::new),
            boundary: String::new(),
        })
    }

    /// With these fields, in the place of those of the same name.
    pub(super) fn with(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self.fields.retain(|(known, _)| known != name);
            self.fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.boundary = boundary(format!("{:?}", self.fields).as_bytes());
        self
    }

    pub(super) fn with_file(mut self, file: &File<'_>) -> Self {
        self.boundary = boundary(file.content);
        let (field, name) = (file.field, file.name);
        let mut part = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n",
            self.boundary
        )
        .into_bytes();
        part.extend(file.content);
        part.extend(b"\r\n");
        self.parts = Some(part);
        self
    }

    pub(super) fn media_type(&self) -> String {
        match self.parts {
            None => "application/x-www-form-urlencoded".to_owned(),
            Some(_) => format!("multipart/form-data; boundary={}", self.boundary),
        }
    }

    pub(super) fn body(self) -> Vec<u8> {
        let Some(files) = self.parts else {
            let mut pairs = Serializer::new(String::new());
            return pairs.extend_pairs(self.fields).finish().into_bytes();
        };
        let mut body = files;
        for (name, value) in &self.fields {
            let part = format!(
                "--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n",
                self.boundary
            );
            body.extend(part.into_bytes());
        }
        body.extend(format!("--{}--\r\n", self.boundary).into_bytes());
        body
    }
}

/// Whether the form whose tag goes on with `rest` is sent in parts.
fn form_in_parts(rest: &str) -> bool {
    let tag = rest.split('>').next().unwrap_or_default();
    tag.contains("multipart/form-data")
}
