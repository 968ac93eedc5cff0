//! Signatures of approvals, as git signs commits with SSH keys: made by
//! `ssh-keygen -Y sign`, which knows agents and hardware keys, and checked here,
//! without any program and without a network.

use crate::failure::{Failure, FailureKind, defect};
use refit_model::governance::{Signature, SshKey, Statement};
use refit_model::hash::canonical;
use ssh_key::{PublicKey, SshSig};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a signature is for: one that was made for anything else is none.
const NAMESPACE: &str = "refit-approval";

/// Whether `signature` is one of `statement` by one of `keys`.
#[must_use]
pub fn is_signed_by(statement: &Statement, signature: &Signature, keys: &[SshKey]) -> bool {
    let Ok(message) = canonical(statement) else {
        return false;
    };
    let Ok(signature) = signature.0.parse::<SshSig>() else {
        return false;
    };
    keys.iter()
        .filter_map(|key| PublicKey::from_openssh(key.as_str()).ok())
        .any(|key| {
            key.verify(NAMESPACE, message.as_bytes(), &signature)
                .is_ok()
        })
}

/// Signs `statement` with the key in `key`, by way of `ssh-keygen`: it asks for a
/// passphrase on the terminal where the key has one, or an agent where `key` is a
/// public key.
///
/// # Errors
/// When there is no `ssh-keygen`, or it does not sign.
pub fn sign(statement: &Statement, key: &Path) -> Result<Signature, Failure> {
    let message = canonical(statement).map_err(defect)?;
    let failed = |what: &str| {
        Failure::new(
            FailureKind::Usage,
            format!("could not sign with {}: {what}", key.display()),
        )
    };
    let mut child = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            failed("ssh-keygen could not be started")
                .because(error)
                .hint("it is part of OpenSSH, 8.0 or newer")
        })?;
    if let Some(mut input) = child.stdin.take() {
        // One that ends early says why on its own.
        drop(input.write_all(message.as_bytes()));
    }
    let output = child
        .wait_with_output()
        .map_err(|error| failed("ssh-keygen could not be waited for").because(error))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it said nothing").trim();
    if !output.status.success() {
        return Err(failed(&format!("ssh-keygen says: {said}")).hint(
            "`--sign FILE` names a private key, or a public one whose private key an agent holds",
        ));
    }
    let armored =
        String::from_utf8(output.stdout).map_err(|_| failed("what ssh-keygen wrote is no text"))?;
    if armored.parse::<SshSig>().is_err() {
        return Err(
            failed("what ssh-keygen wrote is no signature that can be checked")
                .hint("Ed25519 and ECDSA keys on P-256 or P-384 can be used, RSA keys cannot"),
        );
    }
    Ok(Signature(armored))
}
