use super::*;
use std::fs;

/// Sources of minors from 1.16 on, each as files by import path.
fn sources(minors: &[&[(&str, &str)]]) -> Sources {
    let minor = |at: usize| Minor::new(1, 16 + u16::try_from(at).unwrap());
    let source = |at: usize, files: &[(&str, &str)]| Source {
        newest: KubeVersion::new(minor(at), 9),
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect(),
    };
    minors
        .iter()
        .enumerate()
        .map(|(at, files)| (minor(at), source(at, files)))
        .collect()
}

/// A folder with a checked-in file that has these rows; the comment is kept.
fn checked_in(name: &str, file: &str, rows: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("refit-components-{}-{name}", std::process::id()));
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("# kept\n{rows}")).unwrap();
    folder
}

fn text(derived: Outcome<Derived>) -> String {
    derived.map_or_else(|error| format!("error: {error}"), |derived| derived.text)
}

const PROXY: &str = "k8s.io/kubernetes/cmd/kube-proxy/app/options.go";

/// The lines of flags of kube-proxy, from what one file says in each minor. The
/// other components have one flag that stays.
#[track_caller]
fn check_flags(name: &str, minors: &[&str], expected: &[&str]) {
    const STAYS: &str = r#"fs.StringVar(&o.Config, "config", "", "a file")"#;
    let others = [
        "k8s.io/kubernetes/cmd/kube-apiserver/app/options.go",
        "k8s.io/kubernetes/cmd/kube-controller-manager/app/options.go",
        "k8s.io/kubernetes/cmd/kube-scheduler/app/options.go",
        "k8s.io/kubernetes/cmd/kubelet/app/options.go",
    ]
    .map(|path| (path, STAYS));
    let files: Vec<Vec<(&str, &str)>> = minors
        .iter()
        .map(|text| others.iter().copied().chain([(PROXY, *text)]).collect())
        .collect();
    let files: Vec<&[(&str, &str)]> = files.iter().map(Vec::as_slice).collect();
    let folder = checked_in(name, flags::FILE, "");
    let found = text(flags::derive(&sources(&files), &folder));
    let mut lines = found.lines();
    assert_eq!(lines.next(), Some("# kept"), "{found}");
    assert_eq!(
        lines.next(),
        Some("component,flag,deprecated,removed,source")
    );
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{minors:?}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn flags_that_are_discouraged_and_go() {
    check_flags(
        "life",
        &[
            r#"fs.BoolVar(&o.A, "a_one", o.A, "text"); fs.Var(o.B, "b-two", "text"); fs.Int("c3", 1, "t")"#,
            r#"fs.BoolVar(&o.A, "a_one", o.A, "text"); fs.Var(o.B, "b-two", "text")
               fs.MarkDeprecated("a_one", "why"); fs.MarkDeprecated("b-two", "why")"#,
            r#"fs.Var(o.B, "b-two", "text"); fs.Var(o.C, "d-four", "text")"#,
        ],
        &[
            "kube-proxy,a-one,1.17,1.18,cmd/kube-proxy/app",
            // That of b-two was taken back.
            "kube-proxy,c3,,1.17,cmd/kube-proxy/app",
        ],
    );
}

#[test]
fn flags_are_named_by_constants_and_by_calls_that_take_over() {
    check_flags(
        "named",
        &[
            r#"const theFlag = "by-constant"
               fs.StringSliceVar(&o.Modes, theFlag, o.Modes, ""+"text, with ("+x)
               registerDeprecated(global, local, "taken_over", deprecated); register(global, local, "kept")
               fs.Lookup("no-flag"); x.String("no-flag"); f("no-flag", 1)
               for _, name := range []string{"in-loop", "too"} { fs.IPVar(ip, name, "text") }
               var PortFlags = []string{"port"}; for _, name := range PortFlags { fs.IntVar(x, name, 0, "text") }"#,
            r#"fs.MarkDeprecated(keptFlag, "why"); const keptFlag = "kept"; register(global, local, "kept")"#,
        ],
        &[
            "kube-proxy,by-constant,,1.17,cmd/kube-proxy/app",
            "kube-proxy,in-loop,,1.17,cmd/kube-proxy/app",
            "kube-proxy,kept,1.17,,cmd/kube-proxy/app",
            "kube-proxy,port,,1.17,cmd/kube-proxy/app",
            "kube-proxy,taken-over,<=1.16,1.17,cmd/kube-proxy/app",
            "kube-proxy,too,,1.17,cmd/kube-proxy/app",
        ],
    );
}

#[test]
fn flags_of_the_library_that_logs() {
    let klog = "k8s.io/component-base/logs/logs.go";
    let own = r#"fs.StringVar(&o.Config, "config", "", "a file")"#;
    let components = [
        "kube-apiserver",
        "kube-controller-manager",
        "kube-proxy",
        "kube-scheduler",
        "kubelet",
    ];
    let files: Vec<(String, &str)> = components
        .iter()
        .map(|name| (format!("k8s.io/kubernetes/cmd/{name}/app/o.go"), own))
        .collect();
    let with = |logs: &'static str| -> Vec<(&str, &str)> {
        let own = files.iter().map(|(path, text)| (path.as_str(), *text));
        own.chain([(klog, logs)]).collect()
    };
    let minors = [
        with("klog.InitFlags(flag.CommandLine)"),
        with("klog.InitFlags(packageFlags)\n pf.Deprecated = deprecated"),
        with("packageFlags.VisitAll()"),
    ];
    let minors: Vec<&[(&str, &str)]> = minors.iter().map(Vec::as_slice).collect();
    let folder = checked_in("klog", flags::FILE, "");
    let found = text(flags::derive(&sources(&minors), &folder));
    fs::remove_dir_all(folder).unwrap();
    for component in components {
        let line = format!("{component},logtostderr,1.17,1.18,k8s.io/component-base logs\n");
        assert!(found.contains(&line), "{found}");
    }
    assert!(!found.contains(",v,") && !found.contains("vmodule"));
}

