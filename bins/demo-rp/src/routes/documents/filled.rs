//! The form that says what is to be signed.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError};
use passkey_idp::random::Digest;

use crate::document::{Asked, File};

/// The form as it was filled in.
pub(super) struct Filled {
    pub(super) asked: Asked,
    pub(super) data: Option<Bytes>,
    pub(super) device: Device,
}

/// Where it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// In this browser.
    This,
    /// On a phone, say, that scans a code.
    Other,
}

impl Filled {
    /// What `subject` has filled in, to be asked by `application`.
    pub(super) async fn read(
        mut form: Multipart,
        subject: &str,
        application: &str,
    ) -> Result<Self, MultipartError> {
        let mut filled = Self::empty(subject, application);
        while let Some(field) = form.next_field().await? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().unwrap_or_default().to_owned();
            let content = field.bytes().await?;
            filled.take(&name, &file, content);
        }
        Ok(filled)
    }

    fn empty(subject: &str, application: &str) -> Self {
        Self {
            asked: Asked {
                subject: subject.to_owned(),
                application: application.to_owned(),
                text: String::new(),
                media_type: "text/plain",
                file: None,
            },
            data: None,
            device: Device::This,
        }
    }

    fn take(&mut self, name: &str, file: &str, content: Bytes) {
        match name {
            // browsers write line ends as CR LF; what is signed has the ones that were typed
            "text" => self.asked.text = String::from_utf8_lossy(&content).replace("\r\n", "\n"),
            "markup" => self.asked.media_type = "text/markdown",
            "device" if content == "other" => self.device = Device::Other,
            "file" => self.attach(file, content),
            _ => {}
        }
    }

    /// A field without a file comes without a name and without content.
    fn attach(&mut self, name: &str, content: Bytes) {
        if content.is_empty() {
            return;
        }
        self.asked.file = Some(File {
            name: name.to_owned(),
            size: content.len(),
            digest: Digest::sha256(&content),
        });
        self.data = Some(content);
    }
}
