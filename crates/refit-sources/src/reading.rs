//! Reads files into a snapshot.

mod piece;

use crate::archive::{self, Part};
use crate::chart::Template;
use crate::identity::Traces;
use crate::interest::Interest;
use crate::juju;
use crate::kube::distilled::Distilled;
use crate::kube::gathering::{Gathering, OfRelease};
use crate::walk;
use crate::watch::Watch;
use piece::{Object, Piece};
use refit_model::object::{EvidenceTier, Location};
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap, Snapshot};
use std::collections::BTreeSet;

/// The most notes, and the most parts that could not be read, that are told one
/// by one; the rest is told as a count.
const MOST_TOLD: usize = 1000;

/// How much of one file is handed on at a time: enough that handing on costs
/// nothing beside reading (a batch of pods takes milliseconds), and few enough
/// that some batches of 8 KiB objects, forty times that in memory, fit anywhere.
const IN_BATCH: usize = 64;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name as the user would open it.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// What the files cannot say, and what is looked for in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The name that a person gives the cluster.
    pub cluster_name: Option<String>,
    /// When the files were written; without it the newest time in them counts.
    pub taken_at: Option<jiff::Timestamp>,
    /// The fields that are worth telling who sets them.
    pub watch: Watch,
}

/// What files show.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The landscape.
    pub snapshot: Snapshot,
    /// How many objects the files hold; what stands inside Helm releases is not counted.
    pub objects: usize,
    /// How many of them stand in documents that were not wanted and so not read.
    pub skipped: usize,
    /// How many documents the files hold.
    pub documents: usize,
    /// How many templates nobody has rendered, each of them a gap.
    pub templates: usize,
    /// What the authors of the files should know.
    pub notes: Vec<Note>,
    /// The files that were left out, by whoever found the files.
    pub left_out: BTreeSet<String>,
}

/// Something that the author of a file should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where, if it is about one place.
    pub location: Option<Location>,
    /// What.
    pub text: String,
}

/// Reads `files` into one snapshot.
///
/// What cannot be read becomes a gap of the snapshot; nothing is an error. When
/// a file holds a snapshot that was distilled before, it is taken as it is.
#[must_use]
pub fn read(files: impl IntoIterator<Item = SourceFile>, options: &ReadOptions) -> Reading {
    let mut reader = Reader::watching(options.watch.clone());
    for file in files {
        decode(
            &file,
            Interest::EVERYTHING,
            &options.watch,
            &mut |decoded| {
                reader.take(decoded);
            },
        );
    }
    reader.finish(options)
}

/// A part of what one file holds, decoded; for [`Reader::take`].
#[derive(Debug)]
pub struct Decoded {
    file: String,
    found: Vec<Piece>,
}

impl Decoded {
    /// What stands in for a file that could not be opened.
    #[must_use]
    pub fn unread(file: &str, why: String) -> Self {
        Self {
            file: file.to_owned(),
            found: vec![Piece::Failed(walk::beginning(file), why)],
        }
    }

    /// How many objects, and documents that could not be read, it holds.
    #[must_use]
    pub const fn parts(&self) -> usize {
        self.found.len()
    }
}

/// Decodes what is of interest in `file` and hands it on, part by part and in
/// order; who sets the fields of `watch` is told. Files can be decoded beside each
/// other.
pub fn decode(
    file: &SourceFile,
    interest: Interest<'_>,
    watch: &Watch,
    hand_on: &mut dyn FnMut(Decoded),
) {
    archive::open(&file.name, &file.bytes, &mut |part| match part {
        Part::File(name, bytes) => decode_part(name, bytes, interest, watch, hand_on),
        Part::Unread(place, why) => hand_on(Decoded {
            file: file.name.clone(),
            found: vec![Piece::Failed(place, why)],
        }),
    });
}

fn decode_part(
    name: &str,
    bytes: &[u8],
    interest: Interest<'_>,
    watch: &Watch,
    hand_on: &mut dyn FnMut(Decoded),
) {
    let part = || Decoded {
        file: name.to_owned(),
        found: Vec::new(),
    };
    let mut decoded = part();
    walk::walk(name, bytes, interest, &mut |found| {
        decoded.found.push(piece::of(found, watch));
        if decoded.found.len() >= IN_BATCH {
            hand_on(std::mem::replace(&mut decoded, part()));
        }
    });
    hand_on(decoded);
}

/// Puts what was decoded together: [`take`](Self::take) the parts of all files,
/// in the order of the files, then [`finish`](Self::finish).
#[derive(Debug, Default)]
pub struct Reader {
    gathering: Gathering,
    has_kubernetes: bool,
    snapshots: Vec<(Snapshot, Location)>,
    templates: usize,
    models: Vec<(juju::JujuReading, Location)>,
    documents: usize,
    notes: Vec<Note>,
    unread: usize,
    unread_after: usize,
    untold: usize,
    traces: Traces,
}

