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
//! - A name is not believed when several files have it, or when the file lies in
//!   a folder that is called as a namespace is: `kubectl cluster-info dump`
//!   writes `kube-system/pods.json` and the like.
//! - An empty list shows that there is none when its file is named after the
//!   kind, or when it is typed and the kind lives outside namespaces.
//! - That a list was filtered by a label cannot be seen, and is not guarded
//!   against; for releases the filter is part of the command.
//! - What other objects contradict is not whole: pods on nodes that are not
//!   listed, pods whose controllers' namespace the list leaves out, ready
//!   workloads in a namespace without pods.

use super::kinds::Kind;
use refit_model::seen::Unseen;
use refit_model::snapshot::Gap;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the folder that a file is in.
fn folder(file: &str) -> &str {
    crate::archive::path_inside(file)
        .rsplit(['/', '\\'])
        .nth(1)
        .unwrap_or_default()
}

/// What has been shown of each kind so far.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    whole: BTreeSet<Kind>,
    seen: BTreeSet<Kind>,
    /// The folders of files that are named after a kind and list it.
    named: BTreeMap<Kind, Vec<String>>,
    namespaces: BTreeSet<String>,
    open: Vec<OpenList>,
}

/// A list that is being read; lists may hold lists.
#[derive(Debug)]
struct OpenList {
    named: Option<Kind>,
    folder: String,
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
            folder: folder(file).to_owned(),
            typed: Kind::of_list(kind),
            continues,
            holds_lists: false,
            items: BTreeMap::new(),
            namespaces: BTreeSet::new(),
        });
    }

    /// Whether a list is being read.
    pub(super) const fn is_in_list(&self) -> bool {
        !self.open.is_empty()
    }

    /// An object of the innermost list that is open, or of none.
    pub(super) fn object(&mut self, kind: Option<Kind>, namespace: Option<&str>, is_live: bool) {
        if let (Some(kind), true) = (kind, is_live) {
            self.seen.insert(kind);
        }
        if let Some(namespace) = namespace
            && !self.namespaces.contains(namespace)
        {
            self.namespaces.insert(namespace.to_owned());
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
        if let Some(kind) = open.named {
            let lists_it = open
                .items
                .get(&kind)
                .map_or_else(|| open.is_empty(), |listed| listed.written == 0);
            let folders = self.named.entry(kind).or_default();
            // Two are enough to be one too many.
            if lists_it && folders.len() < 2 {
                folders.push(open.folder.clone());
            }
        }
        if let Some(kind) = open.typed
            && open.is_empty()
            && !kind.words().namespaced
        {
            self.whole.insert(kind);
        }
        for (kind, listed) in &open.items {
            let is_everywhere = !kind.words().namespaced || open.namespaces.len() > 1;
            if listed.written == 0 && is_everywhere {
                self.whole.insert(*kind);
            }
        }
    }

    /// Everything has been read: the names of files are believed, or not.
    pub(super) fn settle(&mut self) {
        // The namespaces that every cluster has.
        let usual = ["default", "kube-node-lease", "kube-public", "kube-system"];
        for (kind, folders) in &self.named {
            if let [folder] = folders.as_slice()
                && !usual.contains(&folder.as_str())
                && !self.namespaces.contains(folder)
            {
                self.whole.insert(*kind);
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
