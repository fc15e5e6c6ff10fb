"""What no schema says of the manifests of an overlay: names that must fit each other, and the restricted standard of pods.

usage: manifests.py FILE
"""

import re
import sys

import yaml


def pods(document):
    """The specs of pods in a document: of a workload, a job, or a job by the clock."""
    spec = document.get("spec") or {}
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    return [spec["template"]] if "template" in spec else []


def restricted(pod, name):
    """Pod Security Standards, restricted, and what we ask beyond: a read-only root, limits, no token."""
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, name
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", name
    assert pod["automountServiceAccountToken"] is False, name
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"], name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"], name
        assert ":" in container["image"] and not container["image"].endswith(":latest"), name


def check(documents):
    named = {(d["kind"], d["metadata"]["name"]): d for d in documents}
    for document in documents:
        name = f"{document['kind']} {document['metadata']['name']}"
        for template in pods(document):
            pod, labels = template["spec"], template["metadata"]["labels"]
            restricted(pod, name)
            for match in (document["spec"].get("selector") or {}).get("matchLabels", {}).items():
                assert match in labels.items(), f"{name} does not select its own pods"
            mine = {claim["metadata"]["name"] for claim in document["spec"].get("volumeClaimTemplates", [])}
            volumes = {volume["name"] for volume in pod["volumes"]} | mine
            for container in pod["containers"]:
                mounts = {mount["name"] for mount in container["volumeMounts"]}
                assert mounts <= volumes, f"{name} mounts what is no volume: {mounts - volumes}"
            for volume in pod["volumes"]:
                if "configMap" in volume:
                    assert ("ConfigMap", volume["configMap"]["name"]) in named, f"{name}: {volume}"
                if "persistentVolumeClaim" in volume:
                    assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in named, f"{name}: {volume}"
                if "secret" in volume:
                    assert volume["secret"]["secretName"] == "stockops-secrets", f"{name}: {volume}"
    # Secrets come by reference alone.
    assert not [d for d in documents if d["kind"] == "Secret"]
    selects(documents)
    roles(named)
    ingress(named)
    indexed(named["CronJob", "stockops-train"]["spec"]["jobTemplate"])
    for document in (d for d in documents if d["kind"] == "HorizontalPodAutoscaler"):
        target = document["spec"]["scaleTargetRef"]
        scaled = named[target["kind"], target["name"]]
        assert "replicas" not in scaled["spec"], "an apply would undo what the autoscaler did"


def selects(documents):
    """Each Service, policy and budget selects pods that there are."""
    labels = [template["metadata"]["labels"] for document in documents for template in pods(document)]
    for document in documents:
        spec = document.get("spec") or {}
        selector = {
            "Service": lambda: spec["selector"],
            "NetworkPolicy": lambda: spec["podSelector"]["matchLabels"],
            "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
        }.get(document["kind"])
        if selector:
            wanted = selector().items()
            assert any(wanted <= have.items() for have in labels), f"{document['kind']} selects nothing"


def roles(named):
    """Where servers leave the work to others, there are others, and their number is not that of the servers."""
    def role(name):
        (container,) = named["Deployment", name]["spec"]["template"]["spec"]["containers"]
        return dict(zip(container["args"], container["args"][1:])).get("--role", "all")

    if ("Deployment", "stockops-worker") in named:
        assert (role("stockops"), role("stockops-worker")) == ("serve", "work")


def ingress(named):
    """The server answers under the name that the Ingress sends to it, and the port has the name that the Service says."""
    (rule,) = named["Ingress", "stockops"]["spec"]["rules"]
    server = named.get(("Deployment", "stockops")) or named["StatefulSet", "stockops"]
    (container,) = server["spec"]["template"]["spec"]["containers"]
    assert rule["host"] in container["args"], f"{rule['host']} is not allowed by the server"
    (port,) = named["Service", "stockops"]["spec"]["ports"]
    assert port["targetPort"] in [port["name"] for port in container["ports"]]


def indexed(job):
    """Every index is one shard of as many as there are."""
    spec = job["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    line = " ".join(container["args"])
    (shards,) = re.findall(r"--shard job/(\d+)", line)
    assert spec["completionMode"] == "Indexed" and int(shards) == spec["completions"] and "--resume" in line
    assert "--threads 1" in line, "a pod would take all processors of its node"
    rules = {rule["action"]: rule for rule in spec["podFailurePolicy"]["rules"]}
    assert rules["FailIndex"]["onExitCodes"]["values"] == [2] and spec["backoffLimitPerIndex"] > 0
    assert rules["Ignore"]["onPodConditions"][0]["type"] == "DisruptionTarget"


if __name__ == "__main__":
    check(list(yaml.safe_load_all(open(sys.argv[1]))))
