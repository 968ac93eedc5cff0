//! How far a set of files shows a cluster.
//!
//! The trap is the silent clean report: a file that shows the pods of one
//! namespace looks just like a small cluster. So nothing is taken for whole
//! unless the source shows it:
//!
//! - Only *lists* of objects that a server has given out (they bear UIDs) show
//!   that there are no others; single objects and manifests never do.
//! - A list that says that it continues shows nothing.
//! - A list of a kind that lives in namespaces shows all of them when the list
//!   spans at least two, or when its file is named after the kind, such as
//!   `poddisruptionbudgets.yaml`: the commands that gaps name write such files.
//! - An empty list shows that there is none when it is typed (`PodList`) or its
//!   file is named after the kind.
//! - That a list was filtered by a label cannot be seen, and is not guarded
//!   against; for releases the filter is part of the command.
//! - What other objects contradict is not whole: pods on nodes that are not
//!   listed, pods whose controllers' namespace the list leaves out, ready
//!   workloads in a namespace without pods.

use super::kinds::Kind;
use refit_model::seen::Unseen;
use refit_model::snapshot::Gap;
use std::collections::{BTreeMap, BTreeSet};

/// What has been shown of each kind so far.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    whole: BTreeSet<Kind>,
    seen: BTreeSet<Kind>,
    open: Vec<OpenList>,
}

/// A list that is being read; lists may hold lists.
#[derive(Debug)]
struct OpenList {
    named: Option<Kind>,
    typed: Option<Kind>,
    continues: bool,
    holds_lists: bool,
    items: BTreeMap<Kind, Listed>,
    namespaces: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Listed {
    written: usize,
}

impl OpenList {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.namespaces.is_empty() && !self.holds_lists
    }
}

impl Coverage {
    /// A list begins: its `kind`, the file it is in, and whether it says that
    /// more of it is elsewhere.
    pub(super) fn begin(&mut self, kind: &str, file: &str, continues: bool) {
        if let Some(outer) = self.open.last_mut() {
            outer.holds_lists = true;
        }
        self.open.push(OpenList {
            named: Kind::of_file(file),
            typed: Kind::of_list(kind),
            continues,
            holds_lists: false,
            items: BTreeMap::new(),
            namespaces: BTreeSet::new(),
        });
    }

    /// An object of the innermost list that is open, or of none.
    pub(super) fn object(&mut self, kind: Option<Kind>, namespace: Option<&str>, is_live: bool) {
        if let (Some(kind), true) = (kind, is_live) {
            self.seen.insert(kind);
        }
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if let Some(namespace) = namespace
            && open.namespaces.len() < 2
        {
            open.namespaces.insert(namespace.to_owned());
        }
        if let Some(kind) = kind {
            let listed = open.items.entry(kind).or_default();
            listed.written += usize::from(!is_live);
        }
    }

    /// The innermost open list ends.
    pub(super) fn end(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        if open.continues {
            return;
        }
        let expected = open.typed.into_iter().chain(open.named);
        for kind in open
            .items
            .keys()
            .copied()
            .chain(expected)
            .collect::<BTreeSet<_>>()
        {
            let is_expected = open.typed == Some(kind) || open.named == Some(kind);
            let shown = match open.items.get(&kind) {
                // What another kind fills says nothing about the kind of the name.
                None => is_expected && open.is_empty(),
                Some(listed) => {
                    listed.written == 0
                        && (!kind.words().namespaced
                            || open.namespaces.len() > 1
                            || open.named == Some(kind))
                }
            };
            if shown {
                self.whole.insert(kind);
            }
        }
    }

    /// Something contradicts that all objects of the kind were listed.
    pub(super) fn contradict(&mut self, kind: Kind) {
        self.whole.remove(&kind);
    }

    pub(super) fn is_whole(&self, kind: Kind) -> bool {
        self.whole.contains(&kind)
    }

    /// Why the kinds are not all whole, if they are not.
    pub(super) fn of(&self, kinds: &[Kind]) -> Result<(), Unseen> {
        if kinds.iter().all(|kind| self.is_whole(*kind)) {
            Ok(())
        } else {
            Err(Unseen::NotInSource)
        }
    }

    /// What is not shown of `kinds`, and the commands that would show it.
    pub(super) fn gaps(&self, kinds: &[Kind]) -> impl Iterator<Item = Gap> {
        kinds
            .iter()
            .filter(|kind| !self.is_whole(**kind))
            .map(|kind| {
                let words = kind.words();
                Gap {
                    area: words.area,
                    what: if self.seen.contains(kind) {
                        format!(
                            "whether the {} that were read are all there are",
                            words.plural
                        )
                    } else {
                        format!("the {}", words.plural)
                    },
                    why: Unseen::NotInSource,
                    command: Some(kind.command()),
                }
            })
    }
}
