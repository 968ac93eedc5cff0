//! Knowledge as a signed file, for sites without a network: one Refit writes
//! what it knows, another takes it over when the signature is of a key that its
//! people trust.
//!
//! Keys are Ed25519 in PEM as `openssl genpkey -algorithm ed25519` and
//! `openssl pkey -pubout` write them (RFC 8410).

use crate::documents::text_of;
use crate::failure::{Failure, FailureKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use refit_knowledge::Knowledge;
use refit_knowledge::files::{EVERY, Files};
use refit_model::API_VERSION;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The most that a bundle may unpack to. All fact files together have about a
/// twentieth of it.
const LARGEST: u64 = 64 << 20;

/// What stands before the 32 bytes of a public key (RFC 8410, section 4).
const PUBLIC: [u8; 12] = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0];
/// What stands before the 32 bytes of a private key (RFC 8410, section 7).
const PRIVATE: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/// A signed file of facts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnowledgeBundle {
    /// The version of this format.
    pub api_version: String,
    /// Always `KnowledgeBundle`.
    pub kind: KnowledgeBundleKind,
    /// The version of the knowledge, for people; what counts is what is signed.
    pub version: String,
    /// The facts: JSON, packed with gzip, in base64.
    pub facts: String,
    /// The signature of the packed facts, in base64.
    pub signature: String,
}

/// The `kind` of a bundle.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum KnowledgeBundleKind {
    /// The only one.
    #[default]
    KnowledgeBundle,
}

/// What is signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    version: String,
    /// The texts of the fact files, by path.
    files: BTreeMap<String, String>,
}

/// Knowledge that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its version.
    pub version: String,
    /// Where it is kept.
    pub kept: PathBuf,
    /// Whether it is newer than what is built in: only then it is used.
    pub standing: Standing,
}

/// How imported knowledge stands to what is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is newer, and every command answers from it.
    Newer,
    /// It is not, and what is built in is used.
    NotNewer,
}

/// What `knowledge` knows as a bundle, signed with the private key in `key`.
///
/// # Errors
/// When the key cannot be read or is no Ed25519 key.
pub fn export(knowledge: &Knowledge, key: &Path) -> Result<String, Failure> {
    let seed = key_bytes(key, &PRIVATE, "a private key")?;
    let pair =
        Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| no_key(key, "a private key"))?;
    let mut files = BTreeMap::new();
    for file in EVERY {
        let text = knowledge.files().text(file.path).map_err(broken)?;
        files.insert(file.path.to_owned(), text.into_owned());
    }
    let facts = Facts {
        version: knowledge.version().to_owned(),
        files,
    };
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = serde_json::to_vec(&facts)
        .map_err(std::io::Error::from)
        .and_then(|text| packer.write_all(&text))
        .and_then(|()| packer.finish())
        .map_err(broken)?;
    let bundle = KnowledgeBundle {
        api_version: API_VERSION.to_owned(),
        kind: KnowledgeBundleKind::KnowledgeBundle,
        version: facts.version,
        signature: STANDARD.encode(pair.sign(&packed)),
        facts: STANDARD.encode(&packed),
    };
    crate::documents::to_json(&bundle)
}

/// Takes the bundle in `path` over, when it bears a signature of the public key
/// in `trusted`, and keeps it at `kept` for later commands.
///
/// # Errors
/// When the signature is of nobody who is trusted, or the facts are not as this
/// Refit reads them. Then what was kept before stays.
pub fn import(path: &Path, trusted: &Path, kept: &Path) -> Result<Imported, Failure> {
    let name = path.display();
    let public = key_bytes(trusted, &PUBLIC, "a public key")?;
    let text = text_of(path, "`refit knowledge export` writes a bundle")?;
    let bundle: KnowledgeBundle = serde_json::from_str(&text).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("{name} is no bundle of knowledge"),
        )
        .because(error)
    })?;
    let decode = |text: &str| {
        STANDARD.decode(text).map_err(|error| {
            Failure::new(FailureKind::Usage, format!("{name} is damaged")).because(error)
        })
    };
    let (packed, signature) = (decode(&bundle.facts)?, decode(&bundle.signature)?);
    UnparsedPublicKey::new(&ED25519, &public)
        .verify(&packed, &signature)
        .map_err(|_| {
            Failure::new(
                FailureKind::Refused,
                format!(
                    "{name} was not signed with the key of {}",
                    trusted.display()
                ),
            )
            .hint("nothing was taken over; ask for the bundle again, and compare the keys")
        })?;
    let facts = unpacked(&packed).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("{name} is damaged")).because(error)
    })?;
    if facts.version != bundle.version {
        // Only the facts are signed: somebody may have changed the rest.
        return Err(Failure::new(
            FailureKind::Refused,
            format!(
                "{name} says that it is {}, and what is signed in it is {}",
                bundle.version, facts.version
            ),
        )
        .hint("nothing was taken over; ask for the bundle again"));
    }
    let knowledge =
        read(&facts).map_err(|error| error.hint(format!("{name} may need a newer Refit")))?;
    let version = knowledge.version().to_owned();
    if let Some(folder) = kept.parent() {
        std::fs::create_dir_all(folder).map_err(|error| unkept(kept, error))?;
    }
    // Whole or not at all: a command that reads meanwhile sees the old or the new.
    let beside = kept.with_extension("new");
    serde_json::to_vec(&facts)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&beside, text))
        .and_then(|()| std::fs::rename(&beside, kept))
        .map_err(|error| unkept(kept, error))?;
    Ok(Imported {
        standing: standing(&version),
        version,
        kept: kept.to_owned(),
    })
}

