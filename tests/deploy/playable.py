"""What podman can play of an overlay: claims of volumes, and workloads as Deployments of one pod with the settings that they mount. The
rest (Service, Ingress, policies, budgets, scaling, jobs) needs a cluster.

usage: playable.py FILE           all claims
       playable.py FILE NAME      the workload NAME
"""

import socket
import sys

import yaml

documents = list(yaml.safe_load_all(open(sys.argv[1])))
claims = [d for d in documents if d["kind"] == "PersistentVolumeClaim"]
settings = {d["metadata"]["name"]: d for d in documents if d["kind"] == "ConfigMap"}
workloads = {d["metadata"]["name"]: d for d in documents if d["kind"] in ("Deployment", "StatefulSet")}
for name, workload in workloads.items():
    spec = workload["spec"]
    # A StatefulSet's pod has a claim of its own for each template.
    for template in spec.pop("volumeClaimTemplates", []):
        mounted = template["metadata"]["name"]
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": f"{mounted}-{name}-0"}, "spec": template["spec"]}
        claims.append(claim)
        spec["template"]["spec"]["volumes"].append(
            {"name": mounted, "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
        )
    workload["kind"], spec["replicas"] = "Deployment", 1
    spec.pop("serviceName", None)

if len(sys.argv) == 2:
    out = claims
else:
    out = [workloads[sys.argv[2]]]
    for volume in out[0]["spec"]["template"]["spec"]["volumes"]:
        if "configMap" in volume:
            out.insert(0, settings[volume["configMap"]["name"]])
        if "secret" in volume:
            # podman 4.3 reads this without looking whether it is there.
            volume["secret"]["optional"] = False
    for container in out[-1]["spec"]["template"]["spec"]["containers"]:
        for port in container["ports"]:
            # It publishes each port of a container, so two of a kind would meet: any that is free, and for this machine alone.
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port |= {"hostIP": "127.0.0.1", "hostPort": free.getsockname()[1]}
yaml.safe_dump_all(out, sys.stdout)
