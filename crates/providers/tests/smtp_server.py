"""A real mail server (aiosmtpd) for the SMTP tests.

Usage: smtp_server.py MODE [CERTIFICATE KEY]. Listens on a free port of 127.0.0.1, prints it, and runs until its input ends.
"""
import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = b"billing@example.com", b"correct horse battery"


def authenticate(server, session, envelope, mechanism, data):
    genuine = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=genuine, handled=False)


def refuse_for_load(server, session, envelope, mechanism, data):
    return AuthResult(success=False, handled=False, message="421 4.7.0 Too many logins, try again later")


class Handler:
    """Takes whatever comes."""


class WithoutLogin(Handler):
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [line for line in responses if "AUTH" not in line]


class Taking(Handler):
    """Takes mail whose content arrived whole: with a line that is one dot, and one that begins with two."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "451 4.2.1 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        whole = b"\r\n.\r\n..two\r\n" in envelope.content and b"Subject: " in envelope.content
        return "250 2.0.0 queued as 1" if whole else "554 5.6.0 the content is damaged"


class Throttled(SMTP):
    async def _handle_client(self):
        await self.push("421 4.7.0 Too many connections from your address")
        self.transport.close()


def protocol(mode, context):
    options = {"hostname": "mail.test", "authenticator": authenticate, "auth_require_tls": mode == "starttls"}
    if mode == "starttls":
        options["tls_context"] = context
    if mode == "login-only":
        options["auth_exclude_mechanism"] = ["PLAIN"]
    if mode == "throttled-login":
        options["authenticator"] = refuse_for_load
    if mode == "throttled":
        return Throttled(Handler(), **options)
    if mode == "taking":
        return SMTP(Taking(), **{**options, "enable_SMTPUTF8": True})
    return SMTP(WithoutLogin() if mode == "without-login" else Handler(), **options)


async def main(mode, *files):
    loop = asyncio.get_running_loop()
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    if mode == "silent":
        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    else:
        implicit = context if mode == "tls" else None
        server = await loop.create_server(lambda: protocol(mode, context), "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
