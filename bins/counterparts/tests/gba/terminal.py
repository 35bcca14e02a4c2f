"""A terminal of GBA: Ub by RFC 3310 and TS 24.109, keys by TS 33.220 annex B."""

import base64
import hashlib
import hmac
import http.client
import json
import re
import subprocess
import sys

UB, INTERFACE, TOKEN, BSF, USIMCTL, SIM = sys.argv[1:]
IMPI = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
NAF = "naf.example"
CNONCE = "0a4f113b6629fae4"


def get(authorization):
    connection = http.client.HTTPConnection(UB, timeout=20)
    connection.request("GET", "/", headers={"Authorization": authorization})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def fields(header):
    return {name: quoted or token for name, quoted, token in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}


def md5(octets):
    return hashlib.md5(octets).hexdigest().encode()


def digest(password, nonce, method, body):
    a1 = md5(IMPI.encode() + b":" + BSF.encode() + b":" + password)
    a2 = md5(method + b":/:" + md5(body))
    return md5(b":".join([a1, nonce.encode(), b"00000001", CNONCE.encode(), b"auth-int", a2])).decode()


def answer(challenge, password, more=""):
    response = digest(password, challenge["nonce"], b"GET", b"")
    return (
        f'Digest username="{IMPI}", realm="{BSF}", nonce="{challenge["nonce"]}", uri="/", qop=auth-int, '
        f'nc=00000001, cnonce="{CNONCE}", response="{response}", algorithm=AKAv1-MD5{more}'
    )


def challenged(authorization):
    status, headers, _ = get(authorization)
    assert status == 401, status
    challenge = fields(headers["WWW-Authenticate"])
    assert challenge["realm"] == BSF and challenge["algorithm"] == "AKAv1-MD5", challenge
    return challenge


def sim(challenge):
    octets = base64.b64decode(challenge["nonce"])
    command = [USIMCTL, "--soft-state", SIM, "--json", "auth", "--rand", octets[:16].hex(), "--autn", octets[16:32].hex()]
    return octets[:16], json.loads(subprocess.run(command, stdout=subprocess.PIPE, timeout=20).stdout)


def kdf(key, *parameters):
    text = b"\x01" + b"".join(value + len(value).to_bytes(2, "big") for value in parameters)
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def naf_key(btid):
    connection = http.client.HTTPConnection(INTERFACE, timeout=20)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/naf-keys", json.dumps({"btid": btid, "naf": NAF}), headers)
    return json.loads(connection.getresponse().read())["key"]


first = f'Digest username="{IMPI}", realm="{BSF}", nonce="", uri="/", response=""'
challenge = challenged(first)
rand, keys = sim(challenge)
res, ck, ik = (bytes.fromhex(keys[name]) for name in ("res", "ck", "ik"))
status, headers, body = get(answer(challenge, res))
assert status == 200, (status, body)
print("bootstrapped")

proof = fields(headers["Authentication-Info"])
assert proof["rspauth"] == digest(res, challenge["nonce"], b"", body), proof
print("proved")

btid = re.search(rb"<btid>(.*)</btid>", body).group(1).decode()
assert btid == base64.b64encode(rand).decode() + "@" + BSF, btid
naf_id = NAF.encode() + bytes.fromhex("0100000002")
assert naf_key(btid) == kdf(ck + ik, b"gba-me", rand, IMPI.encode(), naf_id)
print("same key")

# the SIM has taken this number already, and says so
challenge = challenged(first)
_, taken = sim(challenge)
assert "res" in taken, taken
_, stale = sim(challenge)
auts = base64.b64encode(bytes.fromhex(stale["auts"])).decode()
challenge = challenged(answer(challenge, b"", f', auts="{auts}"'))
_, keys = sim(challenge)
status, _, body = get(answer(challenge, bytes.fromhex(keys["res"])))
assert status == 200, (status, body)
print("resynchronised")
