"""A Redis that speaks TLS: its certificate is checked against what the machine trusts."""

import json
import os
import subprocess

import pytest
import redis
from conftest import free_port, kill, view, wait_for

READ = {"read": {"views": [view()], "tickers": ["GOOG"], "now": "2026-01-02T21:00:00Z"}}


@pytest.fixture
def secured(tmp_path):
    """The port of a server with TLS and a password, and the file of its certificate."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    port = free_port()
    command = ["redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate)]
    process = subprocess.Popen([*command, "--tls-auth-clients", "no", "--requirepass", "open@sesame"], stdout=subprocess.DEVNULL)
    connection = redis.Redis(port=port, ssl=True, ssl_ca_certs=str(certificate), password="open@sesame")
    wait_for(connection)
    yield port, certificate
    kill(process)


def asked(port, trusted, home):
    command = [os.environ["STOCKOPS_FEATURES"], str(home), f"rediss://:open%40sesame@localhost:{port}", "stockops"]
    environment = {**os.environ, **({"SSL_CERT_FILE": str(trusted)} if trusted else {})}
    done = subprocess.run(command, input=json.dumps(READ) + "\n", capture_output=True, text=True, env=environment)
    assert "sesame" not in done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_certificate_that_is_trusted_lets_us_in_and_another_does_not(secured, tmp_path):
    port, certificate = secured
    [[row]] = asked(port, certificate, tmp_path)
    assert set(row["statuses"]) == {"NOT_FOUND"}
    refused = asked(port, None, tmp_path)
    assert refused["kind"] == "offline" and "certificate" in refused["error"], refused