impl Reader {
    /// A reader that tells who sets the fields which `watch` watches.
    #[must_use]
    pub fn watching(watch: Watch) -> Self {
        Self {
            gathering: Gathering::watching(watch),
            ..Self::default()
        }
    }

    /// Takes in the next part.
    pub fn take(&mut self, Decoded { file, found }: Decoded) {
        self.traces.file(&file);
        for piece in found {
            self.piece(&file, piece);
        }
    }

    /// Puts everything together.
    #[must_use]
    pub fn finish(mut self, options: &ReadOptions) -> Reading {
        self.read_releases();
        self.sum_up(options)
    }

    fn piece(&mut self, file: &str, piece: Piece) {
        match piece {
            Piece::Document => self.documents += 1,
            Piece::Skipped => {
                self.documents += 1;
                self.gathering.skip();
                self.has_kubernetes = true;
            }
            Piece::ListBegins(kind, continues) => {
                // An empty list is an answer of a cluster as well.
                self.has_kubernetes = true;
                self.gathering.begin_list(&kind, file, continues);
            }
            Piece::ListEnds => self.gathering.end_list(),
            Piece::Kubernetes(object) => self.kubernetes(*object),
            Piece::Snapshot(read, place) => match read {
                Ok(snapshot) => self.snapshots.push((*snapshot, place)),
                Err(why) => self.failed(Area::Apis, "the snapshot at", &place, why),
            },
            Piece::Juju(read, place) => match *read {
                Ok(reading) => self.models.push((reading, place)),
                Err(error) => {
                    self.failed(Area::Juju, "the Juju status at", &place, error.to_string());
                }
            },
            Piece::Version(text, place) => self.version(text.as_deref(), place),
            Piece::Failed(place, why) => {
                self.failed(Area::Apis, "what stands at", &place, why);
            }
            Piece::Template(template) => self.template(template),
            Piece::Remark(place, text) => self.note(Some(place), text),
        }
    }

    fn template(&mut self, template: Template) {
        self.templates += 1;
        self.unread += 1;
        if self.unread > MOST_TOLD {
            self.unread_after += 1;
            return;
        }
        self.gathering.gap(Gap {
            area: Area::Apis,
            what: format!("the template at {}", template.at),
            why: Unseen::Failed(template.why.to_owned()),
            command: template.command,
        });
    }

    fn note(&mut self, location: Option<Location>, text: impl Into<String>) {
        if self.notes.len() < MOST_TOLD {
            let text = text.into();
            self.notes.push(Note { location, text });
        } else {
            self.untold += 1;
        }
    }

    fn failed(&mut self, area: Area, what: &str, place: &Location, why: String) {
        self.unread(area, format!("{what} {place}"), why);
    }

    fn unread(&mut self, area: Area, what: String, why: String) {
        self.unread += 1;
        if self.unread <= MOST_TOLD {
            self.gathering.gap(Gap {
                area,
                what,
                why: Unseen::Failed(why),
                command: None,
            });
        } else {
            self.unread_after += 1;
        }
    }

    fn kubernetes(&mut self, object: Object) {
        let Object {
            place,
            told,
            trace,
            refused,
        } = object;
        self.has_kubernetes = true;
        if let Some(text) = refused {
            self.note(Some(place.clone()), text);
        }
        let area = told.as_ref().map_or(Area::Apis, Distilled::area);
        if let Err(refused) = told.and_then(|told| self.gathering.take(told, Some(&place))) {
            self.failed(area, "the object at", &place, refused.to_string());
        }
        if let Some(trace) = trace {
            self.traces.take(trace);
        }
    }

    /// `kubectl version -o json`: what it says of the server.
    fn version(&mut self, text: Option<&str>, place: Location) {
        let Some(text) = text else {
            return self.note(
                Some(place),
                "this version speaks of kubectl alone, not of the server",
            );
        };
        match text.parse() {
            Ok(version) => {
                self.has_kubernetes = true;
                self.gathering.server(version);
            }
            Err(error) => {
                let error: refit_model::version::VersionError = error;
                let why = error.to_string();
                self.failed(Area::ControlPlane, "the version at", &place, why);
            }
        }
    }

    /// Reads the manifests that the newest revisions of Helm releases hold.
    fn read_releases(&mut self) {
        let mut told = Vec::new();
        self.gathering
            .read_releases(&mut |of_release| told.push(of_release));
        for of_release in told {
            match of_release {
                OfRelease::Unread(what, why) => self.unread(Area::Releases, what, why),
                OfRelease::Remark(place, text) => self.note(Some(place), text),
            }
        }
    }

