//! Looks at everything: what a snapshot is made from whole, and of all other
//! kinds of Kubernetes the metadata, which says how they were written; but whole
//! too where a later minor takes a field of the kind away.
//!
//! At most [`SEATS`] requests are under way at once. Each collection is distilled
//! by itself while its pages arrive, and only what has come to its end is put
//! together, in the order of the table: the same answers give the same snapshot,
//! whichever came first, and a list that is begun again counts nothing twice.

use crate::collection::{self, Collection, HelmReleases, WHOLE};
use crate::decode;
use crate::list::{self, Expiry, PAGE, Set};
use crate::look;
use crate::offered::{self, ApiFacts, Choice};
use crate::wire::{Refused, Wire};
use refit_model::kubernetes::Kubernetes;
use refit_model::object::GroupVersionKind;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::{Area, Gap, Snapshot};
use refit_sources::kube::gathering::{Gathering, OfRelease};
use refit_sources::kube::link;
use refit_sources::{Tally, Watch};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

/// How many requests are under way at once. An API server lets 400 reads wait in
/// all by default (`--max-requests-inflight`): four are a hundredth of that, and
/// enough to keep the wire busy while pages are distilled.
pub(crate) const SEATS: usize = 4;

/// Definitions carry whole schemas, and Helm's Secrets whole charts, of up to a
/// mebibyte each: fewer to a page.
const LARGE_PAGE: u32 = 25;

/// Metadata in place of the objects (`meta.k8s.io`, GA since 1.15).
const AS_METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// The label that Helm gives what it stores.
const OWNED_BY_HELM: (&str, &str) = ("labelSelector", "owner=helm");

/// One collection that is asked for.
struct Order {
    path: String,
    selectors: &'static [(&'static str, &'static str)],
    page: u32,
    form: Form,
    area: Area,
    what: String,
    command: String,
}

/// What is read of a collection.
enum Form {
    Whole,
    /// The metadata of objects of this kind.
    Metadata(GroupVersionKind),
}

/// What a collection came to.
struct Part {
    gathering: Gathering,
    hole: Option<Unseen>,
}

impl Order {
    fn whole(collection: &Collection) -> Self {
        Self {
            path: collection.path(),
            selectors: &[],
            page: if collection.resource == collection::DEFINITIONS.resource {
                LARGE_PAGE
            } else {
                PAGE
            },
            form: Form::Whole,
            area: collection.area,
            what: collection.what.to_owned(),
            command: collection.command(),
        }
    }

    /// The metadata of a kind, or the objects themselves where `watch` has to see
    /// what they set.
    fn beside(choice: Choice, watch: &Watch) -> Self {
        let form = if watch.concerns(&choice.api) {
            Form::Whole
        } else {
            Form::Metadata(choice.api.clone())
        };
        Self {
            path: collection::path(&choice.api.group, &choice.api.version, &choice.resource),
            selectors: &[],
            page: PAGE,
            area: Area::Apis,
            what: format!(
                "the {}, and the versions they were written through",
                choice.name()
            ),
            command: choice.command(),
            form,
        }
    }

    /// Helm keeps releases in Secrets, or in ConfigMaps where it is told to.
    fn releases() -> [Self; 2] {
        let order = |resource, selectors, what: &str, only| Self {
            path: collection::path("", "v1", resource),
            selectors,
            page: LARGE_PAGE,
            form: Form::Whole,
            area: Area::Releases,
            what: what.to_owned(),
            command: format!("kubectl get {resource} -A -l owner=helm{only} -o json"),
        };
        [
            order(
                "secrets",
                &[OWNED_BY_HELM, ("fieldSelector", "type=helm.sh/release.v1")],
                "the Helm releases in Secrets",
                " --field-selector type=helm.sh/release.v1",
            ),
            order(
                "configmaps",
                &[OWNED_BY_HELM],
                "the Helm releases in ConfigMaps",
                "",
            ),
        ]
    }
}