/// Where imported knowledge is kept: in `XDG_DATA_HOME`, or under `.local/share`
/// of the home directory.
#[must_use]
pub fn default_place(data_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    data_home
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/share")))
        .map(|folder| folder.join("refit/knowledge.json"))
}

/// The files kept at `place`, when they are newer than what is built in.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn kept(place: &Path) -> Result<Option<Files>, Failure> {
    let text = match std::fs::read(place) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(place, error)),
    };
    let facts: Facts = serde_json::from_slice(&text).map_err(|error| unreadable(place, error))?;
    match standing(&facts.version) {
        Standing::NotNewer => Ok(None),
        Standing::Newer => read(&facts)
            .map(|knowledge| Some(knowledge.files().clone()))
            .map_err(|error| unreadable(place, error)),
    }
}

/// Versions are a year, a month and a number.
fn standing(version: &str) -> Standing {
    let numbers = |text: &str| -> Vec<u32> {
        text.split('.')
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    if numbers(version) > numbers(Knowledge::embedded().version()) {
        Standing::Newer
    } else {
        Standing::NotNewer
    }
}

/// Files that this Refit does not know are left out; those that the bundle does
/// not have are as they are built in.
fn read(facts: &Facts) -> Result<Knowledge, Failure> {
    let files = facts
        .files
        .iter()
        .filter(|(path, _)| EVERY.iter().any(|file| file.path == **path))
        .fold(Files::embedded(), |files, (path, text)| {
            files.with(path, text.clone())
        });
    Knowledge::read(files).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            "the facts are not as this Refit reads them",
        )
        .because(error)
    })
}

fn unpacked(packed: &[u8]) -> Result<Facts, std::io::Error> {
    let mut text = Vec::new();
    GzDecoder::new(packed)
        .take(LARGEST)
        .read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// The 32 bytes of the key in the PEM file at `path`.
fn key_bytes(path: &Path, prefix: &[u8], what: &str) -> Result<Vec<u8>, Failure> {
    let text = text_of(
        path,
        "keys are Ed25519 in PEM; docs/guides/knowledge.md shows how to make one",
    )?;
    let body: String = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD
        .decode(body)
        .ok()
        .and_then(|der| der.strip_prefix(prefix).map(<[u8]>::to_vec))
        .filter(|key| key.len() == 32)
        .ok_or_else(|| no_key(path, what))
}

fn no_key(path: &Path, what: &str) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("{} does not hold {what} of Ed25519 in PEM", path.display()),
    )
    .hint("`openssl genpkey -algorithm ed25519 -out key.pem` makes a private key, `openssl pkey -in key.pem -pubout -out key.pub.pem` its public half")
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(FailureKind::Broken, "could not write the bundle").because(error)
}

fn unkept(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("could not keep the knowledge at {}", path.display()),
    )
    .because(error)
}

fn unreadable(place: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!(
            "could not read the imported knowledge at {}",
            place.display()
        ),
    )
    .because(error)
    .hint("import it again, or remove the file: what is built in is used then")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn newer_knowledge_is_used_and_older_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        // The seed of the first test of RFC 8032, section 7.1, and its public key.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        for (name, prefix, digits) in [("key", &PRIVATE[..], seed), ("pub", &PUBLIC[..], public)] {
            let bytes = (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
            let der: Vec<u8> = prefix.iter().copied().chain(bytes).collect();
            fs::write(
                place(name),
                format!("-----BEGIN-----\n{}\n-----END-----\n", STANDARD.encode(der)),
            )
            .unwrap();
        }
        for (version, expected) in [
            ("2099.1.1", Standing::Newer),
            ("2020.1.1", Standing::NotNewer),
        ] {
            let manifest = format!(
                "# format: refit-knowledge/manifest/1\n# as-of: 2026-11-29\n# source: a test\nversion,first_minor,last_minor\n{version},1.16,1.37\n"
            );
            let knowledge =
                Knowledge::read(Files::embedded().with("manifest.csv", manifest)).unwrap();
            fs::write(place("bundle"), export(&knowledge, &place("key")).unwrap()).unwrap();
            let imported = import(&place("bundle"), &place("pub"), &place("kept")).unwrap();
            assert_eq!(
                (imported.version.as_str(), imported.standing),
                (version, expected)
            );
            let used = kept(&place("kept")).unwrap();
            assert_eq!(used.is_some(), expected == Standing::Newer, "{version}");
            if let Some(files) = used {
                assert_eq!(Knowledge::read(files).unwrap().version(), version);
            }
        }
    }
}
