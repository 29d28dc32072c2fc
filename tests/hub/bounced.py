"""What relays send back, as they write it: refusals and complaints about a mail that went out.

`sent` is a mail of Django's; each function gives the bytes of one message."""

from typing import Any

ADDRESS = "rosa.parks@example.org"
UNKNOWN = "smtp; 550 5.1.1 <rosa.parks@example.org>: Recipient address rejected: User unknown"


def headers(sent: Any) -> str:
    """The mail's own headers."""
    return sent.message().as_string().partition("\n\n")[0] + "\n"


def refusal(
    sent: Any,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = UNKNOWN,
    address: str = ADDRESS,
    returned: str = "text/rfc822-headers",
    recipients: str = "",
    quoted: str = "",
) -> bytes:
    """RFC 3464, as Postfix writes it. `quoted` are headers in place of the mail's own."""
    fields = recipients or (
        f"Original-Recipient: rfc822;{address}\nFinal-Recipient: rfc822; {address}\nAction: {action}\n"
        f"Status: {status}\nRemote-MTA: dns; mx.example.org\nDiagnostic-Code: {said}\n"
    )
    what = quoted or headers(sent)
    if returned == "message/rfc822":
        what += "\nThe text of the mail.\n"
    return f"""Return-Path: <>
Date: Mon, 1 Jun 2026 12:00:00 +0000 (UTC)
From: MAILER-DAEMON@relay.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: hub@localhost
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"
Message-Id: <20260601120000.ABCDEF@relay.example.net>

--edge
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered to <{address}>.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net
X-Postfix-Queue-ID: ABCDEF
Arrival-Date: Mon, 1 Jun 2026 11:59:59 +0000 (UTC)

{fields}
--edge
Content-Description: Undelivered Message
Content-Type: {returned}

{what}
--edge--
""".encode()


def complaint(sent: Any, *, kind: str = "abuse", address: str = ADDRESS) -> bytes:
    """RFC 5965, as a provider's feedback loop writes it."""
    return f"""From: <feedback@provider.example>
Date: Mon, 1 Jun 2026 12:00:00 +0000
Subject: FW: Earn money
To: <abuse@localhost>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="edge"

--edge
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for a message received from IP 192.0.2.1.

--edge
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <hub@localhost>
Original-Rcpt-To: <{address}>
Source-IP: 192.0.2.1

--edge
Content-Type: message/rfc822
Content-Disposition: inline

{headers(sent)}
The text.
--edge--
""".encode()


def exim(sent: Any, *, said: str = "550 5.1.1 User unknown") -> bytes:
    """Exim's older shape: one text, the mail itself below a line."""
    return f"""Return-path: <>
X-Failed-Recipients: {ADDRESS}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@relay.example.net>
To: hub@localhost
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1abcd-0001@relay.example.net>

This message was created automatically by mail delivery software.

  {ADDRESS}
    SMTP error from remote mail server after RCPT TO:<{ADDRESS}>:
    host mx.example.org [192.0.2.9]: {said}

------ This is a copy of the message, including all the headers. ------

{headers(sent)}
The text. 5.1.1
""".encode()


def qmail(sent: Any) -> bytes:
    """qmail's."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@relay.example.net
To: hub@localhost
Subject: failure notice

Hi. This is the qmail-send program at relay.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<{ADDRESS}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <hub@localhost>
{headers(sent)}
The text.
""".encode()
