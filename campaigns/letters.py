"""What mail about a signature says."""

from typing import Any

from campaigns.models import Signature
from hub import links
from hub.mail import Letter


def signature_letter(signature: Signature, **context: Any) -> Letter:
    """A letter to one signer; call it with their language active."""
    text = signature.version.text_in(signature.language)
    return Letter(
        mailbox=signature.mailbox,  # type: ignore[arg-type]  # callers write to signers with a mailbox only
        language=signature.language,
        context={
            "title": text.title if text else "",
            "summary": text.summary if text else "",
            "page_url": links.url("appeals:detail", signature.appeal.slug),
            "signature_url": links.url("signature", signature.mail_token),
            **context,
        },
    )
