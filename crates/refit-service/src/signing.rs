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

#[cfg(test)]
mod tests {
    use super::*;
    use refit_model::hash::ContentHash;

    // Made once with OpenSSH 9 over the statement below; the private keys are gone.
    const ADA: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJtYHTN7k9V9Gicc045Ql2JqNbeCiwefop9l2PaFgcCb";
    const EVE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJulk9kTmV+OPYCvjoPZdaMP4IQSXuONSj+1vkIrm2C6";
    const CURVE: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHTis8zdWVzHq5uZplWx9jjO8MQeRmBZ9q8LwmPh8X3KTuTaMz07kP7inVKsWS8islAhbPIbj0H0IUr69StYm3U=";
    const BY_ADA: &str = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgm1gdM3uT1X0aJxzTjlCXYmo1t4\nKLB5+in2XY9oWBwJsAAAAOcmVmaXQtYXBwcm92YWwAAAAAAAAABnNoYTUxMgAAAFMAAAAL\nc3NoLWVkMjU1MTkAAABA6PK8wdcpkoiNrI4FdQsiiuh5sCYg0I1h74XgvkpGfudy5WboCu\n21+NGjxOSeDuATigc8mT9SEXRi7ReLV3IqBA==\n-----END SSH SIGNATURE-----";
    const BY_CURVE: &str = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\nEEdOKzzN1ZXMerm5mmVbH2OM7wxB5GYFn2rwvCY+HxfcpO5NozPTuQ/uKdUqxZLyKyUCFs\n8huPQfQhSvr1K1ibdQAAAA5yZWZpdC1hcHByb3ZhbAAAAAAAAAAGc2hhNTEyAAAAZQAAAB\nNlY2RzYS1zaGEyLW5pc3RwMjU2AAAASgAAACEA+O7oiDy5/LfqPb0c79dYKGPUca9f4+QK\nzvIP7sUOJWcAAAAhAPeH2cTFUcerystTLkk4BBMeOL433DKT3Wd//ISCUXSR\n-----END SSH SIGNATURE-----";
    /// Of the same bytes by the same key, for git.
    const FOR_GIT: &str = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgm1gdM3uT1X0aJxzTjlCXYmo1t4\nKLB5+in2XY9oWBwJsAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\nAAAAQOAPLhaDErbf0ejXizpdcF1vezRNeM2qgxk0M/jR7FcY85d5/lkK9R/35eguurwJDR\nqmps2TvNh2NiN8e5yLIAk=\n-----END SSH SIGNATURE-----";

    fn statement() -> Statement {
        Statement {
            plan: ContentHash::of_bytes(b"plan"),
            fingerprint: ContentHash::of_bytes(b"landscape"),
            by: "ada".parse().unwrap(),
            at: "2026-12-01T08:00:00Z".parse().unwrap(),
            until: None,
        }
    }

    #[track_caller]
    fn check(statement: &Statement, signature: &str, keys: &[&str], expected: bool) {
        let signature = Signature(signature.to_owned());
        let keys: Vec<SshKey> = keys
            .iter()
            .map(|key| SshKey::try_from((*key).to_owned()).unwrap())
            .collect();
        assert_eq!(is_signed_by(statement, &signature, &keys), expected);
    }

    #[test]
    fn what_was_signed_is_bound_to_who_said_what_and_when() {
        let said = statement;
        check(&said(), BY_ADA, &[ADA], true);
        check(&said(), BY_ADA, &[EVE, ADA], true);
        check(&said(), BY_CURVE, &[CURVE], true);
        check(&said(), BY_ADA, &[EVE], false);
        check(&said(), BY_ADA, &[], false);
        check(&said(), FOR_GIT, &[ADA], false);
        check(&said(), "", &[ADA], false);
        check(&said(), &BY_ADA.replace("IqBA==", "IqBQ=="), &[ADA], false);
        let day = "2026-12-02T08:00:00Z".parse().unwrap();
        let plan = ContentHash::of_bytes(b"another");
        for other in [
            Statement { plan, ..said() },
            Statement {
                fingerprint: ContentHash::of_bytes(b"moved"),
                ..said()
            },
            Statement {
                by: "eve".parse().unwrap(),
                ..said()
            },
            Statement { at: day, ..said() },
            Statement {
                until: Some(day),
                ..said()
            },
        ] {
            check(&other, BY_ADA, &[ADA], false);
        }
    }
}
