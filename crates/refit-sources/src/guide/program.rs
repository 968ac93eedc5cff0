//! Which word of a line is the program.

use std::collections::BTreeSet;

/// Programs that lines of upgrade guides begin with, beside the tools whose commands
/// are judged.
const PROGRAMS: &[&str] = &[
    "ansible",
    "ansible-playbook",
    "apt",
    "apt-cache",
    "apt-get",
    "aws",
    "cat",
    "cd",
    "ceph",
    "chmod",
    "chown",
    "cilium",
    "cp",
    "crictl",
    "ctr",
    "curl",
    "docker",
    "echo",
    "etcdctl",
    "etcdutl",
    "export",
    "gcloud",
    "git",
    "grep",
    "ip",
    "istioctl",
    "jq",
    "k3s",
    "kubeadm",
    "ls",
    "lxc",
    "make",
    "mkdir",
    "mv",
    "openssl",
    "openstack",
    "pip",
    "rm",
    "rsync",
    "scp",
    "sed",
    "snap",
    "ssh",
    "systemctl",
    "tar",
    "terraform",
    "wget",
];

/// Programs that start another one, with options of their own before it.
const WRAPPERS: &[&str] = &[
    "command", "env", "exec", "nohup", "sudo", "time", "timeout", "watch", "xargs",
];

/// Words of a shell that a command may follow.
const KEYWORDS: &[&str] = &[
    "!", "do", "elif", "else", "if", "then", "until", "while", "{",
];

/// How many words behind a wrapper are looked through for the program: `sudo -u
/// NAME -E` has three.
const MOST_OPTIONS: usize = 4;

/// The index of the program among the words of a command.
pub(super) fn index(words: &[&str], tools: &BTreeSet<&str>) -> usize {
    let mut at = 0;
    while words
        .get(at)
        .is_some_and(|word| KEYWORDS.contains(word) || is_assignment(word))
    {
        at = at.saturating_add(1);
    }
    if !words.get(at).is_some_and(|word| WRAPPERS.contains(word)) {
        return at;
    }
    let behind = words.iter().enumerate().skip(at.saturating_add(1));
    let found = behind
        .take(MOST_OPTIONS)
        .find(|(_, word)| tools.contains(**word) || PROGRAMS.contains(word));
    found.map_or(at, |(found, _)| found)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether a line of which nothing says what it is looks like a command.
pub(super) fn is_command(line: &str, tools: &BTreeSet<&str>) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(8).collect();
    let at = index(&words, tools);
    let Some(program) = words.get(at) else {
        return false;
    };
    tools.contains(program)
        || PROGRAMS.contains(program)
        || WRAPPERS.contains(program)
        || is_capitalised(program, words.get(at.saturating_add(1)).copied(), tools)
}

/// Whether a line among sentences is a command: it begins with a tool that is
/// judged, and what follows looks like a command of it or an option.
pub(super) fn is_plain_command(line: &str, tools: &BTreeSet<&str>) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(8).collect();
    let at = index(&words, tools);
    let next = words.get(at.saturating_add(1)).copied().unwrap_or_default();
    words.get(at).is_some_and(|word| tools.contains(word))
        && (next.starts_with('-') || is_name(next))
        && !line.trim_end().ends_with(['.', ':', ','])
}

/// Whether a word in a sentence that is set as code begins a command.
pub(super) fn is_inline_command(code: &str, tools: &BTreeSet<&str>) -> bool {
    let words: Vec<&str> = code.split_whitespace().take(3).collect();
    words.len() > 1 && words.first().is_some_and(|word| tools.contains(word))
}

/// A tool as people write it at the beginning of a sentence. A sentence goes on
/// with a word that could be a command too, so that whoever judges looks again.
fn is_capitalised(program: &str, next: Option<&str>, tools: &BTreeSet<&str>) -> bool {
    let lower = program.to_ascii_lowercase();
    lower != program && tools.contains(lower.as_str()) && next.is_some_and(is_name)
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit())
}
