//! Gathers the objects of a cluster, one by one, into what a snapshot keeps.
//!
//! Objects that a server gave out are *live*. Objects that somebody wrote are
//! *manifests*: they are evidence for API versions, and what they would make of
//! a cluster is told as far as the cluster itself was not seen to list such things.

use super::coverage::{Coverage, Met};
use super::distilled::{self, Distilled, Live, Origin, PendingUse, distil};
use super::doubled::Doubled;
use super::evidence::{Applied, witnesses};
use super::kinds::Kind;
use super::lineage::Lineages;
use super::parts::Parts;
use super::released::{self, Releases, Revision};
use super::scaler::{self, Scaled};
use super::volume::LocalVolume;
use super::{Refused, application, distribution, field, link, settings};
use crate::interest::Interest;
use crate::walk::{self, Found};
use crate::watch::{Shown, Shows, Watch};
use refit_model::kubernetes::{ComponentSettings, Distribution, FieldUser, Kubernetes};
use refit_model::name::{Key, Namespace};
use refit_model::object::{ApiUse, Application, ApplicationSign, EvidenceTier, Location};
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::{Area, Gap};
use refit_model::version::KubeVersion;
use serde_json::Value;
use std::collections::BTreeMap;

/// The objects of one cluster, as far as they have been read.
#[derive(Debug, Default)]
pub struct Gathering {
    live: Parts,
    written: Parts,
    doubled: Doubled,
    scaled: Scaled,
    has_live: bool,
    /// Live objects that show no cluster by themselves, until one is shown.
    exported: Vec<(Parts, Option<Location>)>,
    /// Whether what was read shows a cluster, and not that somebody exported an
    /// object of one.
    shows_cluster: bool,
    coverage: Coverage,
    lineages: Lineages,
    volumes: Vec<LocalVolume>,
    uses: Vec<PendingUse>,
    releases: Releases,
    marks: BTreeMap<Distribution, usize>,
    server: Option<KubeVersion>,
    settings: Vec<ComponentSettings>,
    fields: Shows,
    gaps: Vec<Gap>,
    /// The newest time that a live object bears.
    newest: Option<jiff::Timestamp>,
    /// How many objects were taken in, those inside Helm releases left out.
    objects: usize,
    /// How many manifests were counted and not read.
    skipped: usize,
}

/// What was gathered.
#[derive(Debug)]
pub struct Gathered {
    /// The Kubernetes side of the snapshot.
    pub kubernetes: Kubernetes,
    /// What was not shown.
    pub gaps: Vec<Gap>,
    /// Whether the server's version is that of the newest API server among the
    /// components, because the server itself was not asked.
    pub server_by_components: bool,
    /// Whether a server gave out any of it.
    pub has_live: bool,
    /// The newest time that anything of a server bears.
    pub newest: Option<jiff::Timestamp>,
}

/// What is to be told about the stored manifest of a Helm release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfRelease {
    /// What could not be read, and why.
    Unread(String, String),
    /// Something that its author should know, and where.
    Remark(Location, String),
}

impl Gathering {
    /// One that tells who sets the fields which `watch` watches.
    #[must_use]
    pub fn watching(watch: Watch) -> Self {
        Self {
            fields: Shows::of(watch),
            ..Self::default()
        }
    }

    /// A list begins: its `kind`, the file it is in, and whether it says that
    /// more of it is elsewhere (`metadata.continue`).
    pub fn begin_list(&mut self, kind: &str, file: &str, continues: bool) {
        self.coverage.begin(kind, file, continues);
    }

    /// The list ends.
    pub fn end_list(&mut self) {
        self.coverage.end();
    }

    /// What the API server says that it is.
    pub fn server(&mut self, version: KubeVersion) {
        self.server = Some(version);
    }

    /// A manifest is not wanted and was not read.
    pub(crate) const fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Something could not be read.
    pub fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// Takes one object in. `place` is where it stands, if it was read from a file.
    ///
    /// # Errors
    /// When the object states no kind or no usable name, or nothing can be made
    /// of what stands in it.
    pub fn add(&mut self, object: &Value, place: Option<&Location>) -> Result<(), Refused> {
        self.take(distil(object, place, self.fields.watch())?, place)
    }