#[test]
fn sources_without_any_flag_are_no_sources() {
    let folder = checked_in("none", flags::FILE, "");
    let found = text(flags::derive(&sources(&[&[]]), &folder));
    assert_eq!(found, "error: 1.16: no flag of kube-apiserver was found");
    fs::remove_dir_all(folder).unwrap();
}

const LIST: &str = "k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go";

#[test]
fn admission_plugins_by_their_order() {
    let list = |plugins: &str| {
        format!(
            r#"import ("k8s.io/kubernetes/plugin/pkg/admission/admit"; ns "k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle")
               var AllOrderedPlugins = []string{{ {plugins} }}"#
        )
    };
    let both = list("admit.PluginName, // AlwaysAdmit\n ns.PluginName,");
    let one = list("ns.PluginName,");
    let unknown = list("other.PluginName");
    let constants = [
        (
            "k8s.io/kubernetes/plugin/pkg/admission/admit/admission.go",
            r#"const PluginName = "AlwaysAdmit""#,
        ),
        (
            "k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/x.go",
            "const (\n PluginName = \"NamespaceLifecycle\"\n)",
        ),
    ];
    let with = |list: &str| -> Vec<(String, String)> {
        constants
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .chain([(LIST.to_owned(), list.to_owned())])
            .collect()
    };
    let check = |lists: &[&str], expected: &str| {
        let files: Vec<Vec<(String, String)>> = lists.iter().map(|list| with(list)).collect();
        let files: Vec<Vec<(&str, &str)>> = files
            .iter()
            .map(|files| {
                files
                    .iter()
                    .map(|(path, text)| (path.as_str(), text.as_str()))
                    .collect()
            })
            .collect();
        let files: Vec<&[(&str, &str)]> = files.iter().map(Vec::as_slice).collect();
        let folder = checked_in("plugins", plugins::FILE, "");
        assert_eq!(text(plugins::derive(&sources(&files), &folder)), expected);
        fs::remove_dir_all(folder).unwrap();
    };
    let head = "# kept\nplugin,introduced,removed\n";
    check(
        &[&one, &both, &one],
        &format!("{head}AlwaysAdmit,1.17,1.18\nNamespaceLifecycle,<=1.16,\n"),
    );
    check(
        &[&unknown],
        "error: 1.16: k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go: [Word(\"other\"), Mark('.'), Word(\"PluginName\")] is no plugin",
    );
    check(
        &["package options"],
        "error: 1.16: k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go has no AllOrderedPlugins",
    );
}

const COMMON: &str = "k8s.io/kubernetes/cmd/kubeadm/app/util/config/common.go";

