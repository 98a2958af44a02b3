"""A mail server that takes letters and writes each as one line of JSON.

Usage: mailbox.py PORT plain|starttls|implicit [CERT KEY [USER PASSWORD]]
"""

import json
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        letter = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "text": envelope.content.decode(),
            "tls": server.transport.get_extra_info("sslcontext") is not None,
            "user": session.auth_data,
        }
        print(json.dumps(letter), flush=True)
        return "250 taken"


def main():
    port, mode, *rest = sys.argv[1:]
    cert, key, user, password = (rest + [None] * 4)[:4]
    options = {}
    if cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
        if mode == "starttls":
            options.update(tls_context=context, require_starttls=True)
        else:
            options.update(ssl_context=context)

    def authenticate(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False, auth_data=user if right else None)

    if user:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=mode == "starttls")
    Controller(Mailbox(), hostname="127.0.0.1", port=int(port), **options).start()
    print(json.dumps({"listening": True}), flush=True)
    threading.Event().wait()


main()