    /// Takes in what one object tells. `place` is where it stands, as above.
    ///
    /// # Errors
    /// When nothing can be made of what stands in it. That it is there counts.
    pub fn take(
        &mut self,
        Distilled { settings, object }: Distilled,
        place: Option<&Location>,
    ) -> Result<(), Refused> {
        match settings {
            Ok(found) => self.settings.extend(found),
            Err(why) => self.gaps.push(Gap {
                area: Area::ControlPlane,
                what: "what a component is told at its start".to_owned(),
                why: Unseen::Failed(why),
                command: None,
            }),
        }
        self.objects += 1;
        let Some(object) = object else {
            return Ok(());
        };
        if let Some(own) = object.uses.first() {
            self.coverage.object(Met {
                kind: object.kind,
                api: &own.found.api,
                namespace: object.key.namespace.as_ref().map(Namespace::as_str),
                live: match &object.origin {
                    Origin::Live(live) => Some(live.writers),
                    Origin::Written => None,
                },
            });
        }
        self.uses.extend(object.uses);
        if let Some(fields) = object.fields {
            self.fields.absorb(fields);
        }
        match object.revision {
            Some(Revision::Read(stored)) => self.releases.insert(*stored),
            Some(Revision::Unread(gap)) => self.gaps.push(gap),
            None => {}
        }
        let parts = object.parts?;
        match object.origin {
            Origin::Live(live) => {
                self.note_live(*live);
                // A repository may hold an object as `kubectl get -o yaml` gave it
                // out; a dump is a list, or shows what nobody writes by hand.
                let is_placed = parts.pods.values().any(|pod| pod.node.is_some());
                self.shows_cluster |=
                    is_placed || !parts.nodes.is_empty() || self.coverage.is_in_list();
                if self.shows_cluster {
                    self.live.absorb(parts);
                } else {
                    self.exported.push((parts, place.cloned()));
                }
            }
            Origin::Written => {
                self.doubled.take(&mut self.written, parts, place);
                self.scaled.extend(object.scaled);
            }
        }
        Ok(())
    }

    /// Takes in the metadata of an object that a server gave out: how it was
    /// written is told there, and nothing else of it is kept.
    ///
    /// # Errors
    /// When the object states no kind or no usable name.
    pub fn add_metadata(&mut self, object: &Value) -> Result<(), Refused> {
        let api = field::api(object)?;
        let key = field::key(object)?;
        let owner = field::owner(object)?;
        let signed = application::signed(object);
        let application = signed
            .clone()
            .unwrap_or_else(|| application::unsigned(&key, owner.as_ref(), None));
        let owner = owner.map(|owner| owner.uid);
        let owner = owner.as_deref();
        self.objects += 1;
        let tier = EvidenceTier::LiveObject;
        let applied = Applied::of(object);
        let witnesses = witnesses(&api, object, applied.as_ref());
        let uses = distilled::uses((&api, tier), witnesses, &key, &application, owner, None);
        self.uses.extend(uses);
        self.note_live(distilled::live(object, &key, owner, signed, None));
        Ok(())
    }

    /// What was gathered beside this, of the same cluster. How far each listing
    /// went is for whoever listed to say: the names of files mean nothing here.
    pub fn absorb(&mut self, mut other: Self) {
        self.live.absorb(other.live);
        self.written.absorb(other.written);
        self.doubled.absorb(other.doubled);
        self.scaled.append(&mut other.scaled);
        self.has_live |= other.has_live;
        self.exported.append(&mut other.exported);
        self.shows_cluster |= other.shows_cluster;
        self.lineages.absorb(other.lineages);
        self.volumes.append(&mut other.volumes);
        self.uses.append(&mut other.uses);
        self.releases.absorb(other.releases);
        for (mark, count) in other.marks {
            *self.marks.entry(mark).or_default() += count;
        }
        self.server = other.server.or_else(|| self.server.take());
        self.settings.append(&mut other.settings);
        self.fields.absorb(other.fields);
        self.gaps.append(&mut other.gaps);
        self.newest = self.newest.max(other.newest);
        self.objects += other.objects;
        self.skipped += other.skipped;
    }

    /// How many objects were taken in, those inside Helm releases left out.
    #[must_use]
    pub const fn objects(&self) -> usize {
        self.objects
    }

    /// How many manifests were counted and not read.
    pub(crate) const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Hands out the gaps that were met so far, those of listings left out.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// Reads what the stored manifests of the releases install, and hands what
    /// is to be told about them to `tell`. Nothing but kinds and names is kept, of
    /// watched fields too.
    pub fn read_releases(&mut self, tell: &mut dyn FnMut(OfRelease)) {
        for (release, name, manifest) in self.releases.take_manifests() {
            let text = manifest.as_bytes();
            walk::yaml(
                &name,
                text,
                Interest::EVERYTHING,
                &mut |found| match found {
                    Found::Object(value, place) => {
                        let added = self.add_released(&release, &value, Some(place.clone()));
                        if let Err(refused) = added {
                            tell(OfRelease::Unread(
                                format!("the object at {place}"),
                                refused.to_string(),
                            ));
                        }
                    }
                    Found::Failed(place, why) => {
                        tell(OfRelease::Unread(format!("what stands at {place}"), why));
                    }
                    Found::Remark(place, text) => tell(OfRelease::Remark(place, text)),
                    Found::Document
                    | Found::Skipped
                    | Found::ListBegins(..)
                    | Found::Snapshot(..)
                    | Found::ListEnds
                    | Found::Template(_) => {}
                },
            );
        }
    }

