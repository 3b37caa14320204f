"""How a release lives: it is installed, upgraded, drained, and tested."""

from copy import deepcopy

import pytest

from chart import NAMESPACE, RELEASE, VALUES, environment, install, merged, named, of, pods, render, rendered, upgrade
from cluster import Cluster
from versions import NEWEST, OLDEST

OWN = "demo-gatewayops"
PLANES = {"control-plane", "proxy"}


def planes(objects):
    for _, _, spec in pods(objects):
        for container in spec["containers"]:
            if container["name"] in PLANES:
                yield spec, container


def test_what_was_made_at_the_first_installation_is_kept():
    with Cluster(NEWEST) as cluster:
        install(cluster, VALUES["trial"])
        first = cluster.get("secrets", OWN)["data"]
        second = named(of(upgrade(cluster, VALUES["trial"])).objects, "Secret", OWN)["data"]
    assert first == second and {"encryption-key", "jwt-secret", "proxy-token", "redis-url"} <= set(first)


def test_a_lost_encryption_key_stops_the_upgrade():
    with Cluster(NEWEST) as cluster:
        install(cluster, VALUES["trial"])
        del cluster.get("secrets", OWN)["data"]["encryption-key"]
        with pytest.raises(Exception, match="encryption-key"):
            upgrade(cluster, VALUES["trial"])


def test_a_reinstalled_release_finds_its_secrets():
    kept = deepcopy(named(rendered("trial", NEWEST).objects, "Secret", OWN))
    assert kept["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    with Cluster(NEWEST) as cluster:
        cluster.objects[f"/api/v1/namespaces/{NAMESPACE}/secrets/{OWN}"] = kept
        owner = {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": NAMESPACE}
        kept["metadata"]["annotations"].update(owner)
        again = named(of(install(cluster, VALUES["trial"])).objects, "Secret", OWN)
    assert again["data"] == kept["data"]


def test_two_installations_have_different_secrets():
    one, other = (named(render(VALUES["trial"]).objects, "Secret", OWN)["data"] for _ in range(2))
    assert not set(one.values()) & set(other.values())


def test_a_change_of_the_stores_password_makes_new_pods():
    given = {"jwtSecret": "j" * 32, "proxyToken": "p" * 32, "encryptionKey": "A" * 43 + "="}

    def checksums(url):
        own = {"secrets": {"existingSecret": "", **given}, "externalRedis": {"existingSecret": "", "url": url}}
        made = pods(render(merged(VALUES["external"], own)).objects)
        annotations = {pod: metadata.get("annotations", {}) for pod, metadata, _ in made}
        return {pod: told["checksum/secret"] for pod, told in annotations.items() if "checksum/secret" in told}

    before, same, after = checksums("redis://a"), checksums("redis://a"), checksums("redis://b")
    assert before == same and len(before) == 2
    assert all(before[pod] != after[pod] for pod in before)


def test_the_schema_is_brought_up_to_date_before_pods_are_replaced():
    for name in ("external", "everything"):
        objects = rendered(name, NEWEST).objects
        job = named(objects, "Job", f"{OWN}-migration")
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["migrate"]
        told = [environment(container).get("DB_MIGRATE") for _, container in planes(objects)]
        assert set(told) == {None, "false"}


def test_what_the_migration_needs_is_there_before_it():
    """At a first installation there is nothing of the chart yet, so all it needs are hooks of a lower weight."""
    objects = rendered("everything", NEWEST).objects
    job = named(objects, "Job", f"{OWN}-migration")
    assert "serviceAccountName" not in job["spec"]["template"]["spec"]
    for kind in ("Secret", "NetworkPolicy"):
        helper = named(objects, kind, f"{OWN}-migration")["metadata"]["annotations"]
        assert helper["helm.sh/hook"] == job["metadata"]["annotations"]["helm.sh/hook"]
        assert int(helper["helm.sh/hook-weight"]) < int(job["metadata"]["annotations"]["helm.sh/hook-weight"])
        assert "hook-succeeded" in helper["helm.sh/hook-delete-policy"]


def test_with_its_own_postgres_the_control_plane_migrates_itself():
    """A hook before would find no Postgres; one after would wait for pods that wait for it."""
    objects = rendered("trial", NEWEST).objects
    assert not named(objects, "Job")
    control_plane = next(container for _, container in planes(objects) if container["name"] == "control-plane")
    assert environment(control_plane)["DB_MIGRATE"] == "true"


def test_a_pod_has_time_to_drain(objects):
    """The pause, SHUTDOWN_GRACE, and ten seconds in which the proxy hands over its last events (proxy/src/server.rs)."""
    for spec, container in planes(objects):
        grace = int(environment(container)["SHUTDOWN_GRACE"].removesuffix("s"))
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert spec["terminationGracePeriodSeconds"] > pause + grace + 10


@pytest.mark.parametrize(("version", "way"), [(OLDEST, "exec"), ("1.29", "exec"), ("1.30", "sleep"), (NEWEST, "sleep")])
def test_the_pause_before_the_end_is_one_that_the_version_knows(version, way):
    for _, container in planes(rendered("external", version).objects):
        assert list(container["lifecycle"]["preStop"]) == [way]


def test_probes_ask_the_admin_port(objects):
    for _, container in planes(objects):
        asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {get["port"] for get in asked.values()} == {"admin"}
        assert [get["path"] for get in asked.values()] == ["/health", "/health", "/ready"]


def test_a_rollout_takes_nobody_away_before_others_are_there(objects):
    for made in named(objects, "Deployment"):
        assert made["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_spans_outlive_the_pod_where_proxies_have_claims():
    proxy = named(rendered("ha", NEWEST).objects, "StatefulSet", f"{OWN}-proxy")
    assert proxy["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] == "data"
    assert proxy["spec"]["podManagementPolicy"] == "Parallel"


def test_the_notes_say_how_to_log_in_and_what_to_keep():
    notes = rendered("trial", NEWEST).notes
    assert "admin@example.com" in notes and "ENCRYPTION_KEY" in notes and "port-forward" in notes
    assert "port-forward" not in rendered("ha", NEWEST).notes