#[test]
fn versions_of_configuration_by_their_packages() {
    let of = |versions: &[&'static str], discouraged: &str, scheduler: &'static str| {
        let common = format!(
            "deprecatedAPIVersions := map[string]struct{{}}{{ {discouraged} }}\n gvString := 1"
        );
        let mut files: Vec<(String, String)> = versions
            .iter()
            .map(|path| (format!("k8s.io/{path}/types.go"), String::new()))
            .collect();
        files.push((COMMON.to_owned(), common));
        files.push((
            "k8s.io/kube-scheduler/config/v1/types.go".to_owned(),
            scheduler.to_owned(),
        ));
        files.push((
            "k8s.io/kube-scheduler/config/v1beta1/types.go".to_owned(),
            "type KubeSchedulerConfiguration struct {}".to_owned(),
        ));
        files
    };
    let always = [
        "apiserver/pkg/apis/apiserver/v1",
        "apiserver/pkg/apis/audit/v1",
        "kubelet/config/v1beta1",
        "kube-proxy/config/v1alpha1",
        "kubernetes/cmd/kubeadm/app/apis/kubeadm/validation",
        "kubernetes/cmd/kubeadm/app/apis/kubeadm/v1beta3",
    ];
    let mut older = always.to_vec();
    older.push("apiserver/pkg/apis/audit/v1beta1");
    let policy = "type Policy struct {}";
    let files = [
        of(&older, "", policy),
        of(&always, "\"kubeadm.k8s.io/v1beta3\": {},", policy),
        of(
            &always,
            "\"kubeadm.k8s.io/v1beta3\": {},",
            "type KubeSchedulerConfiguration struct {}",
        ),
    ];
    let files: Vec<Vec<(&str, &str)>> = files
        .iter()
        .map(|files| {
            files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()))
                .collect()
        })
        .collect();
    let files: Vec<&[(&str, &str)]> = files.iter().map(Vec::as_slice).collect();
    let head = "group,version,read_by,introduced,deprecated,removed,notes\n";
    let folder = checked_in(
        "configs",
        configs::FILE,
        &format!(
            "{head}audit.k8s.io,v1beta1,kube-apiserver,<=1.16,1.21,9.9,announced\nkubeadm.k8s.io,v1beta3,kubeadm,<=1.16,1.99,,read\n"
        ),
    );
    assert_eq!(
        text(configs::derive(&sources(&files), &folder)),
        format!(
            "# kept\n{head}\
             apiserver.config.k8s.io,v1,kube-apiserver,<=1.16,,,\n\
             audit.k8s.io,v1,kube-apiserver,<=1.16,,,\n\
             audit.k8s.io,v1beta1,kube-apiserver,<=1.16,1.21,1.17,announced\n\
             kubeadm.k8s.io,v1beta3,kubeadm,<=1.16,1.17,,read\n\
             kubelet.config.k8s.io,v1beta1,kubelet,<=1.16,,,\n\
             kubeproxy.config.k8s.io,v1alpha1,kube-proxy,<=1.16,,,\n\
             kubescheduler.config.k8s.io,v1,kube-scheduler,1.18,,,\n\
             kubescheduler.config.k8s.io,v1beta1,kube-scheduler,<=1.16,,,\n"
        )
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn how_far_kubeadm_lets_versions_be_apart() {
    let policy = "const (\n MaximumAllowedMinorVersionUpgradeSkew = 1\n MaximumAllowedMinorVersionKubeletSkew = 3\n)";
    let path = "k8s.io/kubernetes/cmd/kubeadm/app/phases/upgrade/policy.go";
    let named = r#"MinimumControlPlaneVersion = version.MustParseSemantic("v1.15.0")
        MinimumKubeletVersion = version.MustParseSemantic("v1.15.0")"#;
    let counted = "MinimumControlPlaneVersion = getSkewedKubernetesVersion(-1)
        MinimumKubeletVersion = getSkewedKubernetesVersion(-3)";
    let folder = checked_in("skew", skew::FILE, "");
    let found = sources(&[
        &[(skew::CONSTANTS, named), (path, policy)],
        &[(skew::CONSTANTS, counted), (path, policy)],
    ]);
    assert_eq!(
        text(skew::derive(&found, &folder)),
        "# kept\nminor,version,control_plane_older,kubelet_older,upgrade,upgrade_kubelet_older\n\
         1.16,v1.16.9,1,1,1,3\n1.17,v1.17.9,1,3,1,3\n"
    );
    let found = sources(&[&[(skew::CONSTANTS, "x = 1"), (path, policy)]]);
    assert_eq!(
        text(skew::derive(&found, &folder)),
        "error: 1.16: k8s.io/kubernetes/cmd/kubeadm/app/constants/constants.go does not say MinimumControlPlaneVersion"
    );
    fs::remove_dir_all(folder).unwrap();
}