    fn note_live(&mut self, live: Live) {
        self.has_live = true;
        self.lineages.extend(live.lineage);
        if let Some(mark) = live.mark {
            *self.marks.entry(mark).or_default() += 1;
        }
        self.newest = self.newest.max(live.newest);
        self.volumes.extend(live.volume);
    }

    /// Takes in what the stored manifest of a release says that it installs.
    /// Nothing but kinds and names, of watched fields too, is kept of it.
    ///
    /// # Errors
    /// When the object states no kind or no usable name.
    fn add_released(
        &mut self,
        release: &Key,
        object: &Value,
        place: Option<Location>,
    ) -> Result<(), Refused> {
        let api = field::api(object)?;
        let mut key = field::key(object)?;
        if key.namespace.is_none() && !released::is_cluster_scoped(&api.kind) {
            key.namespace.clone_from(&release.namespace);
        }
        let application = application::signed(object).filter(|found| {
            matches!(
                found.by,
                ApplicationSign::PartOf | ApplicationSign::NameLabel
            )
        });
        let application = application.unwrap_or_else(|| Application {
            name: release.name.as_str().to_owned(),
            by: ApplicationSign::HelmRelease,
        });
        let tier = EvidenceTier::HelmManifest;
        self.fields.take((&api, object), tier, None, &|| {
            let user = FieldUser {
                object: key.clone(),
                by: release.to_string(),
                application: application.clone(),
                location: place.clone(),
            };
            (user, None)
        });
        self.uses.push(PendingUse {
            found: ApiUse {
                api,
                object: key,
                tier,
                by: release.to_string(),
                application,
                location: place,
            },
            owner: None,
        });
        Ok(())
    }

    /// Puts everything together.
    #[must_use]
    pub fn finish(mut self) -> Gathered {
        self.settle_exported();
        self.coverage.settle();
        self.live.contradictions(&mut self.coverage);
        let mut parts = self.joined();
        link::volumes(&mut parts.pods, &parts.claims, &self.volumes, &parts.nodes);
        parts.inherit(&self.lineages);
        let api_uses = self.api_uses();
        let coverage = &self.coverage;
        let workload_kinds = parts.needed_workloads();
        let mut kubernetes = Kubernetes::unseen(&Unseen::NotInSource);
        kubernetes.pods = listing(parts.pods, coverage.of(&[Kind::Pod]));
        link::proxies(&mut parts.nodes, &kubernetes.pods);
        kubernetes.components = link::components(&kubernetes.pods);
        kubernetes.nodes = listing(parts.nodes, coverage.of(&[Kind::Node]));
        kubernetes.workloads = listing(parts.workloads, coverage.of(&workload_kinds));
        kubernetes.budgets = listing(parts.budgets, coverage.of(&[Kind::Budget]));
        kubernetes.webhooks = listing(
            parts.webhooks,
            coverage.of(&[Kind::Validating, Kind::Mutating]),
        );
        kubernetes.definitions = listing(parts.definitions, coverage.of(&[Kind::Definition]));
        kubernetes.api_services = listing(parts.api_services, coverage.of(&[Kind::ApiService]));
        kubernetes.services = listing(parts.services, coverage.of(&[Kind::Service]));
        let releases = std::mem::take(&mut self.releases).into_listing();
        kubernetes.releases = listing(releases, coverage.of(&[Kind::Secret]));
        kubernetes.api_uses = api_uses;
        kubernetes.kinds = coverage.kinds();
        kubernetes.settings = settings::alike(std::mem::take(&mut self.settings));
        let settled = |(mut user, owner): Shown| {
            let own = user.application.clone();
            user.application = self
                .lineages
                .application(&user.object, own, owner.as_deref());
            user
        };
        if let Some(fields) = std::mem::take(&mut self.fields).finish(&settled) {
            kubernetes.fields = Seen::Is(fields);
        }
        let told = self.server.take();
        let by_components = link::newest_apiserver(&kubernetes).cloned();
        let server_by_components = told.is_none() && by_components.is_some();
        kubernetes.server = Seen::from_source(told.or(by_components));
        kubernetes.distribution = Seen::from_source(self.distribution(&kubernetes));
        let mut gaps = std::mem::take(&mut self.gaps);
        let others = [
            Kind::Node,
            Kind::Pod,
            Kind::Budget,
            Kind::Validating,
            Kind::Mutating,
            Kind::Definition,
            Kind::ApiService,
            Kind::Service,
            Kind::Secret,
        ];
        gaps.extend(self.coverage.gaps(&others));
        gaps.extend(self.coverage.gaps(&workload_kinds));
        gaps.extend(missing(&kubernetes));
        Gathered {
            kubernetes,
            gaps,
            server_by_components,
            has_live: self.has_live,
            newest: self.newest,
        }
    }

