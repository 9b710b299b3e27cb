"""An SMTP server that shares no line with the client: Debian's aiosmtpd. What it took is read by Python's own `email`.

Argument: {"tls": "none"|"starttls"|"implicit", "directory": of cert.pem and key.pem, "user": ..., "password": ..., "utf8": true|false}.
Standard output: one line with the port, then one line of JSON a message. It ends with its standard input.
"""

import asyncio
import base64
import email
import email.policy
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

asked = json.loads(sys.argv[1])
logging.disable(logging.CRITICAL)


def read(data):
    message = email.message_from_bytes(data, policy=email.policy.default)
    parts = list(message.walk())
    return {
        "headers": [[name, str(value)] for name, value in message.items()],
        "types": [part.get_content_type() for part in parts],
        "texts": [part.get_content() for part in parts if part.get_content_maintype() == "text"],
        "defects": [repr(d) for part in parts for d in part.defects]
        + [repr(d) for name, value in message.items() for d in getattr(value, "defects", ())],
    }


class Handler:
    async def handle_DATA(self, server, session, envelope):
        told = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "data": base64.b64encode(envelope.original_content).decode(),
            "read": read(envelope.original_content),
        }
        print(json.dumps(told), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login.decode() == asked["user"] and data.password.decode() == asked["password"]
    return AuthResult(success=good, handled=False, auth_data=data)


def tls_context():
    if asked["tls"] == "none":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{asked['directory']}/cert.pem", f"{asked['directory']}/key.pem")
    return context


def session():
    login = {}
    if asked.get("user"):
        login = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": asked["tls"] == "starttls"}
    if asked["tls"] == "starttls":
        login |= {"tls_context": tls_context(), "require_starttls": True}
    return SMTP(Handler(), enable_SMTPUTF8=asked.get("utf8", True), hostname="peer.example", **login)


async def main():
    loop = asyncio.get_running_loop()
    context = tls_context() if asked["tls"] == "implicit" else None
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