/// Looks at everything and fills `snapshot` with it; returns how many objects
/// were taken in. Without facts only what is read whole is looked at.
pub(crate) async fn survey(
    wire: &Wire,
    facts: Option<&ApiFacts>,
    releases: HelmReleases,
    tally: &Tally,
    snapshot: &mut Snapshot,
) -> usize {
    let wire = wire.surveying();
    let mut gaps = Vec::new();
    let server = look::server(&wire).await.map_err(|gap| {
        let why = gap.why.clone();
        gaps.push(gap);
        why
    });
    let mut watch = Watch::default();
    let mut orders: Vec<Order> = WHOLE.iter().map(|whole| Order::whole(whole)).collect();
    match facts {
        Some(facts) => {
            let minor = server
                .as_ref()
                .ok()
                .map(refit_model::version::KubeVersion::minor);
            let offered = offered::ask(&wire, facts, &mut gaps).await;
            let chosen = offered::choose(&offered, facts, minor, &mut gaps);
            // What earlier minors took away the server cannot show.
            watch = minor.map_or_else(|| facts.watch.clone(), |minor| facts.watch.after(minor));
            orders.extend(chosen.into_iter().map(|one| Order::beside(one, &watch)));
        }
        None => gaps.push(Gap {
            area: Area::Apis,
            what: "objects of other kinds, and the API versions they were written through"
                .to_owned(),
            why: Unseen::NotAsked,
            command: None,
        }),
    }
    match releases {
        HelmReleases::NotAsked => gaps.push(Gap {
            area: Area::Releases,
            what: "the Helm releases, which Helm keeps in Secrets".to_owned(),
            why: Unseen::NotAsked,
            command: Some("refit assess --helm-releases".to_owned()),
        }),
        HelmReleases::Read => orders.extend(Order::releases()),
    }

    let mut gathering = Gathering::watching(watch.clone());
    let mut holes: BTreeMap<String, Unseen> = BTreeMap::new();
    for (order, part) in all(&wire, orders, &watch, tally).await {
        gathering.absorb(part.gathering);
        if let Some(why) = part.hole {
            holes.insert(order.path, why.clone());
            gaps.push(Gap {
                area: order.area,
                what: order.what,
                why,
                command: Some(order.command),
            });
        }
    }
    gathering.read_releases(&mut |of_release| match of_release {
        OfRelease::Unread(what, why) => gaps.push(Gap {
            area: Area::Releases,
            what,
            why: Unseen::Failed(why),
            command: None,
        }),
        // Remarks are for the authors of files.
        OfRelease::Remark(..) => {}
    });
    let objects = gathering.objects();
    gaps.append(&mut gathering.take_gaps());
    if let Ok(version) = &server {
        gathering.server(version.clone());
    }
    // What was gathered knows what belongs together; how far the looking went
    // is known here.
    let mut kubernetes = gathering.finish().kubernetes;
    kubernetes.server = server.map_or_else(Seen::Gap, Seen::Is);
    extents(&mut kubernetes, &holes, releases);
    kubernetes.components = link::components(&kubernetes.pods);
    link::proxies(&mut kubernetes.nodes.items, &kubernetes.pods);
    kubernetes.server_warnings = wire.warnings().kept();
    gaps.extend(wire.warnings().gap());
    kubernetes.etcd_snapshots = Seen::Gap(Unseen::NotInSource);
    gaps.push(look::etcd_gap());
    snapshot.gaps.append(&mut gaps);
    snapshot.kubernetes = Some(kubernetes);
    objects
}

