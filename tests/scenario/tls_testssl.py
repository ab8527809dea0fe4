"""The link as testssl.sh sees it: nothing above LOW that is not explained here. Slow: only with DEN_TESTSSL=1."""
# alone

import json
import os
import subprocess

import kit

TIME = 570.0
HARMLESS = ("OK", "INFO", "LOW", "DEBUG")

# What it finds and why it stays. The trust of den is in the key's fingerprint, which both users and den compare; the
# certificate is but the wrapping in which TLS carries that key (PROTOCOL.md).
EXPLAINED = {
    "cert_subjectAltName": "the certificate has no name: den compares the key, not a host",
    "cert_trust": "the same: no name in it to match the address",
    "cert_chain_of_trust": "self-signed: there is no authority in a LAN without the Internet",
    "cert_validityPeriod": "to the year 9999: the pin does not end, and a Pi may not know the date",
    "cert_revocation": "no CRL or OCSP: the operator bans keys, users unpin them",
}

# What it must have looked at and found good: else it saw no TLS at all and its silence means nothing.
EXPECTED = {
    "SSLv2": "OK", "SSLv3": "OK", "TLS1_2": "OK", "cipherlist_NULL": "OK", "cipherlist_aNULL": "OK",
    "cipherlist_EXPORT": "OK", "cipherlist_LOW": "OK", "PFS": "OK", "heartbleed": "OK", "CCS": "OK", "ROBOT": "OK",
    "secure_renego": "OK", "secure_client_renego": "OK", "CRIME_TLS": "OK", "SWEET32": "OK", "FREAK": "OK",
    "DROWN": "OK", "LOGJAM": "OK", "LUCKY13": "OK", "RC4": "OK",
}


@kit.case
def nothing_is_found_that_is_not_explained(place):
    if os.environ.get("DEN_TESTSSL") != "1":
        raise kit.Skip("takes minutes: DEN_TESTSSL=1 runs it")
    kit.need("testssl")
    server = kit.Server(place)
    report = place / "report.json"
    done = subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none",
                           "--openssl-timeout", "20", "--jsonfile", str(report), server.address],
                          env={**os.environ, "NO_ENGINE": "true"}, # which openssl loads here is not about dend
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIME)
    said = done.stdout.decode(errors="replace")
    found = {f["id"]: f for f in json.loads(report.read_text())}
    missed = {i: found.get(i) for i, severity in EXPECTED.items() if found.get(i, {}).get("severity") != severity}
    assert not missed, (missed, said)
    bad = {i: f["finding"] for i, f in found.items() if f["severity"] not in HARMLESS and i not in EXPLAINED}
    assert not bad, (bad, said)
    # What is mended is taken off the list.
    gone = [i for i in EXPLAINED if found.get(i, {}).get("severity") in (None, *HARMLESS)]
    assert not gone, gone
    print("# " + str(len(found)) + " findings, " + str(len(EXPLAINED)) + " explained")


kit.main()