    /// What the cluster has, and what manifests say of the kinds that it was not
    /// seen to list: one object of a server beside them takes nothing away.
    fn joined(&mut self) -> Parts {
        let mut written = std::mem::take(&mut self.written);
        scaler::apply(&self.scaled, &mut written.workloads);
        written.leave_out(|kind| self.coverage.is_whole(kind));
        self.doubled.leave_out(|kind| self.coverage.is_whole(kind));
        self.gaps.extend(self.doubled.gaps(&written));
        // The cluster's own object is what it has of a name.
        written.absorb(std::mem::take(&mut self.live));
        written
    }

    /// Decides whether single live objects show a cluster: not among manifests that
    /// are more than they. Then they are manifests as well, with more in them than
    /// was written.
    fn settle_exported(&mut self) {
        let by_tier = |tier| {
            let uses = self.uses.iter();
            uses.filter(|used| used.found.tier == tier).count()
        };
        if !self.has_live {
            return;
        }
        self.shows_cluster |= self.server.is_some()
            || by_tier(EvidenceTier::LiveObject) >= by_tier(EvidenceTier::Manifest) + self.skipped;
        for (parts, place) in std::mem::take(&mut self.exported) {
            if self.shows_cluster {
                self.live.absorb(parts);
            } else {
                self.doubled.take(&mut self.written, parts, place.as_ref());
            }
        }
        if self.shows_cluster {
            return;
        }
        self.has_live = false;
        self.newest = None;
        self.marks.clear();
        self.volumes.clear();
        self.fields.as_written();
        for used in &mut self.uses {
            if used.found.tier == EvidenceTier::LiveObject {
                used.found.tier = EvidenceTier::Manifest;
            }
        }
    }

    fn api_uses(&mut self) -> Vec<ApiUse> {
        let lineages = &self.lineages;
        let mut uses: Vec<ApiUse> = std::mem::take(&mut self.uses)
            .into_iter()
            .map(|PendingUse { mut found, owner }| {
                if owner.is_some() {
                    let own = found.application.clone();
                    found.application = lineages.application(&found.object, own, owner.as_deref());
                }
                found
            })
            .collect();
        uses.sort();
        uses.dedup();
        uses
    }

    /// By the versions' own words, else by the mark that most objects bear.
    fn distribution(&self, kubernetes: &Kubernetes) -> Option<Distribution> {
        distribution::by_version(kubernetes).or_else(|| {
            let most = self.marks.values().max()?;
            self.marks
                .iter()
                .find(|(_, count)| *count == most)
                .map(|(found, _)| *found)
        })
    }
}

fn listing<K: Ord, V, By: Ord>(
    items: BTreeMap<K, V>,
    covered: Result<(), Unseen>,
) -> Listing<K, V, By> {
    Listing {
        items,
        extent: match covered {
            Ok(()) => Extent::Whole,
            Err(why) => Extent::Part(why),
        },
    }
}

/// Gaps of readings that no list of objects would fill.
fn missing(kubernetes: &Kubernetes) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut add = |area, what: &str, command: Option<&str>| {
        gaps.push(Gap {
            area,
            what: what.to_owned(),
            why: Unseen::NotInSource,
            command: command.map(str::to_owned),
        });
    };
    if kubernetes.server.get().is_none() {
        add(
            Area::ControlPlane,
            "the version of the API server",
            Some("kubectl version -o json > version.json"),
        );
    }
    if kubernetes.components.items.is_empty() {
        add(
            Area::ControlPlane,
            "the components of the control plane, which do not run as pods that were read",
            None,
        );
    }
    if kubernetes.distribution.get().is_none() {
        add(Area::ControlPlane, "who built the cluster", None);
    }
    add(Area::Backups, "copies of etcd", None);
    gaps
}