/// Says of each listing how far the looking went.
fn extents(kubernetes: &mut Kubernetes, holes: &BTreeMap<String, Unseen>, releases: HelmReleases) {
    let of = |collections: &[&Collection]| {
        collections
            .iter()
            .find_map(|collection| holes.get(&collection.path()))
            .cloned()
    };
    let workloads: Vec<_> = collection::WORKLOADS.iter().map(|(_, c)| c).collect();
    kubernetes.nodes.extent = whole_unless(of(&[&collection::NODES]));
    kubernetes.pods.extent = whole_unless(of(&[&collection::PODS]));
    kubernetes.budgets.extent = whole_unless(of(&[&collection::BUDGETS]));
    kubernetes.workloads.extent = whole_unless(of(&workloads));
    kubernetes.webhooks.extent =
        whole_unless(of(&[&collection::VALIDATING, &collection::MUTATING]));
    kubernetes.definitions.extent = whole_unless(of(&[&collection::DEFINITIONS]));
    kubernetes.api_services.extent = whole_unless(of(&[&collection::API_SERVICES]));
    kubernetes.services.extent = whole_unless(of(&[&collection::SERVICES]));
    // Every kind that the server offers was asked for; those that it did not show
    // are gaps.
    kubernetes.kinds = Listing::whole(BTreeMap::new());
    match releases {
        HelmReleases::NotAsked => kubernetes.releases = Listing::unseen(Unseen::NotAsked),
        HelmReleases::Read => {
            let hole = Order::releases()
                .iter()
                .find_map(|order| holes.get(&order.path))
                .cloned();
            kubernetes.releases.extent = whole_unless(hole);
        }
    }
}

fn whole_unless<By>(hole: Option<Unseen>) -> Extent<By> {
    hole.map_or(Extent::Whole, Extent::Part)
}

/// Reads every collection, in whatever order the server answers; what comes back
/// is in the order of `orders`.
async fn all(wire: &Wire, orders: Vec<Order>, watch: &Watch, tally: &Tally) -> Vec<(Order, Part)> {
    tally.expect(orders.len());
    let mut reading = JoinSet::new();
    let mut ended = BTreeMap::new();
    for (place, order) in orders.into_iter().enumerate() {
        let (wire, watch, tally) = (wire.clone(), watch.clone(), tally.clone());
        reading.spawn(async move {
            let part = read(&wire, &order, &watch, &tally).await;
            tally.ended(1);
            (place, order, part)
        });
    }
    while let Some(joined) = reading.join_next().await {
        match joined {
            Ok((place, order, part)) => {
                ended.insert(place, (order, part));
            }
            // Nobody cancels these, so that it is a defect: it goes where every
            // defect goes.
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    ended.into_values().collect()
}

/// How often a list is begun again whose place has expired and cannot be gone on
/// from.
const BEGINNINGS: u32 = 2;

async fn read(wire: &Wire, order: &Order, watch: &Watch, tally: &Tally) -> Part {
    let set = Set {
        path: &order.path,
        selectors: order.selectors,
        page: order.page,
        accept: match order.form {
            Form::Whole => list::AS_OBJECTS,
            Form::Metadata(_) => AS_METADATA,
        },
        expiry: Expiry::GoOn,
    };
    let mut beginnings = 0;
    loop {
        let mut part = Part {
            gathering: Gathering::watching(watch.clone()),
            hole: None,
        };
        let read = list::pages(wire, &set, &mut |mut object| {
            tally.objects(1);
            let added = match &order.form {
                Form::Whole => part.gathering.add(&object, None),
                Form::Metadata(api) => {
                    if let Some(fields) = object.as_object_mut() {
                        fields.insert("apiVersion".to_owned(), api.api_version().into());
                        fields.insert("kind".to_owned(), api.kind.clone().into());
                    }
                    part.gathering.add_metadata(&object)
                }
            };
            if let Err(refused) = added {
                part.hole
                    .get_or_insert(Unseen::Failed(decode::about(&object, &refused)));
            }
        })
        .await;
        match read {
            Ok(()) => return part,
            Err(Refused::Expired(_)) if beginnings < BEGINNINGS => beginnings += 1,
            Err(refused) => {
                part.hole = Some(refused.into());
                return part;
            }
        }
    }
}
