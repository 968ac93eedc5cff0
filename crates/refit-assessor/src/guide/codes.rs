//! The codes of remarks on guides, and the page of each.

use crate::codes::pages;
use refit_model::code::{Code, CodePage};

pages! {
    CONTINUATION_MISSING = 'G' 101 {
        title: "Nothing joins a line to its options on the next",
        means: "A command goes on with lines that begin with an option, and the line before has no mark at its end that joins it to them, or an empty line or a comment stands between. The shell runs the first part by itself. What is lost is often what matters: a `--set`, a `--wait`, a namespace. The error that follows, of a command called `--set`, comes after the first part was done.",
        remedy: "End every line but the last with ` \\`, in PowerShell with a blank and a grave accent.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.2.1; seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/208-upgrade-202412.md",
    }
    BLANK_BEHIND_MARK = 'G' 102 {
        title: "A blank stands behind the mark that joins lines",
        means: "A backslash joins lines only as the last character of a line. With a blank behind it, it makes that blank an argument, and the command ends there. The same goes for the grave accent of PowerShell. Nobody sees it on a page.",
        remedy: "Take out the blanks at the ends of lines; editors do that on saving.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.2.1; seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/upgrade-guide/030-perform-for-the-upgrade.md",
    }
    OTHER_SHELL = 'G' 103 {
        title: "A POSIX shell's syntax in a block for PowerShell",
        means: "A block is marked as PowerShell, and its lines are joined with backslashes, or it has a here-document. PowerShell joins lines with a grave accent, and keeps `<` for later use.",
        remedy: "Write the block for the shell that it is marked for, or mark it for the shell that it is written for.",
        source: "MicrosoftDocs/PowerShell-Docs about_Parsing and about_Redirection; seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/upgrade-guide/030-perform-for-the-upgrade.md",
    }
    DASH = 'G' 104 {
        title: "A dash of type where a hyphen belongs",
        means: "Word processors and some page generators make a dash of a hyphen, and one long dash of two. A program takes such a word for an argument: `kubectl get pods –n shop` asks for pods called `–n` and `shop` in the current namespace. A hyphen of type inside of a name makes another name of it.",
        remedy: "Type hyphens, and set commands as code, which typography leaves alone.",
        source: "Seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/upgrade-guide/050-resolve-common-upgrade-issues.md",
    }
    QUOTES = 'G' 105 {
        title: "Quotation marks of type in a command",
        means: "A shell knows two quotation marks, those of the keyboard. The others are characters like any: the argument ends at the next blank, and has them in it. Inside of plain quotation marks, and in comments, they are text and are not told.",
        remedy: "Type the quotation marks of the keyboard, and set commands as code.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.2",
    }
    INVISIBLE = 'G' 106 {
        title: "A character that nobody sees in a command",
        means: "A blank that does not break, a blank of no width, a soft hyphen: pages use them for their looks. A shell takes them for parts of names.",
        remedy: "Type the line again.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.3: only blanks of the locale separate words",
    }
    MISREAD = 'G' 107 {
        title: "A text was read in the wrong character set",
        means: "Text that was written as UTF-8 and read as Windows-1252 has three odd characters for each dash and two for each letter with a mark. In a command that is a defect; in a sentence it says that the page was converted, so that dashes and quotation marks of its commands may have changed too.",
        remedy: "Convert the page again from its source, as UTF-8.",
        source: "The Unicode Standard, chapter 3.9; WHATWG Encoding, index windows-1252",
    }
    PROMPT = 'G' 108 {
        title: "A prompt stands in a block that is marked as a script",
        means: "Readers copy a script as a whole, and the shell then looks for a command called `$`. A block that is marked as a session (`console`, `shell-session`) shows prompts by right, and so may one without a mark.",
        remedy: "Take the prompts out, or mark the block as a session.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.9.1; the names of languages are those of github-linguist",
    }
    PLACEHOLDER = 'G' 109 {
        title: "A placeholder is written with characters that mean something to a shell",
        means: "`<name>` is for the reader to fill in. Who forgets it, or fills in only the name, gets redirections: the shell reads from a file, and what stands behind `>` is overwritten.",
        remedy: "Write NAME, or set a variable at the beginning of the page and use it.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.7",
    }
    HERE_DOCUMENT = 'G' 110 {
        title: "Nothing ends a text that is handed to a command",
        means: "A here-document ends with a line that has its word and nothing else: no blanks before it (tabs are allowed behind `<<-`) and none after it. Without one the shell takes everything that follows for the text.",
        remedy: "Put the word alone on a line, where the block as a whole is not indented.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.7.4",
    }
    FOLDER = 'G' 111 {
        title: "What a command writes is sent to a folder",
        means: "A redirection ends in `/`. Mostly a blank has fallen into a path, as in `> ./ values.yml`: the file that is meant becomes an argument.",
        remedy: "Take out the blank.",
        source: "Seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/upgrade-guide/030-perform-for-the-upgrade.md",
    }
    UNCLOSED = 'G' 112 {
        title: "A quotation mark that nothing closes",
        means: "In a block that is marked as a script, a quotation mark opens and none of its kind follows. The shell waits for it.",
        remedy: "Close it, or put a backslash before it.",
        source: "IEEE Std 1003.1-2024, Shell Command Language, 2.2",
    }
    UNFINISHED = 'G' 113 {
        title: "A part of the guide is still to be written",
        means: "A line of the page is a mark of its authors: TODO, TBD, FIXME, XXX, or words between `<<<` and `>>>`. What belongs there is missing from the procedure.",
        remedy: "Ask the authors before you rely on the page.",
        source: "Seen in canonical/k8s-snap, the page on upgrading to the next patch revision",
    }
    ENTITY = 'G' 114 {
        title: "A character is written as HTML writes it",
        means: "A block has `&lt;`, `&gt;`, `&amp;` or another name that HTML has for a character. Pages show blocks of code as they are, so that the name itself is pasted, and a shell takes `&` and `;` for the ends of commands.",
        remedy: "Write the character itself: a block of code needs no names for it.",
        source: "CommonMark 0.31.2, 2.5: entity references are not recognised in code",
    }
    CAPITAL = 'G' 120 {
        title: "The name of a program begins with a capital letter",
        means: "Programs are found by their exact names; only Windows does not mind. It is told where a command of the tool follows: a sentence may begin with its name.",
        remedy: "Write the name as the program has it.",
        source: "Seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/upgrade-guide/020-prepare-for-the-upgrade.md",
    }
    COMMAND_UNKNOWN = 'G' 121 {
        title: "A command that the tool does not have",
        means: "No line of the tool that was looked at has the command. It belongs to another tool, is misspelt, or is gone. kubectl, Helm and Juju can be extended: a command that is near to nothing is a caution there. Of a tool that was not looked at as a whole, only slips and what is known to be gone are told.",
        remedy: "Use the command that is named, or look it up in the help of the tool.",
        source: "knowledge/tools/commands.csv; knowledge/tools/gone.csv; knowledge/seeds/osism/commands.csv",
    }
    NOT_IN_EVERY_LINE = 'G' 122 {
        title: "A command that not every line of the tool has",
        means: "One line of the tool has the command and another has not, so that it depends on what the reader has installed.",
        remedy: "Say on the page which line it wants, or give the command for each.",
        source: "knowledge/tools/commands.csv; knowledge/seeds/osism/commands.csv",
    }
    OPTION_UNKNOWN = 'G' 123 {
        title: "An option that the command does not have",
        means: "No line of the tool that was looked at has the option for this command. It is misspelt, is of another command, or is gone.",
        remedy: "Use the option that is named, or look it up in the help of the command.",
        source: "knowledge/tools/commands.csv; knowledge/tools/gone.csv",
    }
    OPTION_NOT_IN_EVERY_LINE = 'G' 124 {
        title: "An option that not every line of the tool has",
        means: "One line of the tool has the option and another has not: `helm list -a` is refused since Helm 4.",
        remedy: "Say on the page which line it wants, or give the command for each.",
        source: "knowledge/tools/commands.csv; knowledge/tools/gone.csv",
    }
    ARGUMENTS = 'G' 125 {
        title: "A command has too few arguments, or too many",
        means: "The tool counts the arguments of the command before it does anything: `helm repo add` takes a name and an address. Nothing is counted where an option is not known, a line does not hold together, or a reader has to fill something in.",
        remedy: "Give the arguments that the help of the command names.",
        source: "knowledge/tools/commands.csv",
    }
    REUSE_VALUES = 'G' 126 {
        title: "The values of the last release are used again",
        means: "`helm upgrade --reuse-values` takes all values of the last release, the defaults of the old chart with them. A value that the new chart brings is then missing, and templates that count on it fail or leave something out.",
        remedy: "Give the whole values in a file, or use `--reset-then-reuse-values` (Helm 3.14 and newer).",
        source: "helm/helm-www docs/helm/helm_upgrade.md at 227f41447a683545325e87aedf10c67096d11004",
    }
    UNIT = 'G' 127 {
        title: "An action is run on an application",
        means: "`juju run` wants units: `k8s/0`, or `k8s/leader`. The name of an application alone is refused.",
        remedy: "Name a unit, or the leader.",
        source: "juju/juju docs/reference/juju-cli/list-of-juju-cli-commands/run.md",
    }
    ENVIRONMENT = 'G' 130 {
        title: "A variable stands before the role",
        means: "`osism apply` has an `-e` of its own, for an environment, and takes options up to the role. `-e name=value` for Ansible belongs behind it. Before the role it names an environment, and the role is sent to a worker that does not exist.",
        remedy: "Put the role first.",
        source: "PyPI osism 0.20261007.0, osism/commands/apply.py; knowledge/seeds/osism/cli-results.csv",
    }
    ROLE = 'G' 131 {
        title: "A role that OSISM does not have",
        means: "An action stands where the role belongs, or the name is a slip for a known role. A name that is near to none is not told, since sites have roles of their own.",
        remedy: "Name the role, and its action with `-a`.",
        source: "knowledge/seeds/osism/roles.csv; seen in osism/osism.github.io docs/guides/operations-guide/infrastructure.md",
    }
    ORDER = 'G' 132 {
        title: "The order of the page breaks a rule on the order of roles",
        means: "The roles that the page upgrades, or the pages that it leads to, come in an order in which a role precedes one that has to come before it. A defect where the vendor documents the rule; a caution where the vendor only tests that order.",
        remedy: "Upgrade in an order that keeps the rules; `refit path --project osism` and the built-in template do.",
        source: "knowledge/seeds/osism/constraints.csv; seen in osism/osism.github.io, the upgrade guide of 2024",
    }
    VALUE_KEY = 'G' 140 {
        title: "A value that the chart does not have",
        means: "Helm takes any key, and a chart reads those that it knows. A key that differs from a known one by a letter or by its case sets nothing, and nobody says so. A key that is near to none is not told: a chart may read more than its values.yaml shows.",
        remedy: "Use the key that is named; `helm show values` lists them.",
        source: "knowledge/seeds/cluedin/value-keys.csv",
    }
    VALUE_NUMBER = 'G' 141 {
        title: "A version that YAML takes for a number",
        means: "`tag: 2024.12` is a number for YAML. Written out again it may be another text: `2024.10` becomes `2024.1`, and `1.20` becomes `1.2`.",
        remedy: "Put quotation marks around versions.",
        source: "YAML 1.2.2, 10.3.2; seen in CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade/208-upgrade-202412.md",
    }
    FLOATING_TAG = 'G' 142 {
        title: "A tag that moves",
        means: "A tag without its patch stands for whatever the newest patch is. Nodes that pull on different days run different images, and going back to the tag does not bring back what ran.",
        remedy: "Name the patch.",
        source: "knowledge/seeds/cluedin/versions.csv",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_there_once_and_is_of_this_family() {
        let codes: BTreeSet<Code> = ALL.iter().map(|page| page.code).collect();
        assert_eq!(codes.len(), ALL.len());
        assert!(ALL.iter().all(|page| page.code.family() == 'G'));
        assert!(ALL.iter().all(|page| !page.title.ends_with('.')));
    }
}
