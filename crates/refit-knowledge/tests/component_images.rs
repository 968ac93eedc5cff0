//! What kubeadm installs, by a list made from kubeadm's answers, against the
//! constants in the source of kubeadm at the tags that were read.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::component::{Images, ImagesBasis};
use refit_knowledge::table::{Schema, Table};
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;

const CONSTANTS: &str = include_str!("../../../knowledge/second-sources/kubeadm-constants.csv");

const SCHEMA: Schema = Schema {
    format: "refit-knowledge/kubeadm-constants/1",
    columns: &[
        "kubernetes",
        "etcd",
        "coredns",
        "pause",
        "min_external_etcd",
    ],
    key: 1,
};

#[test]
fn kubeadm_installs_what_its_source_says() {
    let table = Table::read("kubeadm-constants.csv", CONSTANTS, &SCHEMA).unwrap();
    let constants: BTreeMap<KubeVersion, [String; 4]> = table
        .records()
        .map(|record| {
            let values = ["etcd", "coredns", "pause", "min_external_etcd"]
                .map(|column| record.text(column).to_owned());
            (record.value("kubernetes", "a release").unwrap(), values)
        })
        .collect();
    let components = Knowledge::embedded().components();
    let mut compared = 0;
    for row in components.all_images() {
        let Images {
            kubernetes,
            etcd,
            coredns,
            pause,
            min_external_etcd,
            basis,
        } = row;
        let Some(said) = constants.get(kubernetes) else {
            assert_eq!(*basis, ImagesBasis::List, "{kubernetes}");
            assert_eq!(*min_external_etcd, None, "{kubernetes}");
            continue;
        };
        assert_ne!(*basis, ImagesBasis::List, "{kubernetes}");
        let bare = |version: &KubeVersion| version.to_string().trim_start_matches('v').to_owned();
        let here = [
            bare(etcd),
            bare(coredns),
            pause.clone(),
            min_external_etcd.as_ref().map(bare).unwrap_or_default(),
        ];
        assert_eq!(here, *said, "{kubernetes}");
        compared += usize::from(*basis == ImagesBasis::Both);
    }
    assert_eq!(constants.len(), 47, "the tags that were read");
    assert_eq!(compared, 39, "releases that both sources have");
}
