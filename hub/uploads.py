"""Uploads: kept in memory and never on a disk, and a form's field that takes a picture."""

import io
from typing import Any

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext_lazy as _

from hub.pictures import MOST_BYTES, SENTENCES, Picture, PictureRefused, read_picture

MOST_IN_REQUEST = 2 * MOST_BYTES  # of all files together


class MemoryUploadHandler(FileUploadHandler):
    """Keeps the files of a request in memory. Of what is too large it keeps the size alone, so that a form
    can say so."""

    kept = 0  # bytes of this request so far
    file: io.BytesIO

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """None: no other handler gets to see it."""
        if start + len(raw_data) <= MOST_BYTES and self.kept + len(raw_data) <= MOST_IN_REQUEST:
            self.file.write(raw_data)
            self.kept += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        size = self.file.tell()
        if size < file_size:
            self.file = io.BytesIO()
            self.kept -= size
        self.file.seek(0)
        return InMemoryUploadedFile(
            file=self.file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


class PictureField(forms.FileField):
    """Takes a picture; its value is a `Picture`, decoded and written anew, or None."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            error_messages={
                "required": _("Choose a picture."),
                "invalid": _("Choose a picture."),
                "missing": _("Choose a picture."),
                "empty": SENTENCES["broken"],
                "max_length": _("The name of this file is too long."),
            },
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Picture | None:
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return None
        try:
            # Its size as it was sent: of one that is too large nothing was kept.
            if file.size is None or file.size > MOST_BYTES:
                raise PictureRefused("bytes")
            return read_picture(file.read())
        except PictureRefused as error:
            raise forms.ValidationError(SENTENCES[error.reason], code=error.reason) from error
