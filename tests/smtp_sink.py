"""A mail relay that keeps every message in a folder and fails on command.

It runs as its own process (`python tests/smtp_sink.py FOLDER PORT [CERTIFICATE starttls|tls]`), so
that a test can kill it and so that no thread of it lives in the process under test.
`tests.services.smtp_sink` starts it and reads the folder:

- `mode.json`  what to do next: {"mode": name, "seconds": delay of "slow", "only": text}
- `port`       written once the port is open
- `messages/`  one JSON file a message, numbered in order of arrival
- `clear`      with a certificate: every byte that came outside of TLS
"""

import asyncio
import json
import os
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

REFUSED_RECIPIENT = "550 5.1.1 No such mailbox"
TRY_LATER = "451 4.7.1 Greylisted, try again later"
CLOSING = "421 4.3.2 Closing for maintenance"
NO_TLS = "454 4.7.0 TLS not available"


class Handler:
    """Answers by the mode that stands in the folder at that moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.messages = folder / "messages"
        self.messages.mkdir(exist_ok=True)
        self.number = max((int(path.stem) for path in self.messages.glob("*.json")), default=0)

    def fault(self, recipients: list[str]) -> dict:
        """The mode, or {"mode": "ok"} where it is narrowed to other recipients."""
        mode = json.loads((self.folder / "mode.json").read_text())
        if mode["only"] and not any(mode["only"] in address for address in recipients):
            return {"mode": "ok"}
        return mode

    async def handle_EHLO(self, server, session: Session, envelope, hostname: str, responses: list[str]):
        fault = self.fault([])
        await self.hang_if_told(fault)
        session.host_name = hostname
        if fault["mode"] == "no_starttls":  # as somebody on the line would have it
            tempting = [line for line in responses[:-1] if "STARTTLS" not in line and "AUTH" not in line]
            return [*tempting, "250-AUTH PLAIN LOGIN", responses[-1]]
        return responses

    async def handle_MAIL(self, server, session, envelope: Envelope, address: str, options: list[str]):
        fault = self.fault([])
        await self.hang_if_told(fault)
        if fault["mode"] == "close":
            await server.push(CLOSING)
            self.drop(server)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope: Envelope, address: str, options: list[str]):
        fault = self.fault([address])
        await self.hang_if_told(fault)
        if fault["mode"] == "close":
            await server.push(CLOSING)
            self.drop(server)
        if fault["mode"] == "reject":
            return REFUSED_RECIPIENT
        if fault["mode"] == "tempfail":
            return TRY_LATER
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope: Envelope):
        fault = self.fault(envelope.rcpt_tos)
        await self.hang_if_told(fault)
        if fault["mode"] == "slow":
            await asyncio.sleep(fault["seconds"])
        dropped = fault["mode"] == "drop_after_data"
        self.keep(envelope, answered=not dropped)
        if dropped:
            self.drop(server)
        return "250 OK"

    async def hang_if_told(self, fault: dict) -> None:
        if fault["mode"] == "hang":
            await asyncio.Event().wait()  # ends when the client closes the connection

    def drop(self, server: SMTP) -> None:
        """Close the connection. The exception ends aiosmtpd's loop without another answer."""
        server.transport.close()
        raise asyncio.CancelledError

    def keep(self, envelope: Envelope, *, answered: bool) -> None:
        self.number += 1
        path = self.messages / f"{self.number:08d}.json"
        message = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "data": envelope.content.decode("latin-1"),  # one character a byte, any byte survives
            "answered": answered,
        }
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(message))
        os.replace(unfinished, path)


class EncryptedRelay(SMTP):
    """Offers STARTTLS, takes any password, and writes down what came in clear."""

    def data_received(self, data: bytes) -> None:
        if self._tls_protocol is None:
            with (self.event_handler.folder / "clear").open("ab") as clear:
                clear.write(data)
        super().data_received(data)

    async def smtp_STARTTLS(self, arg: str) -> None:
        mode = self.event_handler.fault([])["mode"]
        if mode == "refuse_starttls":
            await self.push(NO_TLS)
        elif mode == "break_starttls":
            await self.push("220 Ready to start TLS")
            await asyncio.sleep(0.05)  # the handshake has begun
            self.transport.write(b"\x16\x03\x03 no more TLS from here\r\n")
            self.event_handler.drop(self)
        else:
            await super().smtp_STARTTLS(arg)


async def serve(folder: Path, port: int, certificate: str = "", how: str = "") -> None:
    handler = Handler(folder)
    loop = asyncio.get_running_loop()
    options = {"enable_SMTPUTF8": True, "hostname": "sink.localhost", "loop": loop}
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options |= {
            "authenticator": lambda *_about: AuthResult(success=True),
            "auth_require_tls": how != "tls",
        }
    if how == "starttls":
        options |= {"tls_context": context}
    relay = EncryptedRelay if how == "starttls" else SMTP
    server = await loop.create_server(
        lambda: relay(handler, **options), "127.0.0.1", port, ssl=context if how == "tls" else None
    )
    unfinished = folder / "port.new"
    unfinished.write_text(str(server.sockets[0].getsockname()[1]))
    os.replace(unfinished, folder / "port")
    # Nobody writes to standard input: it becomes readable when whoever started this is gone.
    loop.add_reader(sys.stdin, os._exit, 0)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
