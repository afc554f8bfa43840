"""S3's answers in XML, read without trust: bounded before they come here, no document type, no entities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser


class NotXml(ValueError):
    """The answer is no XML of S3's."""


class _Builder(TreeBuilder):
    """Refuses a document type, and with it every entity."""

    def doctype(self, *_: object) -> NoReturn:
        """A document type was declared."""
        raise NotXml("a document type")


def read(body: bytes) -> Element:
    """The root element, with names freed of their namespace. Raises NotXml."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - no document type gets through, so no entity does
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise NotXml(type(error).__name__) from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def each(root: Element, name: str) -> Iterator[dict[str, str]]:
    """The children of that name, each as its own children's texts by name."""
    for element in root.findall(name):
        yield {child.tag: (child.text or "").strip() for child in element}


def parts_list(etags: dict[int, str]) -> bytes:
    """The body that completes a multipart upload; `etags` as they came, by part number."""
    from xml.sax.saxutils import escape

    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
        for number, etag in sorted(etags.items())
    )
    return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
