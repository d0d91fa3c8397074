#!/usr/bin/python3
"""mock_aws.py - stand for the services that keys are asked of.

usage: mock_aws.py PID DIR

Listens on a port of loopback, written to DIR/port, until the process PID ends. All
services are at that port:

  sts        POST /, AssumeRole (which must be signed) and AssumeRoleWithWebIdentity
  portal     GET /federation/credentials
  oidc       POST /token
  container  GET /container
  instance   PUT /latest/api/token, GET /latest/meta-data/iam/security-credentials/
  s3         GET of anything else: "hello", for keys that were handed out and are valid

The secret of the key ID is "secret/of+ID", its session token, where there is one,
"token/of+ID"; so nothing that holds "/of+" may ever be seen.

DIR/rules, a JSON object by the services' names, is read whenever it has changed:
  life S        of the keys, in seconds (3600); negative: they are over already
  wait S        before the answer
  clock S       the server's clock is ahead by S seconds (sts)
  status N, body TEXT, times N: the first N times, instead of the answer (0: always)

DIR/log has a JSON line for each request: service, what was asked for, who signed it.
"""
import calendar
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

STS = """<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result>
<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>{1}</AccessKeyId><SecretAccessKey>{2}</SecretAccessKey>
<SessionToken>{3}</SessionToken><Expiration>{4}</Expiration></Credentials>
</{0}Result></{0}Response>"""
ERROR = """<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code>
<Message>{}</Message></Error></ErrorResponse>"""

lock = threading.Lock()
folder = ""
state = {"stamp": None, "rules": {}, "used": {}, "n": 0, "valid": {}}


def rule(service):
    """What holds for a service now, and whether its odd answer is due."""
    path = os.path.join(folder, "rules")
    with lock:
        try:
            status = os.stat(path)
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != state["stamp"]:
                with open(path, encoding="utf-8") as file:
                    state.update(stamp=stamp, rules=json.load(file), used={})
        except FileNotFoundError:
            state.update(stamp=None, rules={}, used={})
        found = state["rules"].get(service, {})
        used = state["used"][service] = state["used"].get(service, 0) + 1
        odd = "status" in found and used <= (found.get("times") or used)
        return found, odd


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def new_keys(service, life):
    with lock:
        state["n"] += 1
        name = f"ASIA{service.upper():X<10.10}{state['n']:06}"
        state["valid"][name] = time.time() + life
    return name, "secret/of+" + name, "token/of+" + name, time.time() + life


