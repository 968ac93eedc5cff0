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
use super::released::is_cluster_scoped;
use refit_model::kubernetes::Writers;
use refit_model::name::ResourceName;
use refit_model::object::GroupVersionKind;
use refit_model::seen::{Extent, Listing, Unseen};
use refit_model::snapshot::Gap;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the folder that a file is in.
fn folder(file: &str) -> &str {
    crate::archive::path_inside(file)
        .rsplit(['/', '\\'])
        .nth(1)
        .unwrap_or_default()
}

/// The last part of a file's name, up to its first dot: `pods` of `dump/pods.yaml`.
fn stem(file: &str) -> &str {
    let path = crate::archive::path_inside(file);
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

/// What has been shown of each kind so far.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    whole: BTreeMap<ResourceName, Writers>,
    seen: BTreeSet<Kind>,
    /// What files list that are named after a kind, by that name.
    named: BTreeMap<String, Vec<Named>>,
    namespaces: BTreeSet<String>,
    open: Vec<OpenList>,
}

/// A file that is named after the kind that it lists.
#[derive(Debug)]
struct Named {
    folder: String,
    /// What it lists, if anything.
    lists: Vec<(ResourceName, Writers)>,
}

/// An object, as far as it shows how far was looked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met<'o> {
    pub(super) kind: Option<Kind>,
    pub(super) api: &'o GroupVersionKind,
    pub(super) namespace: Option<&'o str>,
    /// Who wrote it, when a server gave it out.
    pub(super) live: Option<Writers>,
}

/// A list that is being read; lists may hold lists.
#[derive(Debug)]
struct OpenList {
    stem: String,
    folder: String,
    kind: String,
    continues: bool,
    holds_lists: bool,
    items: Vec<Listed>,
    namespaces: BTreeSet<String>,
}

/// The items of one kind in a list.
#[derive(Debug)]
struct Listed {
    group: String,
    kind: String,
    written: usize,
    /// Whether one of them lives in a namespace.
    in_namespace: bool,
    writers: Writers,
}

impl Listed {
    fn is_of(&self, api: &GroupVersionKind) -> bool {
        self.kind == api.kind && self.group == api.group
    }

    /// What it is called, when a server gave out all of it.
    fn name(&self) -> Option<(ResourceName, Writers)> {
        let name = ResourceName::of(&self.group, &self.kind).ok()?;
        (self.written == 0).then_some((name, self.writers))
    }
}

impl OpenList {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.namespaces.is_empty() && !self.holds_lists
    }

    /// The items of `api`, as far as they were counted.
    fn listed(&mut self, api: &GroupVersionKind) -> Option<&mut Listed> {
        // A list holds few kinds, and objects of one kind stand together.
        if let Some(at) = self.items.iter().rposition(|listed| listed.is_of(api)) {
            return self.items.get_mut(at);
        }
        self.items.push(Listed {
            group: api.group.clone(),
            kind: api.kind.clone(),
            written: 0,
            in_namespace: false,
            writers: Writers::LeftOut,
        });
        self.items.last_mut()
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
            stem: stem(file).to_owned(),
            folder: folder(file).to_owned(),
            kind: kind.to_owned(),
            continues,
            holds_lists: false,
            items: Vec::new(),
            namespaces: BTreeSet::new(),
        });
    }

    /// Whether a list is being read.
    pub(super) const fn is_in_list(&self) -> bool {
        !self.open.is_empty()
    }

    /// An object of the innermost list that is open, or of none.
    pub(super) fn object(&mut self, met: Met<'_>) {
        if let (Some(kind), Some(_)) = (met.kind, met.live) {
            self.seen.insert(kind);
        }
        if let Some(namespace) = met.namespace
            && !self.namespaces.contains(namespace)
        {
            self.namespaces.insert(namespace.to_owned());
        }
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if let Some(namespace) = met.namespace
            && open.namespaces.len() < 2
        {
            open.namespaces.insert(namespace.to_owned());
        }
        if let Some(listed) = open.listed(met.api) {
            listed.in_namespace |= met.namespace.is_some();
            match met.live {
                Some(Writers::Told) => listed.writers = Writers::Told,
                // Objects of before managed fields have none until they are written.
                Some(Writers::LeftOut) => {}
                None => listed.written += 1,
            }
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
        let names: Vec<_> = open.items.iter().filter_map(Listed::name).collect();
        let is_named = |name: &ResourceName| name.plural() == open.stem;
        let lists: Vec<_> = names
            .into_iter()
            .filter(|(name, _)| is_named(name))
            .collect();
        if !lists.is_empty() || open.is_empty() {
            let named = self.named.entry(open.stem.clone()).or_default();
            // Two are enough to be one too many.
            if named.len() < 2 {
                named.push(Named {
                    folder: open.folder.clone(),
                    lists,
                });
            }
        }
        if open.is_empty()
            && let Some(item) = open.kind.strip_suffix("List")
            && is_cluster_scoped(item)
            && let Ok(name) = ResourceName::of("", item)
        {
            self.list(name, Writers::Told);
        }
        for listed in &open.items {
            let is_everywhere = !listed.in_namespace || open.namespaces.len() > 1;
            if let (true, Some((name, writers))) = (is_everywhere, listed.name()) {
                self.list(name, writers);
            }
        }
    }

    fn list(&mut self, name: ResourceName, writers: Writers) {
        let known = self.whole.entry(name).or_insert(writers);
        *known = (*known).min(writers);
    }

    /// Everything has been read: the names of files are believed, or not.
    pub(super) fn settle(&mut self) {
        // The namespaces that every cluster has.
        let usual = ["default", "kube-node-lease", "kube-public", "kube-system"];
        for (stem, files) in std::mem::take(&mut self.named) {
            let Ok([Named { folder, lists }]) = <[Named; 1]>::try_from(files) else {
                continue;
            };
            if usual.contains(&folder.as_str()) || self.namespaces.contains(&folder) {
                continue;
            }
            if lists.is_empty()
                && stem.ends_with('s')
                && let Ok(name) = ResourceName::new(stem)
            {
                // That nothing is there is no less than all there is.
                self.list(name, Writers::Told);
            }
            for (name, writers) in lists {
                self.list(name, writers);
            }
        }
    }

    /// Something contradicts that all objects of the kind were listed.
    pub(super) fn contradict(&mut self, kind: Kind) {
        self.whole.retain(|name, _| !kind.is_called(name));
    }

    pub(super) fn is_whole(&self, kind: Kind) -> bool {
        self.whole.keys().any(|name| kind.is_called(name))
    }

    /// The kinds that were listed, whatever is kept of them.
    pub(super) fn kinds(&self) -> Listing<ResourceName, Writers> {
        Listing {
            items: self.whole.clone(),
            extent: Extent::Part(Unseen::NotInSource),
        }
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