    fn sum_up(mut self, options: &ReadOptions) -> Reading {
        if self.unread_after > 0 {
            self.gathering.gap(Gap {
                area: Area::Apis,
                what: format!("{} more places that cannot be read", self.unread_after),
                why: Unseen::Failed("as those before".to_owned()),
                command: None,
            });
        }
        let skipped = self.gathering.skipped();
        let (snapshot, objects) = if self.snapshots.is_empty() {
            self.distil(options)
        } else {
            self.distilled()
        };
        if self.untold > 0 {
            let text = format!("{} more notes like these", self.untold);
            self.notes.push(Note {
                location: None,
                text,
            });
        }
        Reading {
            snapshot,
            objects: objects + skipped,
            skipped,
            documents: self.documents,
            templates: self.templates,
            notes: self.notes,
            left_out: BTreeSet::new(),
        }
    }

    /// A snapshot that was distilled before. What stands beside it is not mixed in.
    fn distilled(&mut self) -> (Snapshot, usize) {
        let mut snapshots = std::mem::take(&mut self.snapshots);
        let (mut snapshot, place) = snapshots.swap_remove(0);
        let others = snapshots.len()
            + self.models.len()
            + self.gathering.objects()
            + self.gathering.skipped()
            + self.unread;
        if others > 0 {
            snapshot.gaps.push(Gap {
                area: Area::Apis,
                what: format!("what was read beside the snapshot at {place}: {others} parts"),
                why: Unseen::Failed("a snapshot is not mixed with other sources".to_owned()),
                command: None,
            });
        }
        // A snapshot of before they were counted shows most of them.
        let estimate = || {
            snapshot.kubernetes.as_ref().map_or(0, |kubernetes| {
                let is_object =
                    |tier| matches!(tier, EvidenceTier::LiveObject | EvidenceTier::Manifest);
                kubernetes
                    .api_uses
                    .iter()
                    .filter(|found| is_object(found.tier))
                    .count()
            })
        };
        let objects = snapshot.objects.unwrap_or_else(estimate);
        (snapshot, objects)
    }

    fn distil(&mut self, options: &ReadOptions) -> (Snapshot, usize) {
        let gathering = std::mem::take(&mut self.gathering);
        let objects = gathering.objects();
        let mut gathered = gathering.finish();
        let mut models = std::mem::take(&mut self.models);
        let model = (!models.is_empty()).then(|| models.swap_remove(0).0);
        for (other, place) in models {
            gathered.gaps.push(Gap {
                area: Area::Juju,
                what: format!("the model {} at {place}", other.model.name),
                why: Unseen::Failed("a snapshot shows one model".to_owned()),
                command: None,
            });
        }
        let newest = gathered
            .newest
            .max(model.as_ref().and_then(|reading| reading.newest));
        let taken_at = options.taken_at.or(newest).unwrap_or_else(|| {
            // Manifests are of no time, and nobody asks them for one.
            if gathered.has_live || model.is_some() {
                self.note(
                    None,
                    "nothing that was read bears a time; it is dated to the beginning of 1970",
                );
            }
            jiff::Timestamp::UNIX_EPOCH
        });
        let given = options.cluster_name.clone();
        let model_seen = model.as_ref().map(|reading| &reading.model);
        let cluster = std::mem::take(&mut self.traces).identity(given, model_seen);
        let mut snapshot = Snapshot::empty(cluster, taken_at);
        if self.has_kubernetes {
            if gathered.server_by_components {
                self.note(
                    None,
                    "the API server's version is that of its newest component; `kubectl version \
                     -o json` would show what the server says itself",
                );
            }
            snapshot.kubernetes = Some(gathered.kubernetes);
            snapshot.gaps = gathered.gaps;
        } else {
            let unread = |gap: &Gap| matches!(gap.why, Unseen::Failed(_));
            snapshot.gaps = gathered.gaps.into_iter().filter(unread).collect();
            snapshot.gaps.push(Gap {
                area: Area::Apis,
                what: "the objects of the cluster".to_owned(),
                why: Unseen::NotInSource,
                command: Some(
                    "kubectl get nodes,pods,deployments,replicasets,statefulsets,daemonsets,\
                     poddisruptionbudgets,services -A -o yaml > cluster.yaml"
                        .to_owned(),
                ),
            });
        }
        if let Some(reading) = model {
            let is_kubernetes = reading
                .model
                .applications
                .items
                .values()
                .any(|application| juju::KUBERNETES_CHARMS.contains(&application.charm.as_str()));
            if let Some(kubernetes) = snapshot.kubernetes.as_mut().filter(|_| is_kubernetes) {
                kubernetes.distribution = refit_model::seen::Seen::Is(
                    refit_model::kubernetes::Distribution::CanonicalK8s,
                );
            }
            snapshot.juju = Some(reading.model);
            snapshot.gaps.extend(reading.gaps);
        }
        snapshot.gaps.sort();
        snapshot.gaps.dedup();
        (snapshot, objects)
    }
}