def signature(method, path, query, headers, signed, body, scope, key_id):
    """Signature Version 4, from its description."""
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    canonical = "\n".join(
        [method, path, "&".join(f"{quote(k)}={quote(v)}" for k, v in pairs)]
        + [f"{name}:{headers[name].strip()}" for name in signed.split(";")]
        + ["", signed, headers.get("x-amz-content-sha256",
                                   hashlib.sha256(body).hexdigest())])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], "/".join(scope),
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4secret/of+" + key_id).encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(timestamp or time.time() + self.clock)

    def answer(self, status, body, kind="application/json"):
        time.sleep(self.wait)
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def signer(self, body, service):
        """The ID of the key whose signature this is, "" if there is none."""
        headers = {k.lower(): v for k, v in self.headers.items()}
        kind, _, rest = headers.get("authorization", "").partition(" ")
        if kind != "AWS4-HMAC-SHA256":
            return ""
        parts = dict(p.strip().split("=", 1) for p in rest.split(","))
        key_id, *scope = parts["Credential"].split("/")
        path, _, query = self.path.partition("?")
        right = signature(self.command, path, query, headers, parts["SignedHeaders"],
                          body, scope, key_id)
        token = headers.get("x-amz-security-token", "")
        if (right != parts["Signature"] or scope[2] != service
                or scope[3] != "aws4_request"
                or "host" not in parts["SignedHeaders"].split(";")
                or (key_id.startswith("ASIA")) != (token == "token/of+" + key_id)):
            return "wrong"
        return key_id

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        service, act = {
            "/": ("sts", self.sts),
            "/federation/credentials": ("portal", self.portal),
            "/token": ("oidc", self.oidc),
            "/container": ("container", self.container),
        }.get(path, ("s3", self.s3))
        if path.startswith("/latest/"):
            service, act = "instance", self.instance
        found, odd = rule(service)
        entry = {"service": service, "method": self.command, "path": path}
        self.wait, self.clock = found.get("wait", 0), found.get("clock", 0)
        if odd:
            entry["status"] = found["status"]
            self.note(entry)
            return self.answer(found["status"], found.get("body", ""))
        return act(entry, found.get("life", 3600),
                   dict(urllib.parse.parse_qsl(query)), body)

    do_GET = do_POST = do_PUT = do_HEAD = handle_request

    def note(self, entry):
        with lock, open(os.path.join(folder, "log"), "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def sts(self, entry, life, _, body):
        asked = dict(urllib.parse.parse_qsl(body.decode()))
        token = asked.pop("WebIdentityToken", None)
        signer = self.signer(body, "sts")
        self.note({**entry, **asked, "signer": signer})
        action = asked.get("Action", "")
        signed_at = self.headers.get("x-amz-date")
        now = time.time() + self.clock
        if signed_at and abs(calendar.timegm(
                time.strptime(signed_at, "%Y%m%dT%H%M%SZ")) - now) > 300:
            return self.answer(403, ERROR.format(
                "SignatureDoesNotMatch", "Signature expired: " + signed_at))
        if action == "AssumeRole" and signer in ("", "wrong"):
            return self.answer(403, ERROR.format(
                "SignatureDoesNotMatch", "x-amz-security-token:"
                + self.headers.get("x-amz-security-token", "none")))
        if action == "AssumeRoleWithWebIdentity" and token != "token/of+web":
            return self.answer(400, ERROR.format(
                "InvalidIdentityToken", f"no good: {token}\nsecond line"))
        if "forbidden" in asked.get("RoleArn", ""):
            return self.answer(403, ERROR.format(
                "AccessDenied", "not authorized to perform: sts:AssumeRole"))
        *keys, end = new_keys("sts", int(asked.get("DurationSeconds", life)))
        return self.answer(
            200, STS.format(action, *keys, iso(end + self.clock)), "text/xml")

    def portal(self, entry, life, query, _):
        self.note({**entry, **query})
        if self.headers.get("x-amz-sso_bearer_token") not in (
                "token/of+portal", "token/of+new"):
            return self.answer(401, '{"message": "Session token not found"}')
        if query["role_name"] == "forbidden":
            return self.answer(403, '{"message": "No access, %s"}'
                               % self.headers["x-amz-sso_bearer_token"])
        key_id, secret, token, end = new_keys("portal", life)
        return self.answer(200, json.dumps({"roleCredentials": {
            "accessKeyId": key_id, "secretAccessKey": secret, "sessionToken": token,
            "expiration": int(end * 1000)}}))

    def oidc(self, entry, life, _, body):
        asked = json.loads(body)
        self.note({**entry, "grantType": asked["grantType"],
                   "clientId": asked["clientId"]})
        if (asked["refreshToken"], asked["clientSecret"]) != (
                "token/of+refresh", "secret/of+client"):
            return self.answer(400, '{"error": "invalid_grant"}')
        return self.answer(200, json.dumps({
            "accessToken": "token/of+new", "expiresIn": life, "tokenType": "Bearer",
            "refreshToken": "token/of+refresh2"}))

    def container(self, entry, life, _, __):
        self.note(entry)
        if self.headers.get("Authorization") != "token/of+container":
            return self.answer(403, '{"Code": "AccessDenied", "Message": "no"}')
        key_id, secret, token, end = new_keys("container", life)
        return self.answer(200, json.dumps({
            "AccessKeyId": key_id, "SecretAccessKey": secret, "Token": token,
            "Expiration": iso(end)}))

    def instance(self, entry, life, _, __):
        self.note(entry)
        if self.command == "PUT":
            if not self.headers.get("x-aws-ec2-metadata-token-ttl-seconds"):
                return self.answer(400, "")
            return self.answer(200, "token/of+instance", "text/plain")
        if self.headers.get("x-aws-ec2-metadata-token") != "token/of+instance":
            return self.answer(401, "")
        if entry["path"].endswith("/security-credentials/"):
            return self.answer(200, "web-role\n", "text/plain")
        key_id, secret, token, end = new_keys("instance", life)
        return self.answer(200, json.dumps({
            "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key_id,
            "SecretAccessKey": secret, "Token": token, "Expiration": iso(end)}))

    def s3(self, entry, _, __, body):
        signer = self.signer(body, "s3")
        self.note({**entry, "signer": signer})
        with lock:
            valid = state["valid"].get(signer, 0) > time.time()
        if not signer or signer == "wrong":
            return self.answer(403, "<Error><Code>AccessDenied</Code></Error>")
        if not valid:
            return self.answer(400, "<Error><Code>ExpiredToken</Code></Error>")
        data = b"" if self.command == "HEAD" else b"hello\n"
        time.sleep(self.wait)
        self.send_response(200)
        self.send_header("ETag", '"b1946ac92492d2347c6235b4d2611184"')
        self.send_header("Content-Length", "6")
        self.end_headers()
        return self.wfile.write(data)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # clients go as they please


def main():
    global folder
    pid, folder = int(sys.argv[1]), sys.argv[2]
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = os.path.join(folder, "port")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.server_port))
    os.rename(path + ".new", path)
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(0.1)


main()
