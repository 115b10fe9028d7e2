//! Kubernetes objects, as `kubectl` names them.
//!
//! Owns which kind of object becomes which type of resource. Never knows clusters or namespaces.

use crate::guard::shell::Word;
use crate::guard::targets::Targets;

/// Returns the label prefix for a kind in any of its spellings.
fn prefix(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    let kind = kind.split('.').next().unwrap_or_default();
    match kind {
        "node" | "nodes" | "no" => "node:",
        "pvc" | "persistentvolumeclaim" | "persistentvolumeclaims" => "pvc:",
        "deploy" | "deployment" | "deployments" | "sts" | "statefulset" | "statefulsets" | "ds"
        | "daemonset" | "daemonsets" | "svc" | "service" | "services" => "service:",
        "ns" | "namespace" | "namespaces" => "infra:namespace/",
        "po" | "pod" | "pods" => "infra:pod/",
        "cm" | "configmap" | "configmaps" => "infra:configmap/",
        "secret" | "secrets" => "infra:secret/",
        "job" | "jobs" => "infra:job/",
        "cj" | "cronjob" | "cronjobs" => "infra:cronjob/",
        "ing" | "ingress" | "ingresses" => "infra:ingress/",
        "hpa" | "horizontalpodautoscaler" | "horizontalpodautoscalers" => "infra:hpa/",
        "sa" | "serviceaccount" | "serviceaccounts" => "infra:serviceaccount/",
        "pv" | "persistentvolume" | "persistentvolumes" => "infra:pv/",
        "crd" | "crds" | "customresourcedefinition" | "customresourcedefinitions" => "infra:crd/",
        "rs" | "replicaset" | "replicasets" => "infra:replicaset/",
        other => return format!("infra:{other}/"),
    }
    .to_owned()
}

/// Returns the words that can name an object. Labels (`a=b`) and their removal (`a-`) cannot.
fn names<'w>(words: &'w [Word], into: &mut Targets) -> Vec<&'w str> {
    let mut names = Vec::new();
    for word in words {
        match word.known() {
            Some(text) if text.contains('=') || text.ends_with('-') => {}
            Some(text) => names.push(text),
            None => {
                into.incomplete(&format!("{} is an expansion", word.excerpt));
                // The expansion may become several words, or none.
                if names.len() < 2 && !names.iter().any(|name: &&str| name.contains('/')) {
                    return Vec::new();
                }
            }
        }
    }
    names
}

/// Adds the objects of `TYPE/NAME …`, `TYPE NAME …` or `TYPE,TYPE NAME …`.
pub(in crate::guard) fn objects(words: &[Word], into: &mut Targets) {
    let names = names(words, into);
    let Some((first, rest)) = names.split_first() else {
        return;
    };
    if first.contains('/') {
        for name in names {
            if let Some((kind, name)) = name.split_once('/') {
                into.add_label(&format!("{}{name}", prefix(kind)));
            }
        }
        return;
    }
    for kind in first.split(',') {
        for name in rest {
            into.add_label(&format!("{}{name}", prefix(kind)));
        }
    }
}

/// Adds the object of `NAME`, which is a pod, or of `TYPE/NAME`.
pub(in crate::guard) fn pod(words: &[Word], into: &mut Targets) {
    for name in names(words, into) {
        let (kind, name) = name.split_once('/').unwrap_or(("pod", name));
        into.add_label(&format!("{}{name}", prefix(kind)));
    }
}
