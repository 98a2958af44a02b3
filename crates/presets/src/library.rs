//! All presets: those of this version, and an operator's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{Faulty, File};
use crate::preset::{Origin, Preset};

/// Presets by name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Library(Arc<BTreeMap<String, Preset>>);

impl Library {
    /// The presets of this version.
    ///
    /// # Panics
    /// Never: the tests read every file.
    #[must_use]
    pub fn embedded() -> Library {
        Library::with(&[]).expect("the tests read every preset of this version")
    }

    /// The presets of this version and of files with their names; a file's preset goes before one of ours.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn with(files: &[(String, String)]) -> Result<Library, Faulty> {
        let mut presets = BTreeMap::new();
        for (name, text) in FILES {
            add(&mut presets, Origin::Embedded, name, text)?;
        }
        for (name, text) in files {
            add(&mut presets, Origin::Operator, name, text)?;
        }
        Ok(Library(Arc::new(presets)))
    }

    /// The preset of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Preset> {
        self.0.get(name)
    }

    /// All presets, by name.
    pub fn all(&self) -> impl Iterator<Item = &Preset> {
        self.0.values()
    }
}

fn add(presets: &mut BTreeMap<String, Preset>, origin: Origin, file: &str, text: &str) -> Result<(), Faulty> {
    let faulty = |why: String| Faulty { file: file.to_owned(), why };
    let read: File = toml::from_str(text).map_err(|fault| faulty(fault.message().to_owned()))?;
    for (name, document) in read.preset {
        let preset =
            Preset::read(&name, origin, &document).map_err(|why| faulty(format!("{name}: {why}")))?;
        let before = presets.insert(name.clone(), preset);
        if before.is_some_and(|before| before.origin == origin) {
            return Err(faulty(format!("{name}: the name is used twice")));
        }
    }
    Ok(())
}

macro_rules! files {
    ($($name:literal,)*) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../presets/", $name, ".toml"))),)*];
    };
}

files! {
    "acuity",
    "athenahealth",
    "cal-com",
    "calendly",
    "docusign",
    "drchrono",
    "elation",
    "fhir-backport",
    "generic",
    "github",
    "gocardless",
    "healthgorilla",
    "healthie",
    "hero-health",
    "hint",
    "hubspot",
    "medblocks",
    "medplum",
    "meta-lead-ads",
    "metriport",
    "pabau",
    "particle",
    "photon",
    "postmark",
    "quickbooks",
    "redox",
    "sendgrid",
    "shopify",
    "square",
    "standard-webhooks",
    "stripe",
    "surveymonkey",
    "terra",
    "twilio",
    "typeform",
    "vonage",
    "woocommerce",
    "wp-webhooks",
    "xero",
    "zocdoc",
    "zus",
}
